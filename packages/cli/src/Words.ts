/** Values as they are typed: schemas from a word of the command line to what the services take. */
import { millisOf } from "@calm/domain/Age"
import { NewBackupName, newNameFault } from "@calm/domain/Backup"
import { CounterValue, max } from "@calm/domain/Counter"
import { TaskId, taskIdFault, Time, WorkerId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** A task's id; the message is the fault alone, since the word itself is quoted before it. */
export const Id = TaskId.annotations({
  message: ({ actual }) => (typeof actual === "string" ? taskIdFault(actual) : undefined) ?? "it is no task id"
})

/** Ids with commas between them; none for the empty text. */
export const Ids = Schema.transform(Schema.String, Schema.Array(Id), {
  strict: true,
  decode: (text) => (text.trim() === "" ? [] : text.split(",").map((part) => part.trim())),
  encode: (ids) => ids.join(",")
})

/** A phase, in any case. */
export const PhaseName = Schema.compose(Schema.Uppercase, Phase.Phase, { strict: false })

const workerFault =
  "a worker's id is letters, digits, '.', '_' and '-', starts with a letter or digit, at most 64 characters"
export const Worker = WorkerId.annotations({ message: () => workerFault })

/** One line for a name or a pattern: no control character, not endless. */
const oneLine = (what: string, longest: number) =>
  Schema.String.pipe(
    Schema.filter((text) =>
      text.length > longest
        ? `${what} has at most ${longest} characters`
        : /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u.test(text)
          ? `${what} is one line without control characters`
          : undefined
    )
  )

/** The role at work on a task; the empty text stands for none. */
export const Specialist = oneLine("a specialist", 100)

/** The ending of a backup's file is not part of its name, and may be typed. */
const withoutEnding = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text.replace(/\.db$/, ""),
  encode: (name) => name
})

/** A backup that there should be. */
export const Backup = Schema.compose(withoutEnding, oneLine("a backup's name", 200))

/** The name of a new backup. */
export const NewBackup = Schema.compose(
  withoutEnding,
  NewBackupName.annotations({
    message: ({ actual }) =>
      (typeof actual === "string" ? newNameFault(actual) : undefined) ?? "it cannot name a backup"
  })
)

/** A branch, tag or commit. */
export const Revision = oneLine("a revision", 300).pipe(
  Schema.filter((text) => (text.trim() === "" ? "a revision must not be empty" : undefined))
)

/** A gate's name. Which ones there are, the project's gate table says. */
export const Transition = Schema.String.pipe(
  Schema.filter((text) =>
    /^\s*[A-Za-z_]{1,30}(?:-|->)[A-Za-z_]{1,30}\s*$/.test(text)
      ? undefined
      : "a transition is written FROM-TO, such as IMPLEMENT-CODE_REVIEW"
  )
)

/** Commas inside of braces belong to the pattern. */
const splitGlobs = (text: string): ReadonlyArray<string> =>
  text.trim() === "" ? [] : text.split(/,(?![^{}]*\})/).map((part) => part.trim())

/** Patterns of paths with commas between them; none for the empty text. */
export const Globs = Schema.transform(
  Schema.String,
  Schema.Array(
    oneLine("a pattern", 300).pipe(
      Schema.filter((text) => (text === "" ? "a pattern must not be empty" : undefined)),
      Schema.filter((text) =>
        text.startsWith("/") || text.split("/").includes("..")
          ? "a pattern is a path inside the repository, without '..'"
          : undefined
      )
    )
  ),
  { strict: true, decode: splitGlobs, encode: (globs) => globs.join(",") }
)

const whole = (least: number, most: number) => {
  const message = `it is a whole number from ${least} to ${most}`
  return Schema.String.pipe(
    Schema.pattern(/^\d{1,16}$/, { message: () => message }),
    Schema.compose(Schema.NumberFromString),
    Schema.filter((value) => (value >= least && value <= most ? undefined : message))
  )
}

/** How many to list. */
export const Limit = whole(1, 1_000_000)

/** What a counter is set to. */
export const Value = Schema.compose(whole(0, max), CounterValue)

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
