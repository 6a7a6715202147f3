import * as Traced from "@calm/domain/Traced"
import * as Worktrees from "@calm/core/Worktrees"
import { keptDays } from "@calm/domain/Worktree"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** Where a worktree went, and what of it was saved besides. */
export const removedText = (
  { branch, filesKept, folder, path, rescueRef, taskId }: Worktrees.Removed,
  style: Style.Style
): string =>
  [
    `${Style.green(style, "Removed")} ${Style.line(path)}`,
    filesKept
      ? `trash: ${Style.line(folder)} (kept for ${keptDays} days at least)`
      : "its folder was gone already: of its files only what was committed is kept",
    ...(rescueRef === null ? [] : [`uncommitted work: ${rescueRef}`]),
    ...(branch === null ? [] : [`branch ${Style.line(branch)}: kept`]),
    Wording.hint(style, `calm worktree restore ${taskId}`, "")
  ].join("\n")

export const leaf = Leaf.make({
  description:
    "What is uncommitted is saved under a ref, then the worktree goes to the trash whole. Its branch stays, and nothing is lost.",
  examples: ["calm worktree remove SPEC-001"],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-with-worktree") },
  options: {},
  output: Worktrees.Removed,
  layer: Session.withGit(Worktrees.layer),
  run: Traced.fn("worktree.remove")(function* ({ task }) {
    const worktrees = yield* Worktrees.Worktrees
    const { during } = yield* Progress
    return yield* worktrees.remove(task, "removed").pipe(during(`Taking away the worktree of ${task} …`))
  }),
  render: removedText
})
