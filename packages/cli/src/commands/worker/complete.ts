import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Worker } from "@calm/domain/Worker"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description: "An active worker holds up the merge of its task.",
  examples: ['calm worker complete "$CALM_WORKER_ID"'],
  args: { worker: Parameter.argument("worker", "The worker", Words.Worker, "worker") },
  options: {},
  output: Worker,
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.complete")(function* ({ worker }) {
    return yield* (yield* Workers.Workers).complete(worker)
  }),
  render: ({ id, role, taskId }, style) => `${Style.green(style, "Completed")} ${id} (${role}, ${taskId})`
})
