import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asWorker, by, calm, failure, lacking, note, same, trail } from "./support/calm.ts"
import { gate } from "./support/worlds.ts"

describe("people's approvals of gates", () => {
  const specified = Effect.gen(function* () {
    const world = yield* calm
    yield* World.featureIn("SPEC")
    yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
    return world
  })

  it.effect(
    "an approval is bound to the document: it is void when that changes and counts again when it is as it was",
    () =>
      Effect.gen(function* () {
        const { gates } = yield* specified
        yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
        const open = Effect.map(gates.check("SPEC-001", null), ({ verdict }) => lacking(verdict))
        same(yield* open, ["spec reviews"])
        yield* World.commit("SPEC-001", { "planning_docs/SPEC-001/other.md": "no part of it" })
        same(yield* open, ["spec reviews"])
        yield* World.commitDocument("SPEC-001", "spec", "Greet people loudly.\n")
        same(yield* open, ["spec reviews", "approval"])
        const { verdict } = yield* gates.check("SPEC-001", null)
        assert.include(verdict.outcomes[1]?.summary, "me's approval is outdated")
        yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
        same(yield* open, ["spec reviews"])
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an approval of one gate is none of another", () =>
    Effect.gen(function* () {
      const { gates } = yield* specified
      yield* World.commitDocument("SPEC-001", "proposal", "A function.\n")
      yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
      const { verdict } = yield* gates.check("SPEC-001", "DESIGN-IMPLEMENT")
      assert.include(lacking(verdict), "approval")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("only people approve, whatever name is given", () =>
    Effect.gen(function* () {
      const { gates } = yield* specified
      const before = yield* trail
      const approve = gates.approve("SPEC-001", "SPEC-DESIGN", by("me"), note("fine"))
      const error = yield* failure(asWorker("architect-1")(approve), "NotForWorkers")
      assert.strictEqual(error.category, "permission")
      same(yield* trail, before)
      const { approval } = yield* approve
      same([approval.person, approval.notes], ["me", "fine"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a gate that asks for no approval cannot be approved, and nothing can be that is not there", () =>
    Effect.gen(function* () {
      const { gates } = yield* specified
      for (const name of ["CODE_REVIEW-TEST", "TEST-INTEGRATE", "INTEGRATE-VERIFY", "VERIFY-DONE"])
        assert.strictEqual(
          (yield* failure(gates.approve("SPEC-001", name, by("me"), null), "ApprovalNotAsked")).category,
          "refused"
        )
      const missing = yield* failure(gates.approve("SPEC-001", "DESIGN-IMPLEMENT", by("me"), null), "ApprovalNotAsked")
      assert.include(missing.message, "planning_docs/SPEC-001/proposal.md is not committed")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "for a task of documents alone a person's approval replaces the changed code, until the documents change",
    () =>
      Effect.gen(function* () {
        const { gates } = yield* calm
        yield* World.featureIn("IMPLEMENT")
        yield* World.commit("SPEC-001", { "planning_docs/guide.md": "How to greet.\n" })
        const open = Effect.map(gates.check("SPEC-001", gate), ({ verdict }) => lacking(verdict))
        same(yield* open, ["code changed"])
        yield* World.approveGate("SPEC-001", gate)
        same(yield* open, [])
        yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
        same(yield* open, [])
        yield* World.commit("SPEC-001", { "planning_docs/guide.md": "How to greet loudly.\n" })
        same(yield* open, ["code changed"])
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a bug has no such way around: it needs changed code and a changed test", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* World.bugIn("INVESTIGATED")
      yield* World.commit("BUG-001", { "planning_docs/guide.md": "It is no bug.\n" })
      const name = "INVESTIGATED-FIXED"
      same(lacking((yield* gates.check("BUG-001", name)).verdict), ["regression test", "code changed"])
      yield* failure(gates.approve("BUG-001", name, by("me"), null), "ApprovalNotAsked")
      yield* World.commit("BUG-001", { "src/fix.js": "fixed" })
      same(lacking((yield* gates.check("BUG-001", name)).verdict), ["regression test"])
      yield* World.commit("BUG-001", { "test/fix.test.js": "tested" })
      same(lacking((yield* gates.check("BUG-001", name)).verdict), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
