/** What the rule engine answers: every condition of a move, met or not, and why. */
import * as Schema from "effect/Schema"
import { CheckStatus, Counts } from "./Evidence.ts"
import { Time } from "./Ids.ts"
import { worst } from "./Problem.ts"

/** Why a condition is not met, as the category that fixes the exit code. */
export const Unmet = Schema.Literal("refused", "conflict", "timeout", "unavailable")
export type Unmet = typeof Unmet.Type

/** The recorded result that a script check's outcome rests on. */
export const OutcomeEvidence = Schema.Struct({
  commit: Schema.String,
  at: Time,
  counts: Schema.NullOr(Counts),
  /** Milliseconds. */
  duration: Schema.Int,
  logFile: Schema.NullOr(Schema.String),
  tail: Schema.String
})

/** One condition: what it is, how it stands, what would meet it. */
export const Outcome = Schema.Struct({
  /** The check's name. */
  check: Schema.String,
  /** The check's kind, or the rule that is no check of the gate (`blockers`, `phase`, `worktree`, ...). */
  kind: Schema.String,
  status: CheckStatus,
  /** `null` when the condition is met. */
  unmet: Schema.NullOr(Unmet),
  /** One line for people. */
  summary: Schema.String,
  /** A command that would meet it. */
  hint: Schema.NullOr(Schema.String),
  /** The result was on record and nothing was run. */
  cached: Schema.Boolean,
  evidence: Schema.NullOr(OutcomeEvidence)
}).annotations({ identifier: "Outcome" })
export type Outcome = typeof Outcome.Type

/** The answer for one move: passed when every condition is met. */
export const Verdict = Schema.Struct({
  /** `FROM-TO`, or `merge`. */
  gate: Schema.String,
  passed: Schema.Boolean,
  /** The category of the failure; `null` when passed. */
  unmet: Schema.NullOr(Unmet),
  outcomes: Schema.Array(Outcome)
}).annotations({ identifier: "Verdict" })
export type Verdict = typeof Verdict.Type

const isUnmet = Schema.is(Unmet)

/** Sums up outcomes. */
export const verdict = (gate: string, outcomes: ReadonlyArray<Outcome>): Verdict => {
  const category = worst(outcomes.flatMap((outcome) => outcome.unmet ?? []))
  return { gate, passed: category === undefined, unmet: isUnmet(category) ? category : null, outcomes }
}

/** The outcomes that stand in the way. */
export const unmet = (verdict: Verdict): ReadonlyArray<Outcome> =>
  verdict.outcomes.filter((outcome) => outcome.unmet !== null)

interface Saying {
  readonly check: string
  readonly kind: string
}

/** A condition that is met. */
export const met = (what: Saying, summary: string, more: Partial<Outcome> = {}): Outcome => ({
  check: what.check,
  kind: what.kind,
  status: "passed",
  unmet: null,
  summary,
  hint: null,
  cached: false,
  evidence: null,
  ...more
})

/** A condition that is not met: refused unless said otherwise. */
export const lacking = (what: Saying, summary: string, hint: string | null, more: Partial<Outcome> = {}): Outcome => ({
  check: what.check,
  kind: what.kind,
  status: "failed",
  unmet: "refused",
  summary,
  hint,
  cached: false,
  evidence: null,
  ...more
})

/** A condition that could not be checked. */
export const unclear = (what: Saying, summary: string, hint: string | null, more: Partial<Outcome> = {}): Outcome =>
  lacking(what, summary, hint, { status: "unavailable", unmet: "unavailable", ...more })
