import * as Tree from "../Tree.ts"

export const gate = Tree.group({
  summary: "Check what must hold before a task moves on",
  description: "A gate is named after its move: IMPLEMENT-CODE_REVIEW.",
  examples: ["calm gate check SPEC-001", "calm gate approve SPEC-001 SPEC-DESIGN --by me"],
  commands: {
    check: Tree.entry("Check a gate for real", () => import("./gate/check.ts")),
    list: Tree.entry("List the gates and what they ask for", () => import("./gate/list.ts")),
    approve: Tree.entry("Approve a gate, as a person", () => import("./gate/approve.ts"))
  }
})
