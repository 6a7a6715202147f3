/** The health of the database itself: whether it is whole, and how large the log beside it has grown. */
import type { DatabaseState } from "@calm/domain/Health"
import * as Traced from "@calm/domain/Traced"
import * as Soundness from "@calm/sql/Soundness"
import type { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Home } from "../home/Home.ts"
import { ago, now } from "../internal/now.ts"
import * as CheckNote from "./internal/checkNote.ts"

/** Whether the database is whole, and how large the log beside it has grown. */
export class DatabaseHealth extends Context.Tag("@calm/core/health/DatabaseHealth")<
  DatabaseHealth,
  {
    /**
     * Everything that is wrong with it: damage, what is missing of its schema, rows that refer to nothing. Reads all of it,
     * and notes what it found and when.
     */
    readonly problems: Effect.Effect<ReadonlyArray<string>, StoreError>
    /**
     * What is known of damage without reading more than 4 MB. A smaller database is checked as a whole; of a larger one it
     * is told what the last check by `problems`, or for a backup, has found. What that found wrong stands until `problems`
     * finds nothing, however small the database is.
     */
    readonly state: Effect.Effect<DatabaseState, StoreError>
    /** Bytes of the log beside the file; 0 where there is none. */
    readonly logSize: Effect.Effect<number>
  }
>() {}

/** Up to so many bytes it is checked each time that it is asked for: some 2 ms for each MB. */
const small = 4 * 1024 ** 2

/** A check is good for so long. */
const lasting = Duration.toMillis("7 days")

/** What was found before. */
const stateOf = ({ at, problems }: CheckNote.Note, overdue: boolean): DatabaseState => ({
  check: { made: "before", at },
  damage: problems,
  overdue
})

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const files = yield* FileSystem.FileSystem
  const home = yield* Home
  const note = yield* CheckNote.make
  const over = Effect.provideService(SqlClient.SqlClient, sql)
  return DatabaseHealth.of({
    problems: Effect.tap(over(Soundness.problems), note.write),
    state: Effect.gen(function* () {
      const last = Option.getOrNull(yield* note.last)
      if (last !== null && last.problems.length > 0) return stateOf(last, false)
      if ((yield* over(Soundness.size)) <= small)
        return { check: { made: "now", at: null }, damage: yield* over(Soundness.firstDamage), overdue: false } as const
      if (last === null) return { check: { made: "never", at: null }, damage: [], overdue: true } as const
      // One of the future was made by another clock: how long ago it was cannot be told.
      return stateOf(last, last.at < (yield* ago(lasting)) || last.at > (yield* now))
    }).pipe(Traced.span("DatabaseHealth.state")),
    logSize: files.stat(`${home.database}-wal`).pipe(
      Effect.map(({ size }) => Number(size)),
      Effect.catchAll(() => Effect.succeed(0)),
      Traced.span("DatabaseHealth.logSize")
    )
  })
})

/** The real one, over the database and files. */
export const layer: Layer.Layer<DatabaseHealth, never, SqlClient.SqlClient | FileSystem.FileSystem | Home> =
  Layer.effect(DatabaseHealth, make)
