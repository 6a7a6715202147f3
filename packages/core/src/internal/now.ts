/** The present moment as the database keeps it. */
import { Time } from "@calm/domain/Ids"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

export const now: Effect.Effect<Time> = Effect.map(DateTime.now, (at) => Time.make(DateTime.formatIso(at)))

/** The moment so many milliseconds before the present one. */
export const ago = (millis: number): Effect.Effect<Time> =>
  Effect.map(DateTime.now, (at) => Time.make(DateTime.formatIso(DateTime.subtract(at, { millis }))))
