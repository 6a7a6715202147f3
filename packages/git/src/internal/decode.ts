/** Values that git prints, decoded; what does not decode is a failure of the question, not a wrong answer. */
import { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { GitFailed } from "./errors.ts"
import { lines, records } from "./text.ts"

const decodeSha = Schema.decodeUnknownOption(Sha)

/** Git said something that we do not understand. */
export const misunderstood = (operation: string, said: string): GitFailed =>
  new GitFailed({
    operation,
    exitCode: 0,
    detail: `its answer is not understood: ${JSON.stringify(said.slice(0, 200))}`
  })

export const shaOption: (text: string) => Option.Option<Sha> = decodeSha

export const sha = (operation: string, said: string): Effect.Effect<Sha, GitFailed> =>
  Option.match(decodeSha(said), {
    onNone: () => Effect.fail(misunderstood(operation, said)),
    onSome: (value) => Effect.succeed(value)
  })

const whole =
  (end: number, split: (bytes: Uint8Array) => ReadonlyArray<string>) =>
  (operation: string, said: Uint8Array): Effect.Effect<ReadonlyArray<string>, GitFailed> =>
    said.length === 0 || said.at(-1) === end
      ? Effect.succeed(split(said))
      : Effect.fail(misunderstood(operation, split(said).at(-1) ?? ""))

/** The records of NUL-terminated output; one that is cut off is not taken for a whole one. */
export const wholeRecords = whole(0, records)

/** The lines of output whose records cannot contain a line break; one that is cut off is not taken for a whole one. */
export const wholeLines = whole(10, lines)

/** Decodes each record with a function that answers none to what it does not understand. */
export const each = <A>(
  operation: string,
  said: ReadonlyArray<string>,
  decode: (record: string) => Option.Option<A>
): Effect.Effect<ReadonlyArray<A>, GitFailed> =>
  // A loop: a large repository has a hundred thousand of them.
  Effect.suspend(() => {
    const values: Array<A> = []
    for (const record of said) {
      const value = decode(record)
      if (Option.isNone(value)) return Effect.fail(misunderstood(operation, record))
      values.push(value.value)
    }
    return Effect.succeed(values)
  })

/** Can this be the full name of a ref? Of what git forbids in one, what would not fit into the answers that hold it. */
export const isRef = (name: string): boolean => /^refs\/[^\u0000-\u0020\u007f]+$/.test(name)

/** Is this object name the one that means "none"? */
export const isZero = (object: string): boolean => /^0+$/.test(object)
