import * as Traced from "@calm/domain/Traced"
import * as Explain from "@calm/core/Explain"
import type { Verdict } from "@calm/domain/Verdict"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"
import * as Session from "../Session.ts"
import * as Style from "../Style.ts"
import * as Verdicts from "../Verdicts.ts"
import * as Wording from "../Wording.ts"
import * as Words from "../Words.ts"

/** A move on, with every condition. */
const moveText = ({ command, kind, to }: Explain.ExplainedMove, verdict: Verdict, style: Style.Style): string => {
  const title = kind === "merge" ? `merge, to ${to}` : `on to ${to}`
  return [
    `${Style.bold(style, title)}: ${Verdicts.summary(style, verdict)}`,
    Verdicts.verdict(style, verdict),
    ...(verdict.passed ? [Wording.hint(style, command, "  ")] : [])
  ].join("\n")
}

/** The moves that ask for nothing but a reason: back, and away. */
const aside = (moves: ReadonlyArray<Explain.ExplainedMove>, style: Style.Style): ReadonlyArray<string> =>
  moves.length === 0
    ? []
    : [["with a reason", ...moves.map(({ command }) => Wording.hint(style, command, "  "))].join("\n")]

export const leaf = Leaf.make({
  description: "Lists every condition of each move: met (✓), not met (✗), could not be checked (?). Runs no check.",
  examples: ["calm explain SPEC-001"],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task") },
  options: {},
  output: Explain.Explanation,
  layer: Session.withGit(Explain.layer),
  run: Traced.fn("explain")(function* ({ task }) {
    return yield* (yield* Explain.Explain).explain(task)
  }),
  quiet: ({ next }) => next ?? "",
  render: ({ commit, moves, next, task }, style) =>
    [
      `${Wording.titled(style, task)}\n${task.phase}, ${Wording.atCommit(commit)}`,
      ...moves.flatMap((move) => (move.verdict === null ? [] : [moveText(move, move.verdict, style)])),
      ...aside(
        moves.filter(({ verdict }) => verdict === null),
        style
      ),
      next === null ? `${task.id} is ${task.phase}: nothing is left to do` : Wording.next(style, next)
    ].join("\n\n")
})
