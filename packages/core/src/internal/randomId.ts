/** An identity that nobody else has: 96 random bits in hex. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

export const randomId: Effect.Effect<string> = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, 16), 24),
  (digits) => digits.map((digit) => digit.toString(16)).join("")
)
