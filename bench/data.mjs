/** Years of work, written straight into a database that calm made: what calm itself would take hours to store. */
import { createRequire } from "node:module"
import { join } from "node:path"
import { root } from "../scripts/run.mjs"

const Database = createRequire(join(root, "packages/cli/package.json"))("better-sqlite3")

/** Opens a database for writing a great deal; what is lost in a crash is made again. */
export const open = (path) => {
  const database = new Database(path, { fileMustExist: true })
  database.pragma("synchronous = OFF")
  return database
}

const at = "'2026-01-01T00:00:00.000Z'"
const numbers = (from, to) => `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`

/**
 * Tasks `SPEC-00001` and on of a project: `open` of them in the phase IMPLEMENT, the oldest ones; all others are DONE. Each
 * tenth waits for the one before it, each has a transition, and the events are spread over them.
 */
export const fill = (database, project, { events, open, tasks }) => {
  const id = `printf('SPEC-%05d', i)`
  database.exec(`BEGIN;
    ${numbers(1, tasks)}
    INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
    SELECT '${project}', ${id}, lower(${id}), 'feature', 'Task number ' || i || ' of a long list',
      CASE WHEN i <= ${open} THEN 'IMPLEMENT' ELSE 'DONE' END, '[]', ${at}, ${at} FROM n;
    ${numbers(1, tasks)}
    INSERT INTO task_blockers (project_id, task_id, blocker_id)
    SELECT '${project}', ${id}, printf('SPEC-%05d', i - 1) FROM n WHERE i % 10 = 0;
    ${numbers(1, tasks)}
    INSERT INTO transitions (project_id, seq, task_id, from_phase, to_phase, kind, actor, at)
    SELECT '${project}', i, ${id}, 'DESIGN', 'IMPLEMENT', 'forward', 'bench', ${at} FROM n;
    ${numbers(1, events)}
    INSERT INTO events (project_id, seq, at, actor, kind, task_id, data)
    SELECT '${project}', (SELECT COALESCE(MAX(seq), 0) FROM events WHERE project_id = '${project}') + i, ${at}, 'bench',
      'task.updated', printf('SPEC-%05d', 1 + i % ${tasks}), '{"title":"A title that was given"}' FROM n;
    COMMIT`)
}

/** Projects that stand for others: a row, the standard counters, no repository. */
export const others = (database, names) => {
  const insert = database.prepare(
    `INSERT INTO projects (id, path, common_dir, base_branch, created_at) VALUES (?, ?, ?, 'main', ${at})`
  )
  for (const name of names) insert.run(name, `/nowhere/${name}`, `/nowhere/${name}/.git`)
}

/** Rows of open worktrees of the first tasks of a project, without folders. */
export const worktrees = (database, project, from, to) =>
  database.exec(`${numbers(from, to)}
    INSERT INTO worktrees (project_id, task_id, path, branch, start_commit, state, created_at, updated_at)
    SELECT '${project}', printf('SPEC-%05d', i), '/nowhere/${project}/' || i, printf('SPEC-%05d', i),
      '0000000000000000000000000000000000000000', 'open', ${at}, ${at} FROM n`)
