import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Worker } from "@calm/domain/Worker"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as TimeWords from "../../TimeWords.ts"

export const leaf = Leaf.make({
  description: "Closes workers that have given no sign of life for so long. Nothing of their work is touched.",
  examples: ["calm worker cleanup", "calm worker cleanup --max-age 30m"],
  args: {},
  options: { maxAge: Parameter.option("max-age", "duration", "How long silent: 30m, 2h, 1d (2h)", TimeWords.Age) },
  output: Schema.Struct({ workers: Schema.Array(Worker) }),
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.cleanup")(function* ({ maxAge }) {
    return { workers: yield* (yield* Workers.Workers).cleanup(maxAge) }
  }),
  list: "workers",
  quiet: ({ workers }) => workers.map(({ id }) => id).join("\n"),
  render: ({ workers }, style) =>
    workers.length === 0
      ? "No worker has been silent for so long"
      : workers
          .map(
            ({ id, lastSeenAt, role, taskId }) =>
              `${Style.yellow(style, "Closed")} ${id} (${role}, ${taskId}), last seen ${Wording.when(style, lastSeenAt)}`
          )
          .join("\n")
})
