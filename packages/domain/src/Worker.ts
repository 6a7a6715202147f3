/** Workers: agents at work on a task in a role. What is stored is what was said; that one is stale is derived. */
import * as Schema from "effect/Schema"
import { Note, RoleName, TaskId, Time, WorkerId } from "./Ids.ts"

/**
 * - `active`: it gave a sign of life within the limit;
 * - `completed`, `failed`: it, or whoever supervises it, said so;
 * - `session_ended`: the session it belonged to was saved;
 * - `stale`: it has given no sign of life for longer than the limit, or was closed for that.
 */
export const WorkerStatus = Schema.Literal("active", "completed", "failed", "session_ended", "stale")
export type WorkerStatus = typeof WorkerStatus.Type

export const Worker = Schema.Struct({
  id: WorkerId,
  taskId: TaskId,
  role: RoleName,
  status: WorkerStatus,
  /** Why it ended, where somebody said so. */
  reason: Schema.NullOr(Note),
  startedAt: Time,
  /** Its newest heartbeat or event. */
  lastSeenAt: Time,
  endedAt: Schema.NullOr(Time)
}).annotations({ identifier: "Worker" })
export type Worker = typeof Worker.Type

/** Milliseconds without a sign of life after which an active worker counts as stale, where nothing else is configured. */
export const defaultStaleAfter = 2 * 60 * 60 * 1000

/** What a worker is at a moment. `state` is what is stored; who has been silent since before `staleBefore` is stale. */
export const statusOf = (state: WorkerStatus, lastSeenAt: Time, staleBefore: Time): WorkerStatus =>
  state === "active" && lastSeenAt < staleBefore ? "stale" : state
