/**
 * The arguments and options of a command: what help says about them, and how `@effect/cli` reads their values.
 *
 * `@effect/cli` only ever sees the value of one parameter at a time. Which word is an option, a value or an argument is
 * settled before (Usage.ts): left to itself it takes an unknown option for an argument, loses empty values and blames
 * the wrong word.
 */
import type { Kind } from "@calm/core/Completions"
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
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
  readonly args: Args.Args<A>
}

/** A word of the command line that is known by its name. */
export interface Option<out A> extends OptionWord {
  readonly required: boolean
  readonly choices: ReadonlyArray<string>
  readonly completes?: Completes | undefined
  readonly options: Options.Options<A>
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

/** Why a text does not decode, in one line. */
const decode = <A, I extends string>(schema: Text<A, I>): ((text: string) => Effect.Effect<A, HelpDoc.HelpDoc>) => {
  const choices = choicesOf(schema)
  return (text) =>
    Effect.mapError(Schema.decodeUnknown(schema)(text), (error) => {
      const reason =
        choices.length > 0
          ? `it is one of ${choices.join(", ")}`
          : (ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? "it cannot be read")
      return HelpDoc.p(reason)
    })
}

/** The reason that `decode` gave, as `@effect/cli` carries it. */
export const reasonOf = (error: ValidationError.ValidationError): string => {
  const doc = error.error
  return doc._tag === "Paragraph" && doc.value._tag === "Text" ? doc.value.value : "it cannot be read"
}

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
  args: Args.mapEffect(Args.text({ name }), decode(schema))
})

/** An argument that may be left out: then it is `undefined`. */
export const optionalArgument = <A, I extends string>(
  name: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Argument<A | undefined> => {
  const given = argument(name, description, schema, completes)
  return { ...given, required: false, args: Args.withDefault(given.args, undefined) }
}

/** All words that are left, in order; there may be none. */
export const restArguments = <A, I extends string>(
  name: string,
  description: string,
  schema: Text<A, I>,
  completes?: Completes
): Argument<ReadonlyArray<A>> => {
  const given = argument(name, description, schema, completes)
  return { ...given, required: false, repeated: true, args: Args.repeated(given.args) }
}

/** An option without a value: `true` where it is given. */
export const flag = (name: string, description: string): Option<boolean> => ({
  name,
  placeholder: undefined,
  description,
  required: false,
  choices: [],
  options: Options.boolean(name)
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
  options: Options.mapEffect(Options.text(name), (text) =>
    Effect.mapError(decode(schema)(text), ValidationError.invalidValue)
  )
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
  return { ...given, required: false, options: Options.withDefault(given.options, undefined) }
}
