/** Values that git prints, decoded; what does not decode is a failure of the question, not a wrong answer. */
import { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { GitFailed } from "./errors.ts"

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

/** Decodes each record with a function that answers none to what it does not understand. */
export const each = <A>(
  operation: string,
  said: ReadonlyArray<string>,
  decode: (record: string) => Option.Option<A>
): Effect.Effect<ReadonlyArray<A>, GitFailed> =>
  Effect.forEach(said, (record) =>
    Option.match(decode(record), {
      onNone: () => Effect.fail(misunderstood(operation, record)),
      onSome: (value) => Effect.succeed(value)
    })
  )

/** Is this object name the one that means "none"? */
export const isZero = (object: string): boolean => /^0+$/.test(object)
