/** The rows of reviews: append-only. */
import { ProjectId, TaskId } from "@calm/domain/Ids"
import { Review } from "@calm/domain/Review"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Schema from "effect/Schema"
import { returned } from "../../internal/returned.ts"

export const make = (sql: SqlClient.SqlClient) => {
  const select = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId, task: TaskId }),
    Result: Review,
    execute: ({ project, task }) => sql`
      SELECT seq, type, verdict, reviewer, worker_id AS "workerId", commit_sha AS "commit", digest, notes, at
      FROM reviews WHERE project_id = ${project} AND task_id = ${task} ORDER BY seq`
  }))
  const insert = Statement.single(() => ({
    Request: Schema.Struct({ ...Review.omit("seq").fields, project: ProjectId, task: TaskId }),
    Result: Schema.Struct({ seq: Schema.Int }),
    execute: (row) => sql`
      INSERT INTO reviews (project_id, seq, task_id, type, verdict, reviewer, worker_id, commit_sha, digest, notes, at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.task}, ${row.type}, ${row.verdict}, ${row.reviewer},
        ${row.workerId}, ${row.commit}, ${row.digest}, ${row.notes}, ${row.at}
      FROM reviews WHERE project_id = ${row.project} RETURNING seq`
  }))
  return {
    select: (project: ProjectId, task: TaskId) => select({ project, task }),
    insert: (project: ProjectId, task: TaskId, review: Omit<Review, "seq">) =>
      returned(insert({ ...review, project, task }))
  }
}
