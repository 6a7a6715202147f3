/** An INSERT with RETURNING gives its row; that it does not is no case that a caller could meet. */
import type { SqlError } from "@effect/sql/SqlError"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"

export const returned = <A, R>(
  insert: Effect.Effect<A, SqlError | ParseError | Cause.NoSuchElementException, R>
): Effect.Effect<A, SqlError | ParseError, R> => Effect.catchTag(insert, "NoSuchElementException", Effect.die)
