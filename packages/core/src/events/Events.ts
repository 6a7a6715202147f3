/** The audit trail: every change appends one line to it, in its own transaction. */
import { Event, type EventKind } from "@calm/domain/Event"
import { ProjectId, type TaskId, Time } from "@calm/domain/Ids"
import * as Traced from "@calm/domain/Traced"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { now } from "../internal/now.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { TaskNotFound } from "../tasks/TaskErrors.ts"
import { CurrentActor } from "./CurrentActor.ts"

/** Which events to list. */
export interface Query {
  readonly task?: TaskId | undefined
  /** Only events at or after this moment. */
  readonly since?: Time | undefined
  readonly limit: number
}

/** The audit trail of a project: what happened, when, in whose name. */
export class Events extends Context.Tag("@calm/core/events/Events")<
  Events,
  {
    /** Appends an event in the name of the actor. Belongs inside the transaction of the change it tells of. */
    readonly append: (
      kind: EventKind,
      task: TaskId | null,
      data: Readonly<Record<string, unknown>>
    ) => Effect.Effect<void, StoreError, CurrentProject | CurrentActor>
    /** Events of the project, newest first; of a task, those of a deleted one too. */
    readonly list: (query: Query) => Effect.Effect<ReadonlyArray<Event>, TaskNotFound | StoreError, CurrentProject>
  }
>() {}

const Row = Schema.Struct({ ...Event.fields, data: Schema.parseJson(Event.fields.data) })

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tasks = TaskRows.make(sql)

  const insert = Statement.void(() => ({
    Request: Schema.Struct({ ...Row.omit("seq").fields, project: ProjectId }),
    execute: (row) => sql`
      INSERT INTO events (project_id, seq, at, actor, worker_id, kind, task_id, data)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.at}, ${row.actor}, ${row.workerId}, ${row.kind}, ${row.taskId}, ${row.data}
      FROM events WHERE project_id = ${row.project}`
  }))

  const select = Statement.findAll(() => ({
    Request: Schema.Struct({
      project: ProjectId,
      task: Schema.NullOr(Schema.String),
      since: Schema.NullOr(Time),
      limit: Schema.Int
    }),
    Result: Row,
    execute: ({ limit, project, since, task }) => {
      const columns = sql.literal(`seq, at, actor, worker_id AS "workerId", kind, task_id AS "taskId", data`)
      // The newest of a span of time are found by the time: by their number all would be looked at where there are few.
      if (task === null && since !== null)
        return sql`SELECT ${columns} FROM events WHERE project_id = ${project} AND seq IN (
            SELECT seq FROM events WHERE project_id = ${project} AND at >= ${since} ORDER BY at DESC, seq DESC LIMIT ${limit})
          ORDER BY seq DESC`
      const conditions = [sql`project_id = ${project}`]
      if (task !== null) conditions.push(sql`task_id = ${task}`)
      // Of a task there are few, whatever the time: put so, it is not by the time that they are found.
      if (since !== null) conditions.push(sql`NOT (at < ${since})`)
      return sql`SELECT ${columns} FROM events WHERE ${sql.and(conditions)} ORDER BY seq DESC LIMIT ${limit}`
    }
  }))

  return Events.of({
    append: Traced.fn("Events.append")(function* (kind, taskId, data) {
      const project = yield* CurrentProject
      const actor = yield* CurrentActor
      yield* insert({
        project: project.id,
        at: yield* now,
        actor: actor.name,
        workerId: actor.workerId,
        kind,
        taskId,
        data
      })
    }, refine),
    list: Traced.fn("Events.list")(function* (query) {
      const project = yield* CurrentProject
      const task = query.task === undefined ? Option.none() : yield* tasks.find(project.id, query.task)
      if (query.task !== undefined && Option.isNone(task))
        return yield* new TaskNotFound({ id: query.task, deleted: false })
      return yield* select({
        project: project.id,
        task: Option.match(task, { onNone: () => null, onSome: ({ id }) => id }),
        since: query.since ?? null,
        limit: query.limit
      })
    }, refine)
  })
})

/** The real one, over the database. */
export const layer: Layer.Layer<Events, never, SqlClient.SqlClient> = Layer.effect(Events, make)
