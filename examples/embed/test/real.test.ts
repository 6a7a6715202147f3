/** The same over the real things, in a temporary folder: worth its seconds where a test is about what git or a check says. */
import { Gates } from "@calm/core/Gates"
import { Roles } from "@calm/core/Roles"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

describe("the real world", () => {
  it.live(
    "runs the check scripts that come with calm on what is committed, and has its roles",
    () =>
      Effect.gen(function* () {
        yield* World.featureIn("IMPLEMENT")
        yield* World.commit("SPEC-001", { "test/failing.test.js": `throw new Error("red")\n` })
        const { verdict } = yield* Effect.flatMap(Gates, (gates) => gates.check("SPEC-001", null))
        const failed = verdict.outcomes.filter(({ status }) => status === "failed").map(({ check }) => check)
        assert.deepStrictEqual(failed, ["tests"])
        assert.include((yield* Effect.flatMap(Roles, (roles) => roles.get("backend"))).prompt, "calm gate check")
      }).pipe(Effect.provide(RealWorld.layer())),
    60_000
  )
})
