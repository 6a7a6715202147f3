/** Years of work, written straight into a database that calm has made. */
import Database from "better-sqlite3"

/** Tables that grow as long as there is work. */
export const growing = new Set(
  [
    ["tasks", "task_blockers", "events", "transitions", "reviews", "approvals", "evidence", "merges"],
    ["workers", "worktrees", "trash", "sessions", "session_worktrees", "operations"]
  ].flat()
)

const at = "'2026-01-01T00:00:00.000Z'"
const commit = `'${"0".repeat(40)}'`
const digest = `'${"0".repeat(64)}'`

/** Tasks with these numbers that are open, and of which nothing else is known yet. */
export const plan = (path: string, from: number, to: number): void => {
  const open = new Database(path, { fileMustExist: true })
  open.exec(`WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
    INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
    SELECT p.id, printf('PLAN-%05d', i), printf('plan-%05d', i), 'feature', 'Will be done', 'SPEC', '[]', ${at}, ${at}
    FROM n, projects p`)
  open.close()
}

/** Tasks with these numbers that are done, and what each left behind, in the one project that the database has. */
export const finish = (path: string, from: number, to: number): void => {
  const open = new Database(path, { fileMustExist: true })
  const many = `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to}),
    d AS (SELECT i, p.id AS project, printf('DONE-%05d', i) AS task FROM n, projects p)`
  const seq = (table: string) => `(SELECT COALESCE(MAX(seq), 0) FROM ${table}) + 1 + i - ${from}`
  for (const statement of [
    `INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
      ${many} SELECT project, task, lower(task), 'feature', 'Was done', 'DONE', '[]', ${at}, ${at} FROM d`,
    `INSERT INTO task_blockers (project_id, task_id, blocker_id)
      ${many} SELECT project, task, printf('DONE-%05d', i - 1) FROM d WHERE i > 1`,
    `INSERT INTO transitions (project_id, seq, task_id, from_phase, to_phase, kind, actor, at)
      ${many} SELECT project, ${seq("transitions")}, task, 'VERIFY', 'DONE', 'forward', 'ann', ${at} FROM d`,
    `INSERT INTO reviews (project_id, seq, task_id, type, verdict, reviewer, at)
      ${many} SELECT project, ${seq("reviews")}, task, 'code', 'approved', 'ann', ${at} FROM d`,
    `INSERT INTO evidence (project_id, seq, task_id, check_key, commit_sha, base_sha, code_digest, definitions_digest,
        status, summary, tail, timed_out, duration_ms, actor, at)
      ${many} SELECT project, ${seq("evidence")}, task, 'tests', ${commit}, ${commit}, ${digest}, ${digest}, 'passed', 'passed', '', 0, 5, 'ann', ${at}
      FROM d`,
    `INSERT INTO approvals (project_id, seq, task_id, gate, person, commit_sha, digest, at)
      ${many} SELECT project, ${seq("approvals")}, task, 'SPEC-DESIGN', 'ann', ${commit}, ${digest}, ${at} FROM d`,
    `INSERT INTO merges (project_id, seq, task_id, branch, head_sha, base_branch, base_before, merge_sha, actor, at)
      ${many} SELECT project, ${seq("merges")}, task, task, ${commit}, 'main', ${commit}, ${commit}, 'ann', ${at} FROM d`,
    `INSERT INTO sessions (project_id, id, handoff, continues, saved_by, saved_at, resumed_by, resumed_at)
      ${many} SELECT project, printf('S-%06d', i), 'Half-way.', 1, 'ann', ${at}, 'bob', ${at} FROM d`,
    `INSERT INTO session_worktrees (project_id, session_id, task_id)
      ${many} SELECT project, printf('S-%06d', i), task FROM d`,
    `INSERT INTO events (project_id, seq, at, actor, kind, task_id, data)
      ${many} SELECT project, ${seq("events")}, ${at}, 'ann', 'task.created', task, '{}' FROM d`,
    `INSERT INTO workers (project_id, id, task_id, role, writes_code, state, started_by, started_at, heartbeat_at, ended_at)
      ${many} SELECT project, printf('W-%05d', i), task, 'backend', 1, 'completed', 'ann', ${at}, ${at}, ${at} FROM d`,
    `INSERT INTO worktrees (project_id, task_id, path, branch, start_commit, state, created_at, updated_at)
      ${many} SELECT project, task, '/nowhere/' || task, task, ${commit}, 'trashed', ${at}, ${at} FROM d`,
    `INSERT INTO trash (project_id, seq, task_id, folder, path, reason, state, trashed_at)
      ${many} SELECT project, ${seq("trash")}, task, '/nowhere/' || i, '/nowhere/' || task, 'merged', 'purged', ${at} FROM d`,
    `INSERT INTO operations (project_id, id, kind, task_id, state, steps, payload, owner, started_at, updated_at)
      ${many} SELECT project, printf('O-%05d', i), 'worktree.create', task, 'done', '[]', '{}', '{}', ${at}, ${at} FROM d`,
    // Some were a mistake.
    `UPDATE tasks SET deleted_at = ${at} WHERE phase = 'DONE' AND id LIKE 'DONE-%0'`
  ])
    open.exec(statement)
  open.close()
}

/** Tasks with these numbers that are done, and whose worktrees are in the trash since they were merged. */
export const trash = (path: string, from: number, to: number): void => {
  plan(path, from, to)
  const open = new Database(path, { fileMustExist: true })
  const those = `FROM tasks WHERE id BETWEEN printf('PLAN-%05d', ${from}) AND printf('PLAN-%05d', ${to})`
  for (const statement of [
    `UPDATE tasks SET phase = 'DONE' WHERE id IN (SELECT id ${those})`,
    `INSERT INTO worktrees (project_id, task_id, path, branch, start_commit, state, created_at, updated_at)
      SELECT project_id, id, '/nowhere/' || id, id, ${commit}, 'trashed', ${at}, ${at} ${those}`,
    `INSERT INTO trash (project_id, seq, task_id, folder, path, branch, head_sha, reason, state, trashed_at)
      SELECT project_id, (SELECT COALESCE(MAX(seq), 0) FROM trash) + ROW_NUMBER() OVER (), id, '/nowhere/trash/' || id,
        '/nowhere/' || id, id, ${commit}, 'merged', 'kept', ${at} ${those}`
  ])
    open.exec(statement)
  open.close()
}
