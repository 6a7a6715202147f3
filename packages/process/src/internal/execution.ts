/** One run of a program, from its start to the end of its process group. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
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
export const pipesAfterEnd = Duration.seconds(1)

/** A turn of the event loop, in which it reads what is there to read. */
export const wholeTurn = Effect.async<void>((resume) => {
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

/** Starts the program and the reading of its pipes; the scope's end is the end of both. */
const start = Effect.fnUntraced(function* (request: Request, output: Output.Output) {
  const log = yield* openLog(request.logFile)
  // One chunk at a time, of whichever stream: lines are not handed out twice at once, nor chunks mixed in the log file.
  const inTurn = (yield* Effect.makeSemaphore(1)).withPermits(1)
  const work = (stream: Output.Stream) => (chunk: Uint8Array) =>
    inTurn(Effect.zipRight(log === undefined ? Effect.void : log.write(chunk), stream.lines(chunk)))
  const drain = (stream: Output.Stream, pipe: Readable) =>
    Drain.make(pipe, {
      take: stream.take,
      work: log === undefined && request.onLine === undefined ? undefined : work(stream),
      broken: (error) => new Child.Failed({ reason: `its output cannot be read (${Child.codeOf(error)})` })
    })
  const read = (stream: Output.Stream, pipe: Drain.Drain<Child.Failed>) => Effect.zipRight(pipe.run, inTurn(stream.end))

  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const {
        attached: { stderr, stdout },
        child
      } = yield* Child.start(request, (pipes) => ({
        stdout: drain(output.stdout, pipes.stdout),
        stderr: drain(output.stderr, pipes.stderr)
      }))
      // Forked before the finalizer is added, so that the pipes are still drained while the child is being ended.
      const reading = yield* Effect.all([read(output.stdout, stdout), read(output.stderr, stderr)], {
        concurrency: "unbounded",
        discard: true
      }).pipe(Effect.zipRight(log === undefined ? Effect.void : log.end), restore, Effect.forkScoped)
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
      return { child, end, hurry, cut, read: Fiber.join(reading) }
    })
  )
})

const runInterruptibly = Effect.fnUntraced(function* (request: Request) {
  const output = Output.make(request)
  const { child, cut, end, hurry, read } = yield* start(request, output)
  const begun = yield* Clock.currentTimeNanos

  // What the child itself left in the pipes is read in the next turn of the event loop, whatever the time: it has that
  // turn even when this process was too busy to get to it within the second.
  const cutLater = Child.inRealTime(Effect.sleep(pipesAfterEnd)).pipe(
    Effect.zipRight(wholeTurn),
    Effect.zipRight(cut),
    Effect.zipRight(Effect.never)
  )
  const readRest = Effect.zipRight(hurry, Effect.raceFirst(read, cutLater))

  const ended = yield* child.ended.pipe(
    // Reading never ends the run, but its failure does.
    Effect.raceFirst(Effect.zipRight(read, Effect.never)),
    Effect.timeoutOption(request.deadline)
  )
  if (Option.isNone(ended)) {
    yield* end
    // Its last words; the limit is for an `onLine` that may be the one that hangs.
    yield* readRest.pipe(Effect.timeoutOption(Duration.times(pipesAfterEnd, 2)), Child.inRealTime)
    return yield* new TimedOut({ tail: output.tail() })
  }
  const duration = Math.round(Number((yield* Clock.currentTimeNanos) - begun) / 1e6)
  yield* readRest
  return finished(output, { ...ended.value, duration })
}, Effect.scoped)

/**
 * Waiting with a deadline needs a fiber that can be interrupted, so it has one of its own: a finalizer, which cannot be
 * interrupted, may run and ask programs too, deadline and all.
 */
export const inOwnFiber = <A, E>(waiting: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.fork(Effect.interruptible(waiting)), (fiber) =>
      restore(Fiber.join(fiber)).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
    )
  )

/** Runs a program. */
export const run = (request: Request) => inOwnFiber(runInterruptibly(request))
