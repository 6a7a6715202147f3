import * as Tree from "../Tree.ts"

export const task = Tree.group({
  summary: "Create tasks and move them through their phases",
  description:
    "A feature goes SPEC, DESIGN, IMPLEMENT, CODE_REVIEW, TEST, INTEGRATE, VERIFY, DONE; a bug goes REPORTED, INVESTIGATED, FIXED, REVIEWED, TESTED, MERGED, DONE.",
  examples: ['calm task create SPEC-001 "Add a greeting"', "calm task transition SPEC-001 DESIGN"],
  commands: {
    create: Tree.entry("Create a task", () => import("./task/create.ts")),
    list: Tree.entry("List tasks", () => import("./task/list.ts")),
    show: Tree.entry("Show a task and its way so far", () => import("./task/show.ts")),
    update: Tree.entry("Change a task", () => import("./task/update.ts")),
    transition: Tree.entry("Move a task to another phase", () => import("./task/transition.ts")),
    cancel: Tree.entry("Give a task up, keeping its work", () => import("./task/cancel.ts")),
    delete: Tree.entry("Hide a task; its worktree goes to the trash", () => import("./task/delete.ts")),
    restore: Tree.entry("Bring a deleted task back", () => import("./task/restore.ts")),
    "next-id": Tree.entry("Print the next free id", () => import("./task/next-id.ts"))
  }
})
