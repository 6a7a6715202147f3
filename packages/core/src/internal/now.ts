/** The present moment as the database keeps it. */
import { Time } from "@calm/domain/Ids"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

export const now: Effect.Effect<Time> = Effect.map(DateTime.now, (at) => Time.make(DateTime.formatIso(at)))
