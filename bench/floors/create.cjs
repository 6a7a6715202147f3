/** The floor of `calm task create`: one row, as safe from a power cut as calm's, by better-sqlite3 alone. */
"use strict"
const Database = require("better-sqlite3")
const [file, project, id, title] = process.argv.slice(2)
const database = new Database(file, { fileMustExist: true })
database.pragma("foreign_keys = ON")
database.pragma("synchronous = FULL")
const at = new Date().toISOString()
database
  .prepare(
    `INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
    VALUES (?, ?, ?, 'feature', ?, 'SPEC', '[]', ?, ?)`
  )
  .run(project, id, id.toLowerCase(), title, at, at)
process.stdout.write(`Created the feature ${id} ${title} (SPEC)\n`)
database.close()
