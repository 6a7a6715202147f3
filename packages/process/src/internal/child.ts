/** Starting a child process in a process group of its own, and ending that group. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import type { Readable, Writable } from "node:stream"
import * as Signals from "./signals.ts"
import * as Watcher from "./watcher.ts"

/** The program is not there, or it may not be executed. */
export class Missing extends Data.TaggedError("Missing")<{ readonly code: string }> {}

/** Something around the program failed. */
export class Failed extends Data.TaggedError("Failed")<{ readonly reason: string }> {}

export interface Ended {
  readonly exitCode: number | null
  readonly signal: string | null
}

export interface Child {
  readonly pid: number
  readonly hasEnded: () => boolean
  /** Waits for its end, but no longer than that. */
  readonly endedWithin: (limit: Duration.Duration) => Effect.Effect<void>
  /** No longer watched; and this process may end before the child does, should nothing have been able to end it. */
  readonly release: () => void
}

export interface Request {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Bytes for its stdin, which ends with them; `open`: it is handed to `attach`. Without it stdin is closed. */
  readonly stdin?: string | Uint8Array | { readonly open: true } | undefined
  readonly tied?: boolean | undefined
}

/** The pipes of a child; `stdin` is there where it was asked to be open. */
export interface Pipes {
  readonly stdin: Writable | null
  readonly stdout: Readable
  readonly stderr: Readable
}

/** Signals and pipes are matters of the system, which knows nothing of a clock that a test has stopped. */
const realClock = Clock.make()
export const inRealTime = Effect.withClock(realClock)

const programCodes = new Set(["ENOENT", "EACCES", "ENOTDIR", "EPERM", "ELOOP", "ENAMETOOLONG", "ENOEXEC", "EISDIR"])

const reasons: Readonly<Record<string, string>> = {
  E2BIG: "its arguments and environment are too long",
  EAGAIN: "no more processes can be started",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
  ENOMEM: "there is not enough memory",
  ERR_INVALID_ARG_VALUE: "its name is empty, or it, an argument or a variable holds a NUL byte"
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN"

const folderProblem = (cwd: string): Effect.Effect<string | null> =>
  Effect.tryPromise(async () => {
    if (!(await stat(cwd)).isDirectory()) return `its working folder ${cwd} is not a folder`
    await access(cwd, constants.X_OK)
    return null
  }).pipe(
    Effect.catchAll(({ error }) =>
      Effect.succeed(
        codeOf(error) === "ENOENT"
          ? `its working folder ${cwd} does not exist`
          : `its working folder ${cwd} cannot be entered (${codeOf(error)})`
      )
    )
  )

/** The system reports a bad working folder with the codes it has for a bad program, so the folder is looked at. */
const notStarted = Effect.fnUntraced(function* (request: Request, error: unknown) {
  const code = codeOf(error)
  const folder = yield* folderProblem(request.cwd)
  if (folder !== null) return yield* new Failed({ reason: folder })
  if (programCodes.has(code)) return yield* new Missing({ code })
  const reason = reasons[code]
  return yield* new Failed({ reason: reason === undefined ? code : `${reason} (${code})` })
})

const feed = (child: ChildProcess, input: string | Uint8Array | { readonly open: true }): void => {
  // A program need not read its input to the end: that its pipe breaks is no failure.
  child.stdin?.on("error", () => child.stdin?.destroy())
  if (typeof input === "string" || input instanceof Uint8Array) child.stdin?.end(input)
}

interface Started<A> {
  readonly child: Child
  readonly attached: A
}

/**
 * All listeners are added in the same turn as the child is started: it may end, and Node throw its output away, before
 * a fiber gets to run again.
 */
const spawned = <A>(
  request: Request,
  ended: (how: Ended) => void,
  attach: (pipes: Pipes) => A
): Effect.Effect<Started<A>, unknown> =>
  Effect.async((resume) => {
    // Before the child, so that there is no moment in which that runs unwatched.
    const watcher = request.tied === true ? Watcher.start() : undefined
    try {
      const child = spawn(request.program, request.args, {
        cwd: request.cwd,
        // A variable that is `undefined` is not handed on.
        env: { ...process.env, ...request.env },
        stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        // A session and a process group of its own, so that all it starts can be ended with it.
        detached: true,
        shell: false
      })
      child.once("error", (error) => resume(Effect.fail(error)))
      const { pid, stderr, stdin, stdout } = child
      if (pid === undefined || stdout === null || stderr === null) return watcher?.dismiss()
      watcher?.watch(pid)
      child.once("exit", (exitCode, signal) => {
        child.stdin?.destroy()
        ended({ exitCode, signal })
      })
      if (request.stdin !== undefined) feed(child, request.stdin)
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null
      const release = () => {
        watcher?.dismiss()
        child.unref()
      }
      const endedWithin = (limit: Duration.Duration) =>
        Effect.async<void>((resume) => {
          if (hasEnded()) return resume(Effect.void)
          const done = () => resume(Effect.void)
          // @effect-diagnostics-next-line globalTimers:off
          const timer = setTimeout(done, Duration.toMillis(limit))
          const over = () => {
            clearTimeout(timer)
            done()
          }
          child.once("exit", over)
          return Effect.sync(() => {
            clearTimeout(timer)
            child.off("exit", over)
          })
        })
      const started: Child = { pid, hasEnded, endedWithin, release }
      resume(Effect.succeed({ child: started, attached: attach({ stdin, stdout, stderr }) }))
    } catch (error) {
      watcher?.dismiss()
      resume(Effect.fail(error))
    }
  })

/**
 * Starts a child, hands its pipes to `attach`, and tells `ended` how it ended. To be called where it cannot be interrupted:
 * what was started has to be ended.
 */
export const start = <A>(
  request: Request,
  ended: (how: Ended) => void,
  attach: (pipes: Pipes) => A
): Effect.Effect<Started<A>, Missing | Failed> =>
  spawned(request, ended, attach).pipe(Effect.catchAll((error) => notStarted(request, error)))

/** How long a group that got KILL is waited for: nothing runs on, but a process in the kernel may take a moment. */
const afterKill = Duration.seconds(2)

/**
 * Polled, since the system does not tell when a group has ended. It works where nothing can be interrupted, and it adds
 * up what it slept, so that a clock that is set back does not prolong it.
 */
const goneWithin = Effect.fnUntraced(function* (child: Child, limit: Duration.Duration) {
  let left = Duration.toMillis(limit)
  for (let step = 5; !child.hasEnded() || Signals.groupRuns(child.pid); step = Math.min(100, step * 2)) {
    if (left <= 0) return false
    yield* realClock.sleep(Duration.millis(Math.min(step, left)))
    left -= step
  }
  return true
})

/** Ends the child and all of its group: TERM, then KILL for those that are still there after the grace. */
export const end = Effect.fnUntraced(function* (child: Child, grace: Duration.Duration) {
  if (Signals.toGroup(child.pid, "SIGTERM") !== "sent") return
  if (yield* goneWithin(child, grace)) return
  Signals.toGroup(child.pid, "SIGKILL")
  yield* goneWithin(child, afterKill)
})
