import * as Traced from "@calm/domain/Traced"
import { HandoffNotText } from "@calm/core/SessionErrors"
import * as Sessions from "@calm/core/Sessions"
import { short } from "@calm/domain/Ids"
import { type KeptWorktree, maxHandoff } from "@calm/domain/Session"
import * as Effect from "effect/Effect"
import { Input } from "../../Input.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

/** `SPEC-001  committed as 1234567 · rest in refs/calm/rescue/SPEC-001/S-…` */
export const keptLine = ({ branch, commit, rescueRef, taskId }: KeptWorktree): string =>
  `  ${taskId}: ${[
    ...(commit === null ? [] : [`committed as ${short(commit)} on ${Style.line(branch ?? "its branch")}`]),
    ...(rescueRef === null ? [] : [`${commit === null ? "all" : "the rest"} in ${rescueRef}`])
  ].join("; ")}`

const text = ({ clean, endedWorkers, session, unsaved, worktrees }: Sessions.Saved, style: Style.Style): string =>
  [
    `${Style.green(style, "Saved")} ${Style.bold(style, session.id)} ${Style.line(session.summary)}`,
    ...(worktrees.length === 0 ? [] : ["Kept of the worktrees:", ...worktrees.map(keptLine)]),
    ...(clean.length === 0 ? [] : [`Nothing uncommitted in ${Wording.count(clean.length, "worktree")}`]),
    ...unsaved.flatMap(({ hint, reason, taskId }) => [
      `  ${Style.red(style, "✗")} ${taskId}: not kept: ${Style.line(reason)}`,
      ...(hint === null ? [] : [Wording.hint(style, hint)])
    ]),
    ...(endedWorkers.length === 0 ? [] : [`Ended: ${endedWorkers.join(", ")}`]),
    Wording.hint(style, session.continues ? `calm session resume ${session.id}` : `calm session show ${session.id}`, "")
  ].join("\n")

export const leaf = Leaf.make({
  description:
    "Reads the hand-over, Markdown of at most 1 MB, from stdin. In the worktree of each task, what is staged becomes a WIP commit on the task's branch; all else that is uncommitted is kept under refs/calm/rescue/<task>/<session>. Files and index stay as they are; git restore --source=<ref> -- . brings files back from such a ref. Workers that are active end with the session. A worktree that cannot be kept is told, and the hand-over is stored all the same.",
  examples: [
    "calm session save --continue < handoff.md",
    `echo "Tests pass, the changelog is missing" | calm session save`
  ],
  args: {},
  options: {
    continue: Parameter.flag("continue", "The work goes on: the session is pending until it is resumed"),
    noAutoCommit: Parameter.flag("no-auto-commit", "Commit nothing: keep what is staged under the ref, too")
  },
  output: Sessions.Saved,
  layer: Session.project(Sessions.layer),
  run: Traced.fn("session.save")(function* ({ continue: continues, noAutoCommit }) {
    const sessions = yield* Sessions.Sessions
    const input = yield* Input
    const { step } = yield* Progress
    const handoff = yield* input
      .text("the hand-over", maxHandoff)
      .pipe(Effect.catchTag("InputNotText", () => new HandoffNotText()))
    yield* step("Keeping the work of all worktrees …")
    return yield* sessions.save(handoff, { continues, autoCommit: !noAutoCommit })
  }),
  notices: ({ notices }) => notices,
  quiet: ({ session }) => session.id,
  render: text
})
