import * as Traced from "@calm/domain/Traced"
import * as Worktrees from "@calm/core/Worktrees"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "With everything that was uncommitted in it. A missing branch is made again; where the branch has moved on, HEAD is detached.",
  examples: ["calm worktree restore SPEC-001"],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-in-trash") },
  options: {},
  output: Worktrees.Restored,
  layer: Session.withGit(Worktrees.layer),
  run: Traced.fn("worktree.restore")(function* ({ task }) {
    const worktrees = yield* Worktrees.Worktrees
    const { during } = yield* Progress
    return yield* worktrees.restore(task).pipe(during(`Bringing back the worktree of ${task} …`))
  }),
  notices: ({ detached, worktree }) =>
    detached ? [`the branch ${worktree.branch} has moved on: HEAD is detached where the worktree was`] : [],
  quiet: ({ worktree }) => worktree.path,
  render: ({ branchRecreated, worktree }, style) =>
    `${Style.green(style, "Restored")} ${Style.line(worktree.path)}${branchRecreated ? `, and its branch ${worktree.branch}` : ""}`
})
