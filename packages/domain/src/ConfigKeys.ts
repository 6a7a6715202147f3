/** The keys of a configuration, read from its schema: for messages, for `calm config` and for the table in the docs. */
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

/** A key that has a value. */
export interface ConfigKey {
  /** With a dot between the levels: `gates.timeout`. */
  readonly key: string
  /** What the value is, in words. */
  readonly value: string
  readonly description: string
  /** What holds where nobody says anything; `undefined` for nothing. */
  readonly default: unknown
  readonly example: unknown
}

/** An optional key's own type. */
const own = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (ast._tag !== "Union") return ast
  const types = ast.types.filter((type) => type._tag !== "UndefinedKeyword")
  return types.length === 1 && types[0] !== undefined ? types[0] : ast
}

const words = (given: SchemaAST.AST): string => {
  const ast = own(given)
  switch (ast._tag) {
    case "Refinement":
      return words(ast.from)
    case "StringKeyword":
      return "a text"
    case "NumberKeyword":
      return "a number"
    case "BooleanKeyword":
      return "`true` or `false`"
    case "Literal":
      return `\`${String(ast.literal)}\``
    case "Union":
      return ast.types.map(words).join(", ")
    case "TupleType":
      return "a list of texts"
    default:
      return "an object"
  }
}

const structure = (ast: SchemaAST.AST): SchemaAST.TypeLiteral | undefined =>
  ast._tag === "TypeLiteral" && ast.propertySignatures.length > 0 ? ast : undefined

const annotation = <A>(ast: SchemaAST.AST, get: (ast: SchemaAST.Annotated) => Option.Option<A>): A | undefined =>
  Option.getOrUndefined(get(ast))

const below = (ast: SchemaAST.TypeLiteral, path: ReadonlyArray<string>): ReadonlyArray<ConfigKey> =>
  ast.propertySignatures.flatMap(({ name, type }) => {
    const inner = own(type)
    const here = [...path, String(name)]
    const deeper = structure(inner)
    if (deeper !== undefined) return below(deeper, here)
    return {
      key: here.join("."),
      value: words(inner),
      description: annotation(inner, SchemaAST.getDescriptionAnnotation) ?? "",
      default: annotation(inner, SchemaAST.getDefaultAnnotation),
      example: annotation(inner, SchemaAST.getExamplesAnnotation)?.[0]
    }
  })

/** The keys of a configuration in the order of its schema; `$schema`, which says nothing, is left out. */
export const of = (schema: Schema.Schema.All): ReadonlyArray<ConfigKey> => {
  const root = structure(schema.ast)
  return root === undefined ? [] : below(root, []).filter(({ key }) => key !== "$schema")
}

/** The type that a path leads to: through objects, lists and folders of any name. */
const typeAt = (schema: Schema.Schema.All, path: ReadonlyArray<PropertyKey>): SchemaAST.AST | undefined => {
  let ast: SchemaAST.AST | undefined = schema.ast
  for (const name of path) {
    const at = bare(ast)
    const named =
      at?._tag === "TypeLiteral" ? at.propertySignatures.find((property) => property.name === name) : undefined
    const any = at?._tag === "TypeLiteral" ? at.indexSignatures[0]?.type : undefined
    const item = at?._tag === "TupleType" ? (at.rest[0]?.type ?? at.elements[0]?.type) : undefined
    const next: SchemaAST.AST | undefined = named?.type ?? any ?? item
    if (next === undefined) return undefined
    ast = own(next)
  }
  return ast
}

/** A type without what is asked of its values besides. */
const bare = (ast: SchemaAST.AST | undefined): SchemaAST.AST | undefined =>
  ast?._tag === "Refinement" ? bare(ast.from) : ast

/** What a value is that stands where a path leads to, in words; `undefined` where the schema does not say. */
export const valueAt = (schema: Schema.Schema.All, path: ReadonlyArray<PropertyKey>): string | undefined => {
  const ast = typeAt(schema, path)
  return ast === undefined ? undefined : words(ast).replaceAll("`", "")
}

/** The names that may stand where a path leads to; none where anything may, or nothing. */
export const namesAt = (schema: Schema.Schema.All, path: ReadonlyArray<PropertyKey>): ReadonlyArray<string> => {
  const ast = typeAt(schema, path)
  return ast?._tag === "TypeLiteral" ? ast.propertySignatures.map(({ name }) => String(name)) : []
}
