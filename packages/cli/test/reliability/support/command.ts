/** calm as a process of its own, from one bundled file: what crashes, competes and starts is the real thing. */
import * as Effect from "effect/Effect"
import type { Plugin } from "esbuild"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { assemble } from "../../../bundle.mjs"
import { document } from "../../fixtures/run.ts"
import * as World from "../../fixtures/world.ts"

const package_ = Path.resolve(import.meta.dirname, "../../..")

/** The database's driver with its native part, and what it loads. */
const driver = ["better-sqlite3", "bindings", "file-uri-to-path"]

/** What an installation does not need of a folder. */
const needless = /^(?:deps|dist|node_modules|obj|obj\.target|src|test|.*\.a|test_extension\.node)$/
const isShipped = (path: string): boolean => !needless.test(Path.basename(path))

/** Copies a package and what it needs, as an installation would have them: each where the one before it is found from. */
export const install = (folder: string): void => {
  let from = package_
  for (const name of driver) {
    from = Path.dirname(createRequire(Path.join(from, "package.json")).resolve(`${name}/package.json`))
    const to = Path.join(folder, "node_modules", name)
    Fs.cpSync(from, to, { recursive: true, filter: (path) => path === from || isShipped(path) })
  }
}

/**
 * Installs a program that starts calm (the command itself where none is named), with its gates, its roles and the
 * database's driver; gives the file to start. Every user of the machine can run it. It is gone with the scope.
 */
export const bundle = (entry?: string, plugins?: Array<Plugin>) =>
  Effect.gen(function* () {
    const folder = yield* World.folder
    Fs.chmodSync(folder, 0o755)
    install(folder)
    return yield* Effect.promise(() => assemble(folder, entry, plugins))
  })

/** How a process ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** Where and as whom a process runs. */
export interface Place {
  readonly base: string
  readonly home: string
  readonly repo: string
}

export interface Options {
  /** The current folder; the repository unless said otherwise. */
  readonly cwd?: string | undefined
  /** Over those that every process gets; `undefined` takes one away. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined
  readonly stdin?: string | undefined
  /** Its stdin stays open until it is let go on. */
  readonly waits?: boolean | undefined
  /** The user that it runs as. */
  readonly uid?: number | undefined
  /** A process group of its own, for tests that kill the group. */
  readonly detached?: boolean | undefined
}

/** A process that runs. */
export interface Running {
  readonly pid: number
  /** It has printed something, or ended. */
  readonly spoke: Effect.Effect<void>
  /** Closes the stdin of one that waits. */
  readonly release: Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
}

/** Starts a bundled program with these words; it is killed with the scope. */
export const start = (
  program: string,
  { base, home, repo }: Place,
  argv: ReadonlyArray<string>,
  options: Options = {}
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const env = {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        GIT_CONFIG_NOSYSTEM: "1",
        TMPDIR: base,
        CALM_HOME: home,
        ...options.variables
      }
      const child = ChildProcess.spawn(process.execPath, [program, ...argv], {
        cwd: options.cwd ?? repo,
        env,
        uid: options.uid,
        gid: options.uid,
        detached: options.detached ?? false,
        stdio: ["pipe", "pipe", "pipe"]
      })
      const printed = { stdout: "", stderr: "" }
      const spoke = new Promise<void>((resolve) => {
        child.stdout.once("data", () => resolve())
        child.on("close", () => resolve()).on("error", () => resolve())
      })
      child.stdout.setEncoding("utf8").on("data", (text: string) => void (printed.stdout += text))
      child.stderr.setEncoding("utf8").on("data", (text: string) => void (printed.stderr += text))
      // It may have ended without reading.
      child.stdin.on("error", () => {})
      child.stdin.write(options.stdin ?? "")
      if (options.waits !== true) child.stdin.end()
      const end = new Promise<Ended>((resolve) => {
        child.on("error", (error) => resolve({ ...printed, stderr: error.message, code: 127, signal: null }))
        child.on("close", (code, signal) => resolve({ ...printed, code, signal }))
      })
      return { child, spoke, end }
    }),
    ({ child, end }) => {
      child.kill("SIGKILL")
      return Effect.promise(() => end)
    }
  ).pipe(
    Effect.map(({ child, end, spoke }): Running => ({
      pid: child.pid ?? -1,
      spoke: Effect.promise(() => spoke),
      release: Effect.sync(() => void child.stdin.end()),
      ended: Effect.promise(() => end),
      kill: (signal) => Effect.sync(() => void child.kill(signal))
    }))
  )

/** Runs a bundled program to its end. */
export const run = (program: string, place: Place, argv: ReadonlyArray<string>, options?: Options) =>
  Effect.scoped(Effect.flatMap(start(program, place, argv, options), ({ ended }) => ended))

/** The same with `--json`: its document, its exit code and what it said on stderr. */
export const json = Effect.fnUntraced(function* (
  program: string,
  place: Place,
  argv: ReadonlyArray<string>,
  options?: Options
) {
  const ended = yield* run(program, place, ["--json", ...argv], options)
  return { ...(yield* document(ended.stdout)), exitCode: ended.code, stderr: ended.stderr }
})
