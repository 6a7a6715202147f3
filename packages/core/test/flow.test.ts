import { Tasks } from "@calm/core/Tasks"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

describe("the main job, in memory", () => {
  it.live("takes a feature from SPEC to DONE without disk or process", () =>
    Effect.gen(function* () {
      const begun = yield* Clock.currentTimeMillis
      const { phase, transitions } = yield* Effect.gen(function* () {
        const task = yield* World.featureIn("DONE")
        const details = yield* Effect.flatMap(Tasks, (tasks) => tasks.details(task.id))
        return { phase: task.phase, transitions: details.transitions }
      }).pipe(Effect.provide(CalmTest.layer))
      const ended = yield* Clock.currentTimeMillis
      yield* Effect.sync(() => console.log(`a feature from SPEC to DONE in memory: ${ended - begun} ms`))
      assert.strictEqual(phase, "DONE")
      assert.deepStrictEqual(
        transitions.map(({ from, kind, to }) => `${from}-${to} ${kind}`),
        [
          "SPEC-DESIGN forward",
          "DESIGN-IMPLEMENT forward",
          "IMPLEMENT-CODE_REVIEW forward",
          "CODE_REVIEW-TEST forward",
          "TEST-INTEGRATE forward",
          "INTEGRATE-VERIFY merge",
          "VERIFY-DONE forward"
        ]
      )
    })
  )

  it.effect("takes a bug from REPORTED to DONE", () =>
    Effect.gen(function* () {
      const task = yield* World.bugIn("DONE")
      assert.strictEqual(task.phase, "DONE")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
