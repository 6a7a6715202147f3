import * as Traced from "@calm/domain/Traced"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Completion from "../Completion.ts"
import type { Place } from "../completion/Plan.ts"
import { Invocation } from "../Invocation.ts"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"
import type * as Tree from "../Tree.ts"
import * as Usage from "../Usage.ts"

const Shell = Schema.Literal(...Completion.shells)

/** Every place of the tree, its commands loaded. */
const placesOf: (node: Tree.Node, path: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Place>> =
  Effect.fnUntraced(function* (node, path) {
    if (node._tag === "Entry") return [{ path, commands: [], leaf: yield* Usage.load(node) }]
    const leaf = node.self === undefined ? undefined : yield* Usage.load(node.self)
    const commands = Object.entries(node.commands)
    const below = yield* Effect.forEach(commands, ([name, child]) => placesOf(child, [...path, name]))
    return [{ path, commands: commands.map(([name, { summary }]) => [name, summary] as const), leaf }, ...below.flat()]
  })

export const leaf = Leaf.make({
  description: "Put the script where your shell looks for completions, or load it when the shell starts.",
  examples: [
    "calm completions bash > ~/.local/share/bash-completion/completions/calm",
    "calm completions fish | source"
  ],
  args: { shell: Parameter.argument("shell", "Your shell", Shell) },
  options: {},
  output: Schema.Struct({ shell: Shell, script: Schema.String }),
  layer: Layer.empty,
  run: Traced.fn("completions")(function* ({ shell }) {
    const { tree } = yield* Invocation
    return {
      shell,
      script: Completion.script(shell, { places: yield* placesOf(tree, []), topics: Object.keys(tree.topics) })
    }
  }),
  quiet: ({ script }) => script,
  render: ({ script }) => script
})
