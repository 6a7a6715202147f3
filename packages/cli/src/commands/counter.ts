import * as Tree from "../Tree.ts"

export const counter = Tree.group({
  summary: "Read and set the counters of the project",
  description: "While merge_lock is above 0, merges are held back.",
  examples: ["calm counter list", "calm counter reset merges_since_e2e"],
  commands: {
    list: Tree.entry("List counters", () => import("./counter/list.ts")),
    get: Tree.entry("Print the value of a counter", () => import("./counter/get.ts")),
    set: Tree.entry("Set a counter", () => import("./counter/set.ts")),
    increment: Tree.entry("Add one to a counter", () => import("./counter/increment.ts")),
    add: Tree.entry("Make a counter of your own", () => import("./counter/add.ts")),
    reset: Tree.entry("Set a counter to 0", () => import("./counter/reset.ts"))
  }
})
