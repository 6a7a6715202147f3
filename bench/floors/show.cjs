/** The floor of `calm task show`: the same facts of a task, by better-sqlite3 alone. */
"use strict"
const Database = require("better-sqlite3")
const [file, project, id] = process.argv.slice(2)
const database = new Database(file, { fileMustExist: true })
const task = database.prepare("SELECT * FROM tasks WHERE project_id = ? AND id_key = ?").get(project, id.toLowerCase())
const blockers = database
  .prepare("SELECT blocker_id FROM task_blockers WHERE project_id = ? AND task_id = ? ORDER BY blocker_id")
  .pluck()
  .all(project, task.id)
const transitions = database
  .prepare("SELECT * FROM transitions WHERE project_id = ? AND task_id = ? ORDER BY seq")
  .all(project, task.id)
const facts = [
  ["type", task.type],
  ["phase", task.phase],
  ["specialist", task.specialist],
  ["spec", task.spec_id],
  ["blocked by", blockers.join(", ") || null],
  ["touches", JSON.parse(task.touches).join(", ") || null],
  ["created", task.created_at],
  ["updated", task.updated_at]
]
const lines = [
  `${task.id} ${task.title}`,
  ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(11)} ${value}`])),
  "",
  ...transitions.map((one) => `  ${one.at}  ${one.from_phase} → ${one.to_phase}  ${one.kind}  by ${one.actor}`)
]
process.stdout.write(`${lines.join("\n")}\n`)
database.close()
