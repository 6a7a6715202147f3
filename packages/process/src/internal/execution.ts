/** One run of a program, from its start to the end of its process group. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type { Readable } from "node:stream"
import * as Child from "./child.ts"
import * as Drain from "./drain.ts"
import * as Output from "./output.ts"

export class TimedOut extends Data.TaggedError("TimedOut")<{ readonly tail: string }> {}

export interface Request extends Child.Request, Output.Options {
  readonly deadline: Duration.DurationInput
  readonly grace?: Duration.DurationInput | undefined
  readonly logFile?: string | undefined
}

export const defaultGrace = Duration.seconds(2)

/** How long pipes are read after the program has ended, when a process that it left behind holds them open. */
const pipesAfterEnd = Duration.seconds(1)

/** A turn of the event loop, in which it reads what is there to read. */
const wholeTurn = Effect.async<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})

const openLog = (path: string | undefined) =>
  path === undefined
    ? Effect.void
    : Output.openLog(
        path,
        (error) => new Child.Failed({ reason: `its log file ${path} cannot be written (${Child.codeOf(error)})` })
      )

/** The answer of a run that came to its end. */
export const finished = (output: Output.Output, end: Child.Ended & { readonly duration: number }) => ({
  ...end,
  stdout: output.stdout.kept.bytes(),
  stderr: output.stderr.kept.bytes(),
  truncated: output.truncated()
})

/** Waits, while something else goes on that is given up as soon as the waiting is over. */
const beside = <A, E>(waiting: Effect.Effect<A, E>, meanwhile: Effect.Effect<unknown>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.fork(Effect.interruptible(meanwhile)),
    () => waiting,
    Fiber.interruptAsFork(FiberId.none)
  )

/**
 * Waits for pipes to be read to their end once their program has ended. They are cut off where a process that it left
 * behind holds them open; what the program itself left in them is read in the next turn of the event loop, whatever the
 * time: it has that turn even when this process was too busy to get to it within the second.
 */
export const readOut = <E>(read: Effect.Effect<void, E>, cut: Effect.Effect<void>): Effect.Effect<void, E> =>
  beside(read, Child.inRealTime(Effect.sleep(pipesAfterEnd)).pipe(Effect.zipRight(wholeTurn), Effect.zipRight(cut)))

/** How a program ended, or that it had not by its deadline. */
type Over = Child.Ended | "late"

/** Starts the program and the reading of its pipes; the scope's end is the end of both. */
const start = Effect.fnUntraced(function* (request: Request, output: Output.Output) {
  const log = yield* openLog(request.logFile)
  const over = yield* Deferred.make<Over, Child.Failed>()
  // One chunk at a time, of whichever stream: lines are not handed out twice at once, nor chunks mixed in the log file.
  const inTurn = (yield* Effect.makeSemaphore(1)).withPermits(1)
  const work = (stream: Output.Stream) => (chunk: Uint8Array) =>
    inTurn(Effect.zipRight(log === undefined ? Effect.void : log.write(chunk), stream.lines(chunk)))
  const isWorkedOn = log !== undefined || request.onLine !== undefined
  const drain = (stream: Output.Stream, pipe: Readable) =>
    Drain.make(pipe, {
      take: stream.take,
      work: isWorkedOn ? work(stream) : undefined,
      broken: (error) => {
        const failure = new Child.Failed({ reason: `its output cannot be read (${Child.codeOf(error)})` })
        Deferred.unsafeDone(over, Effect.fail(failure))
        return failure
      }
    })
  /** The work on what is read, which goes on while the program runs; its failure ends the run. */
  const working = (pipes: ReadonlyArray<readonly [Output.Stream, Drain.Drain<Child.Failed>]>) =>
    Effect.forEach(pipes, ([stream, pipe]) => Effect.zipRight(pipe.run, inTurn(stream.end)), {
      concurrency: "unbounded",
      discard: true
    }).pipe(
      Effect.zipRight(log === undefined ? Effect.void : log.end),
      Effect.tapErrorCause((cause) => Deferred.failCause(over, cause)),
      Effect.interruptible,
      Effect.forkScoped,
      Effect.map(Fiber.join)
    )

  return yield* Effect.uninterruptible(
    Effect.gen(function* () {
      const {
        attached: { stderr, stdout },
        child
      } = yield* Child.start(
        request,
        (how) => Deferred.unsafeDone(over, Effect.succeed(how)),
        (pipes) => ({
          stdout: drain(output.stdout, pipes.stdout),
          stderr: drain(output.stderr, pipes.stderr)
        })
      )
      // Forked before the finalizer is added, so that the pipes are still drained while the child is being ended.
      const read = isWorkedOn
        ? yield* working([
            [output.stdout, stdout],
            [output.stderr, stderr]
          ])
        : Effect.zipRight(stdout.run, stderr.run)
      const cut = Effect.sync(() => {
        stdout.cut()
        stderr.cut()
      })
      const hurry = Effect.sync(() => {
        stdout.hurry()
        stderr.hurry()
      })
      const end = Child.end(child, Duration.decode(request.grace ?? defaultGrace))
      yield* Effect.addFinalizer(() => end.pipe(Effect.zipRight(cut), Effect.ensuring(Effect.sync(child.release))))
      return { over, end, readRest: Effect.zipRight(hurry, readOut(read, cut)) }
    })
  )
})

/**
 * Waiting with a limit needs a fiber that can be interrupted, so it has one of its own: a finalizer, which cannot be
 * interrupted, may run programs too.
 */
const inOwnFiber = <A, E>(waiting: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.fork(Effect.interruptible(waiting)), (fiber) =>
      restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
    )
  )

/** Runs a program; deadline and all also where nothing can be interrupted, as in a finalizer. */
export const run = Effect.fnUntraced(function* (request: Request) {
  const output = Output.make(request)
  const { end, over, readRest } = yield* start(request, output)
  const begun = yield* Clock.currentTimeNanos

  const late = Effect.zipRight(Effect.sleep(request.deadline), Deferred.succeed(over, "late"))
  const ended = yield* beside(Deferred.await(over), late)
  if (ended === "late") {
    yield* end
    // Its last words; the limit is for an `onLine` that may be the one that hangs.
    yield* readRest.pipe(Effect.timeoutOption(Duration.times(pipesAfterEnd, 2)), Child.inRealTime, inOwnFiber)
    return yield* new TimedOut({ tail: output.tail() })
  }
  const duration = Math.round(Number((yield* Clock.currentTimeNanos) - begun) / 1e6)
  yield* readRest
  return finished(output, { ...ended, duration })
}, Effect.scoped)
