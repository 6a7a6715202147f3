/** What is asked and changed when a backup takes the place of the data. */
import { Time } from "@calm/domain/Ids"
import { Owner, type Owners } from "@calm/process/Owner"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CurrentActor } from "../../events/CurrentActor.ts"
import * as Events from "../../events/Events.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as ProjectRows from "../../projects/internal/ProjectRows.ts"
import { DatabaseInUse } from "../BackupErrors.ts"
import * as Carrying from "./carrying.ts"

const Work = Schema.Struct({
  purpose: Schema.String,
  owner: Schema.parseJson(Owner),
  since: Time,
  project: Schema.String
})

/** Fails where a process that is not dead for sure has an operation or a lock in any project. */
export const unused = (sql: SqlClient.SqlClient, owners: Context.Tag.Service<typeof Owners>) => {
  const work = Statement.findAll(() => ({
    Request: Schema.Void,
    Result: Work,
    execute: () => sql`
      SELECT kind || COALESCE(' of ' || task_id, '') AS "purpose", owner, started_at AS "since", path AS "project"
      FROM operations JOIN projects ON projects.id = project_id WHERE state = 'running'
      UNION ALL
      SELECT purpose, owner, taken_at, path FROM locks JOIN projects ON projects.id = project_id`
  }))
  return Effect.gen(function* () {
    for (const { owner, project, purpose, since } of yield* work()) {
      const liveness = yield* owners.liveness(owner)
      if (liveness === "dead") continue
      const { host, pid } = owner
      return yield* new DatabaseInUse({ purpose, pid, host, since, project, unknown: liveness === "unknown" })
    }
  }).pipe(
    refine,
    // Nobody can be at work in data that cannot be read, and it is restored for just that.
    Effect.catchIf(
      (error) => error._tag === "StoreError" && error.reason === "corrupt",
      () => Effect.void
    )
  )
}

/**
 * Fits the content of a backup to the present, before anybody sees it. Nobody is at work now, so nobody has a lock, and an
 * operation that ran when the backup was made is this process's to leave behind: it is settled like any that was cut
 * off, also where its own process ran on a machine that nobody can ask. The worktrees and the trash are what they are on
 * disk, as the present data say. Every project's log tells of the restoring, and of worktrees of tasks that are not known
 * any more.
 */
export const fitted = (
  copy: SqlClient.SqlClient,
  owners: Context.Tag.Service<typeof Owners>,
  present: Carrying.Present,
  data: Readonly<Record<string, unknown>>
): Effect.Effect<void, StoreError, CurrentActor> =>
  Effect.gen(function* () {
    const takeOver = Statement.void(() => ({
      Request: Schema.parseJson(Owner),
      execute: (owner) => copy`UPDATE operations SET owner = ${owner} WHERE state = 'running'`
    }))
    yield* copy`DELETE FROM locks`
    yield* takeOver(owners.self)
    const events = yield* Effect.provideService(Events.make, SqlClient.SqlClient, copy)
    const projects = yield* ProjectRows.all(copy)()
    for (const project of projects) {
      const left = yield* Carrying.carry(copy, project, present)
      const told = left.length === 0 ? data : { ...data, worktreesLeft: left }
      yield* Effect.provideService(events.append("backup.restored", null, told), CurrentProject, project)
    }
  }).pipe(refine)
