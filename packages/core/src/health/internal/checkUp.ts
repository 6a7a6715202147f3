/** What a check-up is made of: what was looked at, and what would mend what is wrong. */
import type { Problem } from "@calm/domain/Problem"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What part of calm's world a check is about, in the order in which they are looked at. */
export const Area = Schema.Literal("environment", "database", "project", "operations", "worktrees")
export type Area = typeof Area.Type

/** One thing that was looked at. */
export const Check = Schema.Struct({
  area: Area,
  name: Schema.String,
  /** `warning`: worth knowing, and nothing is broken. `unclear`: it could not be checked. */
  status: Schema.Literal("ok", "warning", "error", "unclear"),
  /** One line for people. */
  summary: Schema.String,
  /** A command that helps; `null` where nothing is wrong. */
  hint: Schema.NullOr(Schema.String)
}).annotations({ identifier: "DoctorCheck" })
export type Check = typeof Check.Type

/** One thing that mending would do. */
export const Step = Schema.Struct({
  area: Area,
  /** In words. */
  what: Schema.String,
  /** Why it is not done; `null` where it is. */
  kept: Schema.NullOr(Schema.String)
}).annotations({ identifier: "DoctorStep" })
export type Step = typeof Step.Type

/** One thing that was done, or tried. */
export const Applied = Schema.Struct({
  area: Area,
  what: Schema.String,
  done: Schema.Boolean,
  /** What came of it, or why it failed; `null` where there is nothing to say. */
  detail: Schema.NullOr(Schema.String)
}).annotations({ identifier: "DoctorApplied" })
export type Applied = typeof Applied.Type

/** Steps that are taken together. */
export interface Cure<R> {
  readonly steps: ReadonlyArray<Step>
  /** Takes those that nothing keeps from being taken. Done again it does nothing more. */
  readonly run: Effect.Effect<ReadonlyArray<Applied>, never, R>
}

/** What was found in one part, and what would mend it. */
export interface Found<R> {
  readonly checks: ReadonlyArray<Check>
  readonly cures: ReadonlyArray<Cure<R>>
}

type Told = Pick<Check, "name" | "summary">

const checkOf =
  (status: Check["status"]) =>
  (area: Area, { name, summary }: Told, hint: string | null): Check => ({ area, name, status, summary, hint })

export const ok = (area: Area, told: Told): Check => checkOf("ok")(area, told, null)
export const warning = checkOf("warning")
export const error = checkOf("error")
export const unclear = checkOf("unclear")

/** Where to look when the best advice was to ask the doctor. */
const elsewhere: Readonly<Record<Area, string>> = {
  environment: "git --version",
  database: "calm backup list",
  project: "calm --version",
  operations: "calm log --limit 20",
  worktrees: "git worktree list"
}

/** A failure as a check: what could not be had is unclear, all else is wrong. */
export const failed = (area: Area, name: string, problem: Problem): Check => {
  const isUnclear = problem.category === "unavailable" || problem.category === "timeout"
  const hint = problem.hint === null || problem.hint === "calm doctor" ? elsewhere[area] : problem.hint
  return (isUnclear ? unclear : error)(area, { name, summary: problem.message }, hint)
}

/** A cure of one step. A failure of it is told, and holds up no other. */
export const cure = <R>(
  area: Area,
  what: string,
  run: Effect.Effect<string | null, Pick<Problem, "message">, R>
): Cure<R> => ({
  steps: [{ area, what, kept: null }],
  run: run.pipe(
    Effect.map((detail) => [{ area, what, done: true, detail }]),
    Effect.catchAll(({ message }) => Effect.succeed([{ area, what, done: false, detail: message }]))
  )
})
