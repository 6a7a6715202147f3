/** calm as a process that can be killed at each of its steps. */
import * as Effect from "effect/Effect"
import type { Plugin } from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Command from "../support/command.ts"

/** What `@calm/sql` stands on, put under its feet by the bundler: there is no layer below it. */
const replaced: Readonly<Record<string, string>> = { "better-sqlite3": "steppingSqlite.ts", "node:fs": "steppingFs.ts" }

const stepping: Plugin = {
  name: "stepping",
  setup: (build) =>
    build.onResolve({ filter: /^(?:better-sqlite3|node:fs)$/ }, ({ importer, path }) =>
      /\/packages\/sql\/src\//.test(importer)
        ? { path: Path.join(import.meta.dirname, replaced[path] ?? path) }
        : undefined
    )
}

/** The bundled program; gone with the scope. */
export const bundle = Command.bundle(Path.join(import.meta.dirname, "entry.ts"), [stepping])

/** A command line and what comes on stdin. */
export interface Call {
  readonly argv: ReadonlyArray<string>
  readonly stdin?: string | undefined
}

/** How a stepping process ended. */
export interface Stepped {
  /** Was it killed at its step? */
  readonly killed: boolean
  readonly exitCode: number | null
  /** The steps that it came to; the last one is that at which it was killed. */
  readonly steps: ReadonlyArray<string>
  readonly stdout: string
  readonly stderr: string
}

/** The processes that have their current folder below a path: the programs that a killed process has left running. */
const atWork = (folder: string): boolean =>
  Fs.existsSync("/proc") &&
  Fs.readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && Fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`)
    } catch {
      // It has ended, or is somebody else's.
      return false
    }
  })

/** Runs calm and kills it at its nth step, or lets it end where there is no such step. */
export const run = Effect.fnUntraced(function* (program: string, place: Command.Place, call: Call, at?: number) {
  const log = Path.join(place.base, "steps")
  Fs.rmSync(log, { force: true })
  const ended = yield* Command.run(program, place, ["--json", ...call.argv], {
    stdin: call.stdin,
    variables: { STEP_LOG: log, STEP_AT: at === undefined ? undefined : String(at) }
  })
  while (atWork(place.base)) yield* Effect.sleep("5 millis")
  const stepped: Stepped = {
    killed: ended.signal === "SIGKILL",
    exitCode: ended.code,
    steps: Fs.existsSync(log) ? Fs.readFileSync(log, "utf8").replaceAll(place.base, "").split("\n") : [],
    stdout: ended.stdout,
    stderr: ended.stderr
  }
  return stepped
})
