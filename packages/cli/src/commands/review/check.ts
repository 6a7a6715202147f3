import * as Traced from "@calm/domain/Traced"
import * as Reviews from "@calm/core/Reviews"
import { ReviewType } from "@calm/domain/Review"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

/** `spec: in progress, 1 of 2 approvals (ann)` */
export const standingText = (
  { approvals, needed, objections, state, type }: Reviews.TypeStanding,
  style: Style.Style
): string => {
  const paint = state === "complete" ? Style.green : state === "blocked" ? Style.red : Style.yellow
  const who = approvals.length === 0 ? "" : ` (${approvals.map(Style.line).join(", ")})`
  const blocked = objections.length === 0 ? "" : `; changes requested by ${objections.map(Style.line).join(", ")}`
  return `${type}: ${paint(style, state)}, ${approvals.length} of ${needed} approvals${who}${blocked}`
}

export const leaf = Leaf.make({
  description: "Exits 0 when the reviews are complete, 7 when they are not.",
  examples: ["calm review check SPEC-001 spec"],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    type: Parameter.argument("type", "Which reviews", ReviewType, "review-type")
  },
  options: {},
  output: Reviews.TypeStanding,
  layer: Session.withGit(Reviews.layer),
  run: Traced.fn("review.check")(function* ({ task, type }) {
    return yield* (yield* Reviews.Reviews).check(task, type)
  }),
  exit: ({ state }) => (state === "complete" ? undefined : "refused"),
  render: standingText
})
