import * as Traced from "@calm/domain/Traced"
import * as Counters from "@calm/core/Counters"
import { Counter } from "@calm/domain/Counter"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import type { Style } from "../../Style.ts"
import * as Wording from "../../Wording.ts"

/** Counters, a line each. */
export const counterTable = (counters: ReadonlyArray<Counter>, style: Style): string =>
  Wording.list(
    style,
    ["NAME", "VALUE"],
    counters.map(({ name, value }) => [name, String(value)]),
    "No counters"
  )

export const leaf = Leaf.make({
  examples: ["calm counter list"],
  args: {},
  options: {},
  output: Schema.Struct({ counters: Schema.Array(Counter) }),
  layer: Session.project(Counters.layer),
  run: Traced.fn("counter.list")(function* () {
    return { counters: yield* (yield* Counters.Counters).list }
  }),
  list: "counters",
  quiet: ({ counters }) => counters.map(({ name }) => name).join("\n"),
  render: ({ counters }, style) => counterTable(counters, style)
})
