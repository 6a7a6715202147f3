import * as Tree from "../Tree.ts"

export const session = Tree.group({
  summary: "Hand work over from one session to the next",
  description:
    "A session is a written hand-over. Saving one also keeps what is uncommitted in the worktrees of all tasks, without touching their files.",
  examples: ["calm session save --continue < handoff.md", "calm session pending", "calm session next"],
  commands: {
    save: Tree.entry("Store a hand-over and keep all uncommitted work", () => import("./session/save.ts")),
    list: Tree.entry("List sessions, newest first", () => import("./session/list.ts")),
    show: Tree.entry("Print a session's hand-over", () => import("./session/show.ts")),
    pending: Tree.entry("See which session is to be resumed", () => import("./session/pending.ts")),
    resume: Tree.entry("Take a session up, and print its hand-over", () => import("./session/resume.ts")),
    next: Tree.entry("See the command to run now for each open task", () => import("./session/next.ts"))
  }
})
