/** Copies of the database: made and judged, with real files, and in memory. */
import { Copies } from "@calm/sql/Copies"
import { latest } from "@calm/sql/Migrations"
import * as Sql from "@calm/sql/Sql"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { contentOf, damage, look, plainly, seed, set, value, world } from "./support/copies.ts"
import { makeFolder } from "./support/folder.ts"

describe("a copy", () => {
  it.scopedLive("is one file of its owner's alone, with all that the database holds, and nothing beside it", () =>
    Effect.gen(function* () {
      const { backups, copies, live } = yield* world
      yield* copies.create(`${backups}/two.db`)
      assert.deepStrictEqual(Fs.readdirSync(backups).sort(), ["one.db", "two.db"])
      assert.strictEqual(Fs.statSync(`${backups}/two.db`).mode & 0o777, 0o600)
      assert.strictEqual(Fs.statSync(backups).mode & 0o777, 0o700)
      assert.deepStrictEqual(contentOf(`${backups}/two.db`), contentOf(live))
    })
  )

  it.scopedLive("comes to an end although somebody writes between all its steps", () =>
    Effect.gen(function* () {
      const { backups, copies, live, within } = yield* world
      yield* within(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`
            WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2000)
            INSERT INTO events SELECT 'p', n, '', 'me', NULL, 'k', NULL, ${"x".repeat(2000)} FROM many`
        )
      )
      let writes = 0
      const rival = new Database(live)
      let turn: NodeJS.Immediate
      const write = () => {
        rival.exec("UPDATE counters SET value = value + 1")
        if (++writes < 500) turn = setImmediate(write)
      }
      turn = setImmediate(write)
      assert.isTrue(yield* copies.create(`${backups}/two.db`))
      clearImmediate(turn)
      rival.close()
      assert.isBelow(writes, 500, "it went on only when the writing had stopped")
      assert.deepStrictEqual(yield* copies.check(`${backups}/two.db`), { version: latest, problems: [] })
    })
  )

  it.scopedLive("never takes the place of another of its name", () =>
    Effect.gen(function* () {
      const { backups, copies, one } = yield* world
      const before = look(backups)
      assert.isFalse(yield* copies.create(one))
      assert.deepStrictEqual(look(backups), before)
    })
  )

  it.scopedLive("is judged by its first bytes and its length when listed, and none is hidden", () =>
    Effect.gen(function* () {
      const { backups, copies, one } = yield* world
      const bytes = Fs.readFileSync(one)
      Fs.writeFileSync(`${backups}/cut.db`, bytes.subarray(0, bytes.length - 4096))
      Fs.writeFileSync(`${backups}/text.db`, "# Notes\n".repeat(100))
      Fs.writeFileSync(`${backups}/empty.db`, "")
      Fs.mkdirSync(`${backups}/folder.db`)
      new Database(`${backups}/other.db`).exec("CREATE TABLE t (a)").close()
      Fs.writeFileSync(`${backups}/.hidden.db`, "")
      Fs.writeFileSync(`${backups}/notes.txt`, "")
      const newer = Buffer.from(bytes)
      newer.writeUInt32BE(99, 60)
      Fs.writeFileSync(`${backups}/newer.db`, newer)
      const before = Fs.readdirSync(backups)
      const listed = yield* copies.list(backups)
      assert.deepStrictEqual(Fs.readdirSync(backups), before)
      assert.deepStrictEqual(
        Object.fromEntries(listed.map(({ fault, name, version }) => [name, fault?.reason ?? version])),
        {
          cut: "corrupt",
          empty: "corrupt",
          folder: "cannot_open",
          newer: "newer",
          one: latest,
          other: "foreign",
          text: "corrupt"
        }
      )
      assert.include(
        listed.find(({ name }) => name === "cut")?.fault?.message,
        `it is cut off after ${bytes.length - 4096} of ${bytes.length} bytes`
      )
      assert.deepStrictEqual(yield* copies.list(`${backups}/none`), [])
    })
  )

  it.scopedLive("is found damaged inside, or incomplete, only when it is read whole", () =>
    Effect.gen(function* () {
      const { backups, copies, one } = yield* world
      assert.deepStrictEqual(yield* copies.check(one), { version: latest, problems: [] })
      const bytes = Fs.readFileSync(one)
      bytes.fill(0xff, 8192, 12_288)
      Fs.writeFileSync(`${backups}/damaged.db`, bytes)
      assert.notStrictEqual((yield* copies.check(`${backups}/damaged.db`)).problems.length, 0)

      Fs.copyFileSync(one, `${backups}/less.db`)
      const less = new Database(`${backups}/less.db`)
      less.exec("DROP TABLE task_blockers; DROP TRIGGER events_no_delete")
      less.close()
      assert.deepStrictEqual((yield* copies.check(`${backups}/less.db`)).problems, [
        `events_no_delete, which version ${latest} of the schema has, is missing`,
        `task_blockers, which version ${latest} of the schema has, is missing`,
        `task_blockers_by_blocker, which version ${latest} of the schema has, is missing`
      ])

      Fs.copyFileSync(one, `${backups}/dangling.db`)
      const dangling = new Database(`${backups}/dangling.db`)
      dangling.exec("PRAGMA foreign_keys = OFF; DELETE FROM projects")
      dangling.close()
      assert.deepStrictEqual((yield* copies.check(`${backups}/dangling.db`)).problems, [
        "rows of counters refer to rows that are not there"
      ])
    })
  )

  it.scopedLive("of a damaged database is not counted, but kept where it is wanted as it is", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const live = `${folder}/metadata.db`
      yield* Effect.provide(seed, Sql.layerFile(live))
      damage(live, "counters")
      const copies = yield* Effect.provide(Copies, yield* Layer.build(Sql.layerFile(live)))
      const error = yield* Effect.flip(copies.create(`${folder}/backups/one.db`))
      assert.strictEqual(error.reason, "corrupt")
      assert.deepStrictEqual(Fs.readdirSync(`${folder}/backups`), [])
      assert.isTrue(yield* copies.create(`${folder}/backups/one.db`, { asItIs: true }))
      assert.deepStrictEqual(Fs.readdirSync(`${folder}/backups`), ["one.db"])
    })
  )

  it.scopedLive("that was never finished goes after an hour", () =>
    Effect.gen(function* () {
      const { backups, copies } = yield* world
      const left = (name: string, hoursAgo: number) => {
        Fs.mkdirSync(`${backups}/${name}`)
        Fs.writeFileSync(`${backups}/${name}/copy.db`, "half")
        const then = Date.now() / 1000 - hoursAgo * 3600
        for (const path of [`${backups}/${name}/copy.db`, `${backups}/${name}`]) Fs.utimesSync(path, then, then)
      }
      left(".part-old", 2)
      left(".part-now", 0)
      yield* copies.create(`${backups}/two.db`)
      assert.deepStrictEqual(Fs.readdirSync(backups).sort(), [".part-now", "one.db", "two.db"])
    })
  )
})

