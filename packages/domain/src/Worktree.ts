/** Worktrees of tasks, and what is kept of those that were taken away. */
import * as Schema from "effect/Schema"
import { Sha, TaskId, Time } from "./Ids.ts"

/** The checkout of a task. */
export const Worktree = Schema.Struct({
  taskId: TaskId,
  /** Absolute. */
  path: Schema.String,
  /** Short name. */
  branch: Schema.String,
  /** Where the branch started. */
  startCommit: Sha,
  /** `trashed`: taken away, and kept in the trash. */
  state: Schema.Literal("open", "trashed"),
  createdAt: Time
}).annotations({ identifier: "Worktree" })
export type Worktree = typeof Worktree.Type

/** Why a worktree was taken away. */
export const TrashReason = Schema.Literal("removed", "merged", "deleted", "undone")
export type TrashReason = typeof TrashReason.Type

/** A worktree in the trash: it can be restored as it was until it is purged. */
export const TrashedWorktree = Schema.Struct({
  seq: Schema.Int,
  taskId: TaskId,
  /** Where it is kept, absolute. */
  folder: Schema.String,
  /** Where it was, absolute. */
  path: Schema.String,
  /** The branch it was on (short); `null` when detached. */
  branch: Schema.NullOr(Schema.String),
  head: Schema.NullOr(Sha),
  /** A ref that holds everything uncommitted; `null` when all was committed. */
  rescueRef: Schema.NullOr(Schema.String),
  reason: TrashReason,
  state: Schema.Literal("kept", "restored", "purged"),
  trashedAt: Time
}).annotations({ identifier: "TrashedWorktree" })
export type TrashedWorktree = typeof TrashedWorktree.Type

/** Where calm puts a project's worktrees, from the main checkout. */
export const folder = ".worktrees"

/** Days that a worktree stays in the trash at least. */
export const keptDays = 7
