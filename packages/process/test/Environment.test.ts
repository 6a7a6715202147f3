import * as Environment from "@calm/process/Environment"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { homedir } from "node:os"

describe("Environment.layer", () => {
  it.effect("tells what this process was born with", () =>
    Effect.gen(function* () {
      const environment = yield* Environment.Environment
      assert.strictEqual(environment.variables["PATH"], process.env["PATH"])
      assert.strictEqual(environment.cwd, process.cwd())
      assert.strictEqual(environment.home, homedir())
      assert.notStrictEqual(environment.user, "")
      assert.strictEqual(environment.node, process.execPath)
    }).pipe(Effect.provide(Environment.layer))
  )
})
