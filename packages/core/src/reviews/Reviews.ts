/** Reviews: verdicts on a spec, proposal, change or bugfix, recorded for good and judged by what they judged. */
import type * as Gate from "@calm/domain/Gate"
import { Note, PersonName, type Reason, WorkerId } from "@calm/domain/Ids"
import * as Review from "@calm/domain/Review"
import * as Rules from "@calm/domain/Rules"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import { FactFinder, type SurveyError, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { given } from "../internal/given.ts"
import { now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { WorkerNotFound } from "../workers/WorkerErrors.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import * as Reviewer from "./internal/reviewer.ts"
import * as ReviewRows from "./internal/ReviewRows.ts"
import {
  type ImplementerApproves,
  NothingToReview,
  type ReviewerMismatch,
  type ReviewerUnknown,
  type ReviewNotInRole,
  ReviewTypeUnfit
} from "./ReviewErrors.ts"

/** How the reviews of one type stand. */
export const TypeStanding = Schema.Struct({
  type: Review.ReviewType,
  state: Schema.Literal("complete", "in progress", "blocked", "outdated", "not started"),
  /** Approvals that count. */
  approvals: Schema.Array(Schema.String),
  needed: Schema.Int,
  /** Who asked for changes that block. */
  objections: Schema.Array(Schema.String)
}).annotations({ identifier: "TypeStanding" })
export type TypeStanding = typeof TypeStanding.Type

/** A review, and what it counts for now. */
export const WeighedReview = Schema.Struct({
  ...Review.Review.fields,
  weight: Schema.NullOr(Review.Weight)
}).annotations({
  identifier: "WeighedReview"
})
export type WeighedReview = typeof WeighedReview.Type

/** All reviews of a task, oldest first, and how each type stands. */
export const ReviewList = Schema.Struct({
  taskId: Schema.String,
  standings: Schema.Array(TypeStanding),
  reviews: Schema.Array(WeighedReview)
}).annotations({ identifier: "ReviewList" })
export type ReviewList = typeof ReviewList.Type

/** What recording a review came to. */
export const Recorded = Schema.Struct({
  taskId: Schema.String,
  review: Review.Review,
  standing: TypeStanding,
  /** What whoever recorded it should know. */
  notices: Schema.Array(Schema.String)
}).annotations({
  identifier: "RecordedReview"
})
export type Recorded = typeof Recorded.Type

/** What was cleared. */
export const Cleared = Schema.Struct({
  taskId: Schema.String,
  types: Schema.Array(Review.ReviewType),
  standings: Schema.Array(TypeStanding)
}).annotations({ identifier: "ClearedReviews" })
export type Cleared = typeof Cleared.Type

/** A verdict to record. */
export const Entry = Schema.Struct({
  type: Review.ReviewType,
  verdict: Review.Verdict,
  by: Schema.optional(PersonName),
  worker: Schema.optional(WorkerId),
  notes: Schema.optional(Note)
})
export type Entry = typeof Entry.Type

type Failure = TaskNotFound | ReviewTypeUnfit | SurveyError | StoreError

/** Verdicts on specs, proposals, changes and bugfixes, and what each counts for now. */
export class Reviews extends Context.Tag("@calm/core/reviews/Reviews")<
  Reviews,
  {
    /**
     * Records a verdict on what is committed now. An approval is refused of a worker who implemented the task, and of one
     * whose role may not give it; an objection never is.
     */
    readonly record: (
      task: string,
      entry: Entry
    ) => Effect.Effect<
      Recorded,
      | Failure
      | NothingToReview
      | ReviewerUnknown
      | ReviewerMismatch
      | ReviewNotInRole
      | ImplementerApproves
      | WorkerNotFound
      | GitError,
      CurrentProject | CurrentActor
    >
    /** The reviews of a task, of one type or all, and what each counts for. */
    readonly list: (task: string, type: Review.ReviewType | null) => Effect.Effect<ReviewList, Failure, CurrentProject>
    /** Do enough approvals stand? */
    readonly check: (task: string, type: Review.ReviewType) => Effect.Effect<TypeStanding, Failure, CurrentProject>
    /** Voids the verdicts of a type, or of all, with a reason; they stay on record. Only for people. */
    readonly clear: (
      task: string,
      type: Review.ReviewType | null,
      reason: Reason
    ) => Effect.Effect<Cleared, Failure | NotForWorkers, CurrentProject | CurrentActor>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reviewers = Reviewer.make({ git: yield* Git, sql })
  const events = yield* Events
  const tasks = yield* Tasks
  const finder = yield* FactFinder
  const rows = ReviewRows.make(sql)
  const atomically = atomicallyIn(sql)

  const fit = (task: Task, type: Review.ReviewType): Effect.Effect<void, ReviewTypeUnfit> =>
    Review.typesOf(task.type).includes(type)
      ? Effect.void
      : new ReviewTypeUnfit({ id: task.id, type, fit: Review.typesOf(task.type) })

  /**
   * Looks at git; `now` then gives the facts, inside or outside of a transaction, and how a type stands by them and by
   * what was recorded later.
   */
  const standings = Effect.fnUntraced(function* (task: Task) {
    const survey = yield* finder.survey(task)
    const now = Effect.map(finder.complete(task, survey), (facts) => {
      const checks = survey.rules.table.gates
        .filter((gate: Gate.Gate) => gate.type === task.type)
        .flatMap((gate) => gate.checks)
      const of = (type: Review.ReviewType, ...later: ReadonlyArray<Review.Review>): TypeStanding => {
        const all = [...facts.reviews, ...later].filter((review) => review.type === type)
        const standing = Review.standing(all, Rules.subject(facts, type)?.digest ?? null, facts.implementers)
        const check = checks.find((other) => other.kind === "reviews" && other.review === type)
        const needed = check?.kind === "reviews" ? check.count : 0
        return {
          type,
          state:
            standing.objections.length > 0
              ? "blocked"
              : standing.approvals.length >= needed
                ? "complete"
                : standing.approvals.length > 0
                  ? "in progress"
                  : [...standing.weights.values()].includes("outdated")
                    ? "outdated"
                    : "not started",
          approvals: standing.approvals,
          needed,
          objections: standing.objections.map((review) => review.reviewer)
        }
      }
      return { facts, of }
    })
    return { now }
  })

  return Reviews.of({
    record: Traced.fn("Reviews.record")(function* (id, wanted) {
      const project = yield* CurrentProject
      const entry = yield* given(Entry, wanted)
      const task = yield* tasks.get(id)
      yield* fit(task, entry.type)
      const who = yield* reviewers.of(task, entry)
      const standing = yield* standings(task)
      return yield* atomically(
        Effect.gen(function* () {
          const before = yield* standing.now
          const subject = Rules.subject(before.facts, entry.type)
          if (subject === null) {
            const missing = Rules.missingSubject(before.facts, entry.type)
            return yield* new NothingToReview({
              id: task.id,
              type: entry.type,
              reason: missing.summary,
              next: missing.hint
            })
          }
          const notices = yield* reviewers.permitted(task, entry, who, before.facts.implementers)
          const review = {
            ...who,
            type: entry.type,
            verdict: entry.verdict,
            commit: subject.commit,
            digest: subject.digest,
            notes: entry.notes ?? null,
            at: yield* now
          }
          const { seq } = yield* rows.insert(project.id, task.id, review)
          yield* events.append("review.recorded", task.id, {
            type: entry.type,
            verdict: entry.verdict,
            reviewer: who.reviewer,
            commit: subject.commit
          })
          const made = { seq, ...review }
          return { taskId: task.id, review: made, standing: before.of(entry.type, made), notices }
        })
      )
    }, refine),

    list: Traced.fn("Reviews.list")(function* (id, type) {
      const task = yield* tasks.get(id)
      if (type !== null) yield* fit(task, type)
      const types = type === null ? Review.typesOf(task.type) : [type]
      const { facts, of } = yield* Effect.flatMap(standings(task), (standing) => standing.now)
      const weights = new Map(
        types.flatMap((name) => [
          ...Review.standing(
            facts.reviews.filter((review) => review.type === name),
            Rules.subject(facts, name)?.digest ?? null,
            facts.implementers
          ).weights
        ])
      )
      return {
        taskId: task.id,
        standings: types.map((type) => of(type)),
        reviews: facts.reviews
          .filter((review) => types.includes(review.type))
          .map((review) => ({ ...review, weight: weights.get(review.seq) ?? null }))
      }
    }, refine),

    check: Traced.fn("Reviews.check")(function* (id, type) {
      const task = yield* tasks.get(id)
      yield* fit(task, type)
      const { of } = yield* Effect.flatMap(standings(task), (standing) => standing.now)
      return of(type)
    }, refine),

    clear: Traced.fn("Reviews.clear")(function* (id, type, reason) {
      yield* peopleOnly("clear reviews")
      const project = yield* CurrentProject
      const actor = yield* CurrentActor
      const task = yield* tasks.get(id)
      if (type !== null) yield* fit(task, type)
      const types = type === null ? Review.typesOf(task.type) : [type]
      const standing = yield* standings(task)
      return yield* atomically(
        Effect.gen(function* () {
          for (const name of types)
            yield* rows.insert(project.id, task.id, {
              type: name,
              verdict: "cleared",
              reviewer: PersonName.make(actor.name),
              workerId: null,
              commit: null,
              digest: null,
              notes: reason,
              at: yield* now
            })
          yield* events.append("review.cleared", task.id, { types, reason })
          const { of } = yield* standing.now
          return { taskId: task.id, types, standings: types.map((type) => of(type)) }
        })
      )
    }, refine)
  })
})

/** The real one, over the database and git. */
export const layer = Layers.service(Reviews, make, [eventsLayer, tasksLayer, factFinderLayer])
