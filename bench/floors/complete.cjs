/** The floor of completions: the open tasks whose ids begin with a word, with their titles, by better-sqlite3 alone. */
"use strict"
const Database = require("better-sqlite3")
const [file, project, word] = process.argv.slice(2)
const database = new Database(file, { fileMustExist: true })
const rows = database
  .prepare(
    `SELECT id, phase || ' ' || title AS about FROM tasks
    WHERE project_id = ? AND deleted_at IS NULL AND phase NOT IN ('DONE', 'CANCELLED') ORDER BY id`
  )
  .all(project)
process.stdout.write(
  rows
    .filter(({ id }) => id.toLowerCase().startsWith(word.toLowerCase()))
    .map(({ about, id }) => `${id}\t${about}\n`)
    .join("")
)
database.close()
