/** The floor of `calm task list`: the same rows in the same form, by better-sqlite3 alone. */
"use strict"
const Database = require("better-sqlite3")
const [file, project, all] = process.argv.slice(2)
const database = new Database(file, { fileMustExist: true })
const which = all === "all" ? "" : "AND t.phase NOT IN ('DONE', 'CANCELLED')"
const rows = database
  .prepare(
    `SELECT t.id, t.type, t.phase, t.title, t.specialist, (SELECT group_concat(b.blocker_id, ', ') FROM task_blockers b
      WHERE b.project_id = t.project_id AND b.task_id = t.id) AS blockers
    FROM tasks t WHERE t.project_id = ? AND t.deleted_at IS NULL ${which} ORDER BY t.created_at, t.id`
  )
  .all(project)
process.stdout.write(
  rows
    .map(
      (row) => `${[row.id, row.type, row.phase, row.title, row.specialist ?? "-", row.blockers ?? "-"].join("\t")}\n`
    )
    .join("")
)
database.close()
