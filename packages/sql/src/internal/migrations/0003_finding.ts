/**
 * Indexes for what is asked often, so that the answer takes as long as it is and not as the past is long: the worktrees
 * that are open, and what belongs to one task in its order.
 */
export const finding: ReadonlyArray<string> = [
  `CREATE INDEX worktrees_by_state ON worktrees (project_id, state, task_id)`,
  `CREATE INDEX reviews_in_order ON reviews (project_id, task_id, seq)`,
  `CREATE INDEX approvals_in_order ON approvals (project_id, task_id, seq)`,
  `CREATE INDEX workers_in_order ON workers (project_id, task_id, id)`
]
