/** What becomes of the output of one run, both streams together: kept, written to the log file, handed out in lines. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import * as Kept from "./kept.ts"
import * as Lines from "./lines.ts"

export interface Options {
  readonly maxOutput?: number | undefined
  readonly onLine?: ((line: string) => Effect.Effect<void>) | undefined
}

/** One of the two streams. */
export interface Stream {
  readonly kept: Kept.Kept
  /** Keeps a chunk. */
  readonly take: (chunk: Uint8Array) => void
  /** Hands out the lines that a chunk completes. */
  readonly lines: (chunk: Uint8Array) => Effect.Effect<void>
  /** Hands out what came after the last newline. */
  readonly end: Effect.Effect<void>
}

export interface Output {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly truncated: () => boolean
  /** The last lines of both. */
  readonly tail: () => string
}

const defaultMaxOutput = 16 * 1024 * 1024

const tailBytes = 4096

export const make = (options: Options): Output => {
  const tail = Kept.make(0, tailBytes)

  const stream = (): Stream => {
    const kept = Kept.halves(options.maxOutput ?? defaultMaxOutput)
    const splitter = Lines.make()
    const handOut = (lines: ReadonlyArray<string>): Effect.Effect<void> =>
      options.onLine === undefined ? Effect.void : Effect.forEach(lines, options.onLine, { discard: true })
    return {
      kept,
      take: (chunk) => {
        kept.push(chunk)
        tail.push(chunk)
      },
      lines: (chunk) =>
        options.onLine === undefined ? Effect.void : Effect.suspend(() => handOut(splitter.push(chunk))),
      end: Effect.suspend(() => handOut(splitter.end()))
    }
  }

  const stdout = stream()
  const stderr = stream()
  return {
    stdout,
    stderr,
    truncated: () => stdout.kept.truncated() || stderr.kept.truncated(),
    tail: () => Lines.tail(tail)
  }
}

/** Opens a log file; the answer writes a chunk as a whole and ends when the system has taken it. */
export const openLog = Effect.fnUntraced(function* <E>(path: string, failed: (error: unknown) => E) {
  const file = yield* Effect.acquireRelease(
    // What programs print may hold secrets of the user.
    Effect.tryPromise({ try: () => open(path, "w", 0o600), catch: failed }),
    (opened) => Effect.promise(() => opened.close())
  )
  return (chunk: Uint8Array): Effect.Effect<void, E> =>
    Effect.tryPromise({ try: () => file.appendFile(chunk), catch: failed })
})
