/** The health of the database itself: whether it is whole, and how large the log beside it has grown. */
import * as Soundness from "@calm/sql/Soundness"
import type { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Home } from "../home/Home.ts"

/** Whether the database is whole, and how large the log beside it has grown. */
export class DatabaseHealth extends Context.Tag("@calm/core/health/DatabaseHealth")<
  DatabaseHealth,
  {
    /** Everything that is wrong with it: damage, what is missing of its schema, rows that refer to nothing. Reads all of it. */
    readonly problems: Effect.Effect<ReadonlyArray<string>, StoreError>
    /** The first damage that a quick look finds. Takes some 2 ms for each MB. */
    readonly firstDamage: Effect.Effect<ReadonlyArray<string>, StoreError>
    /** Bytes of the log beside the file; 0 where there is none. */
    readonly logSize: Effect.Effect<number>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const files = yield* FileSystem.FileSystem
  const home = yield* Home
  return DatabaseHealth.of({
    problems: Soundness.problems.pipe(Effect.provideService(SqlClient.SqlClient, sql)),
    firstDamage: Soundness.firstDamage.pipe(Effect.provideService(SqlClient.SqlClient, sql)),
    logSize: files.stat(`${home.database}-wal`).pipe(
      Effect.map(({ size }) => Number(size)),
      Effect.catchAll(() => Effect.succeed(0)),
      Effect.withSpan("DatabaseHealth.logSize")
    )
  })
})

/** The real one, over the database and files. */
export const layer: Layer.Layer<DatabaseHealth, never, SqlClient.SqlClient | FileSystem.FileSystem | Home> =
  Layer.effect(DatabaseHealth, make)
