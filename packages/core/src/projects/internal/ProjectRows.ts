/** The rows of projects, as they are read. */
import { Project } from "@calm/domain/Project"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Schema from "effect/Schema"

export const columns = `id, path, common_dir AS "commonDir", base_branch AS "baseBranch", created_at AS "createdAt"`

/** All projects, by path. */
export const all = (sql: SqlClient.SqlClient) =>
  Statement.findAll(() => ({
    Request: Schema.Void,
    Result: Project,
    execute: () => sql`SELECT ${sql.literal(columns)} FROM projects ORDER BY path`
  }))
