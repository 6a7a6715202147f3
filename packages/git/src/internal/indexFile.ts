/**
 * A look into a checkout's index, for what git would only tell by listing all of it. The format is git's own
 * (gitformat-index); what does not add up to the last byte is not understood, and git has to be asked.
 */
import * as Option from "effect/Option"

const HEADER = 12
/** Times, numbers and size of a file, before its object. */
const STAT = 40
const NUL = 0

const ASSUME_UNCHANGED = 0x8000
const EXTENDED = 0x4000
const SKIP_WORKTREE = 0x4000
const LONG_NAME = 0xfff

/** Where an entry's name begins and how long it is, and where the next entry begins; none for what is no entry. */
type NameOf = (
  index: Buffer,
  entry: number,
  from: number,
  flags: number
) => { readonly length: number; readonly next: number } | undefined

/** The whole name, and NULs up to a multiple of eight bytes. */
const plainName: NameOf = (index, entry, from, flags) => {
  const end = (flags & LONG_NAME) === LONG_NAME ? index.indexOf(NUL, from) : from + (flags & LONG_NAME)
  if (end < from || index[end] !== NUL) return undefined
  return { length: end - from, next: entry + ((end - entry + 8) & ~7) }
}

/** How much of the name before is left out, what comes instead, and a NUL. */
const shortenedName: NameOf = (index, _, from) => {
  let begin = from
  while (((index[begin] ?? 0) & 0x80) !== 0) begin++
  const end = index.indexOf(NUL, begin + 1)
  return end === -1 ? undefined : { length: -1, next: end + 1 }
}

/** What the entries of an index tell. */
export interface Entries {
  /** One carries a bit that keeps git from telling whether its file changed. */
  readonly marked: boolean
  /** One may have one of the names that were asked for. */
  readonly named: boolean
}

/** Reads the entries, with names of this many bytes; none where they do not end where extensions begin. */
const entriesIn = (index: Buffer, objectSize: number, names: ReadonlySet<string>) => {
  const version = index.readUInt32BE(4)
  const lengths = new Set([...names].map((name) => Buffer.byteLength(name)))
  let marked = false
  // Of a name that is left out in part nobody knows without the ones before.
  let named = version === 4 && names.size > 0
  let at = HEADER
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const flagsAt = at + STAT + objectSize
    if (flagsAt + 4 > index.length) return undefined
    const flags = index.readUInt16BE(flagsAt)
    const isExtended = version > 2 && (flags & EXTENDED) !== 0
    if ((flags & ASSUME_UNCHANGED) !== 0) marked = true
    if (isExtended && (index.readUInt16BE(flagsAt + 2) & SKIP_WORKTREE) !== 0) marked = true
    const from = flagsAt + (isExtended ? 4 : 2)
    const name = (version === 4 ? shortenedName : plainName)(index, at, from, flags)
    if (name === undefined || name.next > index.length) return undefined
    if (!named && lengths.has(name.length)) named = names.has(index.toString("utf8", from, from + name.length))
    at = name.next
  }
  return { at, marked, named }
}

/** Do extensions fill the rest, but for the digest at the end, and is none of them one that changes what entries mean? */
const endsWell = (index: Buffer, from: number, objectSize: number): boolean => {
  let at = from
  while (at + 8 <= index.length - objectSize) {
    // Small letters: not to be passed over by who does not know it, such as the rest of a split index.
    if (!/^[A-Z]/.test(index.toString("latin1", at, at + 4))) return false
    at += 8 + index.readUInt32BE(at + 4)
  }
  return at === index.length - objectSize
}

/** What the entries tell, and whether one may have one of these names; none where only git can tell. */
export const readIndex = (bytes: Uint8Array, names: ReadonlySet<string>): Option.Option<Entries> => {
  const index = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (index.length < HEADER || index.toString("latin1", 0, 4) !== "DIRC") return Option.none()
  if (![2, 3, 4].includes(index.readUInt32BE(4))) return Option.none()
  // Nothing in it says which of git's hashes it has.
  for (const objectSize of [20, 32]) {
    const found = entriesIn(index, objectSize, names)
    if (found !== undefined && endsWell(index, found.at, objectSize))
      return Option.some({ marked: found.marked, named: found.named })
  }
  return Option.none()
}
