import * as Traced from "@calm/domain/Traced"
import * as Transitions from "@calm/core/Transitions"
import { Note, Reason } from "@calm/domain/Ids"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "Forward one step, if the gate's conditions hold on the evidence there is (calm gate check makes it); back to any earlier phase with a reason.",
  examples: [
    "calm task transition SPEC-001 CODE_REVIEW",
    'calm task transition SPEC-001 implement --reason "Review found a gap"',
    'calm task transition SPEC-001 DONE --gate-result pass --gate-details "Greets in production"'
  ],
  args: {
    id: Parameter.argument("id", "The task", Words.Id, "task"),
    phase: Parameter.argument("phase", "Where to", Words.PhaseName, "move")
  },
  options: {
    gateResult: Parameter.option(
      "gate-result",
      "pass|fail",
      "pass attests what nobody can check; fail records an attempt and moves nothing",
      Schema.Literal("pass", "fail")
    ),
    gateDetails: Parameter.option("gate-details", "text", "What was verified, or what failed", Note),
    reason: Parameter.option("reason", "text", "Why it goes back", Reason)
  },
  output: Transitions.Moved,
  layer: Session.withGit(Transitions.layer),
  run: Traced.fn("task.transition")(function* ({ id, phase, ...wish }) {
    return yield* (yield* Transitions.Transitions).transition(id, { to: phase, ...wish })
  }),
  render: ({ from, kind, task, to }, style) =>
    kind === "attempt"
      ? `Recorded a failed attempt: ${task.id} stays ${from}`
      : `${Style.green(style, task.id)} ${from} → ${to}${kind === "rework" ? " (rework)" : ""}\n${Wording.hint(style, `calm explain ${task.id}`, "")}`
})
