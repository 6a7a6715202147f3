/** What the child processes of the tests run: `worker <increment|open|hold|fill> <file>`. */
import * as Sql from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const [, , job, file = ""] = process.argv

const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

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
  const store = Sql.layerFile(file)
  const program = job === "increment" ? Effect.provide(increment, store) : Effect.provide(open, store)
  Effect.runPromise(program).catch((error) => {
    process.stderr.write(`${error}\n`)
    process.exitCode = 1
  })
}
