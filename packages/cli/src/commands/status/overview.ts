import * as Traced from "@calm/domain/Traced"
import * as Status from "@calm/core/Status"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import { healthText } from "./health.ts"
import { taskTable } from "./tasks.ts"

/** Lines of a small terminal, one of them left for the prompt. */
const screen = 23

/** So many reasons are told before the tasks. */
const mostReasons = 3

/** A table of fewer tasks than this tells nobody anything; then the screen is too small. */
const fewest = 5

/** The tasks that fit beside the rest, and how many more there are. */
const tasksText = (tasks: Status.Overview["tasks"], style: Style.Style, room: number): string => {
  if (tasks.length === 0) return "No open tasks"
  const title = Wording.count(tasks.length, "open task")
  if (!style.terminal) return `${title}\n${taskTable(tasks, style)}`
  const most = Math.max(fewest, tasks.length > room ? room - 1 : room)
  const more = tasks.length - most
  return [
    title,
    taskTable(tasks.slice(0, most), style),
    ...(more > 0 ? [Style.dim(style, `and ${more} more: ${Style.command(style, "calm status tasks")}`)] : [])
  ].join("\n")
}

const workersText = ({ workers }: Status.Overview): string => {
  const of = (status: string) => workers.filter((worker) => worker.status === status)
  const named = of("active").map(({ role, taskId }) => `${role} on ${taskId}`)
  const stale = of("stale").length
  return [named.length === 0 ? "none active" : named.join(", "), ...(stale > 0 ? [`${stale} stale`] : [])].join("; ")
}

/** One line each, cut to the width of a terminal. */
const facts = (overview: Status.Overview, style: Style.Style): ReadonlyArray<string> =>
  [
    `Workers: ${workersText(overview)}`,
    `Counters: ${overview.counters.map(({ name, value }) => `${name} ${value}`).join(", ")}`,
    ...(overview.merges.length === 0
      ? []
      : [
          `Last merges: ${overview.merges.map(({ at, taskId }) => `${taskId} (${Wording.when(style, at)})`).join(", ")}`
        ])
  ].map((line) => Style.truncate(Style.line(line), style.width))

export const leaf = Leaf.make({
  description: "One screen: what is going on, what is stuck and why, and what to type next.",
  examples: ["calm status", "calm status --json"],
  args: {},
  options: {},
  output: Status.Overview,
  layer: Session.project(Status.layer),
  run: Traced.fn("status")(function* () {
    return yield* (yield* Status.Status).overview
  }),
  render: (overview, style) => {
    const { health, next, project, tasks } = overview
    const head = [
      `${Style.bold(style, Style.line(project.path))} (base ${Style.line(project.baseBranch)})`,
      healthText(health, style, style.terminal ? mostReasons : Infinity)
    ].join("\n")
    const foot = facts(overview, style).join("\n")
    // Beside head and foot: three empty lines, what is above the tasks, and what to type next.
    const room = screen - [head, foot].join("\n").split("\n").length - 6
    return [head, tasksText(tasks, style, room), foot, Wording.next(style, next)].join("\n\n")
  }
})
