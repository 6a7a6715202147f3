/**
 * The health of worktrees: what is wrong with each, and mending what can be mended without losing anything.
 *
 * Mending follows the rules of removal: nothing uncommitted is lost, and a worktree that is locked, is worked on or was
 * not made by calm is left alone. Done twice it changes nothing more.
 */
import { TaskId } from "@calm/domain/Ids"
import * as Traced from "@calm/domain/Traced"
import * as Health from "@calm/domain/WorktreeHealth"
import { Git, type GitError } from "@calm/git/Git"
import type { StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import type { FileFailed } from "../operations/FileFailed.ts"
import { Locks, type LockTimedOut, layer as locksLayer } from "../operations/Locks.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as Conditions from "./internal/conditions.ts"
import * as Leftovers from "./internal/leftovers.ts"
import { lockOf } from "./internal/lockOf.ts"
import { Worktrees, layer as worktreesLayer } from "./Worktrees.ts"
import { layer as factFinderLayer } from "../gates/FactFinder.ts"
import { layer as workersLayer } from "../workers/Workers.ts"

/** A worktree with everything that is wrong with it. */
export const Checked = Schema.Struct({
  ...Health.Condition.fields,
  findings: Schema.Array(Health.Finding)
}).annotations({ identifier: "CheckedWorktree" })
export type Checked = typeof Checked.Type

/** One step of the plan: what `fix` would do, or why it would not. */
export const Planned = Schema.Struct({
  taskId: TaskId,
  path: Schema.String,
  action: Health.Action,
  /** What keeps it from being done; `null` when nothing does. */
  kept: Health.Condition.fields.kept
}).annotations({ identifier: "PlannedWorktreeFix" })
export type Planned = typeof Planned.Type

/** A step that was carried out, or tried. */
export const Applied = Schema.Struct({
  taskId: TaskId,
  path: Schema.String,
  action: Health.Action,
  done: Schema.Boolean,
  /** Where it went in the trash, or why it failed; `null` when there is nothing to say. */
  detail: Schema.NullOr(Schema.String)
}).annotations({ identifier: "AppliedWorktreeFix" })
export type Applied = typeof Applied.Type

/** What was found about the worktrees, and what was or would be mended. */
export const Report = Schema.Struct({
  worktrees: Schema.Array(Checked),
  foreign: Schema.Array(Conditions.Foreign),
  /** What would be done to mend what is still wrong. */
  plan: Schema.Array(Planned),
  /** What was done before this was looked at; empty unless something was asked to be mended. */
  applied: Schema.Array(Applied)
}).annotations({ identifier: "WorktreeHealthReport" })
export type Report = typeof Report.Type

type Acting = CurrentProject | CurrentActor

/** What is wrong with each worktree, and mending what can be mended without losing anything. */
export class WorktreeHealth extends Context.Tag("@calm/core/worktrees/WorktreeHealth")<
  WorktreeHealth,
  {
    /** Looks at every worktree that calm made. Changes nothing. */
    readonly check: Effect.Effect<Report, GitError | StoreError, CurrentProject>
    /** Worktrees that calm made and has no record of, as after a backup was restored. Changes nothing. */
    readonly leftovers: Effect.Effect<ReadonlyArray<Leftovers.Leftover>, FileFailed | StoreError, CurrentProject>
    /** Takes a folder of the trash on record that no row names; then its task's worktree can be restored. */
    readonly adopt: (
      adoptable: NonNullable<Leftovers.Leftover["adoptable"]>
    ) => Effect.Effect<void, LockTimedOut | StoreError, Acting>
    /** Carries out the plan that `check` gives, and looks again. What fails is told in `applied`, and the rest goes on. */
    readonly fix: Effect.Effect<Report, GitError | StoreError, Acting>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const events = yield* Events
  const locks = yield* Locks
  const worktrees = yield* Worktrees
  const atomically = atomicallyIn(sql)
  const { survey } = yield* Conditions.make
  const { adopt, leftovers } = yield* Leftovers.make

  const check = Effect.gen(function* () {
    const project = yield* CurrentProject
    const now = yield* Clock.currentTimeMillis
    const { conditions, foreign } = yield* survey
    const checked = conditions.map((one) => ({ ...one, findings: Health.judge(one, project.path, now) }))
    const plan = checked.flatMap(({ findings, kept, path, taskId }): ReadonlyArray<Planned> => {
      const action = Health.remedy(findings)
      return action === null ? [] : [{ taskId, path, action, kept }]
    })
    const report: Report = { worktrees: checked, foreign, plan, applied: [] }
    return report
  })

  /** Takes a worktree away; a deleted task stays deleted. */
  const remove = Effect.fnUntraced(function* (task: TaskId) {
    const { folder } = yield* worktrees.remove(task, "removed").pipe(
      Effect.catchTag("TaskNotFound", () => worktrees.remove(task, "deleted")),
      // Of one that was taken away by hand nothing is left to keep: its row is closed now.
      Effect.catchTag("WorktreeNotFound", () => Effect.succeed({ folder: null }))
    )
    return folder
  })

  const relink = Effect.fnUntraced(function* (task: TaskId, path: string) {
    const project = yield* CurrentProject
    yield* locks.hold(lockOf(task), `link the worktree of ${task}`)
    yield* git.relinkWorktree({ repo: project.path, path })
    yield* atomically(events.append("worktree.linked", task, { path }))
    return null
  }, Effect.scoped)

  const apply = Effect.fnUntraced(function* ({ action, path, taskId }: Planned) {
    const done = action === "link" ? relink(taskId, path) : remove(taskId)
    const applied: Applied = yield* done.pipe(
      Effect.map((detail) => ({ taskId, path, action, done: true, detail })),
      Effect.catchAll((error) => Effect.succeed({ taskId, path, action, done: false, detail: error.message }))
    )
    return applied
  })

  return WorktreeHealth.of({
    check: check.pipe(Traced.span("WorktreeHealth.check")),
    leftovers: leftovers.pipe(Traced.span("WorktreeHealth.leftovers")),
    adopt: Traced.fn("WorktreeHealth.adopt")(function* ({ folder, task }) {
      yield* locks.hold(lockOf(task), `take ${folder} on record`)
      yield* adopt(folder)
    }, Effect.scoped),
    fix: Effect.gen(function* () {
      const { plan } = yield* check
      const applied = yield* Effect.forEach(
        plan.filter(({ kept }) => kept === null),
        apply
      )
      return { ...(yield* check), applied }
    }).pipe(Traced.span("WorktreeHealth.fix"))
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(WorktreeHealth, make, [
  eventsLayer,
  locksLayer,
  worktreesLayer,
  factFinderLayer,
  workersLayer
])
