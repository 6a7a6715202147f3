/** Tasks: units of work, as the database keeps them and the commands show them. */
import * as Schema from "effect/Schema"
import { Note, Reason, Sha, TaskId, Time, Title } from "./Ids.ts"
import { Phase, TaskType } from "./Phase.ts"

export const Task = Schema.Struct({
  id: TaskId,
  type: TaskType,
  title: Title,
  phase: Phase,
  /** The role at work on it. */
  specialist: Schema.NullOr(Schema.String),
  notes: Schema.NullOr(Note),
  /** The spec that this task is a part of. */
  specId: Schema.NullOr(TaskId),
  /** Tasks that must be DONE before this one goes beyond planning. */
  blockedBy: Schema.Array(TaskId),
  /** Globs of the paths it means to change. */
  touches: Schema.Array(Schema.String),
  createdAt: Time,
  updatedAt: Time
}).annotations({ identifier: "Task" })
export type Task = typeof Task.Type

/** One move of a task, or an attempt at one. */
export const Transition = Schema.Struct({
  from: Phase,
  to: Phase,
  /** `attempt`: a failed one, recorded with `--gate-result fail`; it moved nothing. */
  kind: Schema.Literal("forward", "rework", "cancel", "override", "merge", "attempt"),
  gateResult: Schema.NullOr(Schema.Literal("pass", "fail")),
  gateDetails: Schema.NullOr(Note),
  reason: Schema.NullOr(Reason),
  /** The head of the branch at that moment. */
  commit: Schema.NullOr(Sha),
  actor: Schema.String,
  at: Time
}).annotations({ identifier: "Transition" })
export type Transition = typeof Transition.Type
