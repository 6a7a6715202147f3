/**
 * The tables of those who do the work and hand it on: workers, sessions and what a session kept of each worktree.
 *
 * A worker's row says what was registered and how it ended; that one has gone stale is derived from its last sign of
 * life. `may_review` is a JSON list of review types, `null` without a restriction; both it and `writes_code` are what the
 * role said when the worker started.
 */
export const hands: ReadonlyArray<string> = [
  `CREATE TABLE workers (
    project_id TEXT NOT NULL,
    id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    role TEXT NOT NULL,
    writes_code INTEGER NOT NULL,
    may_review TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'completed', 'failed', 'session_ended', 'stale')),
    reason TEXT,
    started_by TEXT NOT NULL,
    started_at TEXT NOT NULL,
    heartbeat_at TEXT NOT NULL,
    ended_at TEXT,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks (project_id, id)
  )`,
  `CREATE INDEX workers_by_state ON workers (project_id, state, id)`,
  `CREATE INDEX workers_by_task ON workers (project_id, task_id, state, id)`,
  // The last sign of life of a worker is its newest event, or its heartbeat.
  `CREATE INDEX events_by_worker ON events (project_id, worker_id, at)`,
  `CREATE TABLE sessions (
    project_id TEXT NOT NULL REFERENCES projects (id),
    id TEXT NOT NULL,
    handoff TEXT NOT NULL,
    continues INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    resumed_by TEXT,
    resumed_at TEXT,
    PRIMARY KEY (project_id, id)
  )`,
  `CREATE INDEX sessions_pending ON sessions (project_id, continues, resumed_at, id)`,
  `CREATE TABLE session_worktrees (
    project_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    branch TEXT,
    commit_sha TEXT,
    rescue_ref TEXT,
    PRIMARY KEY (project_id, session_id, task_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions (project_id, id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks (project_id, id)
  )`
]

/** Tables whose rows are never changed or deleted. */
export const appendOnly: ReadonlyArray<string> = ["session_worktrees"]
