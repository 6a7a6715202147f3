import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { asWorker, because, by, calm, failure, lacking, note, same, trail } from "./support/calm.ts"

const scripts = ["tests", "linter", "types", "todos"]
const gate = "IMPLEMENT-CODE_REVIEW"

/** A feature in IMPLEMENT whose worktree has code and a test. */
const implemented = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("IMPLEMENT")
  yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
  const { path } = yield* world.worktrees.get("SPEC-001")
  return { ...world, path, check: world.gates.check("SPEC-001", gate) }
})

/** How many scripts a check runs. */
const runs = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { checks } = yield* calm
    const before = (yield* checks.ran).length
    yield* effect
    return (yield* checks.ran).slice(before).sort()
  })

const sorted = [...scripts].sort()

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
      same(yield* runs(gates.check("SPEC-001", null)), sorted)
      const { verdict } = yield* gates.check("SPEC-001", null)
      same(lacking(verdict), ["code reviews", "changelog"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what a result is bound to", () => {
  it.effect("each script runs once; its result is reused while the code is the same, and shared with the full tests", () =>
    Effect.gen(function* () {
      const { check, gates } = yield* implemented
      same(yield* runs(check), sorted)
      same(yield* runs(check), [])
      const { verdict } = yield* gates.check("SPEC-001", "TEST-INTEGRATE")
      same([verdict.passed, verdict.outcomes[0]?.cached], [true, true])
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

  it.effect("--fresh runs everything again, and its answer goes before the one on record", () =>
    Effect.gen(function* () {
      const { check, checks, gates } = yield* implemented
      yield* check
      yield* checks.set("linter", { exitCode: 1, stdout: "src/a.js: unused\n" })
      assert.isTrue((yield* check).verdict.passed)
      const fresh = gates.check("SPEC-001", gate, { fresh: true })
      same(yield* runs(fresh), sorted)
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
      same((yield* reviews.list("SPEC-001", "code")).reviews.map(({ weight }) => weight), ["outdated", "outdated"])
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
      same(yield* runs(gates.check("SPEC-001", gate)), sorted)
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
      const amended = yield* git.commitTree({ repo: CalmTest.repo, tree, parents: [parent.value], message: "Said better" })
      yield* control.switchTo(path, { commit: amended })
      const from = { repo: CalmTest.repo, ref: "refs/heads/SPEC-001", from: { ...parent, value: head }, reason: "amend" }
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
      assert.include(tests?.hint, "--fresh")
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
      assert.strictEqual((yield* failure(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }), "MoveRefused")).category, "unavailable")
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

  it.effect("without a worktree nothing can be run: what was checked before still stands, but not for who asks for fresh results", () =>
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
      same([(yield* check).verdict.unmet, (yield* check).verdict.outcomes[0]?.hint], ["unavailable", "calm worktree create SPEC-001"])
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
      same(yield* runs(check), sorted)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("scripts get the worktree, the task and what they judge against; git's own variables do not reach them", () =>
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

describe("people's approvals of gates", () => {
  const specified = Effect.gen(function* () {
    const world = yield* calm
    yield* World.featureIn("SPEC")
    yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
    return world
  })

  it.effect("an approval is bound to the document: it is void when that changes and counts again when it is as it was", () =>
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
        assert.strictEqual((yield* failure(gates.approve("SPEC-001", name, by("me"), null), "ApprovalNotAsked")).category, "refused")
      const missing = yield* failure(gates.approve("SPEC-001", "DESIGN-IMPLEMENT", by("me"), null), "ApprovalNotAsked")
      assert.include(missing.message, "planning_docs/SPEC-001/proposal.md is not committed")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("for a task of documents alone a person's approval replaces the changed code, until the documents change", () =>
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

describe("documents", () => {
  it.effect("an uncommitted document does not count, and one of the base does", () =>
    Effect.gen(function* () {
      const { gates, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { "planning_docs/SPEC-001/proposal.md": "A function.\n" })
      const proposal = Effect.map(gates.check("SPEC-001", "DESIGN-IMPLEMENT"), ({ verdict }) => verdict.outcomes[0]?.status)
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
      yield* World.commitDocument("BUG-001", "bug-report", World.bugReport.replace("Handle it in", "### Files\n\nHandle it in"))
      assert.strictEqual((yield* report)?.status, "passed")
      yield* World.commitDocument("BUG-001", "bug-report", World.bugReport.replace(/## Root cause\n\n.*\n/, "## Root cause\n\nTBD\n"))
      assert.include((yield* report)?.summary, 'its section "Root cause" is not filled in')
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the trail of gates", () => {
  it.effect("a check that runs something writes one event with its results, and one that runs nothing writes none", () =>
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
