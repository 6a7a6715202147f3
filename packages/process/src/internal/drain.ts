/**
 * Reads a pipe of a child to its end. Every chunk is taken at once; when each is also to be worked on (written, handed
 * out), the pipe is paused as soon as the work falls behind, so that the child waits and the memory does not grow.
 */
import * as Effect from "effect/Effect"
import type { Readable } from "node:stream"

export interface Drain<E> {
  /** Ends when the pipe has ended and everything that was read is worked on. */
  readonly run: Effect.Effect<void, E>
  /** The child has ended: what it left in the pipe is read without waiting for the work. */
  readonly hurry: () => void
  /** Reads no further. What was read is still worked on. */
  readonly cut: () => void
}

/** Bytes that wait for the work before the pipe is paused. */
const behind = 256 * 1024

/** The same once the child has ended: more than a pipe can hold, less than a grandchild could print in a second. */
const behindAtEnd = 8 * 1024 * 1024

export const make = <E>(
  pipe: Readable,
  options: {
    readonly take: (chunk: Uint8Array) => void
    readonly work: ((chunk: Uint8Array) => Effect.Effect<void, E>) | undefined
    /** Told at once that the pipe cannot be read. */
    readonly broken: (error: Error) => E
  }
): Drain<E> => {
  const waiting: Array<Uint8Array> = []
  let waitingBytes = 0
  let limit = behind
  let ended = false
  let failure: { readonly error: E } | undefined
  let wake: (() => void) | undefined

  const end = (): void => {
    ended = true
    wake?.()
  }
  pipe.on("data", (chunk: Uint8Array) => {
    if (ended) return
    options.take(chunk)
    if (options.work === undefined) return
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes >= limit) pipe.pause()
    wake?.()
  })
  pipe.on("error", (error) => {
    failure = { error: options.broken(error) }
    end()
  })
  pipe.on("close", end)

  const somethingNew = Effect.async<void>((resume) => {
    if (ended || waiting.length > 0) return resume(Effect.void)
    wake = () => {
      wake = undefined
      resume(Effect.void)
    }
    pipe.resume()
    return Effect.sync(() => {
      wake = undefined
    })
  })

  const run = Effect.gen(function* () {
    while (true) {
      yield* somethingNew
      const chunk = waiting.shift()
      if (chunk !== undefined) {
        waitingBytes -= chunk.length
        if (options.work !== undefined) yield* options.work(chunk)
      } else if (failure !== undefined) {
        return yield* Effect.fail(failure.error)
      } else if (ended) {
        return
      }
    }
  })

  return {
    run,
    hurry: () => {
      limit = behindAtEnd
      if (waitingBytes < limit) pipe.resume()
    },
    cut: () => {
      end()
      pipe.destroy()
    }
  }
}
