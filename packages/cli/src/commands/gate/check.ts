import * as Traced from "@calm/domain/Traced"
import { type CheckEvent, CheckProgress } from "@calm/core/CheckProgress"
import * as Gates from "@calm/core/Gates"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as CheckScreen from "../../CheckScreen.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Verdicts from "../../Verdicts.ts"
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
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    transition: Parameter.optionalArgument(
      "transition",
      "The gate, such as IMPLEMENT-CODE_REVIEW",
      Words.Transition,
      "transition"
    )
  },
  options: {
    fresh: Parameter.flag("fresh", "Run all checks again, whatever is on record"),
    verbose: Parameter.flag("verbose", "Show on a terminal what each check printed last while it runs")
  },
  output: Gates.Checked,
  layer: Session.withGit(Gates.layer),
  run: Traced.fn("gate.check")(function* ({ fresh, task, transition, verbose }) {
    const gates = yield* Gates.Gates
    const { live } = yield* Progress
    const title = `Checking ${transition ?? "the next gate"} of ${task} …`
    const told = yield* Ref.make(CheckScreen.empty)
    const tell = (event: CheckEvent) =>
      Effect.flatMap(Clock.currentTimeMillis, (at) => Ref.update(told, (state) => CheckScreen.update(state, event, at)))
    return yield* gates.check(task, transition ?? null, { fresh }).pipe(
      Effect.provideService(CheckProgress, { tell }),
      live(title, (moment) => Effect.map(Ref.get(told), (state) => CheckScreen.lines(title, state, moment, verbose)))
    )
  }),
  exit: ({ verdict }) => verdict.unmet ?? undefined,
  render: ({ commit, taskId, verdict }, style) =>
    [
      `${Style.bold(style, taskId)} ${verdict.gate} ${Wording.atCommit(commit)}: ${Verdicts.summary(style, verdict)}`,
      Verdicts.verdictWithOutput(style, verdict)
    ].join("\n")
})
