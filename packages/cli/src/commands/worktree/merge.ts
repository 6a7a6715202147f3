import * as Traced from "@calm/domain/Traced"
import * as Merges from "@calm/core/Merges"
import { short } from "@calm/domain/Ids"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Verdicts from "../../Verdicts.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"
import { installationText } from "./setup.ts"

const checkText = ({ commit, taskId, verdict }: Merges.MergeCheck, style: Style.Style): string =>
  [
    `Merge of ${Style.bold(style, taskId)} ${Wording.atCommit(commit)}: ${Verdicts.summary(style, verdict)}`,
    Verdicts.verdict(style, verdict)
  ].join("\n")

const mergedText = (merged: Merges.Merged, style: Style.Style): string => {
  const { alreadyInBase, branchDeleted, installation, merge, phase, taskId, trash } = merged
  const what = alreadyInBase ? "was in" : "into"
  return [
    `${Style.green(style, "Merged")} ${taskId} ${what} ${Style.line(merge.baseBranch)} as ${short(merge.commit)}; it is ${phase} now`,
    ...(trash === null ? [] : [`worktree: in the trash, ${Style.line(trash)}`]),
    `branch ${Style.line(merge.branch)}: ${branchDeleted ? "deleted" : "kept"}`,
    installationText(installation),
    Wording.hint(style, `calm explain ${taskId}`, "")
  ].join("\n")
}

/** What the judged results did not see: not wrong, and worth knowing. */
const unseenNotice = (unseen: Merges.MergeCheck["unseen"]): ReadonlyArray<string> =>
  unseen.length === 0
    ? []
    : [
        `the base has ${Wording.count(unseen.length, "commit")} that the branch and its results have not seen\n${unseen
          .slice(0, 5)
          .map(({ commit, subject }) => `${short(commit)} ${Style.line(subject)}`)
          .join("\n")}`
      ]

export const leaf = Leaf.make({
  description:
    "Merges only if every condition holds, and lists all that do not. The base branch moves once or not at all; the worktree goes to the trash. With --check-only it exits with the code of the reason.",
  examples: ["calm worktree merge SPEC-001", "calm worktree merge SPEC-001 --check-only"],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-with-worktree") },
  options: {
    checkOnly: Parameter.flag("check-only", "Only say whether it could be merged"),
    skipSync: Parameter.flag("skip-sync", "Do not install dependencies afterwards"),
    force: Parameter.flag("force", "Go past merge_lock, and past nothing else; for people only"),
    noPull: Parameter.flag("no-pull", "Do not ask the base's remote")
  },
  output: Schema.Union(Merges.MergeCheck, Merges.Merged),
  layer: Session.withGit(Merges.layer),
  run: Traced.fn("worktree.merge")(function* ({ checkOnly, force, noPull, skipSync, task }) {
    const merges = yield* Merges.Merges
    const { during } = yield* Progress
    return checkOnly
      ? yield* merges.check(task, { force, noPull }).pipe(during(`Looking at the merge of ${task} …`))
      : yield* merges.merge(task, { force, noPull, skipSync }).pipe(during(`Merging ${task} …`))
  }),
  exit: (output) => ("verdict" in output ? (output.verdict.unmet ?? undefined) : undefined),
  notices: (output) => [...("notices" in output ? output.notices : []), ...unseenNotice(output.unseen)],
  quiet: (output) => ("merge" in output ? output.merge.commit : ""),
  render: (output, style) => ("verdict" in output ? checkText(output, style) : mergedText(output, style))
})
