/** What whoever changes a task should know besides. */
import { Tasks } from "@calm/core/Tasks"
import { letGo } from "@calm/domain/Blocking"
import { Task } from "@calm/domain/Task"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A task, and what to know about what was done. */
export const NotedTask = Schema.Struct({ ...Task.fields, notices: Schema.Array(Schema.String) }).annotations({
  identifier: "NotedTask"
})

/** The task, and the tasks that it waits for in vain. */
export const withDeadBlockers = Effect.fnUntraced(function* (task: Task) {
  const dead = yield* (yield* Tasks).deadBlockers(task.id)
  const left = task.blockedBy.filter((id) => !dead.includes(id)).map((id) => ({ id, phase: "SPEC" as const }))
  return {
    ...task,
    notices:
      dead.length === 0
        ? []
        : [`${task.id} waits in vain for ${dead.join(", ")}: it was cancelled or deleted\n${letGo(task.id, left)}`]
  }
})
