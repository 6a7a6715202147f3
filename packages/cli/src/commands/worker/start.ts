import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "Makes the role the task's specialist, and prints the worker's id. A worker whose role may write code counts as one who implemented the task.",
  examples: [
    "calm worker start SPEC-001 backend",
    'CALM_WORKER_ID="$(calm worker start SPEC-001 reviewer --quiet)" && export CALM_WORKER_ID'
  ],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    role: Parameter.argument("role", "The role that the worker takes", Schema.String, "role")
  },
  options: {},
  output: Workers.Started,
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.start")(function* ({ role, task }) {
    return yield* (yield* Workers.Workers).start(task, role)
  }),
  notices: ({ warnings }) => warnings,
  quiet: ({ worker }) => worker.id,
  render: ({ worker }, style) =>
    [
      `${Style.green(style, "Started")} ${Style.bold(style, worker.id)} on ${worker.taskId} as ${worker.role}`,
      Wording.hint(style, `CALM_WORKER_ID=${worker.id} calm worker context ${worker.taskId} ${worker.role}`, "")
    ].join("\n")
})
