/** The model's world: what is committed, and what is recorded, as plain values. */
import type { Phase, TaskType } from "@calm/domain/Phase"
import type { ReviewType } from "@calm/domain/Review"
import type { Commit, Files } from "./history.ts"

export const scripts = ["tests", "linter", "types", "todos"] as const
export type Script = (typeof scripts)[number]
/** How a script comes out. `gone`: the branch skips what the base would run. */
export type Outcome = "passed" | "passed, one test skipped" | "failed" | "skipped" | "gone" | "unavailable"

/** A result of a script, with the code it was made on and the base of that moment. */
export interface Result {
  readonly script: Script
  readonly outcome: Outcome
  readonly code: string
  readonly base: Commit
}
export interface Review {
  readonly type: ReviewType
  readonly verdict: "approved" | "changes_requested" | "cleared"
  readonly by: string
  /** What was judged. */
  readonly of: string | null
}
export interface Worker {
  readonly name: string
  readonly task: string
  readonly role: string
  status: "active" | "completed" | "failed"
}
export interface Task {
  readonly id: string
  readonly type: TaskType
  phase: Phase
  deleted: boolean
  blockedBy: ReadonlyArray<string>
  branch: Commit | null
  /** Where the branch began. */
  start: Commit | null
  worktree: "none" | "open" | "removed"
  /** What lies in the worktree uncommitted. */
  loose: Files
  /** Removed worktrees, the last one last. */
  readonly trash: Array<{ readonly head: Commit; readonly loose: Files }>
  readonly reviews: Array<Review>
  readonly approvals: Array<{ readonly gate: string; readonly of: string }>
  readonly results: Array<Result>
  merged: Commit | null
}
export interface Project {
  /** The base branch, by its first parents. */
  readonly base: [Commit, ...Array<Commit>]
  readonly tasks: Map<string, Task>
  readonly workers: Array<Worker>
  mergeLock: number
  merges: number
  events: number
}
export interface World {
  readonly outcomes: Record<Script, Outcome>
  readonly projects: readonly [Project, Project]
}

/** The base's last commit. */
export const tip = ({ base: [first, ...later] }: Project): Commit => later.at(-1) ?? first

/** Something to put right first in the worktree: it is open and not all of it is committed. */
export const isDirty = ({ branch, loose, worktree }: Task): boolean =>
  worktree === "open" && Object.entries(loose).some(([path, text]) => branch?.files[path] !== text)
