import * as Traced from "@calm/domain/Traced"
import * as Counters from "@calm/core/Counters"
import { Counter, CounterValue } from "@calm/domain/Counter"
import { CounterName } from "@calm/domain/Ids"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as CounterWords from "../../CounterWords.ts"

export const leaf = Leaf.make({
  examples: ["calm counter add flaky_tests", "calm counter add flaky_tests 3"],
  args: {
    name: Parameter.argument("name", "Lower-case letters, digits and _", CounterName),
    value: Parameter.optionalArgument("value", "Where it starts (0)", CounterWords.Value)
  },
  options: {},
  output: Counter,
  layer: Session.project(Counters.layer),
  run: Traced.fn("counter.add")(function* ({ name, value }) {
    return yield* (yield* Counters.Counters).add(name, value ?? CounterValue.make(0))
  }),
  render: ({ name, value }) => `Added ${name}: ${value}`
})
