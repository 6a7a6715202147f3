import * as Traced from "@calm/domain/Traced"
import * as Gates from "@calm/core/Gates"
import { TaskType } from "@calm/domain/Phase"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"

export const leaf = Leaf.make({
  description: "The table in force: calm's own, with what the base branch adds to it in .calm/gates.json.",
  examples: ["calm gate list", "calm gate list --type bug"],
  args: {},
  options: { type: Parameter.option("type", "type", "Only the gates of this type of task", TaskType) },
  output: Schema.Struct({ gates: Schema.Array(Gates.ListedGate) }),
  layer: Session.withGit(Gates.layer),
  run: Traced.fn("gate.list")(function* ({ type }) {
    return { gates: yield* (yield* Gates.Gates).list(type ?? null) }
  }),
  list: "gates",
  quiet: ({ gates }) => gates.map(({ gate }) => gate).join("\n"),
  render: ({ gates }, style) =>
    Wording.list(
      style,
      ["TYPE", "GATE", "CHECK", "ASKS"],
      gates.flatMap(({ checks, gate, type }) => checks.map(({ asks, name }) => [type, gate, name, asks])),
      "No gates",
      true
    )
})
