import * as Gates from "@calm/core/Gates"
import * as Effect from "effect/Effect"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "Runs the checks whose result does not stand for this very code, and judges the whole. Without a transition: whatever the next move, or the merge, still needs. Exits 7 when the gate is not passed, 8 when something could not be checked.",
  examples: [
    "calm gate check SPEC-001",
    "calm gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
    "calm gate check SPEC-001 --fresh"
  ],
  args: {
    task: Parameter.argument("task", "The task", Words.Id),
    transition: Parameter.optionalArgument("transition", "The gate, such as IMPLEMENT-CODE_REVIEW", Words.Transition)
  },
  options: { fresh: Parameter.flag("fresh", "Run all checks again, whatever is on record") },
  output: Gates.Checked,
  layer: Session.withGit,
  run: Effect.fn("gate.check")(function* ({ fresh, task, transition }) {
    const { step } = yield* Progress
    yield* step(`Checking ${transition ?? "the next gate"} of ${task} …`)
    return yield* (yield* Gates.Gates).check(task, transition ?? null, { fresh })
  }),
  exit: ({ verdict }) => verdict.unmet ?? undefined,
  render: ({ commit, taskId, verdict }, style) =>
    [
      `${Style.bold(style, taskId)} ${verdict.gate} ${Wording.atCommit(commit)}: ${Wording.summary(style, verdict)}`,
      Wording.verdictWithOutput(style, verdict)
    ].join("\n")
})
