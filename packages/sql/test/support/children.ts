/** Child processes that use the store, each from one bundled file. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const driver = createRequire(import.meta.url).resolve("better-sqlite3")

/** Bundles the worker into a folder; gives its path. Node cannot run TypeScript itself. */
export const bundle = (folder: string) =>
  Effect.promise(() =>
    Esbuild.build({
      entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
      outfile: `${folder}/worker.cjs`,
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "error",
      plugins: [
        {
          // Its native part lies beside its own files.
          name: "driver",
          setup: (build) => build.onResolve({ filter: /^better-sqlite3$/ }, () => ({ path: driver, external: true }))
        }
      ]
    })
  ).pipe(Effect.as(`${folder}/worker.cjs`))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a worker; it is killed with the scope. */
export const start = (
  worker: string,
  job: "increment" | "open" | "hold" | "fill" | "pairs" | "create" | "restore",
  file: string,
  copy = ""
) =>
  Effect.gen(function* () {
    const spoke = yield* Deferred.make<void>()
    const ended = yield* Deferred.make<Ended>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [worker, job, file, copy])),
      (running) => Effect.sync(() => running.kill("SIGKILL"))
    )
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (bytes) => {
      stdout += String(bytes)
      Deferred.unsafeDone(spoke, Effect.void)
    })
    child.stderr.on("data", (bytes) => {
      stderr += String(bytes)
    })
    child.on("close", (code) => Deferred.unsafeDone(ended, Effect.succeed({ code, stdout, stderr })))
    return {
      /** Done as soon as the worker has printed something. */
      spoke: Deferred.await(spoke),
      /** Lets a holding worker go on. */
      release: Effect.sync(() => child.stdin.end()),
      kill: Effect.sync(() => child.kill("SIGKILL")),
      ended: Deferred.await(ended)
    }
  })
