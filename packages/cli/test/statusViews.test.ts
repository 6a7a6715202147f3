import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as World from "./fixtures/world.ts"

describe("status", () => {
  it.scopedLive("workers and counters show what the lists of those groups show, so that one word finds it all", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("worker start SPEC-001 planning")
      yield* world.line("counter increment merges_since_docs")
      for (const [view, list, shown] of [
        ["workers", "worker list", "planning"],
        ["counters", "counter list", "merges_since_docs"]
      ] as const) {
        const { stdout } = yield* world.calm(["status", view])
        assert.include(stdout, shown)
        assert.strictEqual(stdout, (yield* world.calm(list.split(" "))).stdout)
        assert.deepStrictEqual((yield* world.line(`status ${view}`)).data, (yield* world.line(list)).data)
      }
    })
  )
})
