import * as Worktrees from "@calm/core/Worktrees"
import * as Effect from "effect/Effect"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "With everything that was uncommitted in it. A missing branch is made again; where the branch has moved on, HEAD is detached.",
  examples: ["calm worktree restore SPEC-001"],
  args: { task: Parameter.argument("task", "The task", Words.Id) },
  options: {},
  output: Worktrees.Restored,
  layer: Session.withGit,
  run: Effect.fn("worktree.restore")(function* ({ task }) {
    return yield* (yield* Worktrees.Worktrees).restore(task)
  }),
  notices: ({ detached, worktree }) =>
    detached ? [`the branch ${worktree.branch} has moved on: HEAD is detached where the worktree was`] : [],
  render: ({ branchRecreated, worktree }, style) =>
    `${Style.green(style, "Restored")} ${Style.line(worktree.path)}${branchRecreated ? `, and its branch ${worktree.branch}` : ""}`
})
