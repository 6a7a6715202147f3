import * as Tree from "../Tree.ts"

export const config = Tree.group({
  summary: "See what is configured and where it comes from",
  examples: ["calm config", "calm config gates.timeout", "calm config schema project"],
  self: Tree.entry("See what is configured and where it comes from", () => import("./config/show.ts")),
  commands: {
    schema: Tree.entry("Print the JSON Schema of a configuration file", () => import("./config/schema.ts"))
  }
})
