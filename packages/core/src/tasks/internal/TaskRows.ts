/** The rows of tasks: read and written here alone. */
import { ProjectId, TaskId, Time } from "@calm/domain/Ids"
import * as Merge from "@calm/domain/Merge"
import { open as openPhases, Phase, TaskType } from "@calm/domain/Phase"
import { Task, Transition } from "@calm/domain/Task"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Row = Schema.Struct({
  ...Task.fields,
  touches: Schema.parseJson(Task.fields.touches),
  blockedBy: Schema.parseJson(Task.fields.blockedBy),
  deletedAt: Schema.NullOr(Time)
})

/** A task as stored; deleted ones included. */
export interface StoredTask extends Task {
  readonly deletedAt: Time | null
}

/** Which tasks to select. */
export interface Selection {
  readonly project: ProjectId
  readonly phase: Phase | null
  readonly type: TaskType | null
  /** DONE and CANCELLED too. */
  readonly finished: boolean
  /** Only open ones that wait for nothing and on which no worker has given a sign of life since this time. */
  readonly idleSince: Time | null
  readonly limit: number
}

const columns = `id, type, title, phase, specialist, notes, spec_id AS "specId", touches,
  (SELECT json_group_array(b.blocker_id ORDER BY b.blocker_id) FROM task_blockers b
    WHERE b.project_id = tasks.project_id AND b.task_id = tasks.id) AS "blockedBy",
  created_at AS "createdAt", updated_at AS "updatedAt", deleted_at AS "deletedAt"`

const Key = Schema.Struct({ project: ProjectId, id: Schema.String })

