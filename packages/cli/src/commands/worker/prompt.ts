import * as Traced from "@calm/domain/Traced"
import * as Roles from "@calm/core/Roles"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"

export const leaf = Leaf.make({
  description:
    "The role's own page alone; _base is the part that all roles share. Looked for in roles/ of calm's home, .calm/roles and .claude/roles of the project, then among the built-in ones.",
  examples: ["calm worker prompt reviewer", "calm worker prompt _base"],
  args: { role: Parameter.argument("role", "The role, or _base", Schema.String, "role") },
  options: {},
  output: Roles.RolePrompt,
  layer: Session.project(Roles.layer),
  run: Traced.fn("worker.prompt")(function* ({ role }) {
    return yield* (yield* Roles.Roles).prompt(role)
  }),
  quiet: ({ prompt }) => prompt,
  render: ({ prompt }) => prompt
})
