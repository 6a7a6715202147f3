import * as Tasks from "@calm/core/Tasks"
import { TaskType } from "@calm/domain/Phase"
import { Task } from "@calm/domain/Task"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** Notes may be long; `task show` has them. */
const TaskLine = Task.pick(
  "id",
  "type",
  "title",
  "phase",
  "specialist",
  "specId",
  "blockedBy",
  "createdAt",
  "updatedAt"
).annotations({ identifier: "TaskLine" })

export const leaf = Leaf.make({
  description: "Oldest first; tasks that are DONE or CANCELLED only with --all or --phase.",
  examples: ["calm task list", "calm task list --phase implement", "calm task list --all --json"],
  args: {},
  options: {
    phase: Parameter.option("phase", "phase", "Only tasks in this phase", Words.PhaseName),
    type: Parameter.option("type", "type", "Only tasks of this type", TaskType),
    all: Parameter.flag("all", "DONE and CANCELLED ones, too"),
    limit: Parameter.option("limit", "n", "At most so many", Words.Limit)
  },
  output: Schema.Struct({ tasks: Schema.Array(TaskLine) }),
  layer: Session.layer,
  run: Effect.fn("task.list")(function* (query) {
    return { tasks: yield* (yield* Tasks.Tasks).list(query) }
  }),
  render: ({ tasks }, style) =>
    Wording.list(
      style,
      ["ID", "TYPE", "PHASE", "TITLE", "WHO", "BLOCKED BY"],
      tasks.map(({ blockedBy, id, phase, specialist, title, type }) => [
        { text: id, paint: Style.bold },
        type,
        phase,
        title,
        specialist ?? "-",
        Wording.names(blockedBy)
      ]),
      "No tasks"
    )
})
