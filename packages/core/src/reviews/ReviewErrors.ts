/** Failures of commands on reviews. */
import { TaggedError } from "@calm/domain/TaggedError"
import { ReviewType } from "@calm/domain/Review"
import { beginning, Typed } from "@calm/domain/Typed"
import * as Schema from "effect/Schema"

/** The type of task has no such reviews. */
export class ReviewTypeUnfit extends TaggedError<ReviewTypeUnfit>()("ReviewTypeUnfit", {
  id: Schema.String,
  type: Typed,
  fit: Schema.Array(Schema.String)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.id} has no ${beginning(this.type, 80)} reviews; it has ${this.fit.join(", ")}`
  }
  get hint() {
    return `calm review list ${this.id}`
  }
}

/** There is nothing to review yet. */
export class NothingToReview extends TaggedError<NothingToReview>()("NothingToReview", {
  id: Schema.String,
  type: Schema.String,
  reason: Schema.String,
  next: Schema.String
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `There is nothing for a ${this.type} review of ${this.id}: ${this.reason}`
  }
  get hint() {
    return this.next
  }
}

/** Nobody said who reviews, and git has no user name. */
export class ReviewerUnknown extends TaggedError<ReviewerUnknown>()("ReviewerUnknown", {
  id: Schema.String,
  type: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return "Who reviews? Neither --by nor --worker says so, and git has no user.name"
  }
  get hint() {
    return `git config --global user.name "$(id -un)"`
  }
}

/** The worker named is not the one in whose name the command runs. */
export class ReviewerMismatch extends TaggedError<ReviewerMismatch>()("ReviewerMismatch", {
  given: Schema.String,
  actual: Schema.String
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    return `This is worker ${this.actual}, who cannot review as ${this.given}`
  }
  get hint() {
    return "calm review record --help"
  }
}

/** A built-in role that may record a type of review. */
const reviewerOf: Readonly<Record<ReviewType, string>> = {
  spec: "spec-reviewer",
  proposal: "proposal-reviewer",
  code: "reviewer",
  bugfix: "reviewer"
}

/** The worker's role may not approve this. */
export class ReviewNotInRole extends TaggedError<ReviewNotInRole>()("ReviewNotInRole", {
  id: Schema.String,
  type: ReviewType,
  worker: Schema.String,
  role: Schema.String,
  /** What the role may review. */
  may: Schema.Array(ReviewType)
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    const may = this.may.length === 0 ? "it reviews nothing" : `it reviews ${this.may.join(", ")}`
    return `${this.worker} works in the role ${this.role}, which may not review the ${this.type}: ${may}`
  }
  get hint() {
    return `calm worker start ${this.id} ${reviewerOf[this.type]}`
  }
}

/** Who implemented a task cannot approve it. */
export class ImplementerApproves extends TaggedError<ImplementerApproves>()("ImplementerApproves", {
  id: Schema.String,
  type: ReviewType,
  reviewer: Schema.String
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    return `${this.reviewer} was started on ${this.id} in a role that writes code, so its approval would not count`
  }
  get hint() {
    return `calm worker start ${this.id} ${reviewerOf[this.type]}`
  }
}
