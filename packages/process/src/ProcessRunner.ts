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
import * as Traced from "@calm/domain/Traced"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type * as Child from "./internal/child.ts"
import {
  type ProcessError,
  ProgramEnded,
  ProgramFailedToRun,
  ProgramMissing,
  ProgramTimedOut
} from "./internal/errors.ts"
import * as Conversations from "./internal/conversation.ts"
import * as Execution from "./internal/execution.ts"
import * as Lines from "./internal/lines.ts"
import * as Output from "./internal/output.ts"

export { ProgramEnded, ProgramFailedToRun, ProgramMissing, ProgramTimedOut } from "./internal/errors.ts"
export type { ProcessError } from "./internal/errors.ts"

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

/** A program to ask: `deadline` and `maxOutput` hold for each answer. Its stdin is open for the questions. */
export type Interlocutor = Pick<Request, "program" | "args" | "cwd" | "env" | "deadline" | "grace" | "maxOutput">

/** A program that is asked and answers, again and again. */
export interface Conversation {
  /**
   * Writes a question to its stdin, and gives what it prints on stdout up to the end of the answer. `lengthOf` is given
   * all that was printed so far, and tells how many bytes of it the answer has, or `undefined` while it is not whole. One
   * question at a time. A program that prints more than the answer, gives none in time, or whose caller does not wait for
   * it, can be asked nothing any more: another one has to be started.
   */
  readonly ask: (
    question: string | Uint8Array,
    lengthOf: (printed: Uint8Array) => number | undefined
  ) => Effect.Effect<Uint8Array, ProcessError | ProgramEnded>
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
    /**
     * Starts a program that can be asked until the scope ends. Its stdin is closed then; if it does not end by that, its
     * process group is ended.
     */
    readonly converse: (interlocutor: Interlocutor) => Effect.Effect<Conversation, ProcessError, Scope.Scope>
  }
>() {}

/** Decodes output as UTF-8; what is not UTF-8 becomes U+FFFD. */
export const text = (bytes: Uint8Array): string => Lines.decode(bytes)

/** It exited by itself and with code 0. */
export const succeeded = (exit: Exit): boolean => exit.exitCode === 0

const problem =
  (request: Pick<Request, "program" | "deadline">) =>
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
  run: Traced.fn("ProcessRunner.run")((request: Request) =>
    Execution.run(request).pipe(Effect.mapError(problem(request)))
  ),
  converse: Traced.fn("ProcessRunner.converse")(function* (interlocutor: Interlocutor) {
    const { ask } = yield* Conversations.start(interlocutor).pipe(Effect.mapError(problem(interlocutor)))
    return {
      ask: (question, lengthOf) =>
        Effect.mapError(ask(question, lengthOf), (failure) =>
          failure._tag === "Ended"
            ? new ProgramEnded({ ...failure, program: interlocutor.program })
            : problem(interlocutor)(failure)
        )
    } satisfies Conversation
  })
})

/**
 * The conversations of a runner that stands in for the real one: each question is a run of its own, which has the question
 * on its stdin and prints the answer. Where it prints none, it has ended.
 */
export const conversing =
  (run: (request: Request) => Effect.Effect<Exit, ProcessError>) =>
  (interlocutor: Interlocutor): Effect.Effect<Conversation> =>
    Effect.succeed({
      ask: Effect.fnUntraced(function* (question, lengthOf) {
        const { exitCode, signal, stderr, stdout, truncated } = yield* run({ ...interlocutor, stdin: question })
        const found = Conversations.judged(stdout, lengthOf)
        const { program } = interlocutor
        if (truncated) return yield* new ProgramFailedToRun({ program, reason: "its answer is too long to be kept" })
        if (found instanceof Uint8Array) return found
        if (found !== undefined) return yield* problem(interlocutor)(found)
        return yield* new ProgramEnded({ program, exitCode, signal, tail: text(stderr).trimEnd() })
      })
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
 * is missing. In a conversation each question is a request, with the question as its stdin. Lines, the cap and the deadline work as in the real one; no log file is written.
 */
export const layerScripted = (
  handlers: Handler | ReadonlyArray<Handler>
): Layer.Layer<ProcessRunner | ScriptedProcesses> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const asked = yield* Ref.make(Chunk.empty<Request>())
      const run = Traced.fn("ProcessRunner.run")(function* (request: Request) {
        yield* Ref.update(asked, Chunk.append(request))
        for (const handler of typeof handlers === "function" ? [handlers] : handlers) {
          const answer = handler(request)
          if (answer !== undefined) return yield* play(request, Effect.isEffect(answer) ? yield* answer : answer)
        }
        return yield* new ProgramMissing({ program: request.program, code: "ENOENT" })
      })
      return Context.make(ProcessRunner, { run, converse: conversing(run) }).pipe(
        Context.add(ScriptedProcesses, { requests: Effect.map(Ref.get(asked), Chunk.toReadonlyArray) })
      )
    })
  )
