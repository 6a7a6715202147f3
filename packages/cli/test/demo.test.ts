import * as Environment from "@calm/process/Environment"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { fileURLToPath } from "node:url"
import * as Demo from "../src/demo/Demo.ts"
import * as Story from "../src/demo/Story.ts"
import * as Progress from "../src/Progress.ts"
import * as Screen from "../src/Screen.ts"
import * as Style from "../src/Style.ts"

const gates = fileURLToPath(new URL("../../../gates", import.meta.url)).replace(/\/$/, "")
const roles = fileURLToPath(new URL("../../../roles", import.meta.url)).replace(/\/$/, "")
const silent = Progress.layer(
  Style.plain,
  false,
  Screen.make(Style.plain, () => {})
)
const layer = Story.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(silent, Environment.layer, NodeFileSystem.layer, NodePath.layer))
)

describe("the demo", () => {
  it.live("plays to its end for real, tells each refusal, and fits on 80 lines", () =>
    Effect.gen(function* () {
      const { folder, steps } = yield* Demo.run({ keep: false, gates, roles })
      const lines = steps.flatMap(Story.lines)
      assert.isAtMost(lines.length + 1, 80)
      assert.strictEqual(folder, null)
      const refusals = steps.filter((step) => step.kind === "refused").flatMap((step) => step.outcome)
      for (const told of [
        /^tests: .*1 failed/,
        /approval is outdated/,
        /^conflicts: conflicts with main in src\/words.js/
      ])
        assert.isTrue(
          refusals.some((line) => told.test(line)),
          String(told)
        )
      assert.isTrue(lines.some((line) => line.includes("SPEC-001 DONE")))
      assert.isTrue(lines.some((line) => line.includes("BUG-001 DONE")))
    }).pipe(Effect.provide(layer))
  )

  it.effect("fails when a step comes out otherwise than told", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Story.refused("calm x", Effect.succeed(1), ["tests"]))
      assertEquals(
        error,
        new Story.DemoFailed({ step: "calm x", expected: "a refusal for tests", found: "it was done" })
      )
    }).pipe(Effect.provide(layer))
  )
})
