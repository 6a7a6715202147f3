/**
 * What the original did wrong, and the test that shows that calm does not.
 *
 * | The original | Shown by |
 * |---|---|
 * | moved tasks forward without reviews, gates or code | here: "nothing moves without evidence" |
 * | called a gate that does not exist passed | here: "a gate that does not exist" |
 * | passed checks that it did not know | here: "a check of an unknown kind, or a script that is missing" |
 * | counted a person's approval among the automatic ones | here: "a person's approval"; `gates.test.ts` |
 * | took three approvals, and kept one that asked for changes apart from those it cleared | `reviews.test.ts` |
 * | saw no conflict where there was one; merged halfway, gave no reason, left main unmerged | `conflicts.test.ts` |
 * | merged from any phase, without a trace, and deleted uncommitted files | here: "a merge before its time"; `uncommitted.test.ts` |
 * | left the phase as it was after a merge, and wrote no log | `flow.test.ts`; here: "a merge leaves its trace" |
 * | answered 0 for a counter that does not exist | here: "a counter that does not exist" |
 * | showed no tasks and no health in its status | here: "the status" |
 * | (did well) refused to merge from inside of the worktree, and behind a merge lock | here: "a merge from inside"; `merges.test.ts` |
 * | recorded shortened commits and local times without a zone | here: "a merge leaves its trace" |
 * | knew Python's tools alone | here and in `gates/test`: JavaScript, Python, Rust, Go, shell |
 * | took a missing tool for a failure | `checks.test.ts`: "a linter that is configured and not installed" |
 * | rejected tracked TODOs, and passed where git failed | here: "a TODO"; `gates/test/todos.test.ts` |
 * | took a section that begins with a sub-heading for empty | `domain/test/Document.test.ts`; here: "a section" |
 * | ran the tests twice more to count what was skipped | here: "the tests run once" |
 * | never recorded which tests failed | `uncommitted.test.ts`: the counts of "a failing test" |
 * | had one limit of time for all projects | `checks.test.ts`: "a test that hangs" |
 * | ran the tests of a worktree on the main checkout's code | `dependencies.test.ts`; `gates/test/python.test.ts` |
 * | could not clear what a task is blocked by | `tasks.test.ts`: "an empty list clears" |
 * | went on with malformed settings | here: "malformed settings" |
 * | copied a database in use as its backup; rotated named backups away | the tests of backups |
 * | saved a session without committing what was staged; guessed workers by a path | the tests of sessions and workers |
 */
import { Events } from "@calm/core/Events"
import { Status } from "@calm/core/Status"
import { CounterName } from "@calm/domain/Ids"
import { exitCodes } from "@calm/domain/Problem"
import { Git } from "@calm/git/Git"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  calm,
  commitOf,
  edit,
  lacks,
  names,
  outcome,
  put,
  ready,
  refused,
  reviewed,
  started,
  stateOf,
  withoutScripts
} from "./support/calm.ts"

const phases = ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY", "DONE"]

