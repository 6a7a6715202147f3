import * as Status from "@calm/core/Status"
import { short } from "@calm/domain/Evidence"
import type { Health } from "@calm/domain/Health"
import * as Effect from "effect/Effect"
import * as Leaf from "../Leaf.ts"
import * as Session from "../Session.ts"
import * as Style from "../Style.ts"
import * as Wording from "../Wording.ts"

/** So many tasks fit a screen beside the rest. */
const most = 15

const paints: Readonly<Record<Health["level"], Style.Paint>> = {
  HEALTHY: Style.green,
  ATTENTION: Style.yellow,
  DEGRADED: Style.red
}

const healthText = ({ level, reasons }: Health, style: Style.Style): string =>
  [
    `Health: ${paints[level](style, level)}`,
    ...reasons.flatMap((reason) => [
      `  ${paints[reason.level](style, "!")} ${Style.line(reason.summary)}`,
      ...(reason.hint === null ? [] : [Wording.hint(style, reason.hint)])
    ])
  ].join("\n")

const taskTable = (tasks: Status.Overview["tasks"], style: Style.Style): string => {
  const shown = style.terminal ? tasks.slice(0, most) : tasks
  const table = Style.table(
    style,
    ["ID", "PHASE", "TITLE", "WHO", "WAITS FOR"],
    shown.map((task) => [
      { text: task.id, paint: Style.bold },
      task.phase,
      task.title,
      task.specialist ?? "-",
      Wording.names(task.waitsFor)
    ])
  )
  const more = tasks.length - shown.length
  return more === 0 ? table : `${table}\n${Style.dim(style, `and ${more} more: calm task list`)}`
}

const mergeLines = (merges: Status.Overview["merges"]): ReadonlyArray<string> =>
  merges.map(
    ({ actor, at, baseBranch, commit, taskId }) =>
      `  ${Wording.when(at)}  ${taskId} → ${Style.line(baseBranch)} (${short(commit)}) by ${Style.line(actor)}`
  )

/** A pointer for who does not know what to do: the first thing that is broken, else the first task that can go on. */
const nextCommand = ({ health, tasks }: Status.Overview): string => {
  const mends = health.reasons.flatMap(({ hint, level }) => (level === "DEGRADED" && hint !== null ? [hint] : []))
  if (mends[0] !== undefined) return mends[0]
  const task = tasks.find(({ waitsFor }) => waitsFor.length === 0) ?? tasks[0]
  if (task === undefined) return 'calm task create SPEC-001 "<title>"'
  return task.worktree === null ? `calm worktree create ${task.id}` : `calm explain ${task.id}`
}

export const leaf = Leaf.make({
  examples: ["calm status", "calm status --json"],
  args: {},
  options: {},
  output: Status.Overview,
  layer: Session.layer,
  run: Effect.fn("status")(function* () {
    return yield* (yield* Status.Status).overview
  }),
  render: (overview, style) => {
    const { counters, health, merges, project, tasks } = overview
    return [
      `${Style.bold(style, Style.line(project.path))} (base ${Style.line(project.baseBranch)})\n${healthText(health, style)}`,
      tasks.length === 0 ? "No open tasks" : `${Wording.count(tasks.length, "open task")}\n${taskTable(tasks, style)}`,
      `Counters\n${counters.map(({ name, value }) => `  ${name} ${value}`).join("\n")}`,
      ...(merges.length === 0 ? [] : [["Last merges (UTC)", ...mergeLines(merges)].join("\n")]),
      `Next: ${Style.cyan(style, nextCommand(overview))}`
    ].join("\n\n")
  }
})
