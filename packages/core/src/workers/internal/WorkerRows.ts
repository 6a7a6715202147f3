/** The rows of workers: read and written here alone. */
import { Note, personKey, ProjectId, RoleName, TaskId, Time, WorkerId } from "@calm/domain/Ids"
import { ReviewType } from "@calm/domain/Review"
import { statusOf, type Worker, WorkerStatus } from "@calm/domain/Worker"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Flag } from "../../internal/Flag.ts"

const Registered = Schema.Struct({
  id: WorkerId,
  taskId: TaskId,
  role: RoleName,
  /** What its role said when it started. */
  writesCode: Flag,
  /** The types of review that it may record; `null`: any. */
  mayReview: Schema.NullOr(Schema.parseJson(Schema.Array(ReviewType)))
})

const Row = Schema.Struct({
  ...Registered.fields,
  state: WorkerStatus,
  reason: Schema.NullOr(Note),
  startedAt: Time,
  heartbeatAt: Time,
  eventAt: Schema.NullOr(Time),
  endedAt: Schema.NullOr(Time)
})

/** A worker as stored. */
export type StoredWorker = typeof Row.Type

/** A worker to register. */
export interface NewWorker extends Schema.Schema.Type<typeof Registered> {
  readonly startedBy: string
  readonly at: Time
}

/** Its newest heartbeat or event. */
export const lastSeenAt = ({ eventAt, heartbeatAt }: StoredWorker): Time =>
  eventAt !== null && eventAt > heartbeatAt ? eventAt : heartbeatAt

/** A worker as it is shown, at a moment before which silence makes stale. */
export const shown = (row: StoredWorker, staleBefore: Time): Worker => ({
  id: row.id,
  taskId: row.taskId,
  role: row.role,
  status: statusOf(row.state, lastSeenAt(row), staleBefore),
  reason: row.reason,
  startedAt: row.startedAt,
  lastSeenAt: lastSeenAt(row),
  endedAt: row.endedAt
})

const Key = Schema.Struct({ project: ProjectId, id: WorkerId })

export const make = (sql: SqlClient.SqlClient) => {
  const columns = sql.literal(`w.id, w.task_id AS "taskId", w.role, w.writes_code AS "writesCode",
    w.may_review AS "mayReview", w.state, w.reason, w.started_at AS "startedAt", w.heartbeat_at AS "heartbeatAt",
    w.ended_at AS "endedAt",
    (SELECT MAX(e.at) FROM events e WHERE e.project_id = w.project_id AND e.worker_id = w.id) AS "eventAt"`)

  const one = Statement.findOne(() => ({
    Request: Key,
    Result: Row,
    execute: ({ id, project }) => sql`SELECT ${columns} FROM workers w WHERE w.project_id = ${project} AND w.id = ${id}`
  }))
  const named = Statement.findOne(() => ({
    Request: Schema.Struct({ project: ProjectId, key: Schema.String }),
    Result: Row,
    execute: ({ key, project }) =>
      sql`SELECT ${columns} FROM workers w WHERE w.project_id = ${project} AND lower(w.id) = ${key}`
  }))
  const many = Statement.findAll(() => ({
    Request: Schema.Struct({
      project: ProjectId,
      task: Schema.NullOr(TaskId),
      states: Schema.Array(WorkerStatus),
      hidden: Schema.Boolean,
      limit: Schema.Int
    }),
    Result: Row,
    execute: ({ hidden, limit, project, states, task }) => {
      const conditions: Array<Fragment> = [sql`w.project_id = ${project}`, sql`w.state IN ${sql.in(states)}`]
      if (task !== null) conditions.push(sql`w.task_id = ${task}`)
      if (!hidden)
        conditions.push(
          sql`EXISTS (SELECT 1 FROM tasks t WHERE t.project_id = w.project_id AND t.id = w.task_id AND t.deleted_at IS NULL)`
        )
      return sql`SELECT ${columns} FROM workers w WHERE ${sql.and(conditions)} ORDER BY w.id DESC LIMIT ${limit}`
    }
  }))
  const newest = Statement.findOne(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ id: WorkerId }),
    execute: (project) => sql`SELECT id FROM workers WHERE project_id = ${project} ORDER BY id DESC LIMIT 1`
  }))
  const writing = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Schema.Struct({ id: WorkerId }),
    execute: ({ project, task }) =>
      sql`SELECT id FROM workers WHERE project_id = ${project} AND task_id = ${task} AND writes_code = 1 ORDER BY id`
  }))
  const insert = Statement.void(() => ({
    Request: Schema.Struct({ ...Registered.fields, project: ProjectId, startedBy: Schema.String, at: Time }),
    execute: (row) => sql`
      INSERT INTO workers (project_id, id, task_id, role, writes_code, may_review, state, started_by, started_at, heartbeat_at)
      VALUES (${row.project}, ${row.id}, ${row.taskId}, ${row.role}, ${row.writesCode}, ${row.mayReview}, 'active',
        ${row.startedBy}, ${row.at}, ${row.at})`
  }))
  const end = Statement.void(() => ({
    Request: Schema.Struct({
      ...Key.fields,
      state: WorkerStatus,
      reason: Schema.NullOr(Note),
      at: Time
    }),
    execute: ({ at, id, project, reason, state }) => sql`
      UPDATE workers SET state = ${state}, reason = ${reason}, ended_at = ${at}
      WHERE project_id = ${project} AND id = ${id}`
  }))
  const beat = Statement.void(() => ({
    Request: Schema.Struct({ ...Key.fields, at: Time }),
    execute: ({ at, id, project }) =>
      sql`UPDATE workers SET heartbeat_at = ${at} WHERE project_id = ${project} AND id = ${id}`
  }))

  /** Those that nobody has ended, newest first; of deleted tasks too. */
  const open = (project: ProjectId, task: TaskId | null) =>
    many({ project, task, states: ["active"], hidden: true, limit: Number.MAX_SAFE_INTEGER })

  return {
    find: (project: ProjectId, id: WorkerId) => one({ project, id }),
    /** The worker whose id a name is, in whatever case: as names of people are compared. */
    named: (project: ProjectId, name: string) => named({ project, key: personKey(name) }),
    /** Newest first, those with these states as they are stored; those of deleted tasks are left out. */
    select: (
      project: ProjectId,
      task: TaskId | null,
      states: ReadonlyArray<WorkerStatus>,
      limit = Number.MAX_SAFE_INTEGER
    ) => (states.length === 0 ? Effect.succeed([]) : many({ project, task, states, hidden: false, limit })),
    open,
    /** Those of them who have given a sign of life since. */
    active: (project: ProjectId, task: TaskId | null, since: Time) =>
      Effect.map(open(project, task), (rows) => rows.filter((row) => lastSeenAt(row) >= since)),
    /** The id given last; `null` before the first. */
    newestId: (project: ProjectId) =>
      Effect.map(newest(project), Option.match({ onNone: () => null, onSome: ({ id }) => id })),
    /** Workers whose role may write code: they count as those who implemented the task. */
    implementers: (project: ProjectId, task: TaskId) =>
      Effect.map(writing({ project, task }), (rows) => rows.map(({ id }) => id)),
    insert: (project: ProjectId, worker: NewWorker) => insert({ ...worker, project }),
    end: (project: ProjectId, id: WorkerId, state: WorkerStatus, reason: Note | null, at: Time) =>
      end({ project, id, state, reason, at }),
    beat: (project: ProjectId, id: WorkerId, at: Time) => beat({ project, id, at })
  }
}
