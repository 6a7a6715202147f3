/**
 * Statements with a schema for what they are given and for the rows that they find: what `SqlSchema` of `@effect/sql` is, but
 * that a statement is described, and its schemas are made, when it is first run (a service has a dozen of them, and a command
 * runs two or three), and that plain columns are decoded without a parser.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Columns from "./internal/columns.ts"

/** A statement that changes. */
export interface Changing<IR, II, IA, R, E> {
  readonly Request: Schema.Schema<IA, II, IR>
  readonly execute: (request: II) => Effect.Effect<unknown, E, R>
}

/** A statement that finds rows. */
export interface Finding<IR, II, IA, AR, AI, A, R, E> {
  readonly Request: Schema.Schema<IA, II, IR>
  readonly Result: Schema.Schema<A, AI, AR>
  readonly execute: (request: II) => Effect.Effect<ReadonlyArray<unknown>, E, R>
}

/** Makes something when it is first asked for. */
const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

/** Runs a statement with an encoded request. */
const encoding = <IR, II, IA, X, R, E>(
  statement: () => {
    readonly Request: Schema.Schema<IA, II, IR>
    readonly execute: (request: II) => Effect.Effect<X, E, R>
  }
) => {
  const encoder = once(() => Columns.encoder(statement().Request))
  const encode = once(() => Schema.encode(statement().Request))
  return (request: IA): Effect.Effect<X, E | ParseError, R | IR> => {
    const encoded = encoder()(request)
    const { execute } = statement()
    return encoded === undefined ? Effect.flatMap(encode()(request), execute) : execute(encoded)
  }
}

/** Decodes the first row; `none` where there is none. */
const first = <A, I, R, X, E>(
  statement: () => { readonly Result: Schema.Schema<A, I, R> },
  wrap: (row: A) => X,
  none: Effect.Effect<X, E>
) => {
  const decoder = once(() => Columns.decoder(statement().Result))
  const decode = once(() => Schema.decodeUnknown(statement().Result))
  return ([row]: ReadonlyArray<unknown>): Effect.Effect<X, E | ParseError, R> => {
    if (row === undefined) return none
    const decoded = decoder()(row)
    return decoded === undefined ? Effect.map(decode()(row), wrap) : Effect.succeed(wrap(decoded))
  }
}

/** All rows. */
export const findAll = <IR, II, IA, AR, AI, A, R, E>(describe: () => Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const statement = once(describe)
  const run = encoding(statement)
  const decoder = once(() => Columns.decoder(statement().Result))
  const decode = once(() => Schema.decodeUnknown(Schema.Array(statement().Result)))
  return (request: IA) =>
    Effect.flatMap(run(request), (rows): Effect.Effect<ReadonlyArray<A>, ParseError, AR> => {
      const found: Array<A> = []
      for (const row of rows) {
        const decoded = decoder()(row)
        if (decoded === undefined) return decode()(rows)
        found.push(decoded)
      }
      return Effect.succeed(found)
    })
}

/** The first row; none where there is none. */
export const findOne = <IR, II, IA, AR, AI, A, R, E>(describe: () => Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const statement = once(describe)
  const run = encoding(statement)
  const found = first(statement, Option.some, Effect.succeedNone)
  return (request: IA) => Effect.flatMap(run(request), found)
}

/** The first row; fails with `NoSuchElementException` where there is none. */
export const single = <IR, II, IA, AR, AI, A, R, E>(describe: () => Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const statement = once(describe)
  const run = encoding(statement)
  const found = first(
    statement,
    (row) => row,
    Effect.suspend(() => Effect.fail(new Cause.NoSuchElementException()))
  )
  return (request: IA) => Effect.flatMap(run(request), found)
}

const change = <IR, II, IA, R, E>(describe: () => Changing<IR, II, IA, R, E>) => {
  const run = encoding(once(describe))
  return (request: IA) => Effect.asVoid(run(request))
}

export {
  /** Runs, and gives nothing. */
  change as void
}
