import * as Gate from "@calm/domain/Gate"
import * as Phase from "@calm/domain/Phase"
import { Rulebook } from "@calm/core/Rulebook"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asWorker, because, calm, failure, lacking, named, note, same, trail } from "./support/calm.ts"

const types = Phase.TaskType.literals
const first = { feature: "SPEC-001", bug: "BUG-001" }

/** A task put into a phase past all gates, by the override that people have. */
const overridden = (type: Phase.TaskType, phase: string) =>
  Effect.gen(function* () {
    const { tasks } = yield* calm
    const task = yield* World.planned(type, first[type])
    return yield* tasks.update(task.id, { override: { phase, reason: because("a test of the gate after it") } })
  })

describe("no transition without its evidence", () => {
  for (const type of types)
    for (const phase of Phase.chain(type).slice(0, -1))
      it.effect(`a ${type} without any evidence does not leave ${phase}, and every check of the gate is named`, () =>
        Effect.gen(function* () {
          const { tasks, transitions } = yield* calm
          const { builtIn } = yield* Rulebook
          const task = yield* overridden(type, phase)
          const to = Phase.next(type, phase) ?? phase
          const refused = yield* failure(transitions.transition(task.id, { to }), "MoveRefused")
          same(
            named(refused),
            Gate.from(builtIn, type, phase)?.checks.map((check) => check.name)
          )
          assert.strictEqual(refused.category, "refused")
          assert.isTrue(refused.outcomes.every((outcome) => outcome.hint !== null))
          assert.strictEqual((yield* tasks.get(task.id)).phase, phase)
        }).pipe(Effect.provide(CalmTest.layer))
      )

  it.effect("a feature on its way is stopped before each phase whose evidence is not there yet", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.featureIn("SPEC")
      const stopped: Array<string> = []
      for (let task = yield* tasks.get("SPEC-001"); task.phase !== "DONE"; task = yield* World.advance("SPEC-001")) {
        const exit = yield* Effect.either(
          transitions.transition(task.id, { to: Phase.next("feature", task.phase) ?? "" })
        )
        if (exit._tag === "Left") stopped.push(task.phase)
        else yield* transitions.transition(task.id, { to: task.phase, reason: because("to go on in order") })
      }
      // The results of IMPLEMENT-CODE_REVIEW stand for the full tests, too: nothing else may be passed unseen.
      same(stopped, ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "INTEGRATE", "VERIFY"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const type of types)
    it.effect(`saying --gate-result pass with details never replaces the evidence of a ${type}`, () =>
      Effect.gen(function* () {
        const { tasks, transitions } = yield* calm
        yield* World.planned(type, first[type])
        for (const phase of Phase.chain(type).slice(0, -1)) {
          yield* tasks.update(first[type], { override: { phase, reason: because("a test") } })
          const to = Phase.next(type, phase) ?? phase
          const wish = { to, gateResult: "pass", gateDetails: note("all is fine, believe me") } as const
          yield* failure(transitions.transition(first[type], wish), "MoveRefused")
        }
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("VERIFY is left only when somebody says what was verified: pass without details says nothing", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.featureIn("VERIFY")
      const wishes = [
        { to: "DONE" },
        { to: "DONE", gateResult: "pass" },
        { to: "DONE", gateResult: "pass", gateDetails: note(" \n ") },
        { to: "DONE", gateDetails: note("details without a result") }
      ] as const
      for (const wish of wishes)
        same(named(yield* failure(transitions.transition("SPEC-001", wish), "MoveRefused")), ["attested"])
      yield* transitions.transition("SPEC-001", { to: "DONE", gateResult: "pass", gateDetails: note("tried by hand") })
      const { transitions: moves } = yield* tasks.details("SPEC-001")
      assert.strictEqual(moves.at(-1)?.gateDetails, "tried by hand")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("only a merge makes the move into the base, even when everything else is there", () =>
    Effect.gen(function* () {
      const { transitions } = yield* calm
      yield* World.featureIn("INTEGRATE")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "VERIFY" }), "MoveRefused")
      same(named(refused), ["merged"])
      assert.strictEqual(refused.hint, "calm worktree merge SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a project that takes the merged check out of its table still cannot move without a merge", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      const gates = [{ type: "feature", from: "INTEGRATE", to: "VERIFY", mode: "replace", checks: [] }]
      yield* World.commitIn(CalmTest.repo, { ".calm/gates.json": JSON.stringify({ version: 1, gates }) })
      yield* overridden("feature", "INTEGRATE")
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "VERIFY" }), "MoveRefused")
      same(named(refused), ["merged"])
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("which moves there are", () => {
  it.effect("a phase that the type of task does not have is an error that lists those it has", () =>
    Effect.gen(function* () {
      const { transitions } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      for (const to of ["NOPE", "", "REPORTED", "FIXED"]) {
        const error = yield* failure(transitions.transition("SPEC-001", { to }), "UnknownPhase")
        assert.strictEqual(error.category, "validation")
        same(error.known, Phase.phasesOf("feature"))
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("phase names are understood in any case and with space around them", () =>
    Effect.gen(function* () {
      const { transitions } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const refused = yield* failure(transitions.transition("SPEC-001", { to: " design " }), "MoveRefused")
      assert.strictEqual(refused.action, "move to DESIGN")
      const back = yield* failure(transitions.transition("SPEC-001", { to: "spec" }), "NoSuchTransition")
      assert.strictEqual(back.to, "SPEC")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const type of types)
    it.effect(`a ${type} goes forward one step at a time: every jump is refused with the moves that exist`, () =>
      Effect.gen(function* () {
        const { tasks, transitions } = yield* calm
        yield* World.planned(type, first[type])
        for (const from of Phase.phasesOf(type)) {
          yield* tasks.update(first[type], { override: { phase: from, reason: because("a test") } })
          for (const to of Phase.phasesOf(type)) {
            if (Phase.move(type, from, to) !== "none") continue
            const wish = { to, reason: because("a jump") }
            const error = yield* failure(transitions.transition(first[type], wish), "NoSuchTransition")
            assert.strictEqual(error.category, "refused")
            assert.notInclude(error.possible, to)
          }
        }
        assert.strictEqual((yield* tasks.get(first[type])).phase, "CANCELLED")
      }).pipe(Effect.provide(CalmTest.layer))
    )

  for (const finished of ["DONE", "CANCELLED"])
    it.effect(`${finished} is left by no transition, only by the override`, () =>
      Effect.gen(function* () {
        const { tasks, transitions } = yield* calm
        yield* overridden("feature", finished)
        for (const to of ["SPEC", "VERIFY", "IMPLEMENT"]) {
          const error = yield* failure(
            transitions.transition("SPEC-001", { to, reason: because("more") }),
            "NoSuchTransition"
          )
          same(error.possible, [])
        }
        yield* tasks.update("SPEC-001", { override: { phase: "implement", reason: because("it came back") } })
        assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "IMPLEMENT")
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("rework needs a reason, goes to any earlier phase and voids nothing by itself", () =>
    Effect.gen(function* () {
      const { checks, tasks, transitions } = yield* calm
      yield* World.featureIn("INTEGRATE")
      const error = yield* failure(transitions.transition("SPEC-001", { to: "SPEC" }), "ReasonMissing")
      assert.strictEqual(error.category, "validation")
      assert.include(error.hint, "--reason")
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
      yield* transitions.transition("SPEC-001", { to: "SPEC", reason: because("another look") })
      const runs = (yield* checks.ran).length
      // The code is what it was, so all the evidence on the way forward still stands.
      for (const to of ["DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE"])
        yield* transitions.transition("SPEC-001", { to })
      assert.strictEqual((yield* checks.ran).length, runs)
      const { transitions: moves } = yield* tasks.details("SPEC-001")
      same(
        moves.filter((move) => move.kind === "rework").map(({ from, reason, to }) => ({ from, reason, to })),
        [{ from: "INTEGRATE", reason: "another look", to: "SPEC" }]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a failed attempt moves nothing, is on record, and needs neither evidence nor reason", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const wish = { to: "DESIGN", gateResult: "fail", gateDetails: note("the spec contradicts itself") } as const
      const moved = yield* transitions.transition("SPEC-001", wish)
      assert.strictEqual(moved.kind, "attempt")
      assert.isNull(moved.verdict)
      const { task, transitions: moves } = yield* tasks.details("SPEC-001")
      assert.strictEqual(task.phase, "SPEC")
      same(
        moves.map(({ from, gateDetails, gateResult, kind, to }) => ({ from, gateDetails, gateResult, kind, to })),
        [{ from: "SPEC", gateDetails: wish.gateDetails, gateResult: "fail", kind: "attempt", to: "DESIGN" }]
      )
      assert.strictEqual((yield* trail)[0], "task.attempted")
      // Even an attempt is one at a move that exists.
      yield* failure(transitions.transition("SPEC-001", { to: "TEST", gateResult: "fail" }), "NoSuchTransition")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a transition records who made it, the head that was judged, and what was said", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.featureIn("SPEC")
      const commit = yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
      yield* World.approveTwice("SPEC-001", "spec")
      yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
      yield* transitions
        .transition("SPEC-001", { to: "DESIGN", reason: because("ready") })
        .pipe(asWorker("architect-1"))
      const [move] = (yield* tasks.details("SPEC-001")).transitions
      assert.strictEqual(move?.actor, "architect-1")
      assert.strictEqual(move?.commit, commit)
      assert.strictEqual(move?.reason, "ready")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an unknown task is an error that says how to list the known ones", () =>
    Effect.gen(function* () {
      const { transitions } = yield* calm
      const error = yield* failure(transitions.transition("SPEC-404", { to: "DESIGN" }), "TaskNotFound")
      assert.strictEqual(error.category, "not_found")
      assert.strictEqual(error.hint, "calm task list --all")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of two fibers that want the same move at once, one makes it and the other is told", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.featureIn("SPEC")
      yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
      yield* World.approveTwice("SPEC-001", "spec")
      yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
      const move = Effect.either(transitions.transition("SPEC-001", { to: "DESIGN" }))
      const outcomes = yield* Effect.all([move, move], { concurrency: "unbounded" })
      same(outcomes.map((outcome) => outcome._tag).sort(), ["Left", "Right"])
      const told = outcomes.find((outcome) => outcome._tag === "Left")
      assert.strictEqual(told?._tag === "Left" ? told.left._tag : "", "TaskChanged")
      assert.strictEqual((yield* tasks.details("SPEC-001")).transitions.length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("blockers", () => {
  /** SPEC-001 with all that DESIGN-IMPLEMENT asks for, and SPEC-002 for it to wait for. */
  const ready = Effect.gen(function* () {
    yield* World.planned("feature", "SPEC-002")
    yield* World.featureIn("DESIGN")
    yield* World.commitDocument("SPEC-001", "proposal", "A function.\n")
    yield* World.approveTwice("SPEC-001", "proposal")
    yield* World.approveGate("SPEC-001", "DESIGN-IMPLEMENT")
  })

  it.effect("a task with an unfinished blocker may be planned, and goes no further until it is DONE", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-002")
      yield* World.featureIn("SPEC")
      yield* tasks.update("SPEC-001", { blockedBy: [(yield* tasks.get("SPEC-002")).id] })
      yield* World.advance("SPEC-001")
      const refused = yield* failure(World.advance("SPEC-001"), "MoveRefused")
      same(named(refused), ["blockers"])
      assert.include(refused.outcomes[0]?.summary, "waits for SPEC-002, which is SPEC")
      yield* tasks.update("SPEC-002", { override: { phase: "DONE", reason: because("done elsewhere") } })
      assert.strictEqual((yield* World.advance("SPEC-001")).phase, "IMPLEMENT")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a bug with an unfinished blocker may be investigated and no more", () =>
    Effect.gen(function* () {
      yield* World.planned("bug", "BUG-002")
      const { tasks } = yield* calm
      yield* World.bugIn("REPORTED")
      yield* tasks.update("BUG-001", { blockedBy: [(yield* tasks.get("BUG-002")).id] })
      assert.strictEqual((yield* World.advance("BUG-001")).phase, "INVESTIGATED")
      same(named(yield* failure(World.advance("BUG-001"), "MoveRefused")), ["blockers"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a cancelled or deleted blocker holds on, and says how to clear it; clearing it lets the task go", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* ready
      const move = transitions.transition("SPEC-001", { to: "IMPLEMENT" })
      yield* tasks.update("SPEC-001", { blockedBy: [(yield* tasks.get("SPEC-002")).id] })
      yield* tasks.cancel("SPEC-002", because("not wanted"))
      const cancelled = yield* failure(move, "MoveRefused")
      assert.strictEqual(cancelled.hint, 'calm task update SPEC-001 --blocked-by ""')
      assert.include(cancelled.outcomes[0]?.summary, "CANCELLED")
      yield* tasks.hide("SPEC-002")
      assert.include((yield* failure(move, "MoveRefused")).outcomes[0]?.summary, "deleted")
      yield* tasks.update("SPEC-001", { blockedBy: [] })
      assert.strictEqual((yield* move).task.phase, "IMPLEMENT")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a blocker that comes up late stops the task where it is, and rework stays possible", () =>
    Effect.gen(function* () {
      const { tasks, transitions } = yield* calm
      yield* World.planned("feature", "SPEC-002")
      yield* World.featureIn("TEST")
      yield* tasks.update("SPEC-001", { blockedBy: [(yield* tasks.get("SPEC-002")).id] })
      same(named(yield* failure(transitions.transition("SPEC-001", { to: "INTEGRATE" }), "MoveRefused")), ["blockers"])
      yield* transitions.transition("SPEC-001", { to: "DESIGN", reason: because("wait for SPEC-002") })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("gate check, asked what the next move still needs, names the blockers as the transition does", () =>
    Effect.gen(function* () {
      const { explain, gates, tasks } = yield* calm
      yield* ready
      yield* tasks.update("SPEC-001", { blockedBy: [(yield* tasks.get("SPEC-002")).id] })
      const { verdict } = yield* gates.check("SPEC-001", null)
      same(lacking(verdict), ["blockers"])
      // The gate by itself is met: what is asked by name is answered by name.
      assert.isTrue((yield* gates.check("SPEC-001", "DESIGN-IMPLEMENT")).verdict.passed)
      same((yield* explain.explain("SPEC-001")).moves[0]?.verdict?.outcomes, verdict.outcomes)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
