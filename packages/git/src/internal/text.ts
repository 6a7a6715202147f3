/** Bytes of git's output as text. */

// without ignoreBOM a file name that begins with a byte order mark would lose it
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const NUL = 0

/** The second byte of a sequence has less room after these leads: no overlong forms, no surrogates, nothing too large. */
const secondBytes: Readonly<Record<number, readonly [number, number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f]
}

/** How many bytes the UTF-8 sequence at a place has; 0 where there is none. */
const sequenceAt = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  const [low, high] = secondBytes[lead] ?? [0x80, 0xbf]
  const second = bytes[at + 1] ?? 0
  if (second < low || second > high) return 0
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** UTF-8 text; each byte that is not part of valid UTF-8 is shown as `\xNN`. */
export const text = (bytes: Uint8Array): string => {
  const whole = decoded(bytes)
  if (whole !== undefined) return whole
  const parts: Array<string> = []
  let begun = 0
  for (let at = 0; at < bytes.length;) {
    const length = sequenceAt(bytes, at)
    if (length === 0) {
      parts.push(strict.decode(bytes.subarray(begun, at)), `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`)
      begun = at + 1
    }
    at += Math.max(length, 1)
  }
  parts.push(strict.decode(bytes.subarray(begun)))
  return parts.join("")
}

/** The records of NUL-terminated output as they are: a file name need not be text. */
export const rawRecords = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(NUL, from)
    const to = end === -1 ? bytes.length : end
    parts.push(bytes.subarray(from, to))
    from = to + 1
  }
  return parts
}

/** The records of NUL-terminated output. */
export const records = (bytes: Uint8Array): ReadonlyArray<string> => {
  const whole = decoded(bytes)
  if (whole === undefined) return rawRecords(bytes).map(text)
  const parts = whole.split("\0")
  if (parts.at(-1) === "") parts.pop()
  return parts
}

const encoder = new TextEncoder()

/** Texts and bytes behind each other. */
export const joined = (parts: ReadonlyArray<string | Uint8Array>): Uint8Array => {
  const all = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part))
  const whole = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of all) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The lines of output whose records cannot contain a line break. */
export const lines = (bytes: Uint8Array): ReadonlyArray<string> => {
  const parts = text(bytes).split("\n")
  if (parts.at(-1) === "") parts.pop()
  return parts
}

/** The single line that a command prints. */
export const line = (bytes: Uint8Array): string => text(bytes).replace(/\r?\n$/, "")

/** Order by code units: the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
