import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Reason } from "@calm/domain/Ids"
import { Worker } from "@calm/domain/Worker"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description: "The task stays where it is.",
  examples: ['calm worker fail "$CALM_WORKER_ID" --reason "The test database is not reachable"'],
  args: { worker: Parameter.argument("worker", "The worker", Words.Worker, "worker") },
  options: { reason: Parameter.option("reason", "text", "What was in the way", Reason) },
  output: Worker,
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.fail")(function* ({ reason, worker }) {
    return yield* (yield* Workers.Workers).fail(worker, reason ?? null)
  }),
  render: ({ id, reason, role, taskId }, style) =>
    `${Style.red(style, "Failed")} ${id} (${role}, ${taskId})${reason === null ? "" : `: ${Style.truncate(Style.line(reason), 200)}`}`
})
