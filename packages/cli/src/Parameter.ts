/**
 * The arguments and options of a command: what help says about them, and how their values are read. Which word is an
 * option, a value or an argument is settled before (Usage.ts).
 */
import type { Kind } from "@calm/core/Completions"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { OptionWord } from "./Globals.ts"

/** What completes a word while it is typed: what the database knows, a folder, or the commands of calm. */
export type Completes = Kind | "folder" | "command"

/** A word of the command line that is known by its place. */
export interface Argument<out A> {
  readonly name: string
  readonly description: string
  readonly required: boolean
  /** Takes all words that are left. */
  readonly repeated: boolean
  /** The only words it can be; empty when it is free. */
  readonly choices: ReadonlyArray<string>
  /** Goes before the choices. */
  readonly completes: Completes | undefined
  /** Its value, or in one line why the words are none: one word, all that are left, or none where it may be left out. */
  readonly read: (words: ReadonlyArray<string>) => Either.Either<A, string>
}

/** A word of the command line that is known by its name. */
export interface Option<out A> extends OptionWord {
  readonly required: boolean
  readonly choices: ReadonlyArray<string>
  readonly completes?: Completes | undefined
  /** Its value, or in one line why the word is none; `true` for a flag that was given, `undefined` for what was not. */
  readonly read: (word: string | true | undefined) => Either.Either<A, string>
}

/** What the text of a parameter is decoded with. */
type Text<A, I extends string> = Schema.Schema<A, I>

const literal = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Literal" && typeof ast.literal === "string" ? [ast.literal] : []

/** The words of a schema made of string literals, or of one that ends in such (`Schema.Uppercase` before literals). */
const choicesOf = (schema: Schema.Schema.Any): ReadonlyArray<string> => {
  const ast = schema.ast._tag === "Transformation" ? schema.ast.to : schema.ast
  if (ast._tag !== "Union") return literal(ast)
  const words = ast.types.map(literal)
  return words.every((found) => found.length === 1) ? words.flat() : []
}

/** What a text is, or why it is none, in one line. The schema is compiled when it is needed, not where it is declared. */
const decode = <A, I extends string>(schema: Text<A, I>, text: string): Either.Either<A, string> =>
  Either.mapLeft(Schema.decodeUnknownEither(schema)(text), (error) => {
    const choices = choicesOf(schema)
    return choices.length > 0
      ? `it is one of ${choices.join(", ")}`
      : (ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? "it cannot be read")
  })

/** An argument that must be there. */
export const argument = <A, I extends string>(
  name: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Argument<A> => ({
  name,
  description,
  required: true,
  repeated: false,
  choices: choicesOf(schema),
  completes,
  read: ([word = ""]) => decode(schema, word)
})

/** An argument that may be left out: then it is `undefined`. */
export const optionalArgument = <A, I extends string>(
  name: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Argument<A | undefined> => {
  const given = argument(name, description, schema, completes)
  return {
    ...given,
    required: false,
    read: (words) => (words.length === 0 ? Either.right(undefined) : given.read(words))
  }
}

/** All words that are left, in order; there may be none. */
export const restArguments = <A, I extends string>(
  name: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Argument<ReadonlyArray<A>> => ({
  ...argument(name, description, schema, completes),
  required: false,
  repeated: true,
  read: (words) => Either.all(words.map((word) => decode(schema, word)))
})

/** An option without a value: `true` where it is given. */
export const flag = (name: string, description: string): Option<boolean> => ({
  name,
  placeholder: undefined,
  description,
  required: false,
  choices: [],
  read: (word) => Either.right(word === true)
})

/** An option with a value that must be given; the placeholder stands for the value in help. */
export const requiredOption = <A, I extends string>(
  name: string,
  placeholder: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Option<A> => ({
  name,
  placeholder,
  description,
  required: true,
  choices: choicesOf(schema),
  completes,
  read: (word) => decode(schema, word === true || word === undefined ? "" : word)
})

/** An option with a value: `undefined` where it is not given. `--name=` and `--name ""` give the empty text. */
export const option = <A, I extends string>(
  name: string,
  placeholder: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Option<A | undefined> => {
  const given = requiredOption(name, placeholder, description, schema, completes)
  return {
    ...given,
    required: false,
    read: (word) => (word === undefined ? Either.right(undefined) : given.read(word))
  }
}
