/** The rows of merges: append-only. */
import { max, mergesSinceDocs, mergesSinceE2e } from "@calm/domain/Counter"
import { ProjectId, TaskId, Time } from "@calm/domain/Ids"
import { Merge } from "@calm/domain/Merge"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Schema from "effect/Schema"
import { returned } from "../../internal/returned.ts"

const columns = `seq, task_id AS "taskId", branch, head_sha AS "head", base_branch AS "baseBranch",
  base_before AS "baseBefore", merge_sha AS "commit", actor, at`

export const make = (sql: SqlClient.SqlClient) => {
  const latest = Statement.findOne(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Merge,
    execute: ({ project, task }) => sql`
      SELECT ${sql.literal(columns)} FROM merges WHERE project_id = ${project} AND task_id = ${task} ORDER BY seq DESC LIMIT 1`
  }))
  const recent = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, limit: Schema.Int }),
    Result: Merge,
    execute: ({ limit, project }) =>
      sql`SELECT ${sql.literal(columns)} FROM merges WHERE project_id = ${project} ORDER BY seq DESC LIMIT ${limit}`
  }))
  const insert = Statement.single(() => ({
    Request: Schema.Struct({ ...Merge.omit("seq").fields, project: ProjectId }),
    Result: Schema.Struct({ seq: Schema.Int }),
    execute: (row) => sql`
      INSERT INTO merges (project_id, seq, task_id, branch, head_sha, base_branch, base_before, merge_sha, actor, at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.taskId}, ${row.branch}, ${row.head}, ${row.baseBranch},
        ${row.baseBefore}, ${row.commit}, ${row.actor}, ${row.at}
      FROM merges WHERE project_id = ${row.project} RETURNING seq`
  }))
  const count = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, at: Time }),
    execute: ({ at, project }) => sql`
      UPDATE counters SET value = value + 1, updated_at = ${at}
      WHERE project_id = ${project} AND name IN (${mergesSinceE2e}, ${mergesSinceDocs}) AND value < ${max}`
  }))
  return {
    /** Adds one to both merge counters. */
    count: (project: ProjectId, at: Time) => count({ project, at }),
    latest: (project: ProjectId, task: TaskId) => latest({ project, task }),
    recent: (project: ProjectId, limit: number) => recent({ project, limit }),
    insert: (project: ProjectId, merge: Omit<Merge, "seq">) => returned(insert({ ...merge, project }))
  }
}
