import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import type { Transition } from "@calm/domain/Task"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

const transitionLine = ({ actor, at, from, gateDetails, kind, reason, to }: Transition, style: Style.Style): string => {
  const why = reason ?? gateDetails
  return `  ${Wording.when(style, at).padEnd(10)}  ${from} → ${to}  ${kind}  by ${Style.line(actor)}${why === null ? "" : `: ${Style.truncate(Style.line(why), 200)}`}`
}

export const leaf = Leaf.make({
  examples: ["calm task show SPEC-001"],
  args: { id: Parameter.argument("id", "The task", Words.Id, "task") },
  options: {},
  output: Tasks.TaskDetails,
  layer: Session.project(Tasks.layer),
  run: Traced.fn("task.show")(function* ({ id }) {
    return yield* (yield* Tasks.Tasks).details(id)
  }),
  render: ({ moves, task, transitions }, style) => {
    const facts: ReadonlyArray<readonly [name: string, value: string | null]> = [
      ["type", task.type],
      ["phase", task.phase],
      ["specialist", task.specialist],
      ["spec", task.specId],
      ["blocked by", task.blockedBy.length === 0 ? null : Wording.names(task.blockedBy)],
      ["touches", task.touches.length === 0 ? null : Wording.names(task.touches)],
      ["created", Wording.when(style, task.createdAt)],
      ["updated", Wording.when(style, task.updatedAt)],
      ["can go to", moves.length === 0 ? null : moves.join(", ")]
    ]
    return [
      Wording.titled(style, task),
      ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(11)} ${Style.line(value)}`])),
      ...(task.notes === null ? [] : ["", ...task.notes.split("\n").map((text) => `  ${text}`)]),
      ...(transitions.length === 0 ? [] : ["", ...transitions.map((transition) => transitionLine(transition, style))]),
      "",
      Wording.hint(style, `calm explain ${task.id}`, "")
    ].join("\n")
  }
})
