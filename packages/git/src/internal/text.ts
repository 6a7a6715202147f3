/** Bytes of git's output as text. */

// without ignoreBOM a file name that begins with a byte order mark would lose it
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const NUL = 0

/** How many bytes the UTF-8 sequence that begins with this byte has; 0 where no sequence begins so. */
const sequenceLength = (lead: number): number =>
  lead < 0x80
    ? 1
    : lead >= 0xc2 && lead < 0xe0
      ? 2
      : lead >= 0xe0 && lead < 0xf0
        ? 3
        : lead >= 0xf0 && lead < 0xf5
          ? 4
          : 0

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
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0
    const length = sequenceLength(lead)
    const part = length === 0 || at + length > bytes.length ? undefined : decoded(bytes.subarray(at, at + length))
    parts.push(part ?? `\\x${lead.toString(16).padStart(2, "0")}`)
    at += part === undefined ? 1 : length
  }
  return parts.join("")
}

/** The records of NUL-terminated output. */
export const records = (bytes: Uint8Array): ReadonlyArray<string> => {
  const whole = decoded(bytes)
  if (whole !== undefined) {
    const parts = whole.split("\0")
    if (parts.at(-1) === "") parts.pop()
    return parts
  }
  const parts: Array<string> = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(NUL, from)
    const to = end === -1 ? bytes.length : end
    parts.push(text(bytes.subarray(from, to)))
    from = to + 1
  }
  return parts
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
