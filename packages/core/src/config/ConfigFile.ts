/** Reading a configuration file: what it says, or where it is wrong, by line and key. */
import { TaggedError } from "@calm/domain/TaggedError"
import { namesAt, valueAt } from "@calm/domain/ConfigKeys"
import { nearest } from "@calm/domain/Nearest"
import { beginning, inQuotes } from "@calm/domain/Typed"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Positions from "./internal/positions.ts"

/** What is wrong at one place of a file. */
export const ConfigFault = Schema.Struct({
  /** Both from 1. */
  line: Schema.Int,
  column: Schema.Int,
  /** With dots between the levels; `null` where it is no matter of one key. */
  key: Schema.NullOr(Schema.String),
  reason: Schema.String
})
export type ConfigFault = typeof ConfigFault.Type

/** A configuration file is not as it must be. Nothing of it holds then: a setting must not be lost to a slip of the pen. */
export class ConfigInvalid extends TaggedError<ConfigInvalid>()("ConfigInvalid", {
  /** From the repository's root; absolute for the user's own. */
  file: Schema.String,
  /** The tip of the base that the file was read from; `null` for a file as it lies there. */
  base: Schema.NullOr(Schema.String),
  /** The first of them. */
  faults: Schema.NonEmptyArray(ConfigFault),
  /** How many there are in all. */
  count: Schema.Int
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    const [{ line, reason }] = this.faults
    const more = this.count - 1
    const where = this.base === null ? "" : ` (on the base, ${this.base.slice(0, 7)})`
    const rest = more === 0 ? "" : ` (and ${more} more fault${more === 1 ? "" : "s"})`
    return `${this.file}:${line}: ${reason}${rest}${where}`
  }
  get hint() {
    if (this.base !== null) return `git show ${this.base.slice(0, 12)}:${this.file}`
    return "calm config schema home"
  }
}

/** Nobody mends more at once. */
const mostFaults = 20

/** Of a key or a value in a message, in characters. */
const longest = 300

const keyOf = (path: ReadonlyArray<PropertyKey>): string => path.map(String).join(".")

type Issue = ParseResult.ArrayFormatterIssue

const said = ({ _tag, message, path }: Issue, schema: Schema.Schema.All): string => {
  const key = inQuotes(keyOf(path))
  if (_tag === "Missing") return `${key} is missing`
  if (_tag === "Unexpected") {
    const above = path.slice(0, -1)
    const meant = nearest(String(path.at(-1)), namesAt(schema, above))
    return `${key} is not known${meant === null ? "" : `; did you mean ${inQuotes(keyOf([...above, meant]))}?`}`
  }
  const [, actual] = /^Expected [^]*, actual ([^]*)$/.exec(message) ?? []
  const wanted = actual === undefined ? undefined : valueAt(schema, path)
  const reason = (wanted === undefined ? message : `it is ${wanted}, and not ${actual}`).replaceAll(/\s*\n\s*/g, " ")
  return path.length === 0 ? reason : `${key}: ${reason}`
}

/**
 * One issue for each place that is wrong. A schema complains of all that a value might have been, of its being there at
 * all, and of everything around it.
 */
const essential = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> => {
  const told = issues.filter(({ message }) => !message.startsWith("Expected undefined,"))
  const above = new Set(told.flatMap(({ path }) => path.map((_, index) => keyOf(path.slice(0, index)))))
  const seen = new Set<string>()
  return told.filter(({ path }) => seen.size !== seen.add(keyOf(path)).size && !above.has(keyOf(path)))
}

/** A fault at an offset of the text. */
interface Found {
  readonly offset: number
  readonly key: string | null
  readonly reason: string
}

const faultAt = (text: string, { key, offset, reason }: Found): ConfigFault => ({
  ...Positions.placeOf(text, offset),
  key: key === null ? null : beginning(key, longest),
  reason: beginning(reason, longest)
})

/** What a file says, by a schema that knows all its keys. Several faults are told in the order of the file. */
export const decode = <A, I>(
  schema: Schema.Schema<A, I>,
  text: string,
  file: string,
  base: string | null
): Either.Either<A, ConfigInvalid> => {
  const wrong = (found: ReadonlyArray<Found>, count: number) => {
    const [first = { offset: 0, key: null, reason: "it cannot be read" }, ...more] = found.slice(0, mostFaults)
    const faults = [faultAt(text, first), ...more.map((fault) => faultAt(text, fault))] as const
    return new ConfigInvalid({ file, base, faults, count: Math.max(1, count) })
  }
  const places = Positions.read(text)
  if ("message" in places)
    return Either.left(wrong([{ offset: places.offset, key: null, reason: `this is not JSON: ${places.message}` }], 1))
  const twice = Positions.doubled(places).map(({ offset, path }) => ({
    offset,
    key: keyOf(path),
    reason: `${inQuotes(keyOf(path))} stands there twice`
  }))
  const decoded = Schema.decodeUnknownEither(Schema.parseJson(schema))(text, {
    onExcessProperty: "error",
    errors: "all"
  })
  if (Either.isRight(decoded) && twice.length === 0) return Either.right(decoded.right)
  const issues = Either.isRight(decoded) ? [] : essential(ParseResult.ArrayFormatter.formatErrorSync(decoded.left))
  const faults = issues.slice(0, mostFaults).map((issue) => ({
    offset: Positions.offsetOf(places, issue.path),
    key: keyOf(issue.path) || null,
    reason: said(issue, schema)
  }))
  const found = [...twice.slice(0, mostFaults), ...faults].sort((a, b) => a.offset - b.offset)
  return Either.left(wrong(found, twice.length + issues.length))
}
