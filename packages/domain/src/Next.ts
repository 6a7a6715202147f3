/** The one command to run now for a task, read off the verdict on its move ahead. Pure. */
import * as Schema from "effect/Schema"
import { unmet, type Verdict } from "./Verdict.ts"

export const NextStep = Schema.Struct({
  command: Schema.String,
  /** The first condition that is not met and can be, in words; `null` when all are met, and the command makes the move. */
  lacks: Schema.NullOr(Schema.String),
  /** Nothing is left to do but to wait for other tasks. */
  waits: Schema.Boolean
}).annotations({ identifier: "NextStep" })
export type NextStep = typeof NextStep.Type

/** The next step of a task; `null` where nothing lies ahead of it. */
export const step = (
  task: string,
  ahead: { readonly command: string; readonly verdict: Verdict | null } | undefined
): NextStep | null => {
  if (ahead === undefined) return null
  const lacking = ahead.verdict === null ? [] : unmet(ahead.verdict)
  const first = lacking.find(({ kind }) => kind !== "blockers") ?? lacking[0]
  return first === undefined
    ? { command: ahead.command, lacks: null, waits: false }
    : { command: first.hint ?? `calm explain ${task}`, lacks: first.summary, waits: first.kind === "blockers" }
}
