/** Programs for the tests of the real runner, and what the tests need to look at them. */
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Effect from "effect/Effect"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A program that is this very Node, running a script. */
export const node = (
  script: string,
  more: Partial<ProcessRunner.Request> & { readonly argv?: ReadonlyArray<string> } = {}
): ProcessRunner.Request => {
  const { argv = [], ...rest } = more
  return {
    program: process.execPath,
    args: ["-e", script, "--", ...argv],
    cwd: tmpdir(),
    deadline: "30 seconds",
    ...rest
  }
}

export const run = Effect.fnUntraced(function* (request: ProcessRunner.Request) {
  const runner = yield* ProcessRunner.ProcessRunner
  return yield* runner.run(request)
})

/** A fresh folder, removed with the scope. */
export const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "calm-process-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const read = (path: string): Effect.Effect<string> => Effect.promise(() => readFile(path, "utf8"))

/** Has that process ended? One that waits to be reaped has. */
export const hasEnded = (pid: number): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    if (process.platform !== "linux") return false
    return readFile(`/proc/${pid}/stat`, "utf8").then(
      (stat) => /\) [ZX] /.test(stat),
      () => true
    )
  })
