/** Identities that sort by the time they were given, also within one millisecond and when the clock is set back. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Milliseconds in base 36: nine digits last until the year 5188, and sort as text. */
const digits = 9
const suffix = 4

const momentOf = (id: string): number => Number.parseInt(id.slice(2, 2 + digits), 36)

/**
 * `<letter>-` with the moment and a random ending, in lower-case base 36. `newest` is the last one that was given: the new
 * one is greater. Called inside the transaction that stores it, so that no other process gets the same.
 */
export const timeId = Effect.fnUntraced(function* (letter: "W" | "S", newest: string | null) {
  const now = yield* Clock.currentTimeMillis
  const moment = newest === null ? now : Math.max(now, momentOf(newest) + 1)
  const random = yield* Random.nextIntBetween(0, 36 ** suffix)
  return `${letter}-${moment.toString(36).padStart(digits, "0")}${random.toString(36).padStart(suffix, "0")}`
})
