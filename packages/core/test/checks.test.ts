import { type CheckEvent, CheckProgress } from "@calm/core/CheckProgress"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { failure, lacking, same, trail } from "./support/calm.ts"
import { everyScript, gate, implemented, runs } from "./support/worlds.ts"

describe("who listens while a gate is checked", () => {
  it.effect("hears which checks run and how long they should take, what they print, and how each ended", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("tests", { stdout: `${CalmTest.counts(3, 0, 0)}`, takes: "90 seconds" })
      yield* checks.set("types", { exitCode: 1, stdout: "10 %\r\u001b[31mno such type\u001b[0m\r\n\n" })
      const listening = Effect.gen(function* () {
        const heard = yield* Ref.make<ReadonlyArray<CheckEvent>>([])
        const tell = (event: CheckEvent) => Ref.update(heard, (before) => [...before, event])
        const fiber = yield* Effect.fork(Effect.provideService(check, CheckProgress, { tell }))
        yield* TestClock.adjust("2 minutes")
        yield* Fiber.join(fiber)
        return yield* Ref.get(heard)
      })
      const [planned, ...more] = yield* listening
      assert.strictEqual(planned?._tag, "Planned")
      if (planned?._tag !== "Planned") return
      same(
        planned.checks.map(({ expected, name }) => [name, expected]),
        ["tests", "linter", "types", "no untracked TODOs"].map((name) => [name, null])
      )
      same(more.filter(({ _tag }) => _tag === "Started").length, more.filter(({ _tag }) => _tag === "Ended").length)
      assert.deepInclude(more, { _tag: "Line", key: "types", line: "no such type" })
      same(
        more.findLast((event) => event._tag === "Ended"),
        { _tag: "Ended", key: "tests", status: "passed", summary: "passed", duration: 90_000 }
      )
      // What stands is not run, so nobody hears of it; how long a failed run took says nothing of the next.
      same(yield* listening, [])
      yield* World.commit("SPEC-001", { "src/more.js": "more" })
      const [third] = yield* listening
      same(third?._tag === "Planned" ? third.checks.map(({ expected }) => expected) : third, [90_000, 0, null, 0])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("where a check may run", () => {
  it.effect("an uncommitted or untracked file makes it unavailable, named, with nothing run and nothing recorded", () =>
    Effect.gen(function* () {
      const { check, control, path, transitions } = yield* implemented
      yield* World.write(path, { "src/SPEC-001.js": "changed", "staged.js": "s", "untracked.js": "u" })
      yield* control.stage(path, ["staged.js"])
      const before = yield* trail
      same(yield* runs(check), [])
      const { verdict } = yield* check
      assert.strictEqual(verdict.unmet, "unavailable")
      same(lacking(verdict), ["tests", "linter", "types", "no untracked TODOs"])
      for (const name of ["src/SPEC-001.js", "staged.js", "untracked.js"])
        assert.include(verdict.outcomes[0]?.summary, name)
      same(yield* trail, before)
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }), "MoveRefused")
      assert.strictEqual(refused.category, "unavailable")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worktree that became dirty after the check does not move on with the results from before", () =>
    Effect.gen(function* () {
      const { check, path, transitions } = yield* implemented
      assert.isTrue((yield* check).verdict.passed)
      yield* World.write(path, { "src/SPEC-001.js": "not what was tested" })
      assert.strictEqual(
        (yield* failure(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }), "MoveRefused")).category,
        "unavailable"
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worktree on another branch, or detached, is not what the task's results are about", () =>
    Effect.gen(function* () {
      const { check, control, git, path } = yield* implemented
      const head = yield* git.head(path)
      assert.strictEqual(head.commit._tag, "Some")
      if (head.commit._tag === "None") return
      yield* control.switchTo(path, { commit: head.commit.value })
      same(yield* runs(check), [])
      const { verdict } = yield* check
      assert.strictEqual(verdict.unmet, "unavailable")
      assert.include(verdict.outcomes[0]?.summary, "a detached HEAD instead of SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "without a worktree nothing can be run: what was checked before still stands, but not for who asks for fresh results",
    () =>
      Effect.gen(function* () {
        const { check, gates, worktrees } = yield* implemented
        yield* check
        yield* worktrees.remove("SPEC-001", "removed")
        assert.isTrue((yield* check).verdict.passed)
        const { verdict } = yield* gates.check("SPEC-001", gate, { fresh: true })
        same([verdict.unmet, verdict.outcomes[0]?.summary], ["unavailable", "the task has no worktree"])
        yield* worktrees.restore("SPEC-001")
        yield* World.commit("SPEC-001", { "src/more.js": "more" })
        yield* TestClock.adjust("1 minute")
        yield* worktrees.remove("SPEC-001", "removed")
        same(
          [(yield* check).verdict.unmet, (yield* check).verdict.outcomes[0]?.hint],
          ["unavailable", "calm worktree restore SPEC-001"]
        )
      }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const [what, change] of [
    ["a tracked file changed", { "src/SPEC-001.js": "changed by the test" }],
    ["a file appeared that git does not ignore", { "coverage.txt": "93 %" }]
  ] as const)
    it.effect(`when ${what} during the run, nothing of it counts`, () =>
      Effect.gen(function* () {
        const { check, checks, path, transitions } = yield* implemented
        yield* checks.set("tests", { takes: "1 minute", stdout: CalmTest.counts(3, 0, 0) })
        const fiber = yield* Effect.fork(check)
        yield* TestClock.adjust("10 seconds")
        yield* World.write(path, change)
        yield* TestClock.adjust("1 minute")
        const { verdict } = yield* Fiber.join(fiber)
        assert.strictEqual(verdict.unmet, "unavailable")
        assert.include(verdict.outcomes[0]?.summary, `changed while the check ran: ${Object.keys(change).join()}`)
        yield* failure(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }), "MoveRefused")
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("when the branch moved during the run, nothing of it counts for either commit", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("tests", { takes: "1 minute", stdout: CalmTest.counts(3, 0, 0) })
      const fiber = yield* Effect.fork(check)
      yield* TestClock.adjust("10 seconds")
      yield* World.commit("SPEC-001", { "src/late.js": "late" })
      yield* TestClock.adjust("1 minute")
      const { verdict } = yield* Fiber.join(fiber)
      assert.strictEqual(verdict.unmet, "unavailable")
      assert.include(verdict.outcomes[0]?.summary, "the branch moved while the check ran")
      yield* checks.set("tests", { stdout: CalmTest.counts(3, 0, 0) })
      same(yield* runs(check), everyScript)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "scripts get the worktree, the task and what they judge against; git's own variables do not reach them",
    () =>
      Effect.gen(function* () {
        const { gates, path } = yield* implemented
        const processes = yield* ProcessRunner.ScriptedProcesses
        yield* gates.check("SPEC-001", gate)
        const request = (yield* processes.requests).find((one) => one.args[0] === "/gates/tests.mjs")
        same(request?.args, ["/gates/tests.mjs", path, "SPEC-001"])
        assert.strictEqual(request?.cwd, path)
        assert.strictEqual(request?.env?.["CALM_MAIN_CHECKOUT"], CalmTest.repo)
        assert.strictEqual(request?.env?.["CALM_MODE"], undefined)
        assert.match(request?.env?.["CALM_MERGE_BASE"] ?? "", /^[0-9a-f]{40}$/)
        assert.include(request?.logFile, "/home/me/.calm/logs/")
      }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what a script says", () => {
  it.effect("a run beyond its limit is unavailable with the category of a timeout", () =>
    Effect.gen(function* () {
      yield* World.commitIn(CalmTest.repo, { ".calm/project.json": JSON.stringify({ gates: { timeout: 90 } }) })
      const { check, checks } = yield* implemented
      yield* checks.set("types", { takes: "1 hour", stdout: "still thinking\n" })
      const fiber = yield* Effect.fork(check)
      yield* TestClock.adjust("90 seconds")
      const { verdict } = yield* Fiber.join(fiber)
      same([verdict.unmet, lacking(verdict)], ["timeout", ["types"]])
      const types = verdict.outcomes.find((outcome) => outcome.check === "types")
      same([types?.status, types?.evidence?.tail], ["unavailable", "still thinking"])
      assert.include(types?.summary, "90 s")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const [what, script, unmet] of [
    ["exit 1", { exitCode: 1 }, "refused"],
    ["exit 2", { exitCode: 2 }, "unavailable"],
    ["an exit code that means nothing, such as a missing program's 127", { exitCode: 127 }, "unavailable"],
    ["a crash with 134", { exitCode: 134 }, "unavailable"],
    ["a signal", { signal: "SIGKILL" }, "unavailable"]
  ] as const)
    it.effect(`${what} is ${unmet}, whatever the script printed before`, () =>
      Effect.gen(function* () {
        const { check, checks } = yield* implemented
        yield* checks.set("tests", { ...script, stdout: CalmTest.counts(9, 0, 0) })
        const { verdict } = yield* check
        same([verdict.passed, verdict.unmet, lacking(verdict)], [false, unmet, ["tests"]])
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("a refusal goes before a timeout, and a timeout before what could not be checked", () =>
    Effect.gen(function* () {
      const { check, checks, gates } = yield* implemented
      yield* checks.set("types", { exitCode: 2 })
      yield* checks.set("linter", { takes: "1 hour" })
      const late = yield* Effect.fork(check)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* Fiber.join(late)).verdict.unmet, "timeout")
      yield* checks.set("tests", { exitCode: 1 })
      const all = yield* Effect.fork(gates.check("SPEC-001", gate, { fresh: true }))
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* Fiber.join(all)).verdict.unmet, "refused")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("its own summary and hint are shown, and neither escape codes nor reports get into the tail", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      const stdout = "\u001b[31mred\u001b[0m line\ncalm: summary 2 of 3 tests failed\ncalm: hint npm test\n"
      yield* checks.set("tests", { exitCode: 1, stdout: stdout + CalmTest.counts(1, 2, 0) })
      const [tests] = (yield* check).verdict.outcomes
      assert.include(tests?.summary, "2 of 3 tests failed")
      assert.strictEqual(tests?.evidence?.tail, "red line")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
