/** Whether the open database is whole. */
import * as Traced from "@calm/domain/Traced"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Soundness from "./internal/soundness.ts"
import { migrations } from "./Migrations.ts"
import { refine, type StoreError } from "./StoreError.ts"

const reader = Effect.map(SqlClient.SqlClient, (sql): Soundness.Reader => ({
  values: (statement) => sql.unsafe(statement).values
}))

/**
 * Everything that is wrong with the open database, in SQLite's words or ours; none in a good one. Reads all of it: damage,
 * tables and indexes that the schema has, rows that refer to rows.
 */
export const problems: Effect.Effect<ReadonlyArray<string>, StoreError, SqlClient.SqlClient> = Effect.flatMap(
  reader,
  (read) => Soundness.problems(read, migrations.length, migrations)
).pipe(refine, Traced.span("Soundness.problems"))

/** The first damage that a quick look finds; it reads every page and compares no index with its table. */
export const firstDamage: Effect.Effect<ReadonlyArray<string>, StoreError, SqlClient.SqlClient> = Effect.flatMap(
  reader,
  Soundness.quickDamage
).pipe(refine, Traced.span("Soundness.firstDamage"))

/** How large the database is, in bytes, what the log beside the file holds included. */
export const size: Effect.Effect<number, StoreError, SqlClient.SqlClient> = Effect.flatMap(reader, Soundness.size).pipe(
  refine,
  Traced.span("Soundness.size")
)