describe("in memory", () => {
  it.effect("copies are made, listed, put back and removed all the same", () =>
    Effect.gen(function* () {
      const copies = yield* Copies
      yield* seed
      assert.isTrue(yield* copies.create("/b/one.db"))
      assert.isFalse(yield* copies.create("/b/one.db"))
      yield* set(2)
      assert.deepStrictEqual(
        (yield* copies.list("/b")).map(({ fault, name, version }) => ({ fault, name, version })),
        [{ fault: null, name: "one", version: latest }]
      )
      assert.deepStrictEqual(yield* copies.check("/b/one.db"), { version: latest, problems: [] })
      assert.strictEqual(
        yield* Effect.flip(copies.restore("/b/one.db", { ...plainly, guard: Effect.fail("no") })),
        "no"
      )
      assert.deepStrictEqual(yield* value, [[2]])
      yield* copies.restore("/b/one.db", plainly)
      assert.deepStrictEqual(yield* value, [[1]])
      // The rules that stand on the connection alone still hold.
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO events VALUES ('p', 1, '', 'me', NULL, 'k', NULL, '{}')`
      const replaced = sql`INSERT OR REPLACE INTO events VALUES ('p', 1, '', 'me', NULL, 'k', NULL, '[]')`
      assert.strictEqual((yield* Effect.flip(refine(replaced))).reason, "constraint")
      assert.isTrue(yield* copies.remove("/b/one.db"))
      assert.isFalse(yield* copies.remove("/b/one.db"))
      assert.strictEqual((yield* Effect.flip(copies.check("/b/one.db"))).reason, "cannot_open")
    }).pipe(Effect.provide(Sql.layerMemory))
  )
})
