/**
 * Statements with a schema for what they are given and for the rows that they find: those of `@effect/sql/SqlSchema`, but
 * for when they are made. A schema is compiled when its statement is first run, not where it is declared: a service has
 * a dozen of them, and a command runs two or three.
 */
import * as SqlSchema from "@effect/sql/SqlSchema"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

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

/** All rows. */
export const findAll = <IR, II, IA, AR, AI, A, R, E>(statement: Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const run = once(() => SqlSchema.findAll(statement))
  return (request: IA) => run()(request)
}

/** The first row; none where there is none. */
export const findOne = <IR, II, IA, AR, AI, A, R, E>(statement: Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const run = once(() => SqlSchema.findOne(statement))
  return (request: IA) => run()(request)
}

/** The first row; fails with `NoSuchElementException` where there is none. */
export const single = <IR, II, IA, AR, AI, A, R, E>(statement: Finding<IR, II, IA, AR, AI, A, R, E>) => {
  const run = once(() => SqlSchema.single(statement))
  return (request: IA) => run()(request)
}

const change = <IR, II, IA, R, E>(statement: Changing<IR, II, IA, R, E>) => {
  const run = once(() => SqlSchema.void(statement))
  return (request: IA) => run()(request)
}

export {
  /** Runs, and gives nothing. */
  change as void
}
