/** Child processes that run one command of calm each, from one bundled file. */
import * as RealWorld from "@calm/testing/RealWorld"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Esbuild from "esbuild"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { Job } from "./child.ts"

/** The database driver's native part lies beside its own files: it is not bundled. */
const driver = createRequire(createRequire(import.meta.url).resolve("@calm/sql/Sql")).resolve("better-sqlite3")

/** Bundles the child into the world's folder; gives its path. */
export const bundle = Effect.flatMap(RealWorld.RealWorld, ({ folder }) =>
  Effect.promise(() =>
    Esbuild.build({
      entryPoints: [fileURLToPath(new URL("child.ts", import.meta.url))],
      outfile: Path.join(folder, "child.cjs"),
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "error",
      external: ["@parcel/watcher"],
      plugins: [
        {
          name: "driver",
          setup: (build) => build.onResolve({ filter: /^better-sqlite3$/ }, () => ({ path: driver, external: true }))
        }
      ]
    })
  ).pipe(Effect.as(Path.join(folder, "child.cjs")))
)

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
}

/** Starts a child; it is killed with the scope. */
export const start = Effect.fnUntraced(function* (child: string, wish: Pick<Job, "command" | "task" | "stop">) {
  const { folder, home, repo, user } = yield* RealWorld.RealWorld
  const job: Job = { ...wish, repo, home, gates: RealWorld.gates, roles: RealWorld.roles }
  const said = { ready: yield* Deferred.make<void>(), stopped: yield* Deferred.make<void>() }
  const ended = yield* Deferred.make<Ended>()
  const env = RealWorld.variables({ folder, home, repo, user }, {})
  const running = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [child, JSON.stringify(job)], { cwd: repo, env: { ...env, PATH: process.env["PATH"] } })
    ),
    (one) => Effect.sync(() => one.kill("SIGKILL"))
  )
  let stdout = ""
  let stderr = ""
  running.stdout.on("data", (bytes) => {
    stdout += String(bytes)
    for (const [line, deferred] of Object.entries(said))
      if (stdout.includes(`${line}\n`)) Deferred.unsafeDone(deferred, Effect.void)
  })
  running.stderr.on("data", (bytes) => {
    stderr += String(bytes)
  })
  const failed = (what: string) => Effect.die(new Error(`the child ended ${what}: ${stderr}`))
  running.on("close", (code, signal) => {
    Deferred.unsafeDone(said.ready, failed("before it was ready"))
    Deferred.unsafeDone(said.stopped, failed("without stopping"))
    Deferred.unsafeDone(ended, Effect.succeed({ code, signal, stderr }))
  })
  return {
    /** It has opened everything and waits. */
    ready: Deferred.await(said.ready),
    /** It is where it was told to stop. */
    stopped: Deferred.await(said.stopped),
    go: Effect.sync(() => running.stdin.write("go\n")),
    kill: Effect.sync(() => running.kill("SIGKILL")),
    ended: Deferred.await(ended)
  }
})
