import * as Traced from "@calm/domain/Traced"
import * as Reviews from "@calm/core/Reviews"
import { short } from "@calm/domain/Ids"
import { ReviewType } from "@calm/domain/Review"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"
import { standingText } from "./check.ts"

export const leaf = Leaf.make({
  examples: ["calm review list SPEC-001", "calm review list SPEC-001 code"],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    type: Parameter.optionalArgument("type", "Only these reviews", ReviewType, "review-type")
  },
  options: {},
  output: Reviews.ReviewList,
  layer: Session.withGit(Reviews.layer),
  run: Traced.fn("review.list")(function* ({ task, type }) {
    return yield* (yield* Reviews.Reviews).list(task, type ?? null)
  }),
  list: "reviews",
  render: ({ reviews, standings }, style) => {
    const table = Wording.list(
      style,
      // A terminal has no room for the commit beside the notes.
      ["WHEN", "TYPE", "REVIEWER", "VERDICT", "NOW", ...(style.terminal ? [] : ["COMMIT"]), "NOTES"],
      reviews.map(({ at, commit, notes, reviewer, type, verdict, weight }) => [
        Wording.when(style, at),
        type,
        reviewer,
        style.terminal && verdict === "changes_requested" ? "changes" : verdict,
        weight ?? "-",
        ...(style.terminal ? [] : [commit === null ? "-" : short(commit)]),
        notes ?? ""
      ]),
      "No reviews",
      true
    )
    // A program that reads lines wants one a review.
    return style.terminal ? [table, "", ...standings.map((one) => standingText(one, style))].join("\n") : table
  }
})
