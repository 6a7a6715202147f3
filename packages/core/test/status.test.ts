import { CurrentProject } from "@calm/core/CurrentProject"
import { Workers } from "@calm/core/Workers"
import { CounterValue, mergeLock, mergesSinceDocs, mergesSinceE2e } from "@calm/domain/Counter"
import * as Phase from "@calm/domain/Phase"
import { ScriptedProcesses } from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { because, calm, failure, lacking, named, same, trail } from "./support/calm.ts"

describe("explain", () => {
  it.effect("names for every move what is met and unmet, and the one command to run now", () =>
    Effect.gen(function* () {
      const { explain } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      const { moves, next } = yield* explain.explain("SPEC-001")
      same(
        moves.map(({ kind, to }) => `${kind} ${to}`),
        ["forward CODE_REVIEW", "rework DESIGN", "rework SPEC", "cancel CANCELLED"]
      )
      const ahead = moves[0]?.verdict?.outcomes ?? []
      same(
        ahead.map(({ check }) => check),
        ["tests", "linter", "types", "no untracked TODOs", "code changed"]
      )
      assert.isTrue(ahead.every(({ hint }) => hint !== null))
      same(next, "calm gate check SPEC-001 IMPLEMENT-CODE_REVIEW")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("agrees with the transition at every phase of a feature, met or not", () =>
    Effect.gen(function* () {
      const { explain, merges, transitions } = yield* calm
      yield* World.featureIn("SPEC")
      for (const phase of ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY"] as const) {
        const { moves } = yield* explain.explain("SPEC-001")
        const [ahead] = moves
        const verdict = ahead?.verdict ?? undefined
        if (verdict === undefined) return assert.fail(`nothing is ahead of ${phase}`)
        if (verdict.passed) yield* transitions.transition("SPEC-001", { to: ahead?.to ?? "" })
        else if (phase === "INTEGRATE") {
          const error = yield* failure(merges.merge("SPEC-001"), "MoveRefused")
          same(lacking(verdict), named(error))
          yield* World.advance("SPEC-001")
        } else {
          const error = yield* failure(transitions.transition("SPEC-001", { to: ahead?.to ?? "" }), "MoveRefused")
          same(
            verdict.outcomes.filter(({ unmet }) => unmet !== null),
            error.outcomes
          )
          yield* World.advance("SPEC-001")
        }
      }
      const { moves, next } = yield* explain.explain("SPEC-001")
      same([moves, next], [[], null])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("once all is met the next command is the move itself", () =>
    Effect.gen(function* () {
      const { explain, gates } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      yield* gates.check("SPEC-001", null)
      same((yield* explain.explain("SPEC-001")).next, "calm task transition SPEC-001 CODE_REVIEW")
      yield* World.advance("SPEC-001")
      yield* World.advance("SPEC-001")
      yield* World.advance("SPEC-001")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      same((yield* explain.explain("SPEC-001")).next, "calm worktree merge SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("runs no check and changes nothing, whatever the phase", () =>
    Effect.gen(function* () {
      const { explain, tasks } = yield* calm
      yield* World.planned("bug", "BUG-001")
      const processes = yield* ScriptedProcesses
      for (const phase of Phase.phasesOf("bug")) {
        yield* tasks.update("BUG-001", { override: { phase, reason: because("a test") } })
        const before = yield* trail
        yield* explain.explain("BUG-001")
        same(yield* trail, before)
      }
      same(yield* processes.requests, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("status", () => {
  it.effect("shows open tasks with what they wait for and where they are worked on, counters and the last merges", () =>
    Effect.gen(function* () {
      const { status } = yield* calm
      yield* World.featureIn("DONE")
      yield* World.featureIn("SPEC", "SPEC-002")
      yield* World.planned("bug", "BUG-001", ["SPEC-001", "SPEC-002"])
      const { counters, health, merges, project, tasks } = yield* status.overview
      same(
        tasks.map(({ id, phase, waitsFor, worktree }) => [id, phase, waitsFor, worktree]),
        [
          ["BUG-001", "REPORTED", ["SPEC-002"], null],
          ["SPEC-002", "SPEC", [], `${CalmTest.repo}/.worktrees/SPEC-002`]
        ]
      )
      same([project.path, health.level], [CalmTest.repo, "HEALTHY"])
      same(
        counters.map(({ value }) => value),
        [0, 1, 1]
      )
      same(
        merges.map(({ branch, taskId }) => [taskId, branch]),
        [["SPEC-001", "SPEC-001"]]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("starts no program, however many tasks there are", () =>
    Effect.gen(function* () {
      const { status } = yield* calm
      for (let n = 0; n < 30; n += 1) yield* World.planned("feature", `SPEC-${n}`, n === 0 ? [] : [`SPEC-${n - 1}`])
      const processes = yield* ScriptedProcesses
      same([(yield* status.overview).tasks.length, (yield* processes.requests).length], [30, 0])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  const health = Effect.flatMap(calm, ({ status }) => status.overview).pipe(
    Effect.map((overview) => ({
      level: overview.health.level,
      hints: overview.health.reasons.map(({ hint }) => hint)
    }))
  )

  it.effect("is degraded while merges are held back", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      yield* counters.increment(mergeLock)
      same(yield* health, { level: "DEGRADED", hints: ["calm counter reset merge_lock"] })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("asks for attention from twelve merges on, and not at eleven", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      for (const name of [mergesSinceE2e, mergesSinceDocs]) yield* counters.set(name, CounterValue.make(11))
      same((yield* health).level, "HEALTHY")
      for (const name of [mergesSinceE2e, mergesSinceDocs]) yield* counters.increment(name)
      same(yield* health, {
        level: "ATTENTION",
        hints: ["calm counter reset merges_since_e2e", "calm counter reset merges_since_docs"]
      })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("asks for attention when a task waits for a cancelled one, or the folder of a worktree is gone", () =>
    Effect.gen(function* () {
      const { files, tasks } = yield* calm
      yield* World.planned("feature", "SPEC-002")
      yield* World.featureIn("SPEC")
      yield* tasks.update("SPEC-001", { blockedBy: [(yield* tasks.get("SPEC-002")).id] })
      yield* tasks.cancel("SPEC-002", because("not wanted"))
      yield* files.remove(`${CalmTest.repo}/.worktrees/SPEC-001`, { recursive: true })
      same(yield* health, {
        level: "ATTENTION",
        hints: ['calm task update SPEC-001 --blocked-by ""', "calm worktree create SPEC-001"]
      })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("asks for attention for stale workers, in one line, and for the links of a moved repository", () =>
    Effect.gen(function* () {
      const { files, projects, status } = yield* calm
      const workers = yield* Workers
      yield* World.featureIn("SPEC")
      yield* workers.start("SPEC-001", "backend")
      same((yield* status.overview).workers.length, 1)
      yield* TestClock.adjust("2 hours")
      same((yield* health).level, "HEALTHY")
      yield* TestClock.adjust("1 minute")
      same(yield* health, { level: "ATTENTION", hints: ["calm worker cleanup"] })
      yield* workers.cleanup()
      same((yield* health).level, "HEALTHY")
      yield* files.rename(CalmTest.repo, "/moved")
      const project = yield* projects.find("/moved")
      const { reasons } = yield* status.health.pipe(Effect.provideService(CurrentProject, project))
      same(
        reasons.map(({ hint }) => hint),
        ["git -C /moved worktree repair /moved/.worktrees/SPEC-001"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says in its parts what it says as a whole", () =>
    Effect.gen(function* () {
      const { counters, files, status } = yield* calm
      yield* World.featureIn("VERIFY")
      yield* World.bugIn("INVESTIGATED")
      yield* World.featureIn("SPEC", "SPEC-002")
      yield* counters.increment(mergeLock)
      yield* files.remove(`${CalmTest.repo}/.worktrees/SPEC-002`, { recursive: true })
      const whole = yield* status.overview
      same(yield* status.health, whole.health)
      same(yield* status.merges(5), whole.merges)
      const parts = yield* status.tasks
      same(
        parts.tasks.map(({ id }) => id),
        ["SPEC-002", "SPEC-001", "BUG-001"]
      )
      same(
        parts.phases.map(({ count, phase }) => [phase, count]),
        [
          ["SPEC", 1],
          ["VERIFY", 1],
          ["INVESTIGATED", 1]
        ]
      )
      same(
        (yield* status.worktrees).map(({ findings, taskId }) => [taskId, findings.map(({ code }) => code)]),
        [
          ["BUG-001", []],
          ["SPEC-002", ["folder_missing"]]
        ]
      )
      same(whole.next, "calm counter reset merge_lock")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
