/** What the child processes of the tests run: `worker <increment|open|hold|fill|pairs|create|restore> <file> [copy]`. */
import { Copies } from "@calm/sql/Copies"
import * as Sql from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const [, , job, file = "", copy = ""] = process.argv

const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

const Pair = Schema.decodeUnknown(Schema.Tuple(Schema.Tuple(Schema.Int), Schema.Tuple(Schema.Int)))
const Value = Schema.decodeUnknown(Schema.Tuple(Schema.Tuple(Schema.Int)))

/** Forty times: read a number, then store one more. */
const increment = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const once = Effect.gen(function* () {
    const [[value]] = yield* Effect.flatMap(sql`SELECT value FROM counters`.values, Value)
    yield* sql`UPDATE counters SET value = ${value + 1}`
  })
  yield* Effect.repeatN(Sql.transaction(once), 39)
})

const open = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [[steps]] = yield* Effect.flatMap(sql`SELECT count(*) FROM calm_schema`.values, Value)
  yield* say(`schema ${steps}`)
})

/** Adds one to two counters at once, and looks whether they are equal, again and again until its stdin is closed. */
const pairs = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  let ended = false
  let steps = 0
  process.stdin.resume()
  process.stdin.on("end", () => {
    ended = true
  })
  const two = Effect.flatMap(sql`SELECT value FROM counters ORDER BY name`.values, Pair)
  while (!ended) {
    yield* Sql.transaction(sql`UPDATE counters SET value = value + 1`)
    const [[a], [b]] = yield* two
    if (a !== b) return yield* Effect.fail(`saw ${a} and ${b}`)
    if (++steps === 20) yield* say("writing")
    yield* Effect.yieldNow()
  }
  return yield* say(`steps ${steps}`)
})

const create = Effect.gen(function* () {
  const copies = yield* Copies
  yield* say("copying")
  yield* say(`made ${yield* copies.create(copy)}`)
})

const restore = Effect.gen(function* () {
  const copies = yield* Copies
  yield* copies.restore(copy, { prepare: () => Effect.void, guard: say("locked") })
})

const jobs = { increment, open, pairs, create, restore }

/** Holds the write lock until its stdin is closed, with a change of its own, if any. */
const hold = (change: string) => {
  const database = new Database(file)
  database.exec(`BEGIN IMMEDIATE; ${change}`)
  process.stdout.write("holding\n")
  process.stdin.resume()
  process.stdin.on("end", () => {
    database.exec("COMMIT")
    database.close()
  })
}

if (job === "hold") hold("")
else if (job === "fill") hold("CREATE TABLE tasks (id TEXT PRIMARY KEY)")
else {
  const program: Effect.Effect<void, unknown, SqlClient.SqlClient | Copies> =
    job !== undefined && job in jobs ? jobs[job as keyof typeof jobs] : Effect.fail(`there is no job ${job}`)
  Effect.runPromise(Effect.provide(program, Sql.layerFile(file))).catch((error) => {
    process.stderr.write(`${error}\n`)
    process.exitCode = 1
  })
}
