/**
 * The floor of the embedded services: the very statements that they ran, by better-sqlite3 alone. Prints the milliseconds
 * of each series.
 */
"use strict"
const Database = require("better-sqlite3")
const { readFileSync } = require("node:fs")
const [file, notes] = process.argv.slice(2)
const noted = JSON.parse(readFileSync(notes, "utf8"))
const database = new Database(file, { fileMustExist: true })
for (const setting of ["foreign_keys = ON", "synchronous = FULL", "recursive_triggers = ON"]) database.pragma(setting)
const prepared = new Map()
const statementOf = (sql) => {
  const statement = prepared.get(sql) ?? database.prepare(sql)
  prepared.set(sql, statement)
  return statement
}
const took = {}
for (const [kind, series] of Object.entries(noted))
  took[kind] = series.map((statements) => {
    const start = performance.now()
    for (const [sql, params] of statements) {
      const statement = statementOf(sql)
      if (statement.reader) statement.all(...params)
      else statement.run(...params)
    }
    return performance.now() - start
  })
console.log(JSON.stringify(took))
database.close()
