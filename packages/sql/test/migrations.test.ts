/** Making and upgrading the schema. */
import { refine } from "@calm/sql/StoreError"
import { latest, type Migration, migrations } from "@calm/sql/Migrations"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { migrateTo } from "../src/internal/migrate.ts"
import * as Stores from "../src/internal/layer.ts"
import { makeFolder } from "./support/folder.ts"

const step = (name: string, ...statements: ReadonlyArray<string>): Migration => ({ name, statements, appendOnly: [] })

const first = step("first", "CREATE TABLE one (a INTEGER)")
const second = step("second", "CREATE TABLE two (a INTEGER)", "INSERT INTO two SELECT a FROM one")
const third = step("third", "CREATE TABLE three (a INTEGER)")
const broken = step("broken", "CREATE TABLE half (a INTEGER)", "CREATE TABLE half (a INTEGER)")

const run = (path: string | null, list: ReadonlyArray<Migration>, statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement).values).pipe(
    refine,
    Effect.provide(Stores.layer(path, list))
  )

const names = "SELECT version, name FROM calm_schema ORDER BY version"
const mark = "INSERT INTO one VALUES (7)"

const inside = (file: string, statement: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Database(file, { readonly: true })),
    (database) => Effect.sync(() => database.prepare(statement).raw().all()),
    (database) => Effect.sync(() => database.close())
  )

describe("migrations", () => {
  it.effect("every step that is released can be applied to an empty database, one after the other", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (let target = 1; target <= latest; target++) {
        yield* migrateTo(target, null, migrations)
        assert.deepStrictEqual(yield* sql`PRAGMA user_version`.values, [[target]])
      }
      assert.deepStrictEqual(yield* sql`PRAGMA foreign_key_check`.values, [])
      assert.deepStrictEqual(yield* sql`PRAGMA integrity_check`.values, [["ok"]])
    }).pipe(Effect.provide(Stores.layer(null, [])))
  )

  it.effect("every append-only table refuses to be changed, and says so", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const tables = migrations.flatMap((migration) => migration.appendOnly)
      assert.isAbove(tables.length, 0)
      const triggers = yield* sql`SELECT name FROM sqlite_schema WHERE type = 'trigger'`.values
      assert.sameMembers(
        triggers.map(([name]) => name),
        tables.flatMap((table) => [`${table}_no_update`, `${table}_no_delete`])
      )
    }).pipe(Effect.provide(Stores.layer(null, migrations)))
  )

  it.scoped("an upgrade copies the database first, as it was, and keeps its rows", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* run(file, [first], mark)
      assert.deepStrictEqual(yield* run(file, [first, second, third], "SELECT a FROM two"), [[7]])
      assert.deepStrictEqual(yield* run(file, [first, second, third], names), [
        [1, "first"],
        [2, "second"],
        [3, "third"]
      ])

      assert.deepStrictEqual(Fs.readdirSync(folder).sort(), ["metadata.db", "metadata.db.before-v3"])
      const copy = `${file}.before-v3`
      assert.strictEqual(Fs.statSync(copy).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* inside(copy, "SELECT a FROM one"), [[7]])
      assert.deepStrictEqual(yield* inside(copy, names), [[1, "first"]])
      // The copy is a database of ours that the older calm can open.
      assert.deepStrictEqual(yield* run(copy, [first], "SELECT a FROM one"), [[7]])
    })
  )

  it.scoped("the copy of an earlier upgrade is kept, what a broken one left is not", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* run(file, [first], mark)
      Fs.writeFileSync(`${file}.before-v2`, "earlier")
      Fs.writeFileSync(`${file}.before-v2-2.part`, "half a copy")
      yield* run(file, [first, second], names)
      assert.deepStrictEqual(Fs.readdirSync(folder).sort(), [
        "metadata.db",
        "metadata.db.before-v2",
        "metadata.db.before-v2-2"
      ])
      assert.strictEqual(Fs.readFileSync(`${file}.before-v2`, "utf8"), "earlier")
      assert.deepStrictEqual(yield* inside(`${file}.before-v2-2`, names), [[1, "first"]])
    })
  )

  it.scoped("a step that fails leaves nothing of itself, is typed, and is done when it can be", () =>
    Effect.gen(function* () {
      const file = `${yield* makeFolder}/metadata.db`
      const error = yield* Effect.flip(run(file, [first, broken], names))
      assert.strictEqual(error._tag, "StoreError")
      assert.strictEqual(error.path, file)
      assert.include(error.detail, "half already exists")
      assert.deepStrictEqual(yield* run(file, [first], "SELECT name FROM sqlite_schema WHERE name = 'half'"), [])
      assert.deepStrictEqual(yield* run(file, [first, second], names), [
        [1, "first"],
        [2, "second"]
      ])
    })
  )

  it.scoped("upgrades that start at once apply each step once and make one copy", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* run(file, [first], mark)
      const all = yield* Effect.replicateEffect(run(file, [first, second], "SELECT a FROM two"), 8, {
        concurrency: "unbounded"
      })
      for (const rows of all) assert.deepStrictEqual(rows, [[7]])
      assert.deepStrictEqual(Fs.readdirSync(folder).sort(), ["metadata.db", "metadata.db.before-v2"])
    })
  )
})
