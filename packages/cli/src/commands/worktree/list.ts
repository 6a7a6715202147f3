import * as Traced from "@calm/domain/Traced"
import * as OpenWorktrees from "@calm/core/OpenWorktrees"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

export const leaf = Leaf.make({
  examples: ["calm worktree list"],
  args: {},
  options: {},
  output: Schema.Struct({ worktrees: Schema.Array(OpenWorktrees.Listed) }),
  layer: Session.project(OpenWorktrees.layer),
  run: Traced.fn("worktree.list")(function* () {
    return { worktrees: yield* (yield* OpenWorktrees.OpenWorktrees).list }
  }),
  list: "worktrees",
  quiet: ({ worktrees }) => worktrees.map(({ taskId }) => taskId).join("\n"),
  render: ({ worktrees }, style) =>
    Wording.list(
      style,
      ["TASK", "PHASE", "BRANCH", "PATH"],
      worktrees.map(({ branch, path, phase, present, taskId }) => [
        taskId,
        phase,
        branch,
        present ? path : { text: `${path} (gone)`, paint: Style.red }
      ]),
      "No worktrees"
    )
})
