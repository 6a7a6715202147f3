/** The same program without disk, processes and network: `CalmTest.layer` has every service, and a project to act in. */
import { Tasks } from "@calm/core/Tasks"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as planning from "../src/planning.js"
import * as RecordingGit from "../src/RecordingGit.js"

describe("planning", () => {
  it.effect("moves a feature on once its spec is agreed on", () =>
    Effect.gen(function* () {
      yield* planning.plan("SPEC-001", "Add a greeting")
      assert.include(yield* planning.move("SPEC-001", "DESIGN"), "2 conditions are not met")
      yield* planning.agreeOnSpec("SPEC-001", "Greet people by name.\n")
      assert.strictEqual(yield* planning.move("SPEC-001", "DESIGN"), "SPEC-001 moved from SPEC to DESIGN")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says how to find the tasks there are when one is not there", () =>
    Effect.gen(function* () {
      assert.include(yield* planning.move("SPEC-404", "DESIGN"), "calm task list --all")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("begins where the test wants: a task in any phase, brought there through every gate", () =>
    Effect.gen(function* () {
      yield* World.featureIn("CODE_REVIEW")
      assert.include(yield* planning.move("SPEC-001", "TEST"), "code reviews")
      yield* World.approveTwice("SPEC-001", "code")
      yield* planning.move("SPEC-001", "TEST")
      const { phase } = yield* Effect.flatMap(Tasks, (tasks) => tasks.get("SPEC-001"))
      assert.strictEqual(phase, "TEST")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the git of our own", () => {
  it.effect("tells of a commit made through it", () =>
    Effect.gen(function* () {
      const { lines } = yield* RecordingGit.GitJournal
      yield* World.commitIn(CalmTest.repo, { "a.txt": "a\n" }, "Add a")
      assert.deepStrictEqual(yield* lines, ["a commit: Add a"])
    }).pipe(Effect.provide(RecordingGit.layer.pipe(Layer.provideMerge(CalmTest.layer))))
  )
})
