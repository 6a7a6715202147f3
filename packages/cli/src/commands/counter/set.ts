import * as Traced from "@calm/domain/Traced"
import * as Counters from "@calm/core/Counters"
import { Counter } from "@calm/domain/Counter"
import { CounterName } from "@calm/domain/Ids"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as CounterWords from "../../CounterWords.ts"

export const leaf = Leaf.make({
  description: "merge_lock is set by people only.",
  examples: ["calm counter set merge_lock 1"],
  args: {
    name: Parameter.argument("name", "The counter", CounterName, "counter"),
    value: Parameter.argument("value", "What it is to be", CounterWords.Value)
  },
  options: {},
  output: Counter,
  layer: Session.project(Counters.layer),
  run: Traced.fn("counter.set")(function* ({ name, value }) {
    return yield* (yield* Counters.Counters).set(name, value)
  }),
  render: ({ name, value }) => `${name} is ${value}`
})
