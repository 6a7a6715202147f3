/** The refusal of a move or a merge. Apart from the other failures of tasks, since few commands judge one. */
import { TaggedError } from "@calm/domain/TaggedError"
import { Outcome, Unmet } from "@calm/domain/Verdict"
import * as Schema from "effect/Schema"

/** A rule says no: the conditions that are not met, each with what would meet it. */
export class MoveRefused extends TaggedError<MoveRefused>()("MoveRefused", {
  id: Schema.String,
  /** What was asked, such as `move to CODE_REVIEW` or `be merged`. */
  action: Schema.String,
  category: Unmet,
  outcomes: Schema.Array(Outcome)
}) {
  override get message() {
    const count = this.outcomes.length
    return `${this.id} may not ${this.action}: ${count} ${count === 1 ? "condition is" : "conditions are"} not met`
  }
  get hint() {
    return this.outcomes.find((outcome) => outcome.hint !== null)?.hint ?? `calm explain ${this.id}`
  }
}
