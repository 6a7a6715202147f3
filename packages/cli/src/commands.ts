/** The commands of calm. The folder `commands/` mirrors this tree: one file per command, one per group. */
import * as Tree from "./Tree.ts"
import { backup } from "./commands/backup.ts"
import { config } from "./commands/config.ts"
import { counter } from "./commands/counter.ts"
import { gate } from "./commands/gate.ts"
import { review } from "./commands/review.ts"
import { session } from "./commands/session.ts"
import { status } from "./commands/status.ts"
import { task } from "./commands/task.ts"
import { worker } from "./commands/worker.ts"
import { worktree } from "./commands/worktree.ts"
import { topics } from "./topics.ts"

export const root = Tree.group({
  summary: "calm runs many coding agents on one git repository, without losing track or work.",
  examples: ["calm init", 'calm task create SPEC-001 "Add a greeting"', "calm status"],
  topics,
  commands: {
    init: Tree.entry("Make this repository a project of calm", () => import("./commands/init.ts")),
    demo: Tree.entry("Play the main job in a throwaway repository", () => import("./commands/demo.ts")),
    status,
    explain: Tree.entry("See where a task can go and what it lacks", () => import("./commands/explain.ts")),
    doctor: Tree.entry("See what is broken, and mend it", () => import("./commands/doctor.ts")),
    log: Tree.entry("See what happened, newest first", () => import("./commands/log.ts")),
    task,
    gate,
    review,
    worktree,
    worker,
    counter,
    session,
    backup,
    config,
    completions: Tree.entry("Print a completion script for your shell", () => import("./commands/completions.ts")),
    schema: Tree.entry("Print the JSON Schema of a command's answer", () => import("./commands/schema.ts"))
  }
})
