import * as Tasks from "@calm/core/Tasks"
import { Reason } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import { NotedTask, withActiveWorkers } from "../../internal/taskNotices.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description: "The worktree and the branch stay. Not for a task that is DONE.",
  examples: ['calm task cancel SPEC-001 --reason "Not needed any more"'],
  args: { id: Parameter.argument("id", "The task", Words.Id, "task") },
  options: { reason: Parameter.requiredOption("reason", "text", "Why", Reason) },
  output: NotedTask,
  layer: Session.layer,
  run: Effect.fn("task.cancel")(function* ({ id, reason }) {
    return yield* withActiveWorkers(yield* (yield* Tasks.Tasks).cancel(id, reason))
  }),
  notices: ({ notices }) => notices,
  render: (task, style) => `Cancelled ${Wording.titled(style, task)}; its worktree and branch stay`
})
