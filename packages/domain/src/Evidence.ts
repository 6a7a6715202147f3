/** Evidence: a recorded check result, bound to the code it was made on. Append-only. */
import * as Schema from "effect/Schema"
import { Digest, Note, PersonName, Sha, Time } from "./Ids.ts"

/** How a check came out. `unavailable` means that it could not be checked, which is never a pass. */
export const CheckStatus = Schema.Literal("passed", "failed", "skipped", "unavailable")
export type CheckStatus = typeof CheckStatus.Type

/** How many tests came out how. */
export const Counts = Schema.Struct({
  passed: Schema.NonNegativeInt,
  failed: Schema.NonNegativeInt,
  /** `null`: not known. */
  skipped: Schema.NullOr(Schema.NonNegativeInt)
})
export type Counts = typeof Counts.Type

/** The result of one run of a script check. */
export const Evidence = Schema.Struct({
  /** What was run: `tests`, or a command. Checks with the same key share results. */
  key: Schema.String,
  status: CheckStatus,
  /** `null` when the output has no count that is known. */
  counts: Schema.NullOr(Counts),
  /** One line: what was run and how it came out. */
  summary: Schema.String,
  /** The end of its output. */
  tail: Schema.String,
  /** A command that would help. */
  hint: Schema.NullOr(Schema.String),
  /** Path of the whole output. */
  logFile: Schema.NullOr(Schema.String),
  /** It was ended at its deadline. */
  timedOut: Schema.Boolean,
  /** The commit it ran on. */
  commit: Sha,
  /** The tip of the base at that moment. */
  base: Sha,
  /** The tree without the documentation folders. */
  codeDigest: Digest,
  /** What the check was: its definition, its script, the configuration. */
  definitionsDigest: Digest,
  /** Milliseconds. */
  duration: Schema.Int,
  at: Time
}).annotations({ identifier: "Evidence" })
export type Evidence = typeof Evidence.Type

/** A person's approval of a gate, bound to what it judged. */
export const Approval = Schema.Struct({
  seq: Schema.Int,
  gate: Schema.String,
  person: PersonName,
  commit: Sha,
  digest: Digest,
  notes: Schema.NullOr(Note),
  at: Time
}).annotations({ identifier: "Approval" })
export type Approval = typeof Approval.Type