it.scopedLive("nothing moves without evidence: each phase of a task put there by hand refuses the next", () =>
  Effect.gen(function* () {
    const { tasks, transitions } = yield* calm
    yield* started("SPEC-001")
    for (const [index, phase] of phases.slice(0, -1).entries()) {
      yield* put("SPEC-001", phase)
      const refusal = yield* refused(
        transitions.transition("SPEC-001", { to: phases[index + 1] ?? "", gateResult: "pass" })
      )
      assert.isNotEmpty(names(refusal), phase)
      assert.strictEqual(refusal.exit, 7, phase)
      for (const [check, hint] of Object.entries(refusal.hints)) assert.isNotNull(hint, `${phase}: ${check}`)
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, phase)
    }
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a gate that does not exist is an error of the caller's, exit code 1, and no pass", () =>
  Effect.gen(function* () {
    const { gates } = yield* calm
    yield* started("SPEC-001")
    for (const name of ["FOO-BAR", "SPEC-IMPLEMENT", "", "INVESTIGATED-FIXED"]) {
      const error = yield* Effect.flip(gates.check("SPEC-001", name))
      assert.strictEqual(error._tag, "UnknownTransition", name)
      assert.strictEqual(exitCodes[error.category], 1)
    }
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a check of an unknown kind, or a script that is missing, never passes", () =>
  Effect.gen(function* () {
    const { gates, world } = yield* calm
    yield* started("SPEC-001")
    const changes = (check: object) =>
      World.commitIn(world.repo, {
        ".calm/gates.json": JSON.stringify({
          version: 1,
          gates: [{ type: "feature", from: "IMPLEMENT", to: "CODE_REVIEW", checks: [{ name: "new", ...check }] }]
        })
      })
    const check = Effect.flip(gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW"))
    yield* changes({ kind: "astrology" })
    assert.strictEqual((yield* check).category, "validation")
    yield* changes({ kind: "script", script: ".calm/checks/nowhere.mjs" })
    const missing = yield* check
    assert.strictEqual(missing.category, "unavailable")
    assert.include(missing.message, ".calm/checks/nowhere.mjs")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a person's approval is given by a person: without it the gate does not open, whoever has reviewed", () =>
  Effect.gen(function* () {
    const { transitions } = yield* calm
    yield* started("SPEC-001")
    yield* World.commitDocument("SPEC-001", "spec", "Greet.\n")
    yield* World.approveTwice("SPEC-001", "spec")
    const refusal = yield* refused(transitions.transition("SPEC-001", { to: "DESIGN" }))
    assert.deepStrictEqual(names(refusal), ["approval"])
    assert.include(refusal.hints["approval"], "calm gate approve SPEC-001 SPEC-DESIGN --by")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a merge before its time is refused with every reason, and touches neither branch nor files", () =>
  Effect.gen(function* () {
    const { merges, tasks, world } = yield* calm
    const worktree = yield* started("SPEC-001")
    yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
    yield* put("SPEC-001", "IMPLEMENT")
    edit(worktree, "notes.txt", "not committed\n")
    const before = { main: yield* stateOf(world.repo), worktree: yield* stateOf(worktree) }
    const refusal = yield* refused(merges.merge("SPEC-001"))
    assert.includeMembers([...names(refusal)], ["phase", "changelog", "tests", "code reviews", "worktree"])
    assert.deepStrictEqual({ main: yield* stateOf(world.repo), worktree: yield* stateOf(worktree) }, before)
    assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "IMPLEMENT")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a merge leaves its trace: phase, log, history, whole commit names, and times in UTC", () =>
  Effect.gen(function* () {
    const { gates, merges, tasks } = yield* calm
    yield* ready("SPEC-001")
    const { verdict } = yield* gates.check("SPEC-001", null)
    const { merge } = yield* merges.merge("SPEC-001")
    assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "VERIFY")
    const { merges: log } = yield* Effect.flatMap(Status, (status) => status.overview)
    assert.deepStrictEqual(log, [merge])
    for (const sha of [merge.head, merge.commit, merge.baseBefore, outcome(verdict, "tests")?.evidence?.commit])
      assert.match(sha ?? "", /^[0-9a-f]{40}$/)
    const events = yield* Effect.flatMap(Events, (trail) => trail.list({ limit: 100 }))
    assert.strictEqual(events.filter((event) => event.kind === "task.merged").length, 1)
    const times = [merge.at, outcome(verdict, "tests")?.evidence?.at ?? "", ...events.map((event) => event.at)]
    for (const time of times) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a counter that does not exist is not found, exit code 3, and is not 0", () =>
  Effect.gen(function* () {
    const { counters } = yield* calm
    const error = yield* Effect.flip(counters.get(CounterName.make("nope")))
    assert.strictEqual(error._tag, "CounterNotFound")
    assert.strictEqual(exitCodes[error.category], 3)
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("the status shows open tasks with phase and worktree, and the project's health", () =>
  Effect.gen(function* () {
    const worktree = yield* started("SPEC-001")
    const { health, tasks } = yield* Effect.flatMap(Status, (status) => status.overview)
    assert.deepStrictEqual(
      tasks.map((task) => [task.id, task.phase, task.worktree]),
      [["SPEC-001", "SPEC", worktree]]
    )
    assert.strictEqual(health.level, "HEALTHY")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a merge from inside of the worktree that it would take away is refused", () =>
  Effect.gen(function* () {
    const { merges } = yield* calm
    const worktree = yield* reviewed("SPEC-001")
    assert.deepStrictEqual(names(yield* refused(merges.merge("SPEC-001"))), ["folder"])
    assert.isTrue(Fs.existsSync(worktree))
  }).pipe(
    Effect.provide(
      RealWorld.layer({ files: withoutScripts, cwd: ({ repo }) => Path.join(repo, ".worktrees/SPEC-001/src") })
    )
  )
)

it.scopedLive(
  "a TODO with a task's id passes, one without fails, and one that was there before is not asked about",
  () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* started("SPEC-001")
      const todos = Effect.map(gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW"), ({ verdict }) =>
        outcome(verdict, "no untracked TODOs")
      )
      yield* World.commit("SPEC-001", { "src/a.js": "// TODO(SPEC-002): later\n" })
      assert.strictEqual((yield* todos)?.status, "passed")
      yield* World.commit("SPEC-001", { "src/b.js": "// TODO: some day\n" })
      assert.strictEqual((yield* todos)?.status, "failed")
    }).pipe(Effect.provide(RealWorld.layer({ files: { "src/old.js": "// TODO: from before\n" } })))
)

it.scopedLive("a section of a bug report that begins with a sub-heading is filled; the template's are not", () =>
  Effect.gen(function* () {
    const { gates } = yield* calm
    yield* started("BUG-001")
    const check = gates.check("BUG-001", "REPORTED-INVESTIGATED")
    yield* Effect.flatMap(calm, ({ worktrees }) => worktrees.get("BUG-001")).pipe(
      Effect.flatMap(({ path }) =>
        Effect.flatMap(Git, (git) => git.commit({ checkout: path, message: "Template", include: "all" }))
      )
    )
    assert.isFalse((yield* check).verdict.passed)
    const report = World.bugReport.replace("## Root cause\n", "## Root cause\n\n### In short\n")
    yield* World.commitDocument("BUG-001", "bug-report", report)
    assert.deepStrictEqual(names(lacks((yield* check).verdict)), [])
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("the tests run once for all the gates that ask for them, as long as the code is the same", () =>
  Effect.gen(function* () {
    const { user } = yield* RealWorld.RealWorld
    yield* World.bugIn("TESTED")
    assert.strictEqual(Fs.readFileSync(Path.join(user, "runs"), "utf8"), "run\n")
  }).pipe(
    Effect.provide(
      RealWorld.layer({
        files: {
          "test/counts.test.js": `import { appendFileSync } from "node:fs"\nappendFileSync(process.env.HOME + "/runs", "run\\n")\n`
        }
      })
    )
  )
)

it.scopedLive("malformed settings of the base are an error that names the file, and nothing passes on them", () =>
  Effect.gen(function* () {
    const { gates, merges, world } = yield* calm
    yield* reviewed("SPEC-001")
    const main = yield* commitOf("main")
    const faults = {
      ".calm/project.json": ["{", `{"gates": {"timeout": "long"}}`, `{"gates": {"requireall": true}}`],
      ".calm/gates.json": ["[]", `{"version": 2, "gates": []}`]
    }
    for (const [file, texts] of Object.entries(faults)) {
      for (const text of texts) {
        yield* World.commitIn(world.repo, { [file]: text })
        const asked = yield* Effect.flip(gates.check("SPEC-001", null))
        const refusal = yield* Effect.flip(merges.merge("SPEC-001"))
        assert.deepStrictEqual([asked._tag, refusal._tag], ["ConfigInvalid", "ConfigInvalid"], text)
        assert.include(asked.message, file)
        yield* world.git(world.repo, "reset", "--quiet", "--hard", main)
      }
    }
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
