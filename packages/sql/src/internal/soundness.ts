/** Is a database whole, and does it have everything that its version of the schema has? */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Migration } from "../Migrations.ts"
import { fromSqlError, StoreError } from "../StoreError.ts"
import * as Store from "./store.ts"

/** What a database is read with: a connection, or a client. */
export interface Reader {
  readonly values: (
    statement: string,
    params: ReadonlyArray<unknown>
  ) => Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>
}

const texts = (reader: Reader, statement: string) =>
  Effect.map(reader.values(statement, []), (rows) => rows.map(([value]) => String(value)))

const told = (reader: Reader, statement: string): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  texts(reader, statement).pipe(
    Effect.map((lines) => lines.filter((line) => line !== "ok")),
    // What is damaged badly enough cannot even be checked.
    Effect.catchIf(
      (error) => fromSqlError(error).reason === "corrupt",
      (error) => Effect.succeed([error.message])
    )
  )

const names = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"

/** What SQLite finds wrong with a file: damage as such, not what rows say. */
export const damage = (reader: Reader): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  told(reader, "PRAGMA integrity_check(10)")

/** The first of it, without comparing indexes with their tables. */
export const quickDamage = (reader: Reader): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  told(reader, "PRAGMA quick_check(1)")

const number = (reader: Reader, statement: string) =>
  Effect.map(reader.values(statement, []), ([row]) => Number(row?.[0]))

/** Bytes of all pages. */
export const size = (reader: Reader): Effect.Effect<number, SqlError> =>
  Effect.zipWith(number(reader, "PRAGMA page_count"), number(reader, "PRAGMA page_size"), (count, each) => count * each)

/** Everything that is wrong with a database of a version of the schema. */
export const problems = (
  reader: Reader,
  version: number,
  migrations: ReadonlyArray<Migration>
): Effect.Effect<ReadonlyArray<string>, SqlError | StoreError> =>
  Effect.gen(function* () {
    const damaged = yield* damage(reader)
    if (damaged.length > 0) return damaged
    const model = yield* Store.open(null, migrations.slice(0, version))
    const there = new Set(yield* texts(reader, names))
    const missing = (yield* texts(model.driver, names)).filter((name) => !there.has(name))
    const dangling = new Set(yield* texts(reader, "PRAGMA foreign_key_check"))
    return [
      ...missing.map((name) => `${name}, which version ${version} of the schema has, is missing`),
      ...Array.from(dangling, (table) => `rows of ${table} refer to rows that are not there`)
    ]
  }).pipe(Effect.scoped)

/** Fails with the first of these problems. */
export const refuse = (path: string | null, found: ReadonlyArray<string>): Effect.Effect<void, StoreError> =>
  found[0] === undefined ? Effect.void : new StoreError({ reason: "corrupt", path, detail: found[0] })
