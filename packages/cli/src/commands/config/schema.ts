import * as Traced from "@calm/domain/Traced"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as ConfigReference from "../../ConfigReference.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"

const File = Schema.Literal(...ConfigReference.files)

export const leaf = Leaf.make({
  description:
    "project is .calm/project.json of a repository, home is config.json in calm's home folder (~/.calm, or CALM_HOME).",
  examples: ["calm config schema project", "calm config schema home > config.schema.json"],
  args: { file: Parameter.argument("file", "Which configuration", File) },
  options: {},
  output: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  layer: Layer.empty,
  run: Traced.fn("config.schema")(function* ({ file }) {
    return yield* Effect.succeed({ ...ConfigReference.jsonSchema(file) })
  }),
  render: (schema) => JSON.stringify(schema, null, 2),
  quiet: (schema) => JSON.stringify(schema, null, 2)
})
