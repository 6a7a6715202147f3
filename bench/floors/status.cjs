/** The floor of `calm status`: the open tasks, worktrees, workers, counters and merges, by better-sqlite3 alone. */
"use strict"
const Database = require("better-sqlite3")
const [file, project] = process.argv.slice(2)
const database = new Database(file, { fileMustExist: true })
const all = (sql, ...more) => database.prepare(sql).all(project, ...more)
const [{ base_branch: base, path }] = all("SELECT * FROM projects WHERE id = ?")
const tasks = all(
  `SELECT t.id, t.phase, t.title, w.path AS worktree, (SELECT group_concat(b.blocker_id, ', ') FROM task_blockers b
    CROSS JOIN tasks o ON o.project_id = b.project_id AND o.id = b.blocker_id
    WHERE b.project_id = t.project_id AND b.task_id = t.id AND o.phase <> 'DONE') AS blockers
  FROM tasks t LEFT JOIN worktrees w ON w.project_id = t.project_id AND w.task_id = t.id AND w.state = 'open'
  WHERE t.project_id = ? AND t.deleted_at IS NULL AND t.phase NOT IN ('DONE', 'CANCELLED') ORDER BY t.created_at, t.id`
)
const workers = all("SELECT * FROM workers WHERE project_id = ? AND state = 'active' ORDER BY id DESC")
const running = all("SELECT * FROM operations WHERE project_id = ? AND state = 'running'")
const counters = all("SELECT name, value FROM counters WHERE project_id = ? ORDER BY name")
const merges = all("SELECT task_id, at FROM merges WHERE project_id = ? ORDER BY seq DESC LIMIT 5")
process.stdout.write(
  `${[
    `${path} (base ${base})`,
    `Health: ${running.length === 0 ? "HEALTHY" : "DEGRADED"}`,
    "",
    `${tasks.length} open tasks`,
    ...tasks.map((task) => [task.id, task.phase, task.title, task.worktree ?? "-", task.blockers ?? "-"].join("\t")),
    "",
    `Workers: ${workers.map(({ role, task_id: task }) => `${role} on ${task}`).join(", ") || "none active"}`,
    `Counters: ${counters.map(({ name, value }) => `${name} ${value}`).join(", ")}`,
    ...(merges.length === 0
      ? []
      : [`Last merges: ${merges.map(({ at, task_id: task }) => `${task} (${at})`).join(", ")}`])
  ].join("\n")}\n`
)
database.close()
