/** What a failure tells a program: its own fields, as its schema writes them. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const fields = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** The encoded fields of a `TaggedError`, without its tag; `null` for any other failure. */
export const detailsOf = (error: object): Readonly<Record<string, unknown>> | null => {
  const schema: unknown = error.constructor
  if (!Schema.isSchema(schema)) return null
  // A class of errors holds data; its schema needs no services, which `isSchema` cannot know.
  return Schema.encodeUnknownOption(schema as Schema.Schema.AnyNoContext)(error).pipe(
    Option.filter(Schema.is(fields)),
    Option.map(({ _tag, ...own }) => own),
    Option.getOrNull
  )
}
