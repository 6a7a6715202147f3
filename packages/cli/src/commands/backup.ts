import * as Tree from "../Tree.ts"

export const backup = Tree.group({
  summary: "Copy the database of all projects, and bring a copy back",
  description: "A backup is proved to be sound before it counts. Restoring one saves the present data first.",
  examples: ["calm backup create", "calm backup list", "calm backup restore monday"],
  commands: {
    create: Tree.entry("Make a backup", () => import("./backup/create.ts")),
    list: Tree.entry("List backups, newest first", () => import("./backup/list.ts")),
    restore: Tree.entry("Make the data what it was", () => import("./backup/restore.ts")),
    auto: Tree.entry("Make a backup and keep the last ten like it", () => import("./backup/auto.ts")),
    verify: Tree.entry("Ask whether a backup is good", () => import("./backup/verify.ts")),
    delete: Tree.entry("Delete a backup for good", () => import("./backup/delete.ts"))
  }
})
