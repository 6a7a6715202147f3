/** What the database holds about a task besides itself, as far as a verdict may need it. */
import { type Digest, ProjectId, TaskId } from "@calm/domain/Ids"
import { open as openPhases } from "@calm/domain/Phase"
import * as Statement from "@calm/sql/Statement"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as MergeRows from "../../merges/internal/MergeRows.ts"
import * as ReviewRows from "../../reviews/internal/ReviewRows.ts"
import * as TaskRows from "../../tasks/internal/TaskRows.ts"
import * as WorkerRows from "../../workers/internal/WorkerRows.ts"
import * as WorktreeRows from "../../worktrees/internal/WorktreeRows.ts"
import * as EvidenceRows from "./EvidenceRows.ts"

const Table = Schema.Literal(
  "approvals",
  "evidence",
  "merges",
  "reviews",
  "task_blockers",
  "trash",
  "workers",
  "worktrees"
)
type Table = typeof Table.Type

/** Can a table hold something of a task? What holds nothing need not be asked. */
export type Holds = (table: Table, task: TaskId) => boolean

/** Which of the tables hold something of which open task of a project at this moment, by one statement. */
export const holdings = (sql: SqlClient.SqlClient) => {
  const held = (table: Table) => `SELECT o.id AS "task", '${table}' AS "table" FROM opened o
    WHERE EXISTS (SELECT 1 FROM ${table} h WHERE h.project_id = o.project_id AND h.task_id = o.id)`
  const all = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ task: TaskId, table: Table }),
    execute: (project) => sql`
      WITH opened AS (SELECT t.project_id, t.id FROM tasks t
        WHERE t.project_id = ${project} AND t.deleted_at IS NULL AND t.phase IN ${sql.in(openPhases)})
      ${sql.literal(Table.literals.map(held).join(" UNION ALL "))}`
  }))
  return (project: ProjectId) =>
    Effect.map(all(project), (rows): Holds => {
      const known = new Set(rows.map(({ table, task }) => `${table} ${task}`))
      return (table, task) => known.has(`${table} ${task}`)
    })
}

/** What is held of single tasks; `holds` may rule out tables. */
export const make = (sql: SqlClient.SqlClient, holds: Holds = () => true) => {
  const worktrees = WorktreeRows.make(sql)
  const merges = MergeRows.make(sql)
  const evidence = EvidenceRows.make(sql)
  const reviews = ReviewRows.make(sql)
  const tasks = TaskRows.make(sql)
  const workers = WorkerRows.make(sql)

  /** A question to a table about a task, which is not put where there is nothing. */
  const some =
    <A, E, More extends ReadonlyArray<unknown>>(
      table: Table,
      ask: (project: ProjectId, task: TaskId, ...more: More) => Effect.Effect<ReadonlyArray<A>, E>
    ) =>
    (project: ProjectId, task: TaskId, ...more: More): Effect.Effect<ReadonlyArray<A>, E> =>
      holds(table, task) ? ask(project, task, ...more) : Effect.succeed([])

  return {
    worktree: (project: ProjectId, task: TaskId) =>
      holds("worktrees", task) ? worktrees.find(project, task) : Effect.succeedNone,
    /** Its worktree that was taken away last and can be restored. */
    kept: (project: ProjectId, task: TaskId) =>
      holds("trash", task) ? worktrees.latestKept(project, task) : Effect.succeedNone,
    merge: (project: ProjectId, task: TaskId) =>
      holds("merges", task) ? merges.latest(project, task) : Effect.succeedNone,
    blockers: some("task_blockers", tasks.blockers),
    reviews: some("reviews", reviews.select),
    approvals: some("approvals", evidence.approvals),
    implementers: some("workers", workers.implementers),
    evidence: some("evidence", (project, task, code: Digest | null) =>
      Effect.map(evidence.evidence(project, task, code), (rows) => rows.map(evidence.toEvidence))
    )
  }
}
