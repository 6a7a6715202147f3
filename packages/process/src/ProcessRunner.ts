/**
 * Running programs. The only place in calm that starts one.
 *
 * A program is started from an argument vector, never by a shell; stdin is closed or fed; both pipes are drained at
 * once and capped; it has a deadline, after which its whole process group gets TERM and, after a grace, KILL. The same
 * happens when the calling fiber is interrupted.
 *
 * It stands on Node's `spawn` rather than on the Command of @effect/platform, because it needs what that one does not
 * offer: a stdin that is closed, variables that are unset, KILL for a child that ignores TERM, the signal that ended a
 * child as an answer, an end of reading when a grandchild keeps a pipe, and an end for that grandchild.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import type * as Child from "./internal/child.ts"
import * as Execution from "./internal/execution.ts"
import * as Lines from "./internal/lines.ts"
import * as Output from "./internal/output.ts"

/** There is no such program, or it may not be executed. */
export class ProgramMissing extends TaggedError<ProgramMissing>()("ProgramMissing", {
  program: Schema.String,
  /** The system's code: ENOENT, EACCES, ENOTDIR, ... */
  code: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return this.code === "ENOENT"
      ? `The program ${this.program} was not found`
      : `The program ${this.program} cannot be started (${this.code})`
  }
  get hint() {
    return "calm doctor"
  }
}

/** The program ran longer than its deadline and was ended. */
export class ProgramTimedOut extends TaggedError<ProgramTimedOut>()("ProgramTimedOut", {
  program: Schema.String,
  /** The deadline in milliseconds. */
  deadline: Schema.Number,
  /** The last lines it printed, both streams. */
  tail: Schema.String
}) {
  get category() {
    return "timeout" as const
  }
  override get message() {
    return `${this.program} did not finish within ${this.deadline / 1000} s`
  }
  get hint() {
    return "calm doctor"
  }
}

/** Something around the program failed: its working folder is gone, its log file cannot be written, no more processes. */
export class ProgramFailedToRun extends TaggedError<ProgramFailedToRun>()("ProgramFailedToRun", {
  program: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `${this.program} could not be run: ${this.reason}`
  }
  get hint() {
    return "calm doctor"
  }
}

/** How a program fails to be run to its end. */
export type ProcessError = ProgramMissing | ProgramTimedOut | ProgramFailedToRun

/** A program to run. */
export interface Request {
  readonly program: string
  readonly args: ReadonlyArray<string>
  /** Working folder: an absolute path. */
  readonly cwd: string
  /** Changes to the inherited environment; `undefined` unsets a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Bytes for its stdin; without them stdin is closed. */
  readonly stdin?: string | Uint8Array | undefined
  readonly deadline: Duration.DurationInput
  /** Time between TERM and KILL when it has to be ended. Default 2 s. */
  readonly grace?: Duration.DurationInput | undefined
  /** Bytes of each stream to keep: the first half and the last half of it when there is more. Default 16 MiB. */
  readonly maxOutput?: number | undefined
  /**
   * Where both streams are written, interleaved as they come: all of it, or of more than 64 MiB the first 64 and the
   * last 1. Its folder must exist; a file that is there already is replaced.
   */
  readonly logFile?: string | undefined
  /**
   * Called with each complete line of either stream as it comes, one call at a time: the program waits while the calls
   * fall behind. Of a line longer than 64 KiB the rest is left out.
   */
  readonly onLine?: ((line: string) => Effect.Effect<void>) | undefined
  /**
   * Its process group is killed, too, when this process is killed and cannot end it: for programs that would run on for
   * nobody and may be cut off anywhere. Needs `/bin/sh`. Default: it runs on.
   */
  readonly tied?: boolean | undefined
}

/** How a program ended. A non-zero exit code is an answer, not an error. */
export interface Exit {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  /** The signal that ended it, such as `SIGKILL`; `null` when it exited by itself. */
  readonly signal: string | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** More was printed than `maxOutput`: the middle of a stream is missing. */
  readonly truncated: boolean
  /** Milliseconds from start to end. */
  readonly duration: number
}

/** Starts programs, and nothing else does. */
export class ProcessRunner extends Context.Tag("@calm/process/ProcessRunner")<
  ProcessRunner,
  {
    /**
     * Runs a program to its end. After it has exited, pipes still held open by its children are read for one more
     * second; then its whole process group is ended.
     */
    readonly run: (request: Request) => Effect.Effect<Exit, ProcessError>
  }
