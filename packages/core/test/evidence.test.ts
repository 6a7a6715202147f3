import { FactFinder } from "@calm/core/FactFinder"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { calm, failure, lacking, same } from "./support/calm.ts"
import { everyScript, gate, implemented, runs } from "./support/worlds.ts"

describe("what a result is bound to", () => {
  it.effect(
    "each script runs once; its result is reused while the code is the same, and shared with the full tests",
    () =>
      Effect.gen(function* () {
        const { check, gates } = yield* implemented
        same(yield* runs(check), everyScript)
        same(yield* runs(check), [])
        const { verdict } = yield* gates.check("SPEC-001", "TEST-INTEGRATE")
        same([verdict.passed, verdict.outcomes[0]?.cached], [true, true])
        // The whole name of the commit, not a short one that another commit may come to share.
        assert.match(verdict.outcomes[0]?.evidence?.commit ?? "", /^[0-9a-f]{40}$/)
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("full tests of their own are run, and the tests before them do not stand in for them", () =>
    Effect.gen(function* () {
      const config = JSON.stringify({ gates: { fullTests: ["make", "everything"] } })
      yield* World.commitIn(CalmTest.repo, { ".calm/project.json": config })
      const { check, gates } = yield* implemented
      yield* check
      same(yield* runs(gates.check("SPEC-001", "TEST-INTEGRATE")), ["command"])
      const processes = yield* ProcessRunner.ScriptedProcesses
      const last = (yield* processes.requests).at(-1)
      assert.strictEqual(last?.env?.["CALM_COMMAND"], '["make","everything"]')
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of many runs only the last ones are looked at, and those of this very code", () =>
    Effect.gen(function* () {
      const { check, gates, tasks } = yield* implemented
      yield* check
      yield* World.commit("SPEC-001", { "src/SPEC-001.js": "changed" })
      for (let times = 0; times < 3; times++) yield* gates.check("SPEC-001", gate, { fresh: true })
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      same(yield* runs(check), [])
      const finder = yield* FactFinder
      const task = yield* tasks.get("SPEC-001")
      const { evidence } = yield* finder.complete(task, yield* finder.survey(task))
      same(evidence.map(({ key }) => key).sort(), [...everyScript, ...everyScript].sort())
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a run that could not be had voids what came before it, also when the code comes back to it later", () =>
    Effect.gen(function* () {
      const { check, checks, gates } = yield* implemented
      yield* check
      yield* checks.set("linter", { exitCode: 2 })
      yield* gates.check("SPEC-001", gate, { fresh: true })
      yield* checks.set("linter", {})
      yield* World.commit("SPEC-001", { "src/SPEC-001.js": "changed" })
      yield* check
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      same(yield* runs(check), ["linter"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("--fresh runs everything again, and its answer goes before the one on record", () =>
    Effect.gen(function* () {
      const { check, checks, gates } = yield* implemented
      yield* check
      yield* checks.set("linter", { exitCode: 1, stdout: "src/a.js: unused\n" })
      assert.isTrue((yield* check).verdict.passed)
      const fresh = gates.check("SPEC-001", gate, { fresh: true })
      same(yield* runs(fresh), everyScript)
      same(lacking((yield* fresh).verdict), ["linter"])
      same(lacking((yield* check).verdict), ["linter"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a new code commit voids results, approvals of code and code reviews, and each refusal says so", () =>
    Effect.gen(function* () {
      const { gates, reviews, transitions } = yield* calm
      yield* World.featureIn("TEST")
      yield* World.commit("SPEC-001", { "src/more.js": "more" })
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "INTEGRATE" }), "MoveRefused")
      assert.include(refused.outcomes[0]?.summary, "the code changed since it was checked")
      const { verdict } = yield* gates.check("SPEC-001", "CODE_REVIEW-TEST")
      assert.include(verdict.outcomes[0]?.summary, "0 of 2 approvals; earlier ones are outdated")
      same(
        (yield* reviews.list("SPEC-001", "code")).reviews.map(({ weight }) => weight),
        ["outdated", "outdated"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a changelog, a plan or another document voids nothing", () =>
    Effect.gen(function* () {
      const { check } = yield* implemented
      yield* check
      yield* World.forward("SPEC-001")
      yield* World.approveTwice("SPEC-001", "code")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      yield* World.commit("SPEC-001", { "planning_docs/SPEC-001/notes.md": "note", "bug_reports/BUG-9.md": "seen" })
      same(yield* runs(World.forward("SPEC-001")), [])
      same(yield* runs(World.forward("SPEC-001")), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("merging the base in makes the tests run again and keeps the reviews of the same change", () =>
    Effect.gen(function* () {
      const { git, path } = yield* implemented
      yield* World.advance("SPEC-001")
      yield* World.approveTwice("SPEC-001", "code")
      const ours = yield* World.commit("SPEC-001", {})
      const base = yield* World.commitIn(CalmTest.repo, { "src/other.js": "of the base" })
      const { tree } = yield* git.mergeTree({ checkout: path, ours, theirs: base })
      const merged = yield* git.commitTree({ repo: CalmTest.repo, tree, parents: [ours, base], message: "Merge main" })
      yield* git.fastForward({ checkout: path, to: merged })
      const { gates, reviews } = yield* calm
      assert.strictEqual((yield* reviews.check("SPEC-001", "code")).state, "complete")
      same(yield* runs(gates.check("SPEC-001", gate)), everyScript)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("another message on the same commit keeps everything", () =>
    Effect.gen(function* () {
      const { control, gates, git, path, reviews } = yield* implemented
      yield* World.advance("SPEC-001")
      yield* World.approveTwice("SPEC-001", "code")
      const head = yield* World.commit("SPEC-001", {})
      const parent = yield* git.firstParent(CalmTest.repo, head)
      assert.isTrue(parent._tag === "Some")
      if (parent._tag === "None") return
      const { tree } = yield* git.mergeTree({ checkout: path, ours: head, theirs: parent.value })
      const amended = yield* git.commitTree({
        repo: CalmTest.repo,
        tree,
        parents: [parent.value],
        message: "Said better"
      })
      yield* control.switchTo(path, { commit: amended })
      const from = {
        repo: CalmTest.repo,
        ref: "refs/heads/SPEC-001",
        from: { ...parent, value: head },
        reason: "amend"
      }
      yield* git.updateRef({ ...from, to: { ...parent, value: amended } })
      yield* control.switchTo(path, { branch: "refs/heads/SPEC-001" })
      assert.notStrictEqual(amended, head)
      same(yield* runs(gates.check("SPEC-001", gate)), [])
      assert.strictEqual((yield* reviews.check("SPEC-001", "code")).state, "complete")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a failed result stands as well: a red gate does not turn green by asking again", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("tests", { exitCode: 1, stdout: `${CalmTest.counts(2, 1, 0)}expected 1 to be 2\n` })
      yield* check
      yield* checks.set("tests", { stdout: CalmTest.counts(3, 0, 0) })
      const { verdict } = yield* check
      same(lacking(verdict), ["tests"])
      const [tests] = verdict.outcomes
      same([tests?.cached, tests?.evidence?.counts], [true, { passed: 2, failed: 1, skipped: 0 }])
      assert.include(tests?.evidence?.tail, "expected 1 to be 2")
      assert.include(tests?.hint, "tail -n 100 ")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("what could not be checked is no result: the next check runs it again, and only it", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("linter", { exitCode: 2 })
      assert.strictEqual((yield* check).verdict.unmet, "unavailable")
      yield* checks.set("linter", {})
      same(yield* runs(check), ["linter"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
