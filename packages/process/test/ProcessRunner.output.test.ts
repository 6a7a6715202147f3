import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { createReadStream, existsSync } from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { folder, node, read, run } from "./fixtures.ts"

const megabyte = 1024 * 1024

/** Prints that many megabytes of each stream's letter, a megabyte at a time and in turn. */
const flood = (megabytes: number) =>
  `const { writeSync } = require("node:fs")
  const print = (stream, letter) => {
    for (let rest = Buffer.alloc(${megabyte}, letter); rest.length > 0;) rest = rest.subarray(writeSync(stream, rest))
  }
  for (let i = 0; i < ${megabytes}; i++) { print(2, "e"); print(1, "o") }`

const count = (path: string): Effect.Effect<Record<string, number>> =>
  Effect.promise(async () => {
    const counts: Record<string, number> = {}
    for await (const chunk of createReadStream(path)) {
      for (const byte of chunk) {
        const letter = String.fromCharCode(byte)
        counts[letter] = (counts[letter] ?? 0) + 1
      }
    }
    return counts
  })

describe("ProcessRunner: input and output", () => {
  it.live("20 MB on both pipes at once arrive whole: neither waits for the other", () =>
    Effect.gen(function* () {
      const exit = yield* run(node(flood(20), { maxOutput: 20 * megabyte }))
      assert.strictEqual(exit.exitCode, 0)
      assert.strictEqual(exit.stdout.length, 20 * megabyte)
      assert.strictEqual(exit.stderr.length, 20 * megabyte)
      assert.isTrue(exit.stdout.every((byte) => byte === 0x6f))
      assert.isFalse(exit.truncated)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("the log file is complete while the kept output is capped", () =>
    Effect.gen(function* () {
      const logFile = join(yield* folder, "check.log")
      const exit = yield* run(
        node(`require("node:fs").writeSync(1, "first"); ${flood(25)}; writeSync(1, "last")`, { maxOutput: 10, logFile })
      )
      assert.strictEqual(ProcessRunner.text(exit.stdout), "firstolast")
      assert.isTrue(exit.truncated)
      assert.deepStrictEqual(yield* count(logFile), {
        f: 1,
        i: 1,
        r: 1,
        l: 1,
        a: 1,
        s: 2,
        t: 2,
        o: 25 * megabyte,
        e: 25 * megabyte
      })
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("a log file is readable by its user alone and replaces an older one", () =>
    Effect.gen(function* () {
      const logFile = join(yield* folder, "check.log")
      yield* run(node("console.log('the first, longer run')", { logFile }))
      yield* run(node("console.log('second')", { logFile }))
      assert.strictEqual(yield* read(logFile), "second\n")
      assert.strictEqual((yield* Effect.promise(() => stat(logFile))).mode & 0o777, 0o600)
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("a log file that cannot be opened is a failure, and the program is not started", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const logFile = join(path, "no-folder", "check.log")
      const mark = join(path, "mark")
      const error = yield* Effect.flip(run({ ...node(""), program: "touch", args: [mark], logFile }))
      assertEquals(
        error,
        new ProcessRunner.ProgramFailedToRun({
          program: "touch",
          reason: `its log file ${logFile} cannot be written (ENOENT)`
        })
      )
      assert.isFalse(existsSync(mark))
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live.skipIf(!existsSync("/dev/full"))("a disk that is full ends the program with a failure", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        run(node("console.log('x'); setTimeout(() => {}, 120_000)", { logFile: "/dev/full" }))
      )
      assertEquals(
        error,
        new ProcessRunner.ProgramFailedToRun({
          program: process.execPath,
          reason: "its log file /dev/full cannot be written (ENOSPC)"
        })
      )
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("without a given stdin a program that reads it ends at once", () =>
    Effect.gen(function* () {
      const exit = yield* run({ ...node(""), program: "cat", args: [] })
      assert.strictEqual(exit.exitCode, 0)
      assert.strictEqual(exit.stdout.length, 0)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a program need not read its stdin", () =>
    Effect.gen(function* () {
      const exit = yield* run(node("process.exit(3)", { stdin: new Uint8Array(10 * megabyte) }))
      assert.strictEqual(exit.exitCode, 3)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a large stdin arrives whole while the program prints it", () =>
    Effect.gen(function* () {
      const stdin = new Uint8Array(10 * megabyte).fill(0x78)
      const exit = yield* run({ ...node("", { stdin }), program: "cat", args: [] })
      assert.strictEqual(exit.stdout.length, stdin.length)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("characters that lie across the borders of the chunks stay whole", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const onLine = (line: string) => Effect.sync(() => void lines.push(line))
      const exit = yield* run(
        node("for (let i = 0; i < 400; i++) process.stdout.write('✓'.repeat(1000) + '\\n')", { onLine })
      )
      assert.strictEqual(lines.length, 400)
      assert.isTrue(lines.every((line) => line === "✓".repeat(1000)))
      assert.notInclude(ProcessRunner.text(exit.stdout), "\ufffd")
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("lines are not lost when they are worked on long after the program has ended", () =>
    Effect.gen(function* () {
      let lines = 0
      // More than the second for which pipes are read after the end, in the middle of what fills pipe and buffers.
      const onLine = () => (++lines === 1 ? Effect.sleep("1500 millis") : Effect.void)
      yield* run(node("process.stdout.write(('x'.repeat(99) + '\\n').repeat(4500))", { onLine }))
      assert.strictEqual(lines, 4500)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )
})
