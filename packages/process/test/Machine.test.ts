import * as Machine from "@calm/process/Machine"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { tmpdir } from "node:os"

describe("Machine.layer", () => {
  it.live("tells the version of Node and the room on a disk; of a folder that is not there it tells nothing", () =>
    Effect.gen(function* () {
      const machine = yield* Machine.Machine
      assert.strictEqual(`v${machine.nodeVersion}`, process.version)
      const free = yield* machine.freeSpace(tmpdir())
      assert.isAbove(Option.getOrThrow(free), 0)
      assert.isTrue(Option.isNone(yield* machine.freeSpace(`${tmpdir()}/there/is/no/such/folder`)))
    }).pipe(Effect.provide(Machine.layer))
  )
})

describe("Machine.layerMemory", () => {
  it.effect("has room until it is told otherwise", () =>
    Effect.gen(function* () {
      const machine = yield* Machine.Machine
      const control = yield* Machine.MachineControl
      assert.isAbove(Option.getOrThrow(yield* machine.freeSpace("/home")), 1e9)
      yield* control.setFreeSpace("/home", Option.some(1000))
      assert.deepStrictEqual(yield* machine.freeSpace("/home"), Option.some(1000))
    }).pipe(Effect.provide(Machine.layerMemory("18.0.0")))
  )
})
