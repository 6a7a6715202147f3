import * as Tree from "../Tree.ts"

export const worktree = Tree.group({
  summary: "Make, merge and remove the worktrees of tasks",
  description: "A task's worktree is .worktrees/<task>, on a branch named like the task.",
  examples: ["calm worktree create SPEC-001", 'cd "$(calm worktree path SPEC-001)"', "calm worktree merge SPEC-001"],
  commands: {
    create: Tree.entry("Make a task's worktree", () => import("./worktree/create.ts")),
    list: Tree.entry("List worktrees", () => import("./worktree/list.ts")),
    path: Tree.entry("Print the path of a worktree", () => import("./worktree/path.ts")),
    setup: Tree.entry("Install the dependencies of a worktree", () => import("./worktree/setup.ts")),
    merge: Tree.entry("Merge a finished task into the base branch", () => import("./worktree/merge.ts")),
    health: Tree.entry("See what is wrong with worktrees, and mend it", () => import("./worktree/health.ts")),
    remove: Tree.entry("Take a worktree away into the trash", () => import("./worktree/remove.ts")),
    restore: Tree.entry("Bring a removed worktree back as it was", () => import("./worktree/restore.ts"))
  }
})
