/** Times and ages as they are typed. */
import { millisOf } from "@calm/domain/Age"
import { Time } from "@calm/domain/Ids"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** A moment, or how long ago. */
export type Since = { readonly at: Time } | { readonly ago: Duration.Duration }

const durationOf = (text: string): Since | undefined => {
  const total = millisOf(text)
  return total === undefined ? undefined : { ago: Duration.millis(total) }
}

const ageFault = "it is how long: 30m, 2h, 1d"

/** How long something has lasted at least; in milliseconds. */
export const Age = Schema.transform(
  Schema.String.pipe(Schema.filter((text) => (millisOf(text) === undefined ? ageFault : undefined))),
  Schema.Number,
  { strict: true, decode: (text) => millisOf(text) ?? 0, encode: (millis) => `${millis / 1000}s` }
)

/** Dates that the calendar has not (31 February) would roll over unnoticed. */
const isDay = (day: string): boolean =>
  Option.exists(DateTime.make(`${day}T00:00:00Z`), (at) => DateTime.formatIso(at).startsWith(day))

const momentOf = (text: string): Since | undefined => {
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  if (parts?.[1] === undefined || !isDay(parts[1])) return undefined
  // Times are UTC throughout; one without a zone must not mean the machine's.
  const at = DateTime.make(`${parts[1]}T${parts[2] ?? "00:00"}${parts[3] ?? "Z"}`)
  return Option.getOrUndefined(
    Option.flatMap(at, (moment) =>
      Option.map(Option.liftPredicate(Schema.is(Time))(DateTime.formatIso(DateTime.toUtc(moment))), (time) => ({
        at: time
      }))
    )
  )
}

/** An ISO 8601 time, in UTC unless it says otherwise, or a duration before now such as `2h`. */
export const SinceText = Schema.String.pipe(
  Schema.filter((text) =>
    durationOf(text) === undefined && momentOf(text) === undefined
      ? "it is a time such as 2025-01-31T10:00Z, or how long ago: 30m, 2h, 3d"
      : undefined
  )
)

/** The moment that a text of `SinceText` means now; `undefined` for none. */
export const since = Effect.fnUntraced(function* (text: string | undefined) {
  const meant = text === undefined ? undefined : (durationOf(text) ?? momentOf(text))
  if (meant === undefined || "at" in meant) return meant?.at
  const now = yield* DateTime.now
  // Nothing happened before the clock of computers began; a longer time means everything.
  const at = Math.max(0, DateTime.toEpochMillis(now) - Duration.toMillis(meant.ago))
  return Time.make(DateTime.formatIso(DateTime.unsafeMake(at)))
})
