import * as Traced from "@calm/domain/Traced"
import * as Gates from "@calm/core/Gates"
import { Note, PersonName, short } from "@calm/domain/Ids"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "Approves the document or change as it is committed now; a later change makes the approval outdated. Only a person may approve: it is refused where CALM_WORKER_ID is set.",
  examples: ["calm gate approve SPEC-001 SPEC-DESIGN --by me"],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    transition: Parameter.argument("transition", "The gate, such as SPEC-DESIGN", Words.Transition, "transition")
  },
  options: {
    by: Parameter.requiredOption("by", "name", "Who approves", PersonName),
    notes: Parameter.option("notes", "text", "What to remember about it", Note)
  },
  output: Gates.Approved,
  layer: Session.withGit(Gates.layer),
  run: Traced.fn("gate.approve")(function* ({ by, notes, task, transition }) {
    return yield* (yield* Gates.Gates).approve(task, transition, by, notes ?? null)
  }),
  render: ({ approval, taskId }, style) =>
    `${Style.green(style, "Approved")} ${approval.gate} of ${taskId} at ${short(approval.commit)}, by ${Style.line(approval.person)}`
})
