import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import * as Workers from "@calm/core/Workers"
import { Reason } from "@calm/domain/Ids"
import type { Task } from "@calm/domain/Task"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { NotedTask } from "../../internal/taskNotices.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** The task, and who is at work on it all the same. */
const withActiveWorkers = Effect.fnUntraced(function* (task: Task) {
  const active = yield* (yield* Workers.Workers).activeOn(task.id)
  const ids = active.map(({ id }) => id).join(", ")
  const notice = `still active on ${task.id}: ${ids}\ncalm worker list --task ${task.id}`
  return { ...task, notices: active.length === 0 ? [] : [notice] }
})

export const leaf = Leaf.make({
  description: "The worktree and the branch stay. Not for a task that is DONE.",
  examples: ['calm task cancel SPEC-001 --reason "Not needed any more"'],
  args: { id: Parameter.argument("id", "The task", Words.Id, "task") },
  options: { reason: Parameter.requiredOption("reason", "text", "Why", Reason) },
  output: NotedTask,
  layer: Session.project(Layer.merge(Tasks.layer, Workers.layer)),
  run: Traced.fn("task.cancel")(function* ({ id, reason }) {
    return yield* withActiveWorkers(yield* (yield* Tasks.Tasks).cancel(id, reason))
  }),
  notices: ({ notices }) => notices,
  render: (task, style) => `Cancelled ${Wording.titled(style, task)}; its worktree and branch stay`
})
