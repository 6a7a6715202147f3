import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { tmpdir } from "node:os"
import { hasEnded, node, run } from "./fixtures.ts"

/** A grandchild that ignores TERM and prints its pid when it does. */
const stubbornSleep = `require("node:child_process").spawn(
  "/bin/sh", ["-c", "trap '' TERM; echo $$; exec sleep 120"], { stdio: ["ignore", "inherit", "inherit"] })`

const stubborn = node(`process.on("SIGTERM", () => {}); console.log(process.pid); ${stubbornSleep}`, {
  grace: "200 millis",
  deadline: "20 seconds"
})

/** Starts a run; answers when it has printed that many pids. */
const untilPids = Effect.fnUntraced(function* (request: ProcessRunner.Request, count: number) {
  const pids: Array<number> = []
  const all = yield* Deferred.make<void>()
  const onLine = (line: string) =>
    Effect.suspend(() => (pids.push(Number(line)) === count ? Deferred.succeed(all, undefined) : Effect.void))
  const fiber = yield* Effect.fork(run({ ...request, onLine }))
  yield* Effect.raceFirst(Deferred.await(all), Fiber.join(fiber))
  return { fiber, pids }
})

const shell = (script: string, more: Partial<ProcessRunner.Request> = {}): ProcessRunner.Request => ({
  program: "/bin/sh",
  args: ["-c", script],
  cwd: tmpdir(),
  deadline: "30 seconds",
  ...more
})

const pidIn = (exit: ProcessRunner.Exit): number => Number(ProcessRunner.text(exit.stdout).trim())

describe("ProcessRunner: how a run is ended", () => {
  it.live("a run in a finalizer of an interrupted fiber comes to its end, and keeps its deadline", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const outcome = yield* Deferred.make<ReadonlyArray<string>>()
      const finalizer = Effect.all([
        Effect.map(run(shell("echo done")), (exit) => ProcessRunner.text(exit.stdout).trim()),
        Effect.map(Effect.flip(run(shell("sleep 60", { deadline: "100 millis" }))), (error) => error._tag)
      ]).pipe(
        Effect.orDie,
        Effect.flatMap((said) => Deferred.succeed(outcome, said))
      )
      const fiber = yield* Effect.fork(
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(Effect.ensuring(finalizer))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* Deferred.await(outcome), ["done", "ProgramTimedOut"])
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.effect("past the deadline a child and a grandchild that ignore TERM are killed after the grace", () =>
    Effect.gen(function* () {
      const { fiber, pids } = yield* untilPids(stubborn, 2)
      yield* TestClock.adjust("20 seconds")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error._tag, "ProgramTimedOut")
      assert.strictEqual(pids.length, 2)
      for (const pid of pids) assert.isTrue(yield* hasEnded(pid), `${pid} still runs`)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("an interruption ends a child and a grandchild that ignore TERM as well", () =>
    Effect.gen(function* () {
      const { fiber, pids } = yield* untilPids(stubborn, 2)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(pids.length, 2)
      for (const pid of pids) assert.isTrue(yield* hasEnded(pid), `${pid} still runs`)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.effect("a child that obeys TERM can clean up, and its last words are told", () =>
    Effect.gen(function* () {
      const request = node(
        `process.on("SIGTERM", () => { console.log("cleaned up"); process.exit(0) })
        console.log(process.pid); setTimeout(() => {}, 120_000)`,
        { deadline: "20 seconds", grace: "20 seconds" }
      )
      const { fiber, pids } = yield* untilPids(request, 1)
      yield* TestClock.adjust("20 seconds")
      assertEquals(
        yield* Effect.flip(Fiber.join(fiber)),
        new ProcessRunner.ProgramTimedOut({
          program: process.execPath,
          deadline: 20_000,
          tail: `${pids[0]}\ncleaned up`
        })
      )
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a grandchild that holds the pipes neither delays the answer for long nor outlives the run", () =>
    Effect.gen(function* () {
      const exit = yield* run(shell("sleep 120 & echo $!"))
      assert.strictEqual(exit.exitCode, 0)
      assert.isTrue(yield* hasEnded(pidIn(exit)))
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a grandchild in a session of its own cannot hold up the answer either", () =>
    Effect.gen(function* () {
      const exit = yield* run(
        node(`const child = require("node:child_process").spawn(
          "sleep", ["120"], { detached: true, stdio: ["ignore", "inherit", "inherit"] })
        console.log(child.pid); child.unref()`)
      )
      process.kill(pidIn(exit), "SIGKILL")
      assert.strictEqual(exit.exitCode, 0)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("what a child left behind in its group is ended though it exited with 0 and the pipes are closed", () =>
    Effect.gen(function* () {
      const exit = yield* run(shell("sleep 120 >/dev/null 2>&1 & echo $!"))
      assert.strictEqual(exit.exitCode, 0)
      assert.isTrue(yield* hasEnded(pidIn(exit)))
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("an `onLine` that dies ends the program and shows the defect", () =>
    Effect.gen(function* () {
      const defect = yield* run({ ...stubborn, onLine: (line) => Effect.die(line) }).pipe(
        Effect.catchAllDefect((pid) => Effect.succeed(Number(pid)))
      )
      assert.isNumber(defect)
      if (typeof defect === "number") assert.isTrue(yield* hasEnded(defect))
    }).pipe(Effect.provide(ProcessRunner.layer))
  )
})
