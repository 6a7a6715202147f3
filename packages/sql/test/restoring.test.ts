/** Copies that take the place of the database, with real files. */
import { Copies } from "@calm/sql/Copies"
import { latest, migrations } from "@calm/sql/Migrations"
import * as Sql from "@calm/sql/Sql"
import { refine, StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Stores from "../src/internal/layer.ts"
import { contentOf, damage, look, plainly, seed, set, value, world } from "./support/copies.ts"
import { makeFolder } from "./support/folder.ts"

describe("restoring", () => {
  it.scopedLive("makes the database what the copy holds, for clients that are open too, and keeps its log", () =>
    Effect.gen(function* () {
      const { copies, folder, live, one, within } = yield* world
      const other = yield* Layer.build(Sql.layerFile(live))
      assert.deepStrictEqual(yield* refine(Effect.provide(value, other)), [[2]])
      const before = look(`${folder}/backups`)
      yield* copies.restore(one, plainly)
      assert.deepStrictEqual(yield* within(value), [[1]])
      assert.deepStrictEqual(yield* refine(Effect.provide(value, other)), [[1]])
      assert.deepStrictEqual(contentOf(live), contentOf(one))
      assert.deepStrictEqual(look(`${folder}/backups`), before)
      yield* within(set(3))
      assert.deepStrictEqual(yield* refine(Effect.provide(value, other)), [[3]])
      assert.strictEqual(Fs.readFileSync(live)[18], 2, "write-ahead log")
      assert.strictEqual(Fs.statSync(live).mode & 0o777, 0o600)
    })
  )

  it.scopedLive("shows what was prepared together with the rest", () =>
    Effect.gen(function* () {
      const { copies, one, within } = yield* world
      yield* copies.restore(one, {
        prepare: (copy) => refine(copy`UPDATE counters SET value = value + 10`),
        guard: Effect.gen(function* () {
          assert.deepStrictEqual(yield* within(value), [[2]])
        })
      })
      assert.deepStrictEqual(yield* within(value), [[11]])
    })
  )

  it.scopedLive("changes nothing where the guard says no, where preparing fails, and where it is interrupted", () =>
    Effect.gen(function* () {
      const { backups, copies, one, within } = yield* world
      const before = look(backups)
      assert.strictEqual(yield* Effect.flip(copies.restore(one, { ...plainly, guard: Effect.fail("no") })), "no")
      assert.strictEqual(
        yield* Effect.flip(copies.restore(one, { ...plainly, prepare: () => Effect.fail("no") })),
        "no"
      )
      const never = copies.restore(one, { ...plainly, guard: Effect.never })
      assert.strictEqual((yield* Effect.timeoutOption(never, "200 millis"))._tag, "None")
      assert.deepStrictEqual(yield* within(value), [[2]])
      yield* within(set(3))
      assert.deepStrictEqual(yield* within(value), [[3]])
      assert.deepStrictEqual(look(backups), before)
    })
  )

  it.scopedLive("lets nobody write between the guard's look and the change", () =>
    Effect.gen(function* () {
      const { copies, live, one, within } = yield* world
      const rival = new Database(live, { timeout: 0 })
      const said: Array<unknown> = []
      const guard = Effect.sync(() => {
        try {
          rival.exec("UPDATE counters SET value = 9")
        } catch (error) {
          said.push(error instanceof Database.SqliteError ? error.code : error)
        }
      })
      yield* copies.restore(one, { ...plainly, guard })
      rival.close()
      assert.deepStrictEqual(said, ["SQLITE_BUSY"])
      assert.deepStrictEqual(yield* within(value), [[1]])
    })
  )

  it.scopedLive("waits for whoever is writing, and is not taken for done meanwhile", () =>
    Effect.gen(function* () {
      const { copies, live, one, within } = yield* world
      const rival = new Database(live)
      rival.exec("BEGIN IMMEDIATE; UPDATE counters SET value = 9")
      const waiting = copies.restore(one, plainly)
      assert.strictEqual((yield* Effect.timeoutOption(waiting, "200 millis"))._tag, "None")
      assert.deepStrictEqual(yield* within(value), [[2]])
      rival.exec("COMMIT")
      yield* waiting
      assert.deepStrictEqual(yield* within(value), [[1]])
      rival.close()
    })
  )

  it.scopedLive("refuses what is cut off, no database, another program's, newer, damaged: nothing is changed", () =>
    Effect.gen(function* () {
      const { backups, copies, folder, live, one, within } = yield* world
      const bytes = Fs.readFileSync(one)
      const newer = Buffer.from(bytes)
      newer.writeUInt32BE(latest + 1, 60)
      const damaged = Buffer.from(bytes)
      damaged.fill(0xff, 8192, 12_288)
      const bad = {
        cut: [bytes.subarray(0, bytes.length / 2), "corrupt"],
        short: [bytes.subarray(0, 50), "corrupt"],
        empty: [Buffer.of(), "corrupt"],
        text: [Buffer.from("# Notes\n".repeat(1000)), "corrupt"],
        newer: [newer, "newer"],
        damaged: [damaged, "corrupt"]
      } as const
      for (const [name, [content]] of Object.entries(bad)) Fs.writeFileSync(`${backups}/${name}.db`, content)
      const other = new Database(`${backups}/other.db`)
      other.exec("CREATE TABLE t (a)")
      other.close()
      const before = [look(backups), contentOf(live)]
      const reasons = Object.entries({ ...bad, other: [null, "foreign"] }).map(([name, [, reason]]) => ({
        name,
        reason
      }))
      for (const { name, reason } of reasons) {
        const error = yield* Effect.flip(copies.restore(`${backups}/${name}.db`, plainly))
        assert.instanceOf(error, StoreError, name)
        assert.strictEqual(error.reason, reason, name)
        assert.strictEqual(error.path, `${backups}/${name}.db`)
      }
      assert.deepStrictEqual([look(backups), contentOf(live)], before)
      assert.deepStrictEqual(yield* within(value), [[2]])
      assert.deepStrictEqual(Fs.readdirSync(folder).sort(), [
        "backups",
        "metadata.db",
        "metadata.db-shm",
        "metadata.db-wal"
      ])
    })
  )

  it.scopedLive("brings an older copy up to the present schema before anybody sees it", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const old = `${folder}/backups/old.db`
      yield* Effect.gen(function* () {
        yield* seed
        yield* (yield* Copies).create(old)
      }).pipe(Effect.provide(Stores.layer(`${folder}/old.db`, migrations.slice(0, 1))))
      const { copies, live, within } = yield* world
      assert.deepStrictEqual(yield* copies.check(old), { version: 1, problems: [] })
      yield* copies.restore(old, plainly)
      assert.deepStrictEqual(yield* within(value), [[1]])
      assert.deepStrictEqual(
        yield* within(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT count(*) FROM workers`.values)),
        [[0]]
      )
      assert.deepStrictEqual(new Database(live).pragma("user_version", { simple: true }), latest)
      assert.strictEqual((yield* copies.check(old)).version, 1, "the copy stays as it is")
      assert.deepStrictEqual(Fs.readdirSync(`${folder}/backups`), ["old.db"])
    })
  )

  it.scopedLive("mends a database that is damaged but can be opened", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const live = `${folder}/metadata.db`
      const one = `${folder}/one.db`
      yield* Effect.gen(function* () {
        yield* seed
        yield* (yield* Copies).create(one)
      }).pipe(Effect.provide(Sql.layerFile(live)))
      damage(live, "counters")
      yield* Effect.gen(function* () {
        yield* (yield* Copies).restore(one, plainly)
        assert.deepStrictEqual(yield* value, [[1]])
      }).pipe(Effect.provide(Sql.layerFile(live)))
      assert.deepStrictEqual(contentOf(live), contentOf(one))
    })
  )
})
