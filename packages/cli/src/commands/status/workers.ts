import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Worker } from "@calm/domain/Worker"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import { workerTable } from "../worker/list.ts"

export const leaf = Leaf.make({
  description: "Workers that have not ended, newest first; a stale one has given no sign of life for two hours.",
  examples: ["calm status workers"],
  args: {},
  options: {},
  output: Schema.Struct({ workers: Schema.Array(Worker) }),
  layer: Session.project(Workers.layer),
  run: Traced.fn("status.workers")(function* () {
    return { workers: yield* (yield* Workers.Workers).list({}) }
  }),
  list: "workers",
  quiet: ({ workers }) => workers.map(({ id }) => id).join("\n"),
  render: ({ workers }, style) => workerTable(workers, style)
})
