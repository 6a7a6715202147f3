/**
 * What is plain in what a statement is given and finds: a column whose value is the same in the database and outside of it,
 * such as a text, a number, or one of a few words, refined or not, and JSON of such values. To look at one is to ask its
 * predicates; the parsers of `Schema` would take ten times as long.
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
    case "TupleType": {
      const [element, another] = ast.rest
      const each = ast.elements.length > 0 || another !== undefined ? undefined : element && fitsOf(element.type)
      return each && ((value) => Array.isArray(value) && value.every(each))
    }
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

/** What becomes of a value; `undefined` where that is for the parsers of its schema to say. */
type Convert = (value: unknown) => unknown

type Parser = (schema: Schema.Schema<unknown, unknown>) => (value: unknown) => Either.Either<unknown, unknown>

/** From the database, or into it: parsers, and what is done where the JSON of a column has plain values in it. */
interface Direction {
  readonly parser: Parser
  readonly json: (parse: ReturnType<Parser>, fits: Fits) => Convert
}

const decoding: Direction = {
  parser: ParseResult.decodeUnknownEither,
  json: (parse, fits) => (text) => {
    const value = Either.getOrUndefined(parse(text))
    return fits(value) ? value : undefined
  }
}

const encoding: Direction = {
  parser: ParseResult.encodeUnknownEither,
  json: (parse, fits) => (value) => (fits(value) ? Either.getOrUndefined(parse(value)) : undefined)
}

/** Reads or writes a column that is not the same on both sides. */
const convert = (ast: AST.AST, { json, parser }: Direction): Convert => {
  if (AST.isTransformation(ast) && AST.isComposeTransformation(ast.transformation)) {
    const isJson = Option.contains(AST.getSchemaIdAnnotation(ast.from), AST.ParseJsonSchemaId)
    const fits = isJson ? fitsOf(ast.to) : undefined
    if (fits !== undefined) return json(parser(Schema.make(ast.from)), fits)
  }
  const parse = parser(Schema.make(ast))
  return (value) => Either.getOrUndefined(parse(value))
}

const quick = (ast: AST.AST, direction: Direction): Convert => {
  const fits = fitsOf(ast)
  if (fits !== undefined) return (value) => (fits(value) ? value : undefined)
  if (!AST.isTypeLiteral(ast) || ast.indexSignatures.length > 0 || Option.isSome(AST.getParseOptionsAnnotation(ast)))
    return () => undefined
  const columns = ast.propertySignatures.map(({ isOptional, name, type }) => {
    const fits = fitsOf(type)
    return { name, isOptional, fits, convert: fits === undefined ? convert(type, direction) : undefined }
  })
  if (columns.some(({ isOptional }) => isOptional)) return () => undefined
  return (row) => {
    if (!Predicate.isRecord(row)) return undefined
    const found: Record<PropertyKey, unknown> = {}
    for (const { convert, fits, name } of columns) {
      const value = row[name]
      if (fits?.(value) === true) found[name] = value
      else {
        const converted = convert?.(value)
        if (converted === undefined) return undefined
        found[name] = converted
      }
    }
    return found
  }
}

/** Decodes what is plain; gives `undefined` where it is for the parsers of the schema to decode a value or to refuse it. */
export function decoder<A, I, R>(schema: Schema.Schema<A, I, R>): (value: unknown) => A | undefined
export function decoder(schema: Schema.Schema.All): unknown {
  return quick(schema.ast, decoding)
}

/** Encodes what is plain, likewise. */
export function encoder<A, I, R>(schema: Schema.Schema<A, I, R>): (value: A) => I | undefined
export function encoder(schema: Schema.Schema.All): unknown {
  return quick(schema.ast, encoding)
}
