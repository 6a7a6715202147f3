import * as Phase from "@calm/domain/Phase"
import * as Help from "../Help.ts"
import * as Style from "../Style.ts"

const types = ["feature", "bug"] as const satisfies ReadonlyArray<Phase.TaskType>

const each = (tell: (type: Phase.TaskType) => string): string => types.map(tell).join(", ")

export const page = (style: Style.Style): string =>
  Help.page(
    [Style.bold(style, "The phases of a task")],
    [types.flatMap((type) => Help.section(style, `A ${type}`, chain(type, style))).join("\n")],
    Help.paragraph(
      style,
      "On: one phase at a time, through the gate between the two (calm help gates). Where it is to be merged next, only calm worktree merge takes it on."
    ),
    Help.paragraph(
      style,
      "Back: to any earlier phase, with a reason. That voids nothing by itself: what was checked is judged by the code it was checked on."
    ),
    Help.paragraph(
      style,
      "CANCELLED: from every phase but DONE, with a reason. A person can override every rule: calm task update <id> --phase <phase> --reason <text>."
    ),
    Help.paragraph(
      style,
      `A task that waits for another may be planned (${each((type) => `${type}: up to ${Phase.plannedUpTo(type)}`)}) but goes no further until that one is DONE.`
    ),
    Help.section(
      style,
      "Commands",
      Style.definitions(
        [
          ["calm explain <task>", "Where it can go, and what it lacks"],
          ["calm task transition <task> <phase>", "Move it on, or back with --reason"],
          ["calm worktree merge <task>", `Merge it, in ${types.map(Phase.mergesFrom).join(" or ")}`],
          ["calm task cancel <task> --reason <text>", "Give it up; branch and worktree stay"]
        ],
        style
      )
    )
  )

const chain = (type: Phase.TaskType, style: Style.Style): string =>
  Style.wrap(Phase.chain(type).join(" → "), Math.min(style.width, 100) - 2)
    .map((line) => `  ${line}`)
    .join("\n")
