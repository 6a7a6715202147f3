/** Several processes on one file. */
import { latest } from "@calm/sql/Migrations"
import * as Sql from "@calm/sql/Sql"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundle, start } from "./support/children.ts"
import { makeFolder } from "./support/folder.ts"

const world = Effect.gen(function* () {
  const folder = yield* makeFolder
  return { file: `${folder}/home/metadata.db`, worker: yield* bundle(folder) }
})

const seed = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO projects VALUES ('p', '/p', '/p/.git', 'main', '')`
  yield* sql`INSERT INTO counters VALUES ('p', 'c', 0, '')`
})

const finished = { code: 0, stdout: "", stderr: "" }

it.scopedLive("four processes that read and then write 40 times each lose none of the 160 steps", () =>
  Effect.gen(function* () {
    const { file, worker } = yield* world
    yield* Effect.provide(seed, Sql.layerFile(file))
    const workers = yield* Effect.replicateEffect(start(worker, "increment", file), 4)
    const ends = yield* Effect.forEach(workers, (one) => one.ended, { concurrency: "unbounded" })
    assert.deepStrictEqual(ends, [finished, finished, finished, finished])
    const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT value FROM counters`.values)
    assert.deepStrictEqual(yield* Effect.provide(rows, Sql.layerFile(file)), [[160]])
  })
)

it.scopedLive(
  "thirty processes that start at once on a file that is not there all find the whole schema",
  () =>
    Effect.gen(function* () {
      const { file, worker } = yield* world
      const workers = yield* Effect.replicateEffect(start(worker, "open", file), 30)
      const ends = yield* Effect.forEach(workers, (one) => one.ended, { concurrency: "unbounded" })
      for (const end of ends) assert.deepStrictEqual(end, { ...finished, stdout: `schema ${latest}\n` })
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["metadata.db"])
    }),
  60_000
)

it.scopedLive("a writer waits for another process without stopping anything else in its own", () =>
  Effect.gen(function* () {
    const { file, worker } = yield* world
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* seed
      const holder = yield* start(worker, "hold", file)
      yield* holder.spoke

      const update = sql`UPDATE counters SET value = value + 1`
      const writers = yield* Effect.forkAll([Sql.transaction(update), refine(update)])
      // While they wait the timers go on, and so do the fibers that only read.
      yield* sql`SELECT value FROM counters`.pipe(Effect.zipRight(Effect.sleep("5 millis")), Effect.repeatN(99))
      assert.deepStrictEqual(yield* sql`SELECT value FROM counters`.values, [[0]])

      yield* holder.release
      yield* Fiber.join(writers)
      assert.deepStrictEqual(yield* sql`SELECT value FROM counters`.values, [[2]])
      assert.strictEqual((yield* holder.ended).code, 0)
    }).pipe(Effect.provide(Sql.layerFile(file)))
  })
)

it.scopedLive("a transaction that waits for another process can be interrupted, and leaves nothing behind", () =>
  Effect.gen(function* () {
    const { file, worker } = yield* world
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* seed
      const holder = yield* start(worker, "hold", file)
      yield* holder.spoke
      const update = Sql.transaction(sql`UPDATE counters SET value = value + 1`)
      assert.isTrue((yield* Effect.timeoutOption(update, "100 millis"))._tag === "None")
      yield* holder.release
      yield* holder.ended
      yield* update
      assert.deepStrictEqual(yield* sql`SELECT value FROM counters`.values, [[1]])
    }).pipe(Effect.provide(Sql.layerFile(file)))
  })
)

it.scopedLive(
  "tables that another program makes between the look at an empty file and its opening are left alone",
  () =>
    Effect.gen(function* () {
      const { file, worker } = yield* world
      Fs.mkdirSync(Path.dirname(file))
      const rival = yield* start(worker, "fill", file)
      yield* rival.spoke
      const opening = yield* Effect.fork(Effect.flip(Effect.provide(Effect.void, Sql.layerFile(file))))
      yield* Effect.yieldNow()
      yield* rival.release
      assert.strictEqual((yield* Fiber.join(opening)).reason, "foreign")
      assert.strictEqual((yield* rival.ended).code, 0)
      const header = Fs.readFileSync(file)
      assert.strictEqual(header.readUInt32BE(68), 0, "no application id")
      assert.deepStrictEqual([header[18], header[19]], [1, 1], "no write-ahead log")
    })
)

it.scopedLive("opening a file once more in the same process keeps the locks that SQLite has on it", (test) =>
  Effect.gen(function* () {
    const table = "/proc/locks"
    if (!Fs.existsSync(table)) return test.skip()
    const file = `${yield* makeFolder}/metadata.db`
    const held = () => {
      const end = `:${Fs.statSync(file).ino}`
      const lines = Fs.readFileSync(table, "utf8")
        .split("\n")
        .map((line) => line.split(/\s+/))
      return lines.filter(
        (fields) => fields.includes(String(process.pid)) && fields.some((field) => field.endsWith(end))
      ).length
    }
    yield* Effect.gen(function* () {
      yield* seed
      assert.isAbove(held(), 0)
      // Closing any descriptor of the file would give them up.
      yield* Effect.provide(Effect.void, Sql.layerFile(file))
      assert.isAbove(held(), 0)
    }).pipe(Effect.provide(Sql.layerFile(file)))
    yield* Effect.provide(Effect.void, Sql.layerFile(file))
    assert.strictEqual(held(), 0)
  })
)
