/** Copies of the database: made, judged and put back, all with real files. */
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
import { makeFolder } from "./support/folder.ts"

const value = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT value FROM counters ORDER BY name`.values)
const set = (to: number) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE counters SET value = ${to}`)

const seed = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO projects VALUES ('p', '/p', '/p/.git', 'main', '')`
  yield* sql`INSERT INTO counters VALUES ('p', 'c', 1, '')`
})

/** Changes nothing of the copy and asks nothing. */
const plainly = { prepare: () => Effect.void, guard: Effect.void }

/** A database whose counter was 1 when the copy `one` was made, and is 2 now. */
const world = Effect.gen(function* () {
  const folder = yield* makeFolder
  const live = `${folder}/metadata.db`
  const backups = `${folder}/backups`
  const context = yield* Layer.build(Sql.layerFile(live))
  const within = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient | Copies>) =>
    refine(Effect.provide(effect, context))
  yield* within(seed)
  const copies = yield* within(Copies)
  const one = `${backups}/one.db`
  assert.isTrue(yield* copies.create(one))
  yield* within(set(2))
  return { backups, copies, folder, live, one, within }
})

/** Everything about a folder that reading a file in it could change. */
const look = (folder: string) =>
  Fs.readdirSync(folder).map((name) => {
    const path = `${folder}/${name}`
    const { mode, mtimeMs } = Fs.statSync(path)
    return { name, mode, mtimeMs, bytes: Fs.readFileSync(path, "base64") }
  })

/** Spoils the page that a table begins with; the schema itself can still be read. */
const damage = (file: string, table: string) => {
  const database = new Database(file, { readonly: true })
  const page = database
    .prepare<unknown[], number>("SELECT rootpage FROM sqlite_schema WHERE name = ?")
    .pluck()
    .get(table)
  database.close()
  const bytes = Fs.readFileSync(file)
  bytes.fill(0xff, ((page ?? 1) - 1) * 4096, (page ?? 1) * 4096)
  Fs.writeFileSync(file, bytes)
}

/** What every table of a database holds, and every statement of its schema. */
const contentOf = (file: string) => {
  const database = new Database(file, { readonly: true })
  const schema = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all()
  const tables = database
    .prepare<unknown[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
  const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all()])
  database.close()
  return { schema, rows }
}

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