>() {}

/** Decodes output as UTF-8; what is not UTF-8 becomes U+FFFD. */
export const text = (bytes: Uint8Array): string => Lines.decode(bytes)

/** It exited by itself and with code 0. */
export const succeeded = (exit: Exit): boolean => exit.exitCode === 0

const problem =
  (request: Request) =>
  (failure: Child.Missing | Child.Failed | Execution.TimedOut): ProcessError => {
    const { program } = request
    switch (failure._tag) {
      case "Missing":
        return new ProgramMissing({ program, code: failure.code })
      case "Failed":
        return new ProgramFailedToRun({ program, reason: failure.reason })
      case "TimedOut":
        return new ProgramTimedOut({ program, deadline: Duration.toMillis(request.deadline), tail: failure.tail })
    }
  }

/** Runs programs on this machine, with this process's environment. */
export const layer: Layer.Layer<ProcessRunner> = Layer.succeed(ProcessRunner, {
  run: Effect.fn("ProcessRunner.run")((request: Request) =>
    Execution.run(request).pipe(Effect.mapError(problem(request)))
  )
})

/** What a scripted program does: it prints, takes its time, and ends. Without anything it exits with 0 at once. */
export interface Script {
  readonly stdout?: string | Uint8Array | undefined
  readonly stderr?: string | Uint8Array | undefined
  /** Default 0; not looked at when there is a signal. */
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  /** From its last output to its end, on the Effect clock. */
  readonly takes?: Duration.DurationInput | undefined
}

/** Answers a request, or not: the next handler is asked then. An error is an answer too. */
export type Handler = (request: Request) => Script | Effect.Effect<Script, ProcessError> | undefined

/** What the scripted runner was asked for. */
export class ScriptedProcesses extends Context.Tag("@calm/process/ScriptedProcesses")<
  ScriptedProcesses,
  {
    /** Every request so far, those nobody answered included, in the order they came. */
    readonly requests: Effect.Effect<ReadonlyArray<Request>>
  }
>() {}

const bytes = (output: string | Uint8Array | undefined): Uint8Array =>
  typeof output === "string" ? new TextEncoder().encode(output) : (output ?? new Uint8Array(0))

const play = Effect.fnUntraced(function* (request: Request, script: Script) {
  const output = Output.make(request)
  for (const [stream, printed] of [
    [output.stdout, bytes(script.stdout)],
    [output.stderr, bytes(script.stderr)]
  ] as const) {
    stream.take(printed)
    yield* stream.lines(printed)
    yield* stream.end
  }
  const takes = Duration.decode(script.takes ?? 0)
  if (Duration.greaterThan(takes, request.deadline)) {
    yield* Effect.sleep(request.deadline)
    return yield* problem(request)(new Execution.TimedOut({ tail: output.tail() }))
  }
  yield* Effect.sleep(takes)
  return Execution.finished(output, {
    exitCode: script.signal === undefined ? (script.exitCode ?? 0) : null,
    signal: script.signal ?? null,
    duration: Duration.toMillis(takes)
  })
})

/**
 * Runs nothing: the first handler that answers a request says what the program does. A program that no handler knows
 * is missing. Lines, the cap and the deadline work as in the real one; no log file is written.
 */
export const layerScripted = (
  handlers: Handler | ReadonlyArray<Handler>
): Layer.Layer<ProcessRunner | ScriptedProcesses> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const asked = yield* Ref.make(Chunk.empty<Request>())
      const run = Effect.fn("ProcessRunner.run")(function* (request: Request) {
        yield* Ref.update(asked, Chunk.append(request))
        for (const handler of typeof handlers === "function" ? [handlers] : handlers) {
          const answer = handler(request)
          if (answer !== undefined) return yield* play(request, Effect.isEffect(answer) ? yield* answer : answer)
        }
        return yield* new ProgramMissing({ program: request.program, code: "ENOENT" })
      })
      return Context.make(ProcessRunner, { run }).pipe(
        Context.add(ScriptedProcesses, { requests: Effect.map(Ref.get(asked), Chunk.toReadonlyArray) })
      )
    })
  )
