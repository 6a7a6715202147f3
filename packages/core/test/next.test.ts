import { Explain } from "@calm/core/Explain"
import { NextSteps } from "@calm/core/NextSteps"
import { TaskId } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { because, calm, same, tipOf } from "./support/calm.ts"

const next = Effect.flatMap(NextSteps, ({ list }) => list)

const commands = Effect.map(next, (tasks) => tasks.map(({ command, taskId }) => [taskId, command]))

describe("what to run now", () => {
  it.effect("is what explain says of each open task in its phase, so that the two cannot disagree", () =>
    Effect.gen(function* () {
      const phases = ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY", "DONE"] as const
      for (const phase of phases) yield* World.featureIn(phase, `SPEC-${phase}`)
      for (const phase of ["REPORTED", "FIXED", "TESTED", "MERGED"] as const) yield* World.bugIn(phase, `BUG-${phase}`)
      yield* World.planned("feature", "SPEC-PLANNED")
      const { explain } = yield* Explain
      const steps = yield* next
      // DONE has nothing before it.
      same(steps.length, 12)
      for (const { command, taskId } of steps) same([taskId, command], [taskId, (yield* explain(taskId)).next])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is the move itself where all is met, and never a worktree for a task that is merged", () =>
    Effect.gen(function* () {
      yield* World.featureIn("VERIFY", "SPEC-001")
      yield* World.bugIn("REPORTED", "BUG-001")
      yield* World.commitDocument("BUG-001", "bug-report", World.bugReport)
      yield* World.featureIn("INTEGRATE", "SPEC-002")
      yield* World.commitDocument("SPEC-002", "changelog", "It is in.\n")
      const steps = yield* next
      same(
        steps.map(({ command, lacks, taskId }) => [taskId, lacks === null ? command : "more"]),
        [
          ["BUG-001", "calm task transition BUG-001 INVESTIGATED"],
          ["SPEC-001", "more"],
          ["SPEC-002", "calm worktree merge SPEC-002"]
        ]
      )
      assert.notInclude(steps[1]?.command, "worktree create")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("comes last for a task that only waits, and says for whom; one that can be planned is not held up", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.featureIn("IMPLEMENT", "SPEC-001")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      const { gates } = yield* calm
      yield* gates.check("SPEC-001", null)
      yield* World.planned("feature", "SPEC-002")
      yield* World.planned("feature", "SPEC-003", ["SPEC-002"])
      yield* tasks.update("SPEC-001", { blockedBy: [TaskId.make("SPEC-002")] })
      same(
        (yield* next).map(({ taskId, waits, waitsFor }) => [taskId, waits, waitsFor]),
        [
          ["SPEC-002", false, []],
          ["SPEC-003", false, ["SPEC-002"]],
          ["SPEC-001", true, ["SPEC-002"]]
        ]
      )
      yield* tasks.cancel("SPEC-002", because("moot"))
      same((yield* commands).at(-1), ["SPEC-001", `calm task update SPEC-001 --blocked-by ""`])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is told of all other tasks although one cannot be judged", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC", "SPEC-001")
      yield* World.featureIn("SPEC", "SPEC-002")
      const { git } = yield* calm
      const head = yield* tipOf("main")
      const { tree } = yield* git.mergeTree({ checkout: CalmTest.repo, ours: head, theirs: head })
      const island = yield* git.commitTree({ repo: CalmTest.repo, tree, parents: [], message: "An island" })
      const [from, to] = [Option.some(head), Option.some(island)]
      yield* git.updateRef({ repo: CalmTest.repo, ref: "refs/heads/SPEC-001", from, to, reason: "test" })
      const steps = yield* next
      same(
        steps.map(({ taskId }) => taskId),
        ["SPEC-001", "SPEC-002"]
      )
      assert.include(steps[0]?.lacks, "no commit in common")
      same(steps[1]?.command, "calm worktree path SPEC-002")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
