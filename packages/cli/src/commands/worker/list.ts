import * as Traced from "@calm/domain/Traced"
import * as Workers from "@calm/core/Workers"
import { Worker, WorkerStatus } from "@calm/domain/Worker"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

const paints: Readonly<Partial<Record<WorkerStatus, Style.Paint>>> = {
  active: Style.green,
  failed: Style.red,
  stale: Style.yellow
}

const statusCell = (status: WorkerStatus): Style.Cell => {
  const paint = paints[status]
  return paint === undefined ? status : { text: status, paint }
}

/** Workers, a line each. */
export const workerTable = (workers: ReadonlyArray<Worker>, style: Style.Style): string =>
  Wording.list(
    style,
    // A terminal has no room for both times.
    ["ID", "TASK", "ROLE", "STATUS", ...(style.terminal ? [] : ["STARTED"]), "LAST SEEN", "REASON"],
    workers.map(({ id, lastSeenAt, reason, role, startedAt, status, taskId }) => [
      { text: id, paint: Style.bold },
      taskId,
      role,
      statusCell(status),
      ...(style.terminal ? [] : [startedAt]),
      Wording.when(style, lastSeenAt),
      reason ?? "-"
    ]),
    "No workers",
    true
  )

export const leaf = Leaf.make({
  description: "Newest first; those that have ended only with --all or --status.",
  examples: ["calm worker list", "calm worker list --status stale", "calm worker list --all --task SPEC-001"],
  args: {},
  options: {
    status: Parameter.option("status", "status", "Only these", WorkerStatus),
    all: Parameter.flag("all", "Those that have ended, too"),
    task: Parameter.option("task", "id", "Only those on this task", Words.Id, "task"),
    limit: Parameter.option("limit", "n", "At most so many", Words.Limit)
  },
  output: Schema.Struct({ workers: Schema.Array(Worker) }),
  layer: Session.project(Workers.layer),
  run: Traced.fn("worker.list")(function* (query) {
    return { workers: yield* (yield* Workers.Workers).list(query) }
  }),
  list: "workers",
  quiet: ({ workers }) => workers.map(({ id }) => id).join("\n"),
  render: ({ workers }, style) => workerTable(workers, style)
})
