/**
 * What is plain in what a statement is given and finds: a column whose value is the same in the database and outside of it,
 * such as a text, a number, or one of a few words, refined or not. To look at one is to ask its predicates; the parsers of
 * `Schema` would take ten times as long.
 *
 * Only what is as it should be is told here. All else is the parsers' business, which say what is wrong with it.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

type Fits = (value: unknown) => boolean

/** Whether a value is one of a plain type; `undefined` for a type that is not plain. */
const fitsOf = (ast: AST.AST): Fits | undefined => {
  switch (ast._tag) {
    case "StringKeyword":
      return Predicate.isString
    case "NumberKeyword":
      return Predicate.isNumber
    case "Literal":
      return (value) => value === ast.literal
    case "Union":
      return anyOf(ast.types)
    case "Refinement": {
      const from = fitsOf(ast.from)
      return from && ((value) => from(value) && Option.isNone(ast.filter(value, {}, ast)))
    }
    default:
      return undefined
  }
}

const anyOf = (types: ReadonlyArray<AST.AST>): Fits | undefined => {
  if (types.every(AST.isLiteral)) {
    const literals = new Set<unknown>(types.map(({ literal }) => literal))
    return (value) => literals.has(value)
  }
  const members = types.map(fitsOf).filter(Predicate.isNotUndefined)
  return members.length === types.length ? (value) => members.some((fits) => fits(value)) : undefined
}

type Parser = (schema: Schema.Schema<unknown, unknown>) => (value: unknown) => Either.Either<unknown, unknown>

/** Gives what becomes of a value, and `undefined` where that is for the parsers of its schema to say. */
const quick = (ast: AST.AST, parser: Parser): ((value: unknown) => unknown) => {
  const fits = fitsOf(ast)
  if (fits !== undefined) return (value) => (fits(value) ? value : undefined)
  if (!AST.isTypeLiteral(ast) || ast.indexSignatures.length > 0 || Option.isSome(AST.getParseOptionsAnnotation(ast)))
    return () => undefined
  const columns = ast.propertySignatures.map(({ isOptional, name, type }) => {
    const fits = fitsOf(type)
    return { name, isOptional, fits, parse: fits === undefined ? parser(Schema.make(type)) : undefined }
  })
  if (columns.some(({ isOptional }) => isOptional)) return () => undefined
  return (row) => {
    if (!Predicate.isRecord(row)) return undefined
    const found: Record<PropertyKey, unknown> = {}
    for (const { fits, name, parse } of columns) {
      const value = row[name]
      if (fits?.(value) === true) found[name] = value
      else {
        const parsed = parse?.(value)
        if (parsed === undefined || Either.isLeft(parsed)) return undefined
        found[name] = parsed.right
      }
    }
    return found
  }
}

/** Decodes what is plain; gives `undefined` where it is for the parsers of the schema to decode a value or to refuse it. */
export function decoder<A, I, R>(schema: Schema.Schema<A, I, R>): (value: unknown) => A | undefined
export function decoder(schema: Schema.Schema.All): unknown {
  return quick(schema.ast, ParseResult.decodeUnknownEither)
}

/** Encodes what is plain, likewise. */
export function encoder<A, I, R>(schema: Schema.Schema<A, I, R>): (value: A) => I | undefined
export function encoder(schema: Schema.Schema.All): unknown {
  return quick(schema.ast, ParseResult.encodeUnknownEither)
}
