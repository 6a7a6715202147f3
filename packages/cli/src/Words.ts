/**
 * Values as they are typed: schemas from a word of the command line to what the services take. What few commands take is in
 * `BackupWords`, `CounterWords` and `TimeWords`, so that the others need not load it.
 */
import { TaskId, taskIdFault, WorkerId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
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
export const oneLine = (what: string, longest: number) =>
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

/** A whole number in a range. */
export const whole = (least: number, most: number) => {
  const message = `it is a whole number from ${least} to ${most}`
  return Schema.String.pipe(
    Schema.pattern(/^\d{1,16}$/, { message: () => message }),
    Schema.compose(Schema.NumberFromString),
    Schema.filter((value) => (value >= least && value <= most ? undefined : message))
  )
}

/** How many to list. */
export const Limit = whole(1, 1_000_000)
