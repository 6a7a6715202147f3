/** Merges of tasks into the base branch, on record for good. */
import * as Schema from "effect/Schema"
import { Sha, TaskId, Time } from "./Ids.ts"

export const Merge = Schema.Struct({
  seq: Schema.Int,
  taskId: TaskId,
  /** Short name. */
  branch: Schema.String,
  /** The head that was judged and merged. */
  head: Sha,
  /** Short name. */
  baseBranch: Schema.String,
  /** The base's tip before. */
  baseBefore: Sha,
  /** The merge commit; for a branch that already was in the base, the commit that brought it in. */
  commit: Sha,
  actor: Schema.String,
  at: Time
}).annotations({ identifier: "Merge" })
export type Merge = typeof Merge.Type

/** What the operation of a merge is called where operations are kept. */
export const operation = "merge"

/** The title of a merge commit. */
export const subject = (task: string, title: string): string => `Merge ${task}: ${title}`
