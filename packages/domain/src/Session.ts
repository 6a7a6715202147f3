/** Sessions: written hand-overs from one working session to the next. */
import * as Schema from "effect/Schema"
import { SessionId, Sha, TaskId, Time } from "./Ids.ts"

/** What saving a session kept of a task's worktree. */
export const KeptWorktree = Schema.Struct({
  taskId: TaskId,
  /** `null` when HEAD was detached. */
  branch: Schema.NullOr(Schema.String),
  /** The WIP commit made of what was staged; `null` where nothing was. */
  commit: Schema.NullOr(Sha),
  /** Where all else that was not committed is kept; `null` where there was nothing. */
  rescueRef: Schema.NullOr(Schema.String)
}).annotations({ identifier: "KeptWorktree" })
export type KeptWorktree = typeof KeptWorktree.Type

export const Session = Schema.Struct({
  id: SessionId,
  savedAt: Time,
  savedBy: Schema.String,
  /** Is the work to go on? Such a session is pending until it is resumed. */
  continues: Schema.Boolean,
  resumedAt: Schema.NullOr(Time),
  resumedBy: Schema.NullOr(Schema.String),
  /** The hand-over as it was written: Markdown. */
  handoff: Schema.String,
  worktrees: Schema.Array(KeptWorktree)
}).annotations({ identifier: "Session" })
export type Session = typeof Session.Type
