import * as Traced from "@calm/domain/Traced"
import * as Reviews from "@calm/core/Reviews"
import { Reason } from "@calm/domain/Ids"
import { ReviewType } from "@calm/domain/Review"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Words from "../../Words.ts"
import { standingText } from "./check.ts"

export const leaf = Leaf.make({
  description:
    "Fresh approvals are needed afterwards. The verdicts stay on record. Refused where CALM_WORKER_ID is set.",
  examples: ['calm review clear SPEC-001 spec --reason "Reviewed the wrong draft"'],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    type: Parameter.optionalArgument("type", "Only these reviews", ReviewType, "review-type")
  },
  options: { reason: Parameter.requiredOption("reason", "text", "Why", Reason) },
  output: Reviews.Cleared,
  layer: Session.withGit(Reviews.layer),
  run: Traced.fn("review.clear")(function* ({ reason, task, type }) {
    return yield* (yield* Reviews.Reviews).clear(task, type ?? null, reason)
  }),
  render: ({ standings, taskId, types }, style) =>
    [`Cleared the ${types.join(", ")} reviews of ${taskId}`, ...standings.map((one) => standingText(one, style))].join(
      "\n"
    )
})
