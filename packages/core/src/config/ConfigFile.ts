/** Reading a configuration file: what it says, or where it is wrong, by line and key. */
import { namesAt, valueAt } from "@calm/domain/ConfigKeys"
import { nearest } from "@calm/domain/Nearest"
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
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  /** From the repository's root; absolute for the user's own. */
  file: Schema.String,
  /** The tip of the base that the file was read from; `null` for a file as it lies there. */
  base: Schema.NullOr(Schema.String),
  faults: Schema.NonEmptyArray(ConfigFault)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    const [{ line, reason }, ...more] = this.faults
    const where = this.base === null ? "" : ` (on the base, ${this.base.slice(0, 7)})`
    const rest = more.length === 0 ? "" : ` (and ${more.length} more fault${more.length === 1 ? "" : "s"})`
    return `${this.file}:${line}: ${reason}${rest}${where}`
  }
  get hint() {
    if (this.base !== null) return `git show ${this.base.slice(0, 12)}:${this.file}`
    return "calm config schema home"
  }
}

const keyOf = (path: ReadonlyArray<PropertyKey>): string => path.map(String).join(".")

type Issue = ParseResult.ArrayFormatterIssue

const said = ({ _tag, message, path }: Issue, schema: Schema.Schema.All): string => {
  const key = JSON.stringify(keyOf(path))
  if (_tag === "Missing") return `${key} is missing`
  if (_tag === "Unexpected") {
    const above = path.slice(0, -1)
    const meant = nearest(String(path.at(-1)), namesAt(schema, above))
    return `${key} is not known${meant === null ? "" : `; did you mean ${JSON.stringify(keyOf([...above, meant]))}?`}`
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
  const isAbove = (path: string, other: string) => path === "" || other.startsWith(`${path}.`)
  return told.filter((issue, index) => {
    const path = keyOf(issue.path)
    return !told.some((other, at) => {
      const otherPath = keyOf(other.path)
      return otherPath === path ? at < index : isAbove(path, otherPath)
    })
  })
}

const faultAt = (text: string, offset: number, key: string | null, reason: string): ConfigFault => ({
  ...Positions.placeOf(text, offset),
  key,
  reason
})

/** What a file says, by a schema that knows all its keys. Several faults are told in the order of the file. */
export const decode = <A, I>(
  schema: Schema.Schema<A, I>,
  text: string,
  file: string,
  base: string | null
): Either.Either<A, ConfigInvalid> => {
  const wrong = (faults: ReadonlyArray<ConfigFault>) => {
    const [first = faultAt(text, 0, null, "it cannot be read"), ...more] = faults
    return new ConfigInvalid({ file, base, faults: [first, ...more] })
  }
  const places = Positions.read(text)
  if ("message" in places)
    return Either.left(wrong([faultAt(text, places.offset, null, `this is not JSON: ${places.message}`)]))
  const twice = Positions.doubled(places).map(({ offset, path }) =>
    faultAt(text, offset, keyOf(path), `${JSON.stringify(keyOf(path))} stands there twice`)
  )
  const decoded = Schema.decodeUnknownEither(Schema.parseJson(schema))(text, {
    onExcessProperty: "error",
    errors: "all"
  })
  if (Either.isRight(decoded) && twice.length === 0) return Either.right(decoded.right)
  const issues = Either.isRight(decoded) ? [] : essential(ParseResult.ArrayFormatter.formatErrorSync(decoded.left))
  const faults = issues.map((issue) =>
    faultAt(text, Positions.offsetOf(places, issue.path), keyOf(issue.path) || null, said(issue, schema))
  )
  return Either.left(wrong([...twice, ...faults].sort((a, b) => a.line - b.line || a.column - b.column)))
}
