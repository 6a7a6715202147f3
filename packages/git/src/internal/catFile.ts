/** What `git cat-file --batch-command` is asked and says, answer by answer. */
import type { Sha } from "@calm/domain/Ids"
import * as Option from "effect/Option"
import { shaOption } from "./decode.ts"
import { joined, text } from "./text.ts"

/** What a name stands for. */
export interface Named {
  readonly object: Sha
  readonly type: "blob" | "tree" | "commit" | "tag"
  /** Its bytes; empty where only its type was asked for. */
  readonly content: Uint8Array
}

/** `info`: what it is; `contents`: its bytes, too. The name is any that git knows: `HEAD^{commit}`, `main:docs/a.md`. */
export interface Question {
  readonly want: "info" | "contents"
  readonly name: string
}

const NEWLINE = 10

const isType = (type: string): type is Named["type"] => /^(?:blob|tree|commit|tag)$/.test(type)

/** A line that tells what follows it; longer than that is none. */
const longestHeader = 256

const beginsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  Buffer.compare(bytes.subarray(0, start.length), start.subarray(0, bytes.length)) === 0

/** Reads answers as they come in. */
export const makeReader = (questions: ReadonlyArray<Question>) => {
  const found: Array<Option.Option<Named>> = []
  let at = 0
  let strange: string | undefined

  /** The answer that begins where the last one ended: how long it is; none while it is not whole. */
  const next = ({ name, want }: Question, said: Uint8Array): Option.Option<number> => {
    // A name may hold a line break, and git repeats it.
    const missing = joined([`${name} missing\n`])
    if (beginsWith(said, missing)) {
      if (said.length < missing.length) return Option.none()
      found.push(Option.none())
      return Option.some(missing.length)
    }
    const end = said.indexOf(NEWLINE)
    const header = text(said.subarray(0, end === -1 ? longestHeader : end))
    if (end === -1 && said.length < longestHeader) return Option.none()
    // A short name of several objects; a submodule, whose commits are elsewhere.
    if (header === `${name} ambiguous` || header.endsWith(" submodule")) {
      found.push(Option.none())
      return Option.some(end + 1)
    }
    const [, object = "", type = "", length = ""] = /^([0-9a-f]+) ([a-z]+) (\d{1,15})$/.exec(header) ?? []
    const known = shaOption(object)
    const from = end + 1
    const to = want === "info" ? from : from + Number(length) + 1
    if (Option.isNone(known) || !isType(type) || (Option.isSome(shaOption(name)) && name !== object)) {
      strange = header
      return Option.none()
    }
    if (said.length < to) return Option.none()
    if (want === "contents" && said[to - 1] !== NEWLINE) {
      strange = header
      return Option.none()
    }
    const content = want === "info" ? new Uint8Array() : said.slice(from, to - 1)
    found.push(Option.some({ object: known.value, type, content }))
    return Option.some(to)
  }

  return {
    found,
    /** What was said and is no answer. */
    strange: () => strange,
    lengthOf: (said: Uint8Array): number | undefined => {
      for (let question = questions[found.length]; question !== undefined; question = questions[found.length]) {
        const length = next(question, said.subarray(at))
        if (strange !== undefined) return said.length
        if (Option.isNone(length)) return undefined
        at += length.value
      }
      return at
    }
  }
}
