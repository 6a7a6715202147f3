import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { folder, run } from "./fixtures.ts"

const request = (program: string, more: Partial<ProcessRunner.Request> = {}): ProcessRunner.Request => ({
  program,
  args: [],
  cwd: "/",
  deadline: "10 seconds",
  ...more
})

const noMemory = new ProcessRunner.ProgramFailedToRun({ program: "broken", reason: "no memory" })

const layer = ProcessRunner.layerScripted([
  ({ program }) => (program === "slow" ? { stdout: "begun\n", takes: "1 minute" } : undefined),
  ({ program }) => (program === "broken" ? noMemory : undefined),
  ({ program, stdin }) => (program === "later" ? Effect.succeed({ stdout: stdin, exitCode: 4 }) : undefined),
  ({ program }) => (program === "slow" ? { exitCode: 1 } : undefined)
])

describe("ProcessRunner.layerScripted", () => {
  it.effect("a slow program takes its time on the Effect clock, by the first handler that knows it", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(run(request("slow", { deadline: "1 minute" })))
      yield* TestClock.adjust("1 minute")
      const exit = yield* Fiber.join(fiber)
      assert.strictEqual(exit.exitCode, 0)
      assert.strictEqual(exit.duration, 60_000)
    }).pipe(Effect.provide(layer))
  )

  it.effect("a deadline shorter than that is a timeout, at the deadline", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.flip(run(request("slow"))))
      yield* TestClock.adjust("10 seconds")
      assertEquals(
        yield* Fiber.join(fiber),
        new ProcessRunner.ProgramTimedOut({ program: "slow", deadline: 10_000, tail: "begun" })
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("a handler may answer with an error or with an effect", () =>
    Effect.gen(function* () {
      assertEquals(yield* Effect.flip(run(request("broken"))), noMemory)
      const exit = yield* run(request("later", { stdin: "given" }))
      assert.strictEqual(exit.exitCode, 4)
      assert.strictEqual(ProcessRunner.text(exit.stdout), "given")
    }).pipe(Effect.provide(layer))
  )

  it.effect("every request is recorded in order, also those that nobody answered", () =>
    Effect.gen(function* () {
      const { requests } = yield* ProcessRunner.ScriptedProcesses
      assert.deepStrictEqual(yield* requests, [])
      yield* run(request("later", { args: ["a"] }))
      yield* Effect.flip(run(request("nobody")))
      assert.deepStrictEqual(yield* requests, [request("later", { args: ["a"] }), request("nobody")])
    }).pipe(Effect.provide(layer))
  )

  it.scoped("no log file is written", () =>
    Effect.gen(function* () {
      const logFile = join(yield* folder, "log")
      yield* run(request("later", { logFile }))
      assert.isFalse(existsSync(logFile))
    }).pipe(Effect.provide(layer))
  )
})
