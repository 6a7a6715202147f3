/** The commands of calm. The folder `commands/` mirrors this tree: one file per command, one per group. */
import * as Tree from "./Tree.ts"

export const root = Tree.group({
  summary: "calm runs many coding agents on one git repository, without losing track or work.",
  examples: ['calm task create SPEC-001 "Add a greeting"', "calm status"],
  commands: {
    completions: Tree.entry("Print a completion script for your shell", () => import("./commands/completions.ts")),
    schema: Tree.entry("Print the JSON Schema of a command's answer", () => import("./commands/schema.ts"))
  }
})
