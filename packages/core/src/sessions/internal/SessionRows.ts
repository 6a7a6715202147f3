/** The rows of sessions and of what was kept of their worktrees. */
import { ProjectId, SessionId, Time } from "@calm/domain/Ids"
import { KeptWorktree, Session, type SessionLine, summaryOf } from "@calm/domain/Session"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Flag } from "../../internal/Flag.ts"

const Row = Schema.Struct({
  ...Session.omit("worktrees").fields,
  continues: Flag
})

/** A hand-over may be long, and a list shows one line of it. */
const beginning = 4000

const columns = (handoff: string) => `id, saved_at AS "savedAt", saved_by AS "savedBy", continues,
  resumed_at AS "resumedAt", resumed_by AS "resumedBy", ${handoff} AS "handoff"`

const lineOf = ({ handoff, ...line }: typeof Row.Type): SessionLine => ({ ...line, summary: summaryOf(handoff) })

export const make = (sql: SqlClient.SqlClient) => {
  const recent = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, pending: Schema.Boolean, limit: Schema.Int }),
    Result: Row,
    execute: ({ limit, pending, project }) => {
      const conditions = [sql`project_id = ${project}`]
      if (pending) conditions.push(sql`continues = 1`, sql`resumed_at IS NULL`)
      return sql`
        SELECT ${sql.literal(columns(`substr(handoff, 1, ${beginning})`))} FROM sessions
        WHERE ${sql.and(conditions)} ORDER BY id DESC LIMIT ${limit}`
    }
  }))
  const counted = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ count: Schema.Int }),
    execute: (project) => sql`
      SELECT COUNT(*) AS "count" FROM sessions
      WHERE project_id = ${project} AND continues = 1 AND resumed_at IS NULL`
  }))
  const one = Statement.findOne(() => ({
    Request: Schema.Struct({ project: ProjectId, id: SessionId }),
    Result: Row,
    execute: ({ id, project }) => sql`
      SELECT ${sql.literal(columns("handoff"))} FROM sessions WHERE project_id = ${project} AND id = ${id}`
  }))
  const beginningWith = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, prefix: Schema.String }),
    Result: Schema.Struct({ id: SessionId }),
    execute: ({ prefix, project }) => sql`
      SELECT id FROM sessions
      WHERE project_id = ${project} AND substr(id, 1, ${prefix.length}) = ${prefix} ORDER BY id DESC LIMIT 10`
  }))
  const newest = Statement.findOne(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ id: SessionId }),
    execute: (project) => sql`SELECT id FROM sessions WHERE project_id = ${project} ORDER BY id DESC LIMIT 1`
  }))
  const insertRow = Statement.void(() => ({
    Request: Schema.Struct({ ...Row.fields, project: ProjectId }),
    execute: (row) => sql`
      INSERT INTO sessions (project_id, id, handoff, continues, saved_by, saved_at, resumed_by, resumed_at)
      VALUES (${row.project}, ${row.id}, ${row.handoff}, ${row.continues}, ${row.savedBy}, ${row.savedAt},
        ${row.resumedBy}, ${row.resumedAt})`
  }))
  const setResumed = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, id: SessionId, by: Schema.String, at: Time }),
    execute: ({ at, by, id, project }) => sql`
      UPDATE sessions SET resumed_by = ${by}, resumed_at = ${at} WHERE project_id = ${project} AND id = ${id}`
  }))
  const Key = Schema.Struct({ project: ProjectId, session: SessionId })
  const insertWorktree = Statement.void(() => ({
    Request: Schema.Struct({ ...Key.fields, ...KeptWorktree.fields }),
    execute: (row) => sql`
      INSERT INTO session_worktrees (project_id, session_id, task_id, branch, commit_sha, rescue_ref)
      VALUES (${row.project}, ${row.session}, ${row.taskId}, ${row.branch}, ${row.commit}, ${row.rescueRef})`
  }))
  const worktreesOf = Statement.findAll(() => ({
    Request: Key,
    Result: KeptWorktree,
    execute: ({ project, session }) => sql`
      SELECT task_id AS "taskId", branch, commit_sha AS "commit", rescue_ref AS "rescueRef" FROM session_worktrees
      WHERE project_id = ${project} AND session_id = ${session} ORDER BY task_id`
  }))

  return {
    /** Newest first, without their hand-overs. */
    recent: (project: ProjectId, limit: number) =>
      Effect.map(recent({ project, pending: false, limit }), (rows) => rows.map(lineOf)),
    /** The newest that goes on and was not resumed. */
    pending: (project: ProjectId) =>
      Effect.map(recent({ project, pending: true, limit: 1 }), ([row]) => (row === undefined ? null : lineOf(row))),
    /** How many go on and were not resumed. */
    countPending: (project: ProjectId) => Effect.map(counted(project), ([row]) => row?.count ?? 0),
    find: Effect.fnUntraced(function* (project: ProjectId, id: SessionId) {
      const row = yield* one({ project, id })
      if (Option.isNone(row)) return Option.none<Session>()
      const worktrees = yield* worktreesOf({ project, session: id })
      return Option.some<Session>({ ...row.value, worktrees })
    }),
    /** Ids that begin so, newest first, at most ten. */
    beginningWith: (project: ProjectId, prefix: string) =>
      Effect.map(beginningWith({ project, prefix }), (rows) => rows.map(({ id }) => id)),
    newest: (project: ProjectId) =>
      Effect.map(
        newest(project),
        Option.map(({ id }) => id)
      ),
    insert: (project: ProjectId, session: Omit<Session, "worktrees">) => insertRow({ ...session, project }),
    setResumed: (project: ProjectId, id: SessionId, by: string, at: Time) => setResumed({ project, id, by, at }),
    insertWorktree: (project: ProjectId, session: SessionId, kept: KeptWorktree) =>
      insertWorktree({ ...kept, project, session })
  }
}
