import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { because, by, calm, failure, lacking, same, trail } from "./support/calm.ts"
import { everyScript, implemented, runs } from "./support/worlds.ts"

describe("which gate is checked", () => {
  it.effect("a gate that does not exist is an error, never a pass", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      for (const name of ["FOO-BAR", "", "SPEC", "SPEC-IMPLEMENT", "REPORTED-INVESTIGATED", "VERIFY-CANCELLED"]) {
        const error = yield* failure(gates.check("SPEC-001", name), "UnknownTransition")
        assert.strictEqual(error.category, "validation")
        assert.include(error.known, "SPEC-DESIGN")
        assert.notInclude(error.known, "REPORTED-INVESTIGATED")
        yield* failure(gates.approve("SPEC-001", name, by("me"), null), "UnknownTransition")
      }
      same(yield* trail, ["task.created", "project.registered"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a gate is understood with a dash or an arrow, in any case, in any phase", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      for (const name of ["TEST-INTEGRATE", "test->integrate", " Test-Integrate "]) {
        const { verdict } = yield* gates.check("SPEC-001", name)
        same([verdict.gate, verdict.passed, lacking(verdict)], ["TEST-INTEGRATE", false, ["full tests"]])
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("without a name it is the gate ahead; a finished task has none", () =>
    Effect.gen(function* () {
      const { gates, tasks } = yield* calm
      yield* World.planned("bug", "BUG-001")
      assert.strictEqual((yield* gates.check("BUG-001", null)).verdict.gate, "REPORTED-INVESTIGATED")
      yield* tasks.cancel("BUG-001", because("not wanted"))
      assert.strictEqual((yield* failure(gates.check("BUG-001", null), "NoGateAhead")).category, "refused")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("before the merge it runs all that the merge needs of the code, not the changelog alone", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* World.featureIn("INTEGRATE")
      yield* World.commit("SPEC-001", { "src/late.js": "late" })
      same(yield* runs(gates.check("SPEC-001", null)), everyScript)
      const { verdict } = yield* gates.check("SPEC-001", null)
      same(lacking(verdict), ["code reviews", "changelog"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("documents", () => {
  it.effect("an uncommitted document does not count, and one of the base does", () =>
    Effect.gen(function* () {
      const { gates, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { "planning_docs/SPEC-001/proposal.md": "A function.\n" })
      const proposal = Effect.map(
        gates.check("SPEC-001", "DESIGN-IMPLEMENT"),
        ({ verdict }) => verdict.outcomes[0]?.status
      )
      assert.strictEqual(yield* proposal, "failed")
      yield* World.commitIn(CalmTest.repo, { "planning_docs/SPEC-001/proposal.md": "A function.\n" })
      assert.strictEqual(yield* proposal, "passed")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a bug report counts when every section is filled, sub-headings and all; the template does not", () =>
    Effect.gen(function* () {
      const { gates, git, worktrees } = yield* calm
      yield* World.bugIn("REPORTED")
      const report = Effect.map(gates.check("BUG-001", null), ({ verdict }) => verdict.outcomes[0])
      const { path } = yield* worktrees.get("BUG-001")
      yield* git.commit({ checkout: path, message: "The template", include: "all" })
      assert.strictEqual((yield* report)?.status, "failed")
      yield* World.commitDocument(
        "BUG-001",
        "bug-report",
        World.bugReport.replace("Handle it in", "### Files\n\nHandle it in")
      )
      assert.strictEqual((yield* report)?.status, "passed")
      yield* World.commitDocument(
        "BUG-001",
        "bug-report",
        World.bugReport.replace(/## Root cause\n\n.*\n/, "## Root cause\n\nTBD\n")
      )
      assert.include((yield* report)?.summary, 'its section "Root cause" is not filled in')
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the trail of gates", () => {
  it.effect(
    "a check that runs something writes one event with its results, and one that runs nothing writes none",
    () =>
      Effect.gen(function* () {
        const { check, events } = yield* implemented
        const before = (yield* trail).length
        yield* check
        yield* check
        const [event] = yield* events.list({ limit: 1 })
        same([(yield* trail).length - before, event?.kind], [1, "gate.checked"])
        same(event?.data["results"], { tests: "passed", linter: "passed", types: "passed", todos: "passed" })
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an interrupted check records nothing", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("tests", { takes: "1 hour" })
      const before = yield* trail
      const fiber = yield* Effect.fork(check)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(fiber)
      same(yield* trail, before)
      yield* checks.set("tests", { stdout: CalmTest.counts(1, 0, 0) })
      assert.isTrue((yield* check).verdict.passed)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
