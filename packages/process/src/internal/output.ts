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

export const defaultMaxOutput = 16 * 1024 * 1024

export const tailBytes = 4096

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

/** A log file keeps so many of the first bytes, and of all that comes after them so many of the last. */
export interface LogLimits {
  readonly first: number
  readonly last: number
}

/** What a program prints may never end, and the disk that it fills may be the one that the database is on. */
const logLimits: LogLimits = { first: 64 * 1024 * 1024, last: 1024 * 1024 }

/** Writes to a log file. */
export interface Log<E> {
  /** Writes a chunk as a whole and ends when the system has taken it. */
  readonly write: (chunk: Uint8Array) => Effect.Effect<void, E>
  /** Writes what was held back of a long output: how much is left out, and its end. */
  readonly end: Effect.Effect<void, E>
}

/** Opens a log file, closed with the scope. */
export const openLog = Effect.fnUntraced(function* <E>(
  path: string,
  failed: (error: unknown) => E,
  limits: LogLimits = logLimits
) {
  const file = yield* Effect.acquireRelease(
    // What programs print may hold secrets of the user.
    Effect.tryPromise({ try: () => open(path, "w", 0o600), catch: failed }),
    (opened) => Effect.promise(() => opened.close())
  )
  const append = (chunk: Uint8Array | string): Effect.Effect<void, E> =>
    Effect.tryPromise({ try: () => file.appendFile(chunk), catch: failed })
  const last = Kept.make(0, limits.last)
  let written = 0
  let held = 0
  const log: Log<E> = {
    write: (chunk) =>
      Effect.suspend(() => {
        const first = chunk.subarray(0, limits.first - written)
        const rest = chunk.subarray(first.length)
        written += first.length
        held += rest.length
        last.push(rest)
        return first.length === 0 ? Effect.void : append(first)
      }),
    end: Effect.suspend(() => {
      const bytes = last.bytes()
      const gap = last.truncated() ? `\n[calm: ${held - bytes.length} bytes are left out here]\n` : ""
      return held === 0 ? Effect.void : Effect.zipRight(append(gap), append(bytes))
    })
  }
  return log
})
