/** Waiting for another program to let go of the database, without holding up the event loop. */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import { fromSqlError } from "../StoreError.ts"

/**
 * How long SQLite itself may wait for a lock, in milliseconds. It blocks the whole process while it does, so it only
 * bridges the moments in which another program commits; the real waiting is done between the tries.
 */
export const blockingWait = 10

/** The pauses between the tries: growing to 200 ms, scattered so that many waiters do not march in step, 30 s in all. */
const pauses = Schedule.exponential("3 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("200 millis")),
  Schedule.jitteredWith({ min: 0.4, max: 1.3 }),
  Schedule.upTo("30 seconds")
)

const isBusy = (error: SqlError) => fromSqlError(error).reason === "busy"

/** Tries again while the database is busy; `first` is what becomes of the first attempt, where that has begun already. */
export const retry = <A, R>(attempt: Effect.Effect<A, SqlError, R>, first = attempt): Effect.Effect<A, SqlError, R> =>
  retryWith((pause) => pause, attempt, first)

/**
 * The same inside an uninterruptible region: an attempt is never torn, the pauses can be interrupted.
 * `pause` is what restores the interruptibility of the caller.
 */
export const retryWith = <A, R>(
  pause: <B, E, R>(effect: Effect.Effect<B, E, R>) => Effect.Effect<B, E, R>,
  attempt: Effect.Effect<A, SqlError, R>,
  first = attempt
): Effect.Effect<A, SqlError, R> =>
  Effect.catchAll(first, (error) => (isBusy(error) ? again(pause, attempt, error) : Effect.fail(error)))

const again = <A, R>(
  pause: <B, E, R>(effect: Effect.Effect<B, E, R>) => Effect.Effect<B, E, R>,
  attempt: Effect.Effect<A, SqlError, R>,
  first: SqlError
): Effect.Effect<A, SqlError, R> =>
  Effect.gen(function* () {
    const driver = yield* Schedule.driver(pauses)
    for (let error = first; ;) {
      const another = yield* pause(Effect.either(driver.next(error)))
      if (Either.isLeft(another)) return yield* error
      const result = yield* Effect.either(attempt)
      if (Either.isRight(result)) return result.right
      if (!isBusy(result.left)) return yield* result.left
      error = result.left
    }
  })
