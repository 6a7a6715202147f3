import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { folder, node, run } from "./fixtures.ts"

const missing = (program: string, code: string) => new ProcessRunner.ProgramMissing({ program, code })

const failed = (program: string, reason: string) => new ProcessRunner.ProgramFailedToRun({ program, reason })

describe("ProcessRunner: how a program is started", () => {
  it.live("arguments arrive as they are, and no shell looks at them", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const mark = join(path, "mark")
      const argv = [
        `$(touch ${mark})`,
        `; touch ${mark}`,
        "'",
        '"',
        "a\nb",
        "-x",
        "--",
        "*",
        "",
        "é ✓",
        "\\",
        "~",
        "`id`"
      ]
      const exit = yield* run(node("console.log(JSON.stringify(process.argv.slice(1)))", { argv, cwd: path }))
      assert.deepStrictEqual(JSON.parse(ProcessRunner.text(exit.stdout)), argv)
      assert.isFalse(existsSync(mark))
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("variables are inherited, set and unset", () =>
    Effect.gen(function* () {
      const exit = yield* run(
        node("console.log(JSON.stringify([process.env.PATH, process.env.CALM_TEST, 'HOME' in process.env]))", {
          env: { CALM_TEST: "a b", HOME: undefined }
        })
      )
      assert.property(process.env, "HOME")
      assert.deepStrictEqual(JSON.parse(ProcessRunner.text(exit.stdout)), [process.env["PATH"], "a b", false])
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a missing working folder is not taken for a missing program", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const cwd = join(path, "gone")
      assertEquals(
        yield* Effect.flip(run(node("", { cwd }))),
        failed(process.execPath, `its working folder ${cwd} does not exist`)
      )
      yield* Effect.promise(() => writeFile(cwd, ""))
      assertEquals(
        yield* Effect.flip(run(node("", { cwd }))),
        failed(process.execPath, `its working folder ${cwd} is not a folder`)
      )
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("a program that is not there or not executable is missing, with the system's code", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const plain = join(path, "plain")
      yield* Effect.promise(() => writeFile(plain, "exit 0\n", { mode: 0o644 }))
      yield* Effect.promise(() => mkdir(join(path, "folder")))
      for (const [program, code] of [
        [join(path, "gone"), "ENOENT"],
        [plain, "EACCES"],
        [join(path, "folder"), "EACCES"],
        [join(plain, "x"), "ENOTDIR"]
      ] as const) {
        assertEquals(yield* Effect.flip(run({ ...node(""), program })), missing(program, code))
      }
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("arguments that the system cannot take are a failure to run, not a missing program", () =>
    Effect.gen(function* () {
      const long = yield* Effect.flip(run({ ...node(""), program: "cat", args: ["x".repeat(4 * 1024 * 1024)] }))
      assertEquals(long, failed("cat", "its arguments and environment are too long (E2BIG)"))
      const withNul = yield* Effect.flip(run({ ...node(""), program: "cat", args: ["a\0b"] }))
      assert.strictEqual(withNul._tag, "ProgramFailedToRun")
    }).pipe(Effect.provide(ProcessRunner.layer))
  )
})
