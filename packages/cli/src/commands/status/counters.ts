import * as Traced from "@calm/domain/Traced"
import * as Counters from "@calm/core/Counters"
import { Counter } from "@calm/domain/Counter"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import { counterTable } from "../counter/list.ts"

export const leaf = Leaf.make({
  examples: ["calm status counters"],
  args: {},
  options: {},
  output: Schema.Struct({ counters: Schema.Array(Counter) }),
  layer: Session.project(Counters.layer),
  run: Traced.fn("status.counters")(function* () {
    return { counters: yield* (yield* Counters.Counters).list }
  }),
  list: "counters",
  quiet: ({ counters }) => counters.map(({ name }) => name).join("\n"),
  render: ({ counters }, style) => counterTable(counters, style)
})
