import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import { TaskId } from "@calm/domain/Ids"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"

export const leaf = Leaf.make({
  description: "Ids of deleted tasks count as taken. Nothing is reserved.",
  examples: ["calm task next-id SPEC", "calm task next-id BUG"],
  args: { prefix: Parameter.argument("prefix", "The kind of id", Schema.Literal("SPEC", "BUG")) },
  options: {},
  output: Schema.Struct({ id: TaskId }),
  layer: Session.project(Tasks.layer),
  run: Traced.fn("task.next-id")(function* ({ prefix }) {
    return { id: yield* (yield* Tasks.Tasks).nextId(prefix) }
  }),
  quiet: ({ id }) => id,
  render: ({ id }) => id
})
