import * as Traced from "@calm/domain/Traced"
import * as Reviews from "@calm/core/Reviews"
import { Note, PersonName, short } from "@calm/domain/Ids"
import { ReviewType, Verdict } from "@calm/domain/Review"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"
import { standingText } from "./check.ts"

export const leaf = Leaf.make({
  description:
    "The reviewer is the worker (--worker, and always CALM_WORKER_ID where it is set), else --by, else git's user. A worker records what its role may review, and approves nothing that it implemented.",
  examples: [
    "calm review record SPEC-001 spec approved --by ann",
    'calm review record SPEC-001 code changes_requested --worker w7 --notes "No test for an empty name"'
  ],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    type: Parameter.argument("type", "What is judged", ReviewType, "review-type"),
    verdict: Parameter.argument("verdict", "How", Verdict)
  },
  options: {
    worker: Parameter.option("worker", "id", "The worker who reviewed", Words.Worker, "worker"),
    by: Parameter.option("by", "name", "The person who reviewed", PersonName),
    notes: Parameter.option("notes", "text", "What was found", Note)
  },
  output: Reviews.Recorded,
  layer: Session.withGit(Reviews.layer),
  run: Traced.fn("review.record")(function* ({ task, ...entry }) {
    return yield* (yield* Reviews.Reviews).record(task, entry)
  }),
  notices: ({ notices }) => notices,
  render: ({ review, standing, taskId }, style) => {
    const at = review.commit === null ? "" : ` at ${short(review.commit)}`
    return `Recorded: ${Style.line(review.reviewer)}, ${review.verdict}, ${review.type} of ${taskId}${at}\n${standingText(standing, style)}`
  }
})
