import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Worker } from "@calm/domain/Worker"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description: "Every command that changes something in the worker's name is a sign of life, too.",
  examples: ['calm worker heartbeat "$CALM_WORKER_ID"'],
  args: { worker: Parameter.argument("worker", "The worker", Words.Worker, "worker") },
  options: {},
  output: Worker,
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.heartbeat")(function* ({ worker }) {
    return yield* (yield* Workers.Workers).heartbeat(worker)
  }),
  render: ({ id, role, taskId }) => `${id} is at work on ${taskId} as ${role}`
})
