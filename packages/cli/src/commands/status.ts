import * as Tree from "../Tree.ts"

export const status = Tree.group({
  summary: "See everything at a glance, or one part of it",
  examples: ["calm status", "calm status health", "calm status tasks"],
  self: Tree.entry("See everything at a glance", () => import("./status/overview.ts")),
  commands: {
    health: Tree.entry("See whether anything is broken or wants attention", () => import("./status/health.ts")),
    tasks: Tree.entry("See the open tasks by phase", () => import("./status/tasks.ts")),
    worktrees: Tree.entry("See the worktrees", () => import("./status/worktrees.ts")),
    workers: Tree.entry("See who is at work", () => import("./status/workers.ts")),
    counters: Tree.entry("See the counters", () => import("./status/counters.ts")),
    merges: Tree.entry("See the last merges", () => import("./status/merges.ts"))
  }
})
