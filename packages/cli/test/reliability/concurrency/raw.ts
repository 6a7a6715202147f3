/** What a process does with better-sqlite3 alone to increment a counter and write an event: `raw <database> <times>`. */
import Database from "better-sqlite3"

const [, , file = "", times = "0"] = process.argv
// SQLite's own waiting, which stops the whole process meanwhile.
const database = new Database(file, { timeout: 30_000, fileMustExist: true })
database.pragma("foreign_keys = ON")
database.pragma("synchronous = FULL")
const find = database.prepare("SELECT value FROM counters WHERE name = 'shared'")
const change = database.prepare("UPDATE counters SET value = value + 1, updated_at = ? WHERE name = 'shared'")
const append = database.prepare(
  `INSERT INTO events (project_id, seq, at, actor, worker_id, kind, task_id, data)
   SELECT project_id, MAX(seq) + 1, ?, 'me', NULL, 'counter.changed', NULL, '{"name":"shared","from":0,"to":0}' FROM events GROUP BY project_id`
)
const increment = database.transaction(() => {
  const at = new Date().toISOString()
  find.get()
  change.run(at)
  append.run(at)
})

process.stdout.write("ready\n")
process.stdin.resume().once("end", () => {
  const took = Array.from({ length: Number(times) }, () => {
    const begun = performance.now()
    increment.immediate()
    return performance.now() - begun
  })
  database.close()
  process.stdout.write(`${JSON.stringify(took)}\n`)
})
