import { WorkerId } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { asWorker, because, by, calm, failure, lacking, note, same, trail } from "./support/calm.ts"

/** A feature in CODE_REVIEW, and short words for reviewing it. */
const reviewable = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("CODE_REVIEW")
  const record = (verdict: "approved" | "changes_requested", name: string) =>
    Effect.map(
      world.reviews.record("SPEC-001", { type: "code", verdict, by: by(name) }),
      ({ standing: { approvals, objections, state } }) => ({ approvals, objections, state })
    )
  return {
    ...world,
    approve: (name: string) => record("approved", name),
    object: (name: string) => record("changes_requested", name)
  }
})

const weights = Effect.gen(function* () {
  const { reviews } = yield* calm
  return (yield* reviews.list("SPEC-001", "code")).reviews.map((review) => review.weight)
})

describe("whose approvals count", () => {
  it.effect("one reviewer approving twice counts once, in whatever spelling of the name", () =>
    Effect.gen(function* () {
      const { approve } = yield* reviewable
      yield* approve("Ada Lovelace")
      for (const name of ["Ada Lovelace", "ada  lovelace ", "ＡＤＡ LOVELACE"])
        same((yield* approve(name)).state, "in progress")
      same(yield* weights, ["repeated", "repeated", "repeated", "counts"])
      same((yield* approve("Grace Hopper")).state, "complete")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a third approval is recorded and changes nothing", () =>
    Effect.gen(function* () {
      const { approve } = yield* reviewable
      for (const name of ["a", "b"]) yield* approve(name)
      same(yield* approve("c"), { approvals: ["a", "b", "c"], objections: [], state: "complete" })
      same(yield* weights, ["counts", "counts", "counts"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("reviews are append-only: none is changed or taken out by what comes after it", () =>
    Effect.gen(function* () {
      const { approve, object, reviews } = yield* reviewable
      yield* approve("a")
      yield* object("b")
      yield* reviews.clear("SPEC-001", "code", because("settled in person"))
      yield* approve("b")
      const all = yield* reviews.list("SPEC-001", "code")
      same(
        all.reviews.map(({ reviewer, verdict }) => `${reviewer} ${verdict}`),
        ["a approved", "b changes_requested", "me cleared", "b approved"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("objections", () => {
  it.effect("one after two approvals is recorded, blocks, and stops the transition with its notes", () =>
    Effect.gen(function* () {
      const { approve, reviews, transitions } = yield* reviewable
      for (const name of ["a", "b"]) yield* approve(name)
      const entry = {
        type: "code",
        verdict: "changes_requested",
        by: by("c"),
        notes: note("It leaks.\nSee line 3.")
      } as const
      const { standing } = yield* reviews.record("SPEC-001", entry)
      same([standing.state, standing.approvals, standing.objections], ["blocked", [], ["c"]])
      same(yield* weights, ["superseded", "superseded", "blocks"])
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "TEST" }), "MoveRefused")
      assert.strictEqual(refused.outcomes[0]?.summary, "c asked for changes: It leaks.")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when its author approves it is lifted, and that is one approval: the ones before it are gone", () =>
    Effect.gen(function* () {
      const { approve, object } = yield* reviewable
      for (const name of ["a", "b"]) yield* approve(name)
      yield* object("a")
      same(yield* approve("a"), { approvals: ["a"], objections: [], state: "in progress" })
      same((yield* approve("b")).state, "complete")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("approvals of others do not lift it", () =>
    Effect.gen(function* () {
      const { approve, object } = yield* reviewable
      yield* object("a")
      for (const name of ["b", "c", "d"]) same((yield* approve(name)).state, "blocked")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("it blocks only while what it judged is unchanged; then two fresh approvals are needed", () =>
    Effect.gen(function* () {
      const { approve, object } = yield* reviewable
      yield* approve("b")
      yield* object("a")
      yield* World.commit("SPEC-001", { "src/mended.js": "mended" })
      same(yield* weights, ["superseded", "outdated"])
      same((yield* (yield* calm).reviews.check("SPEC-001", "code")).state, "outdated")
      same(yield* approve("b"), { approvals: ["b"], objections: [], state: "in progress" })
      same((yield* approve("a")).state, "complete")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a person clears it with a reason; then two fresh approvals are needed", () =>
    Effect.gen(function* () {
      const { approve, events, object, reviews } = yield* reviewable
      yield* approve("b")
      yield* object("a")
      const { standings } = yield* reviews.clear("SPEC-001", "code", because("a misunderstanding"))
      same([standings[0]?.state, standings[0]?.approvals], ["not started", []])
      const [event] = yield* events.list({ limit: 1 })
      same([event?.kind, event?.data], ["review.cleared", { types: ["code"], reason: "a misunderstanding" }])
      yield* approve("b")
      same((yield* approve("c")).state, "complete")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("clearing all types leaves none standing", () =>
    Effect.gen(function* () {
      const { reviews } = yield* reviewable
      const { types } = yield* reviews.clear("SPEC-001", null, because("started over"))
      same(types, ["spec", "proposal", "code"])
      const { standings } = yield* reviews.list("SPEC-001", null)
      same(
        standings.map(({ state }) => state),
        ["not started", "not started", "not started"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worker cannot clear, not even its own", () =>
    Effect.gen(function* () {
      const { reviews } = yield* reviewable
      yield* reviews.record("SPEC-001", { type: "code", verdict: "changes_requested" }).pipe(asWorker("reviewer-1"))
      const before = yield* trail
      const error = yield* failure(
        asWorker("reviewer-1")(reviews.clear("SPEC-001", "code", because("x"))),
        "NotForWorkers"
      )
      assert.strictEqual(error.category, "permission")
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what can be reviewed", () => {
  it.effect("a review without the thing reviewed is refused, with what is missing and how to bring it", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const record = (type: "spec" | "proposal" | "code") =>
        failure(reviews.record("SPEC-001", { type, verdict: "approved", by: by("a") }), "NothingToReview")
      same((yield* record("spec")).category, "refused")
      same((yield* record("code")).hint, "calm worktree create SPEC-001")
      yield* World.featureIn("SPEC", "SPEC-002")
      const unchanged = reviews.record("SPEC-002", { type: "code", verdict: "changes_requested", by: by("a") })
      assert.include((yield* failure(unchanged, "NothingToReview")).message, "changes nothing yet")
      same((yield* trail).includes("review.recorded"), false)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a document that is only written and not committed is not there to review", () =>
    Effect.gen(function* () {
      const { reviews, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { "planning_docs/SPEC-001/spec.md": "Greet people.\n" })
      yield* failure(reviews.record("SPEC-001", { type: "spec", verdict: "approved", by: by("a") }), "NothingToReview")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a type of review that the type of task does not have is an error", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.bugIn("INVESTIGATED")
      const error = yield* failure(
        reviews.record("BUG-001", { type: "code", verdict: "approved", by: by("a") }),
        "ReviewTypeUnfit"
      )
      same([error.category, error.fit], ["validation", ["bugfix"]])
      yield* failure(reviews.check("BUG-001", "spec"), "ReviewTypeUnfit")
      yield* failure(reviews.list("BUG-001", "proposal"), "ReviewTypeUnfit")
      yield* failure(reviews.clear("BUG-001", "code", because("x")), "ReviewTypeUnfit")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "a review is bound to what was committed: editing the spec voids its reviews and not those of the code",
    () =>
      Effect.gen(function* () {
        const { approve, reviews } = yield* reviewable
        for (const name of ["a", "b"]) yield* approve(name)
        yield* World.commitDocument("SPEC-001", "spec", "Greet nobody.\n")
        const { standings } = yield* reviews.list("SPEC-001", null)
        same(
          standings.map(({ state, type }) => `${type} ${state}`),
          ["spec outdated", "proposal complete", "code complete"]
        )
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("reviews of one task say nothing of another", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* World.featureIn("CODE_REVIEW", "SPEC-001")
      yield* World.featureIn("CODE_REVIEW", "SPEC-002")
      yield* World.approveTwice("SPEC-001", "code")
      same(lacking((yield* gates.check("SPEC-002", null)).verdict), ["code reviews"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("who reviews", () => {
  const entry = { type: "code", verdict: "approved" } as const
  const worker = WorkerId.make("reviewer-7")

  it.effect("the worker in whose environment it runs, else --worker, else --by, else git's user", () =>
    Effect.gen(function* () {
      const { control, reviews } = yield* reviewable
      yield* control.setUserName(Option.some("Git User"))
      const who = (more: Partial<Parameters<typeof reviews.record>[1]>) =>
        Effect.map(reviews.record("SPEC-001", { ...entry, ...more }), ({ review }) => [
          review.reviewer,
          review.workerId
        ])
      same(yield* who({}), ["Git User", null])
      same(yield* who({ by: by("Ada") }), ["Ada", null])
      const [{ id: one }, { id: other }] = [
        yield* World.worker("SPEC-001", "reviewer"),
        yield* World.worker("SPEC-001", "reviewer")
      ]
      same(yield* who({ by: by("Ada"), worker: one }), [one, one])
      same(yield* asWorker(other)(who({})), [other, other])
      same(yield* asWorker(one)(who({ worker: one })), [one, one])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when nobody says who, it is an error and not an anonymous approval", () =>
    Effect.gen(function* () {
      const { control, reviews } = yield* reviewable
      for (const name of [Option.none(), Option.some(" "), Option.some("two\nlines")]) {
        yield* control.setUserName(name)
        const error = yield* failure(reviews.record("SPEC-001", entry), "ReviewerUnknown")
        same(error.category, "validation")
        assert.include(error.hint, "git config")
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worker cannot review as somebody else, worker or person", () =>
    Effect.gen(function* () {
      const { reviews } = yield* reviewable
      const before = yield* trail
      for (const more of [{ worker }, { by: by("Ada") }]) {
        const error = yield* failure(
          asWorker("backend-1")(reviews.record("SPEC-001", { ...entry, ...more })),
          "ReviewerMismatch"
        )
        same([error.category, error.actual], ["permission", "backend-1"])
      }
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worker and a person of the same name are one reviewer", () =>
    Effect.gen(function* () {
      const { approve, reviews } = yield* reviewable
      const { id } = yield* World.worker("SPEC-001", "reviewer")
      yield* reviews.record("SPEC-001", { ...entry, worker: id })
      same((yield* approve(id)).state, "in progress")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
