/** Bringing a database to a version of the schema. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Migration } from "../Migrations.ts"
import { refine, StoreError } from "../StoreError.ts"
import * as Driver from "./driver.ts"
import * as File from "./file.ts"
import { applicationId } from "./mark.ts"
import { appendOnlyTriggers } from "./triggers.ts"

const OneNumber = Schema.decodeUnknown(Schema.Tuple(Schema.Tuple(Schema.Int)))

const number = (statement: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [[value]] = yield* Effect.flatMap(sql.unsafe(statement).values, OneNumber)
    return value
  })

/** The version of the schema that a database has: one read of its header, 0 for an empty one. */
export const version = number("PRAGMA user_version")

/**
 * Marks an empty database as ours. One that another program filled since we looked at its header is left alone.
 *
 * It comes before everything else that is written, so that a file of ours carries the mark from its first page on:
 * whoever finds a file that is not empty and has no mark knows that it is not ours.
 */
export const claim = (path: string | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if ((yield* number("PRAGMA application_id")) === applicationId) return
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const id = yield* number("PRAGMA application_id")
        if (id === applicationId) return
        const objects = yield* number("SELECT count(*) FROM sqlite_schema")
        if (id !== 0 || objects > 0) return yield* File.foreign(path)
        yield* sql.unsafe(`PRAGMA application_id = ${applicationId}`).unprepared
      })
    )
  }).pipe(refine)

const history = `CREATE TABLE calm_schema (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at TEXT NOT NULL
)`

/**
 * Copies a database as it is before an upgrade to `<path>.before-v<target>`. The caller holds the write lock, so the
 * copy is exactly what the upgrade starts from, and only one of many processes makes it. A copy that an earlier
 * upgrade left is kept.
 */
const copyBefore = (path: string, target: number) =>
  Effect.gen(function* () {
    const copy = yield* File.freeName(path, `before-v${target}`)
    yield* File.writeComplete(copy, (temporary) =>
      // SQLite cannot copy from within a transaction; a second connection reads what is committed.
      Effect.flatMap(Driver.open(path), (reader) => reader.rowsOnce("VACUUM INTO ?", [temporary])).pipe(Effect.scoped)
    )
  })

/**
 * Applies the migrations up to `target` that a database does not have yet, each in one transaction. Does nothing, and
 * starts no transaction, where it has them all. Many processes may do this at once: one applies a step, the others
 * wait for it and see that it is done. A database that is ahead of all `migrations` fails with `newer`.
 */
export const migrateTo = (target: number, path: string | null, migrations: ReadonlyArray<Migration>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const started = yield* version
    if (started > migrations.length) return yield* File.newer(path, started, migrations.length)

    const apply = (to: number, migration: Migration) =>
      Effect.gen(function* () {
        const from = yield* version
        if (from >= to) return
        if (from === started && from >= 1 && path !== null) yield* copyBefore(path, target)
        const triggers = migration.appendOnly.flatMap(appendOnlyTriggers)
        for (const statement of [...(from === 0 ? [history] : []), ...migration.statements, ...triggers]) {
          yield* sql.unsafe(statement).unprepared
        }
        const now = DateTime.formatIso(yield* DateTime.now)
        yield* sql`INSERT INTO calm_schema (version, name, applied_at) VALUES (${to}, ${migration.name}, ${now})`
        yield* sql.unsafe(`PRAGMA user_version = ${to}`).unprepared
      }).pipe(sql.withTransaction)

    for (const [index, migration] of migrations.slice(0, target).entries()) {
      if (index >= started) yield* apply(index + 1, migration)
    }
  }).pipe(
    refine,
    Effect.mapError((error) =>
      error.path === null ? new StoreError({ reason: error.reason, path, detail: error.detail }) : error
    )
  )
