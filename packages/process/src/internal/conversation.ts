/**
 * A program that is asked and answers, one question after the other, for as long as its scope lasts.
 *
 * Question and answer belong together by their order alone. So one question is asked at a time, and where that order may
 * be lost (no answer in time, a caller that went away, more said than was asked for) nothing is asked any more.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Readable } from "node:stream"
import * as Child from "./child.ts"
import * as Drain from "./drain.ts"
import * as Execution from "./execution.ts"
import * as Kept from "./kept.ts"
import * as Lines from "./lines.ts"
import * as Output from "./output.ts"

/** It has ended, and not answered. */
class Ended extends Data.TaggedError("Ended")<Child.Ended & { readonly tail: string }> {}

export interface Request extends Omit<Child.Request, "stdin" | "tied"> {
  readonly deadline: Duration.DurationInput
  readonly grace?: Duration.DurationInput | undefined
  readonly maxOutput?: number | undefined
}

/** How many bytes of what was said are the answer; `undefined`: it is not whole yet. */
export type LengthOf = (said: Uint8Array) => number | undefined

/** What has become of an answer: it is whole, or there will be none. */
export const judged = (said: Uint8Array, lengthOf: LengthOf): Uint8Array | Child.Failed | undefined => {
  const length = lengthOf(said)
  if (length === undefined) return undefined
  return length === said.length ? said : new Child.Failed({ reason: "it said more than it was asked for" })
}

type Answer = Effect.Effect<Uint8Array, Child.Failed | Ended | Execution.TimedOut>

/** What was said since the last question, and who waits for it. */
const makeAnswers = (maxOutput: number, deadline: Duration.Duration, late: () => Execution.TimedOut) => {
  let said = new Uint8Array(0)
  let used = 0
  let over: Answer | undefined
  let waiting: { readonly lengthOf: LengthOf; readonly resume: (answer: Answer) => void } | undefined

  const settle = (answer: Answer): void => {
    waiting?.resume(answer)
    waiting = undefined
  }
  const look = (): void => {
    if (waiting === undefined) return
    const found = judged(said.subarray(0, used), waiting.lengthOf)
    if (found instanceof Uint8Array) {
      said = new Uint8Array(0)
      used = 0
      settle(Effect.succeed(found))
    } else if (found !== undefined) settle(found)
    else if (used > maxOutput) settle(new Child.Failed({ reason: "its answer is too long to be kept" }))
  }

  return {
    take: (chunk: Uint8Array): void => {
      if (used + chunk.length > said.length) {
        // Doubled: a long answer comes in many pieces.
        const larger = new Uint8Array(Math.max(used + chunk.length, said.length * 2))
        larger.set(said.subarray(0, used))
        said = larger
      }
      said.set(chunk, used)
      used += chunk.length
      look()
    },
    /** Nothing more will be said. */
    end: (why: Child.Failed | Ended): void => {
      over = Effect.fail(why)
      settle(over)
    },
    /** Asks, and waits for the answer to be whole. */
    next: (send: () => void, lengthOf: LengthOf): Answer =>
      Effect.async((resume) => {
        if (over !== undefined) return resume(over)
        if (used > 0) return resume(new Child.Failed({ reason: "it said something that it was not asked for" }))
        // It is a matter of the system, as pipes are, and holds where nothing can be interrupted: in a finalizer.
        // @effect-diagnostics-next-line globalTimers:off
        const timer = setTimeout(() => settle(late()), Duration.toMillis(deadline))
        waiting = {
          lengthOf,
          resume: (answer) => {
            clearTimeout(timer)
            resume(answer)
          }
        }
        send()
        return Effect.sync(() => {
          clearTimeout(timer)
          waiting = undefined
        })
      })
  }
}

/** How long a program is waited for that has nothing more to read: it ends by itself, and at once. */
const afterQuestions = Duration.millis(500)

/** Starts the program; the scope's end is its end. */
export const start = Effect.fnUntraced(function* (request: Request) {
  const warnings = Kept.make(0, Output.tailBytes)
  const answers = makeAnswers(
    request.maxOutput ?? Output.defaultMaxOutput,
    Duration.decode(request.deadline),
    () => new Execution.TimedOut({ tail: Lines.tail(warnings) })
  )
  const inTurn = (yield* Effect.makeSemaphore(1)).withPermits(1)
  const over = yield* Deferred.make<Child.Ended, Child.Failed>()
  const drain = (pipe: Readable, take: (chunk: Uint8Array) => void) =>
    Drain.make(pipe, {
      take,
      work: undefined,
      broken: (error) => {
        const failure = new Child.Failed({ reason: `its output cannot be read (${Child.codeOf(error)})` })
        Deferred.unsafeDone(over, Effect.fail(failure))
        return failure
      }
    })

  // What watches the program has to be ended with the scope, also where it was started by what cannot be interrupted.
  const stdin = yield* Effect.uninterruptible(
    Effect.gen(function* () {
      const { attached, child } = yield* Child.start(
        { ...request, stdin: { open: true } },
        (how) => Deferred.unsafeDone(over, Effect.succeed(how)),
        (pipes) => ({
          stdin: pipes.stdin,
          stdout: drain(pipes.stdout, answers.take),
          stderr: drain(pipes.stderr, warnings.push)
        })
      )
      const { stderr, stdin, stdout } = attached
      const cut = Effect.sync(() => {
        stdout.cut()
        stderr.cut()
      })
      yield* Deferred.await(over).pipe(
        // What it said before it ended may be the answer; a process that it left behind may hold its pipes open.
        Effect.zipLeft(Execution.readOut(Effect.zipRight(stdout.run, stderr.run), cut)),
        Effect.flatMap((ended) => new Ended({ ...ended, tail: Lines.tail(warnings) })),
        Effect.catchAll((why) => Effect.sync(() => answers.end(why))),
        Effect.interruptible,
        Effect.forkScoped
      )
      const end = Child.end(child, Duration.decode(request.grace ?? Execution.defaultGrace))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => stdin?.end()).pipe(
          Effect.zipRight(child.endedWithin(afterQuestions)),
          Effect.zipRight(end),
          Effect.zipRight(cut),
          Effect.ensuring(Effect.sync(child.release))
        )
      )
      return stdin
    })
  )

  // While a question waits for its answer, and for good where it did not get one.
  let unanswered = false

  const ask = Effect.fnUntraced(function* (question: string | Uint8Array, lengthOf: LengthOf) {
    if (unanswered) return yield* new Child.Failed({ reason: "an earlier question was not answered" })
    unanswered = true
    const answer = yield* answers.next(() => void stdin?.write(question), lengthOf)
    unanswered = false
    return answer
  }, inTurn)

  return { ask }
})
