import * as Tree from "../Tree.ts"

export const worker = Tree.group({
  summary: "Say who is at work on a task, and brief them",
  description:
    "A worker is an agent at work on a task in a role. Where CALM_WORKER_ID names it, every command runs in its name. Two hours without a sign of life make it stale.",
  examples: ["calm worker start SPEC-001 backend", "calm worker context SPEC-001 backend", "calm worker list"],
  commands: {
    start: Tree.entry("Start a worker on a task", () => import("./worker/start.ts")),
    heartbeat: Tree.entry("Give a sign of life", () => import("./worker/heartbeat.ts")),
    complete: Tree.entry("Say that a worker's work is done", () => import("./worker/complete.ts")),
    fail: Tree.entry("Say that a worker gave up", () => import("./worker/fail.ts")),
    list: Tree.entry("List workers", () => import("./worker/list.ts")),
    context: Tree.entry("Print all that a worker needs to begin", () => import("./worker/context.ts")),
    prompt: Tree.entry("Print the prompt of a role", () => import("./worker/prompt.ts")),
    cleanup: Tree.entry("Close stale workers", () => import("./worker/cleanup.ts"))
  }
})
