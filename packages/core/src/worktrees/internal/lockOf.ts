import type { TaskId } from "@calm/domain/Ids"

/** The lock that every command holds which changes a task's worktree, or throws away what is kept of one. */
export const lockOf = (task: TaskId): string => `worktree ${task}`
