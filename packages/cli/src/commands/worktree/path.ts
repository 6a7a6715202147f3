import * as Traced from "@calm/domain/Traced"
import * as Worktrees from "@calm/core/Worktrees"
import { Worktree } from "@calm/domain/Worktree"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  examples: ['cd "$(calm worktree path SPEC-001)"'],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-with-worktree") },
  options: {},
  output: Worktree,
  layer: Session.project(Worktrees.layer),
  run: Traced.fn("worktree.path")(function* ({ task }) {
    return yield* (yield* Worktrees.Worktrees).get(task)
  }),
  quiet: ({ path }) => path,
  render: ({ path }) => path
})
