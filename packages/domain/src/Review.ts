/** Reviews: who judged what, and whether enough approvals stand. Reviews are append-only. */
import * as Schema from "effect/Schema"
import { Digest, Note, PersonName, personKey, Sha, Time, WorkerId } from "./Ids.ts"
import type { TaskType } from "./Phase.ts"

/** What a review judges: a document, or the branch's change. */
export const ReviewType = Schema.Literal("spec", "proposal", "code", "bugfix")
export type ReviewType = typeof ReviewType.Type

/** A reviewer's verdict. */
export const Verdict = Schema.Literal("approved", "changes_requested")
export type Verdict = typeof Verdict.Type

/** The review types that a type of task has. */
export const typesOf = (type: TaskType): ReadonlyArray<ReviewType> =>
  type === "feature" ? ["spec", "proposal", "code"] : ["bugfix"]

/** A verdict on record, or the record that earlier ones were cleared. */
export const Review = Schema.Struct({
  seq: Schema.Int,
  type: ReviewType,
  verdict: Schema.Literal("approved", "changes_requested", "cleared"),
  reviewer: PersonName,
  workerId: Schema.NullOr(WorkerId),
  /** The commit that was judged; `null` for a clearing. */
  commit: Schema.NullOr(Sha),
  /** Digest of the document or change that was judged; `null` for a clearing. */
  digest: Schema.NullOr(Digest),
  notes: Schema.NullOr(Note),
  at: Time
}).annotations({ identifier: "Review" })
export type Review = typeof Review.Type

/** What a review counts for now. */
export const Weight = Schema.Literal(
  "counts",
  "blocks",
  "outdated",
  "superseded",
  "repeated",
  "implementer",
  "cleared"
).annotations({
  description:
    "counts: an approval that stands; blocks: an objection that stands; outdated: what it judged has changed; superseded: an objection came after it; repeated: its author has a later verdict; implementer: its author implemented the task; cleared: cleared with a reason"
})
export type Weight = typeof Weight.Type

/** How the reviews of one type stand. */
export interface Standing {
  /** Names of those whose approval counts, each person once. */
  readonly approvals: ReadonlyArray<string>
  /** Objections that block. */
  readonly objections: ReadonlyArray<Review>
  /** What each review counts for, by its `seq`. */
  readonly weights: ReadonlyMap<number, Weight>
}

/**
 * Judges the reviews of one type against the digest of what there is to judge now (`null`: nothing).
 *
 * An approval counts while it is its author's latest verdict, no objection came after it, and what it judged is
 * unchanged. An objection supersedes the approvals before it, for good, and blocks while what it judged is unchanged
 * unless its author approves later or it is cleared. An implementer's approval never counts.
 */
export const standing = (
  reviews: ReadonlyArray<Review>,
  digest: Digest | null,
  implementers: ReadonlyArray<string>
): Standing => {
  const weights = new Map<number, Weight>()
  const builders = new Set(implementers.map(personKey))
  const latest = new Map<string, Review>()
  for (const review of [...reviews].sort((a, b) => a.seq - b.seq)) {
    if (review.verdict === "cleared") {
      for (const earlier of latest.values()) weights.set(earlier.seq, "cleared")
      latest.clear()
      continue
    }
    if (review.verdict === "changes_requested")
      for (const [key, earlier] of latest)
        if (earlier.verdict === "approved") {
          weights.set(earlier.seq, "superseded")
          latest.delete(key)
        }
    const key = personKey(review.workerId ?? review.reviewer)
    const own = latest.get(key)
    if (own !== undefined) weights.set(own.seq, "repeated")
    // Anew, so that what stands is in the order in which it was said.
    latest.delete(key)
    latest.set(key, review)
  }
  const approvals: Array<string> = []
  const objections: Array<Review> = []
  for (const [key, review] of latest) {
    const current = digest !== null && review.digest === digest
    if (!current) weights.set(review.seq, "outdated")
    else if (review.verdict === "changes_requested") {
      weights.set(review.seq, "blocks")
      objections.push(review)
    } else if (builders.has(key)) weights.set(review.seq, "implementer")
    else {
      weights.set(review.seq, "counts")
      approvals.push(review.reviewer)
    }
  }
  return { approvals, objections, weights }
}
