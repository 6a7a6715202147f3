import * as Traced from "@calm/domain/Traced"
import * as Status from "@calm/core/Status"
import { short } from "@calm/domain/Ids"
import { Merge } from "@calm/domain/Merge"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** So many are told unless more are asked for. */
const usual = 20

export const leaf = Leaf.make({
  description: "What went into the base branch, newest first.",
  examples: ["calm status merges", "calm status merges --limit 5"],
  args: {},
  options: { limit: Parameter.option("limit", "n", `At most so many (${usual})`, Words.Limit) },
  output: Schema.Struct({ merges: Schema.Array(Merge) }),
  layer: Session.project(Status.layer),
  run: Traced.fn("status.merges")(function* ({ limit }) {
    return { merges: yield* (yield* Status.Status).merges(limit ?? usual) }
  }),
  list: "merges",
  quiet: ({ merges }) => merges.map(({ taskId }) => taskId).join("\n"),
  render: ({ merges }, style) =>
    Wording.list(
      style,
      ["TASK", "BASE", "COMMIT", "BY", "WHEN"],
      merges.map(({ actor, at, baseBranch, commit, taskId }) => [
        { text: taskId, paint: Style.bold },
        baseBranch,
        short(commit),
        actor,
        Wording.when(style, at)
      ]),
      "No merges"
    )
})
