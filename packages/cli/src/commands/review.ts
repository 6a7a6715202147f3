import * as Tree from "../Tree.ts"

export const review = Tree.group({
  summary: "Record and read reviews",
  description: "A review judges what is committed at this moment and counts while that is unchanged.",
  examples: ["calm review record SPEC-001 spec approved --by ann", "calm review list SPEC-001"],
  commands: {
    record: Tree.entry("Record a reviewer's verdict", () => import("./review/record.ts")),
    list: Tree.entry("List reviews and what each counts for", () => import("./review/list.ts")),
    check: Tree.entry("Ask whether enough approvals stand", () => import("./review/check.ts")),
    clear: Tree.entry("Void verdicts with a reason, as a person", () => import("./review/clear.ts"))
  }
})
