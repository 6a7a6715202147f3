/**
 * Where the process prints. Only a terminal is written to through Node's streams: to make them takes a good part of the
 * time of a short command, and a pipe or a file is waited for either way.
 */
import { fstatSync, statSync, writeSync } from "node:fs"

/** Stdout, or stderr. */
export interface Sink {
  readonly isTTY: boolean
  /** The columns of a terminal, as many as there are now. */
  readonly columns: number | undefined
  /** Writes all of a text, then calls back; also where nobody reads it any more (`calm log | head -1`). */
  readonly write: (text: string, written?: () => void) => void
}

const mayBeTerminal = (descriptor: number): boolean => {
  try {
    const stat = fstatSync(descriptor)
    return stat.isCharacterDevice() && stat.rdev !== statSync("/dev/null").rdev
  } catch {
    return true
  }
}

/** What is left of some bytes that were written as far as it could be done at once. */
const leftOf = (descriptor: number, bytes: Uint8Array): Uint8Array => {
  let at = 0
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at)
    return bytes.subarray(at)
  } catch (cause) {
    // A pipe that somebody else has set not to be waited for is full: a stream waits.
    return cause instanceof Error && "code" in cause && cause.code === "EAGAIN" ? bytes.subarray(at) : new Uint8Array()
  }
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** `open` gives Node's stream for a descriptor. */
export const sink = (descriptor: number, open: () => Stream): Sink => {
  let opened: Stream | undefined
  const stream = (): Stream => {
    // The reader may leave at any time: its right, and no failure of ours. The callbacks come anyway.
    opened ??= open().on("error", () => {})
    return opened
  }
  const isTTY = mayBeTerminal(descriptor) && stream().isTTY === true
  return {
    isTTY,
    get columns() {
      return isTTY ? stream().columns : undefined
    },
    write: (text, written = () => {}) => {
      const bytes = Buffer.from(text)
      const left = isTTY || opened !== undefined ? bytes : leftOf(descriptor, bytes)
      if (left.length === 0) written()
      else stream().write(left, written)
    }
  }
}

export const stdout = sink(1, () => process.stdout)
export const stderr = sink(2, () => process.stderr)
