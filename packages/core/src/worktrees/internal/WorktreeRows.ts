/** The rows of worktrees and of the trash. */
import { ProjectId, TaskId, Time, Title } from "@calm/domain/Ids"
import { Phase } from "@calm/domain/Phase"
import { TrashedWorktree, Worktree } from "@calm/domain/Worktree"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const columns = `w.task_id AS "taskId", w.path AS "path", w.branch AS "branch", w.start_commit AS "startCommit",
  w.state AS "state", w.created_at AS "createdAt"`
const trashColumns = `seq, task_id AS "taskId", folder, path, branch, head_sha AS "head", rescue_ref AS "rescueRef",
  reason, state, trashed_at AS "trashedAt"`

export const make = (sql: SqlClient.SqlClient) => {
  const Key = Schema.Struct({ project: ProjectId, task: TaskId })
  const one = Statement.findOne(() => ({
    Request: Key,
    Result: Worktree,
    execute: ({ project, task }) =>
      sql`SELECT ${sql.literal(columns)} FROM worktrees w WHERE w.project_id = ${project} AND w.task_id = ${task}`
  }))
  const open = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Worktree,
    execute: (project) =>
      sql`SELECT ${sql.literal(columns)} FROM worktrees w WHERE w.project_id = ${project} AND w.state = 'open' ORDER BY w.task_id`
  }))
  const listed = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ ...Worktree.fields, title: Title, phase: Phase }),
    execute: (project) => sql`
      SELECT ${sql.literal(columns)}, t.title AS "title", t.phase AS "phase"
      FROM worktrees w JOIN tasks t ON t.project_id = w.project_id AND t.id = w.task_id
      WHERE w.project_id = ${project} AND w.state = 'open' AND t.deleted_at IS NULL ORDER BY w.task_id`
  }))
  const all = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Worktree,
    execute: (project) =>
      sql`SELECT ${sql.literal(columns)} FROM worktrees w WHERE w.project_id = ${project} ORDER BY w.task_id`
  }))
  const upsert = Statement.void(() => ({
    Request: Schema.Struct({ ...Worktree.fields, project: ProjectId, updatedAt: Time }),
    execute: (row) => sql`
      INSERT INTO worktrees (project_id, task_id, path, branch, start_commit, state, created_at, updated_at)
      VALUES (${row.project}, ${row.taskId}, ${row.path}, ${row.branch}, ${row.startCommit}, ${row.state}, ${row.createdAt}, ${row.updatedAt})
      ON CONFLICT (project_id, task_id) DO UPDATE SET path = ${row.path}, branch = ${row.branch},
        start_commit = ${row.startCommit}, state = ${row.state}, updated_at = ${row.updatedAt}`
  }))
  const setState = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId, state: Worktree.fields.state, at: Time }),
    execute: ({ at, project, state, task }) => sql`
      UPDATE worktrees SET state = ${state}, updated_at = ${at} WHERE project_id = ${project} AND task_id = ${task}`
  }))
  const insertTrash = Statement.void(() => ({
    Request: Schema.Struct({ ...TrashedWorktree.omit("seq").fields, project: ProjectId }),
    execute: (row) => sql`
      INSERT INTO trash (project_id, seq, task_id, folder, path, branch, head_sha, rescue_ref, reason, state, trashed_at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.taskId}, ${row.folder}, ${row.path}, ${row.branch}, ${row.head},
        ${row.rescueRef}, ${row.reason}, ${row.state}, ${row.trashedAt}
      FROM trash WHERE project_id = ${row.project}`
  }))
  const latestKept = Statement.findOne(() => ({
    Request: Key,
    Result: TrashedWorktree,
    execute: ({ project, task }) => sql`
      SELECT ${sql.literal(trashColumns)} FROM trash
      WHERE project_id = ${project} AND task_id = ${task} AND state = 'kept' AND reason <> 'undone'
      ORDER BY seq DESC LIMIT 1`
  }))
  const latestTrashed = Statement.findOne(() => ({
    Request: Key,
    Result: TrashedWorktree,
    execute: ({ project, task }) => sql`
      SELECT ${sql.literal(trashColumns)} FROM trash
      WHERE project_id = ${project} AND task_id = ${task} AND reason <> 'undone' ORDER BY seq DESC LIMIT 1`
  }))
  const trash = Statement.findAll(() => ({
    Request: ProjectId,
    Result: TrashedWorktree,
    execute: (project) => sql`SELECT ${sql.literal(trashColumns)} FROM trash WHERE project_id = ${project} ORDER BY seq`
  }))
  const trashed = Statement.findOne(() => ({
    Request: Schema.Struct({ project: ProjectId, seq: TrashedWorktree.fields.seq }),
    Result: TrashedWorktree,
    execute: ({ project, seq }) =>
      sql`SELECT ${sql.literal(trashColumns)} FROM trash WHERE project_id = ${project} AND seq = ${seq}`
  }))
  const standing = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, state: TrashedWorktree.fields.state }),
    Result: TrashedWorktree,
    execute: ({ project, state }) => sql`
      SELECT ${sql.literal(trashColumns)} FROM trash WHERE project_id = ${project} AND state = ${state} ORDER BY seq`
  }))
  const daysOfUse = Statement.single(() => ({
    Request: Key,
    Result: Schema.Struct({ days: Schema.Int }),
    execute: ({ project, task }) => sql`
      SELECT COUNT(DISTINCT substr(at, 1, 10)) AS "days" FROM events
      WHERE project_id = ${project} AND seq > (
        SELECT COALESCE(MAX(seq), 0) FROM events
        WHERE project_id = ${project} AND (kind = 'backup.restored' OR (kind = 'worktree.removed' AND task_id = ${task})))`
  }))
  const setTrashState = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, folder: Schema.String, state: TrashedWorktree.fields.state }),
    execute: ({ folder, project, state }) =>
      sql`UPDATE trash SET state = ${state} WHERE project_id = ${project} AND folder = ${folder}`
  }))
  const relocate = (table: "worktrees" | "trash", column: "path" | "folder") =>
    Statement.void(() => ({
      Request: Schema.Struct({ project: ProjectId, from: Schema.String, to: Schema.String }),
      execute: ({ from, project, to }) => sql`
        UPDATE ${sql(table)} SET ${sql(column)} = ${to} || substr(${sql(column)}, length(${from}) + 1)
        WHERE project_id = ${project} AND substr(${sql(column)}, 1, length(${from}) + 1) = ${`${from}/`}`
    }))
  const relocations = [relocate("worktrees", "path"), relocate("trash", "path"), relocate("trash", "folder")]
  return {
    /** Every path inside of one folder is inside of another now: the repository was moved. */
    relocate: (project: ProjectId, from: string, to: string) =>
      Effect.forEach(relocations, (one) => one({ project, from, to }), { discard: true }),
    find: (project: ProjectId, task: TaskId) => one({ project, task }),
    open: (project: ProjectId) => open(project),
    /** The open ones of tasks that are not deleted, with what a list shows of the task. */
    listed: (project: ProjectId) => listed(project),
    /** Those that were taken away, too. */
    all: (project: ProjectId) => all(project),
    save: (project: ProjectId, worktree: Worktree, at: Time) => upsert({ ...worktree, project, updatedAt: at }),
    setState: (project: ProjectId, task: TaskId, state: Worktree["state"], at: Time) =>
      setState({ project, task, state, at }),
    addTrash: (project: ProjectId, trashed: Omit<TrashedWorktree, "seq">) => insertTrash({ ...trashed, project }),
    /** What can be restored: the last one that was taken away and is kept. */
    latestKept: (project: ProjectId, task: TaskId) => latestKept({ project, task }),
    /** The last one that was taken away, whatever became of it. */
    latestTrashed: (project: ProjectId, task: TaskId) => latestTrashed({ project, task }),
    /** All that ever was in the trash, in the order in which it came there. */
    trash: (project: ProjectId) => trash(project),
    trashed: (project: ProjectId, seq: number) => trashed({ project, seq }),
    /** Those that are kept. */
    kept: (project: ProjectId) => standing({ project, state: "kept" }),
    /** Those that were thrown away; ever more of them. */
    purged: (project: ProjectId) => standing({ project, state: "purged" }),
    /** On how many days something happened since a worktree of the task was taken away last, or a backup was restored. */
    daysOfUse: (project: ProjectId, task: TaskId) => Effect.map(daysOfUse({ project, task }), ({ days }) => days),
    setTrashState: (project: ProjectId, folder: string, state: TrashedWorktree["state"]) =>
      setTrashState({ project, folder, state })
  }
}
