import * as Traced from "@calm/domain/Traced"
import * as Status from "@calm/core/Status"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

/** `3 SPEC, 1 TEST` */
export const countsText = (phases: ReadonlyArray<Pick<Status.PhaseCount, "phase" | "count">>): string =>
  phases.map(({ count, phase }) => `${count} ${phase}`).join(", ")

/** Open tasks, a line each. */
export const taskTable = (tasks: ReadonlyArray<Status.OpenTask>, style: Style.Style): string =>
  Style.table(
    style,
    ["ID", "PHASE", "TITLE", "WHO", "WAITS FOR"],
    tasks.map((task) => [
      { text: task.id, paint: Style.bold },
      task.phase,
      task.title,
      task.specialist ?? "-",
      Wording.names(task.waitsFor)
    ])
  )

export const leaf = Leaf.make({
  description: "Open tasks by phase, features first, and how many there are in each phase.",
  examples: ["calm status tasks", "calm status tasks --fields id,phase,waitsFor"],
  args: {},
  options: {},
  output: Schema.Struct({ phases: Schema.Array(Status.PhaseCount), tasks: Schema.Array(Status.OpenTask) }),
  layer: Session.project(Status.layer),
  run: Traced.fn("status.tasks")(function* () {
    return yield* (yield* Status.Status).tasks
  }),
  list: "tasks",
  quiet: ({ tasks }) => tasks.map(({ id }) => id).join("\n"),
  render: ({ phases, tasks }, style) => {
    if (!style.terminal) return taskTable(tasks, style)
    if (tasks.length === 0) return Style.dim(style, "No open tasks")
    const of = (type: Status.PhaseCount["type"]) => phases.filter((one) => one.type === type)
    return [
      ...(["feature", "bug"] as const).flatMap((type) =>
        of(type).length === 0 ? [] : [`${type === "feature" ? "Features" : "Bugs"}: ${countsText(of(type))}`]
      ),
      taskTable(tasks, style)
    ].join("\n")
  }
})
