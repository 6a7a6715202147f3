/** Whether the open database is whole: what damage looks like while the database is in use. */
import * as Soundness from "@calm/sql/Soundness"
import * as Sql from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { makeFolder } from "./support/folder.ts"

/** Fills an index's first page with something else, as a failing disk would. */
const spoil = (file: string, index: string) => {
  const database = new Database(file)
  const [page] = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().all(index)
  const size = Number(database.pragma("page_size", { simple: true }))
  database.close()
  const handle = Fs.openSync(file, "r+")
  Fs.writeSync(handle, Buffer.alloc(size, 0x5a), 0, size, (Number(page) - 1) * size)
  Fs.closeSync(handle)
}

describe("the open database", () => {
  it.effect("is found whole when it is, in memory too", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Soundness.problems, [])
      assert.deepStrictEqual(yield* Soundness.firstDamage, [])
    }).pipe(Effect.provide(Sql.layerMemory))
  )

  it.scoped("is found damaged, by the quick look too, though nothing else would have noticed", () =>
    Effect.gen(function* () {
      const file = `${yield* makeFolder}/metadata.db`
      yield* Effect.provide(Soundness.problems, Sql.layerFile(file))
      spoil(file, "approvals_by_gate")
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`SELECT * FROM projects`, [])
        assert.lengthOf(yield* Soundness.firstDamage, 1)
        assert.isNotEmpty(yield* Soundness.problems)
        assert.strictEqual(yield* Soundness.size, Fs.statSync(file).size)
      }).pipe(Effect.provide(Sql.layerFile(file)))
    })
  )

  it.effect("is found to lack what its schema has, and to have rows that refer to nothing", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`PRAGMA foreign_keys = OFF`
      yield* sql`INSERT INTO counters (project_id, name, value, updated_at) VALUES ('nobody', 'a', 0, 'now')`
      assert.deepStrictEqual(yield* Soundness.problems, ["rows of counters refer to rows that are not there"])
      yield* sql`DROP TRIGGER events_no_delete`
      assert.match((yield* Soundness.problems)[0] ?? "", /^events_no_delete, .* is missing$/)
      assert.deepStrictEqual(yield* Soundness.firstDamage, [], "the quick look is for damage alone")
    }).pipe(Effect.provide(Sql.layerMemory))
  )
})
