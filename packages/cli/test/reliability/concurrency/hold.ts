/** Holds the write lock of a database, as a program would that stands still in a transaction: `hold <database>`. */
import Database from "better-sqlite3"

const database = new Database(process.argv[2] ?? "", { fileMustExist: true })
database.exec("BEGIN IMMEDIATE; UPDATE counters SET value = value WHERE name = 'merge_lock'")
process.stdout.write("holding\n")
process.stdin.resume().once("end", () => {
  database.exec("COMMIT")
  database.close()
})