export const make = (sql: SqlClient.SqlClient) => {
  const one = Statement.findOne(() => ({
    Request: Key,
    Result: Row,
    execute: ({ id, project }) =>
      sql`SELECT ${sql.literal(columns)} FROM tasks WHERE project_id = ${project} AND id_key = ${id.toLowerCase()}`
  }))
  const free = (since: string) => [
    sql`phase NOT IN ('DONE', 'CANCELLED')`,
    // Nested and not joined, so that the task's own blockers are looked at, and not all tasks for one that blocks it.
    sql`NOT EXISTS (SELECT 1 FROM task_blockers b WHERE b.project_id = tasks.project_id AND b.task_id = tasks.id
      AND NOT EXISTS (SELECT 1 FROM tasks t
        WHERE t.project_id = b.project_id AND t.id = b.blocker_id AND t.phase = 'DONE' AND t.deleted_at IS NULL))`,
    sql`NOT EXISTS (SELECT 1 FROM workers w
      WHERE w.project_id = tasks.project_id AND w.task_id = tasks.id AND w.state = 'active' AND (w.heartbeat_at >= ${since}
        OR EXISTS (SELECT 1 FROM events e WHERE e.project_id = w.project_id AND e.worker_id = w.id AND e.at >= ${since})))`
  ]
  const Selected = Schema.Struct({
    project: ProjectId,
    phase: Schema.NullOr(Phase),
    type: Schema.NullOr(TaskType),
    finished: Schema.Boolean,
    idleSince: Schema.NullOr(Time),
    limit: Schema.Int
  })
  const selected = (selection: typeof Selected.Encoded) => {
    const conditions = [sql`project_id = ${selection.project}`, sql`deleted_at IS NULL`]
    if (selection.phase !== null) conditions.push(sql`phase = ${selection.phase}`)
    // Named one by one, the open ones are found by the index, without a look at those that are finished.
    else if (!selection.finished) conditions.push(sql`phase IN ${sql.in(openPhases)}`)
    if (selection.type !== null) conditions.push(sql`type = ${selection.type}`)
    if (selection.idleSince !== null) conditions.push(...free(selection.idleSince))
    return sql.and(conditions)
  }
  const oldest = (what: string, selection: typeof Selected.Encoded) =>
    sql`SELECT ${sql.literal(what)} FROM tasks WHERE ${selected(selection)} ORDER BY created_at, id LIMIT ${selection.limit}`
  const many = Statement.findAll(() => ({
    Request: Selected,
    Result: Row,
    execute: (selection) => oldest(columns, selection)
  }))
  const Blocking = Schema.Struct({ task: TaskId, blocker: TaskId, phase: Phase, deletedAt: Schema.NullOr(Time) })
  const blockersOf = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Blocking,
    execute: ({ project, task }) => sql`
      SELECT b.task_id AS "task", b.blocker_id AS "blocker", t.phase AS "phase", t.deleted_at AS "deletedAt"
      FROM task_blockers b JOIN tasks t ON t.project_id = b.project_id AND t.id = b.blocker_id
      WHERE b.project_id = ${project} AND b.task_id = ${task} ORDER BY b.blocker_id`
  }))
  const allBlockers = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Blocking,
    execute: (project) => sql`
      SELECT b.task_id AS "task", b.blocker_id AS "blocker", t.phase AS "phase", t.deleted_at AS "deletedAt"
      FROM task_blockers b JOIN tasks t ON t.project_id = b.project_id AND t.id = b.blocker_id
      WHERE b.project_id = ${project} ORDER BY b.task_id, b.blocker_id`
  }))
  const blockersAmong = Statement.findAll(() => ({
    Request: Selected,
    Result: Blocking,
    execute: (selection) => sql`
      SELECT b.task_id AS "task", b.blocker_id AS "blocker", t.phase AS "phase", t.deleted_at AS "deletedAt"
      FROM task_blockers b JOIN tasks t ON t.project_id = b.project_id AND t.id = b.blocker_id
      WHERE b.project_id = ${selection.project} AND b.task_id IN (${oldest("id", selection)})
      ORDER BY b.task_id, b.blocker_id`
  }))
  const insertRow = Statement.void(() => ({
    Request: Schema.Struct({ ...Row.omit("blockedBy", "deletedAt").fields, project: ProjectId }),
    execute: (row) => sql`
      INSERT INTO tasks (project_id, id, id_key, type, title, phase, specialist, notes, spec_id, touches, created_at, updated_at)
      VALUES (${row.project}, ${row.id}, ${row.id.toLowerCase()}, ${row.type}, ${row.title}, ${row.phase}, ${row.specialist},
        ${row.notes}, ${row.specId}, ${row.touches}, ${row.createdAt}, ${row.updatedAt})`
  }))
  const updateRow = Statement.void(() => ({
    Request: Schema.Struct({ ...Row.omit("blockedBy").fields, project: ProjectId }),
    execute: (row) => sql`
      UPDATE tasks SET title = ${row.title}, phase = ${row.phase}, specialist = ${row.specialist}, notes = ${row.notes},
        touches = ${row.touches}, updated_at = ${row.updatedAt}, deleted_at = ${row.deletedAt}
      WHERE project_id = ${row.project} AND id = ${row.id}`
  }))
  const setBlockers = (project: ProjectId, task: TaskId, blockers: ReadonlyArray<TaskId>) =>
    Effect.andThen(
      sql`DELETE FROM task_blockers WHERE project_id = ${project} AND task_id = ${task}`,
      Effect.forEach(
        blockers,
        (blocker) =>
          sql`INSERT INTO task_blockers (project_id, task_id, blocker_id) VALUES (${project}, ${task}, ${blocker})`,
        { discard: true }
      )
    )
  const insertTransition = Statement.void(() => ({
    Request: Schema.Struct({ ...Transition.fields, project: ProjectId, task: TaskId }),
    execute: (row) => sql`
      INSERT INTO transitions (project_id, seq, task_id, from_phase, to_phase, kind, gate_result, gate_details, reason, commit_sha, actor, at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.task}, ${row.from}, ${row.to}, ${row.kind}, ${row.gateResult},
        ${row.gateDetails}, ${row.reason}, ${row.commit}, ${row.actor}, ${row.at}
      FROM transitions WHERE project_id = ${row.project}`
  }))
  const transitionsOf = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Transition,
    execute: ({ project, task }) => sql`
      SELECT from_phase AS "from", to_phase AS "to", kind, gate_result AS "gateResult", gate_details AS "gateDetails",
        reason, commit_sha AS "commit", actor, at
      FROM transitions WHERE project_id = ${project} AND task_id = ${task} ORDER BY seq`
  }))
  const idsLike = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, pattern: Schema.String }),
    Result: Schema.Struct({ id: TaskId }),
    execute: ({ pattern, project }) =>
      sql`SELECT id FROM tasks WHERE project_id = ${project} AND id_key LIKE ${pattern}`
  }))

  const mergesBegun = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Schema.Struct({ id: Schema.String }),
    execute: ({ project, task }) => sql`
      SELECT id FROM operations
      WHERE project_id = ${project} AND state = 'running' AND kind = ${Merge.operation} AND task_id = ${task}`
  }))

  return {
    /** A task by its id, whatever the case; deleted ones included. */
    find: (project: ProjectId, id: string) => one({ project, id }),
    /** Tasks that are not deleted, oldest first. */
    select: (selection: Selection) => many(selection),
    /** What blocks a task, or every task of the project (`null`). */
    blockers: (project: ProjectId, task: TaskId | null) =>
      task === null ? allBlockers(project) : blockersOf({ project, task }),
    /** What blocks the open tasks of the project. */
    openBlockers: (project: ProjectId) =>
      blockersAmong({
        project,
        phase: null,
        type: null,
        finished: false,
        idleSince: null,
        limit: Number.MAX_SAFE_INTEGER
      }),
    insert: Effect.fnUntraced(function* (project: ProjectId, task: Task) {
      yield* insertRow({ ...task, project })
      yield* setBlockers(project, task.id, task.blockedBy)
    }),
    update: Effect.fnUntraced(function* (project: ProjectId, task: StoredTask) {
      yield* updateRow({ ...task, project })
      yield* setBlockers(project, task.id, task.blockedBy)
    }),
    /** Has a merge of the task begun and not ended? Then its phase must not change: the merge decided on it. */
    isBeingMerged: (project: ProjectId, task: TaskId) =>
      Effect.map(mergesBegun({ project, task }), (begun) => begun.length > 0),
    recordTransition: (project: ProjectId, task: TaskId, transition: Transition) =>
      insertTransition({ ...transition, project, task }),
    transitions: (project: ProjectId, task: TaskId) => transitionsOf({ project, task }),
    idsLike: (project: ProjectId, pattern: string) => idsLike({ project, pattern })
  }
}
