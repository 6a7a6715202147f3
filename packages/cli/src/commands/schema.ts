import * as Traced from "@calm/domain/Traced"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Invocation } from "../Invocation.ts"
import * as Leaf from "../Leaf.ts"
import { nearest } from "@calm/domain/Nearest"
import * as Parameter from "../Parameter.ts"
import * as Tree from "../Tree.ts"
import { UnknownCommand } from "../UsageError.ts"

const schemaOf = (leaf: Leaf.Leaf): JSONSchema.JsonSchema7Root => JSONSchema.make(leaf.output)

const List = Schema.Struct({ commands: Schema.Array(Schema.String) })

const Printed = Schema.Union(List, Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const text = (output: typeof Printed.Type): string =>
  "commands" in output && Schema.is(List)(output) ? output.commands.join("\n") : JSON.stringify(output, null, 2)

export const leaf = Leaf.make({
  description:
    "The schema describes `data` in what the command prints with --json. For a group, or without a command, the commands that have a schema are listed.",
  examples: ["calm schema task create", "calm schema"],
  args: {
    command: Parameter.restArguments("command", "The words of the command", Schema.String, "command")
  },
  options: {},
  output: Printed,
  layer: Layer.empty,
  run: Traced.fn("schema")(function* ({ command }) {
    const { path, tree } = yield* Invocation
    const node = Tree.find(tree, command)
    if (node === undefined) {
      const known = Tree.entries(tree).map((located) => located.path.join(" "))
      const word = command.join(" ")
      return yield* new UnknownCommand({ word, nearest: nearest(word, known), path })
    }
    const entry = node._tag === "Entry" ? node : node.self
    if (entry === undefined) {
      return { commands: Tree.entries(node, command).map((located) => located.path.join(" ")) }
    }
    const { leaf: described } = yield* Effect.promise(entry.load)
    return { ...schemaOf(described) }
  }),
  render: text,
  quiet: text
})
