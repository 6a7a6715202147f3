import * as Traced from "@calm/domain/Traced"
import * as Counters from "@calm/core/Counters"
import { Counter } from "@calm/domain/Counter"
import { CounterName } from "@calm/domain/Ids"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"

export const leaf = Leaf.make({
  examples: ["calm counter get merge_lock"],
  args: {
    name: Parameter.argument("name", "The counter", CounterName, "counter")
  },
  options: {},
  output: Counter,
  layer: Session.project(Counters.layer),
  run: Traced.fn("counter.get")(function* ({ name }) {
    return yield* (yield* Counters.Counters).get(name)
  }),
  quiet: ({ value }) => String(value),
  render: ({ value }) => String(value)
})
