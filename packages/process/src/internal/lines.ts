/**
 * Cuts a stream of bytes into lines. It cuts bytes and decodes whole lines, so that a character split over two chunks
 * stays whole; and it bounds what it holds, so that an output without any newline cannot fill the memory.
 */
import * as Kept from "./kept.ts"

export interface Lines {
  /** The lines that this chunk completes. */
  readonly push: (chunk: Uint8Array) => ReadonlyArray<string>
  /** What came after the last newline, once nothing more can come. */
  readonly end: () => ReadonlyArray<string>
}

/** The bytes of a line that are handed out; the rest of a longer one is left out. */
export const maxLine = 64 * 1024

const newline = 0x0a

// A byte order mark is part of what was printed.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

export const decode = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Decodes a line that was cut: `stream` keeps back the character that the cut has split. */
const decodeCut = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true })

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line)

export const make = (): Lines => {
  // The beginning of a line whose newline has not come yet; none at the start of a line.
  let begun: Kept.Kept | undefined

  const whole = (lastPart: Uint8Array): string => {
    if (begun === undefined && lastPart.length <= maxLine) return withoutReturn(decode(lastPart))
    const kept = begun ?? Kept.make(maxLine, 0)
    kept.push(lastPart)
    begun = undefined
    return kept.truncated() ? decodeCut(kept.bytes()) : withoutReturn(decode(kept.bytes()))
  }

  return {
    push: (chunk) => {
      const lines: Array<string> = []
      let from = 0
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
        lines.push(whole(chunk.subarray(from, at)))
        from = at + 1
      }
      if (from < chunk.length) {
        begun ??= Kept.make(maxLine, 0)
        begun.push(chunk.subarray(from))
      }
      return lines
    },
    end: () => (begun === undefined ? [] : [whole(new Uint8Array(0))])
  }
}

/** The last lines of an output of which only the end was kept: the line that the cut has split is left out. */
export const tail = (kept: Kept.Kept): string => {
  const bytes = kept.bytes()
  const firstNewline = bytes.indexOf(newline)
  return decode(kept.truncated() && firstNewline !== -1 ? bytes.subarray(firstNewline + 1) : bytes).trimEnd()
}
