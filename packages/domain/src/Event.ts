/** Events: the audit trail. Every change writes one, in the same transaction. */
import * as Schema from "effect/Schema"
import { TaskId, Time, WorkerId } from "./Ids.ts"

/** What can happen. */
export const EventKind = Schema.Literal(
  "project.registered",
  "project.moved",
  "project.retargeted",
  "task.created",
  "task.updated",
  "task.transitioned",
  "task.attempted",
  "task.overridden",
  "task.cancelled",
  "task.deleted",
  "task.restored",
  "gate.checked",
  "gate.approved",
  "review.recorded",
  "review.cleared",
  "worktree.created",
  "worktree.removed",
  "worktree.linked",
  "worktree.restored",
  "worktree.purged",
  "worktree.saved",
  "task.merged",
  "counter.added",
  "counter.changed",
  "worker.started",
  "worker.completed",
  "worker.failed",
  "worker.session_ended",
  "worker.stale",
  "session.saved",
  "session.resumed",
  "backup.restored",
  "operation.recovered"
)
export type EventKind = typeof EventKind.Type

export const Event = Schema.Struct({
  /** Dense within the project, oldest first. */
  seq: Schema.Int,
  at: Time,
  /** Who did it: a worker, or a person. */
  actor: Schema.String,
  workerId: Schema.NullOr(WorkerId),
  kind: EventKind,
  taskId: Schema.NullOr(TaskId),
  /** Details, by kind. */
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}).annotations({ identifier: "Event" })
export type Event = typeof Event.Type
