/** What happens while a gate's checks run, told to whoever wants to show it. */
import type { CheckStatus } from "@calm/domain/Evidence"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** A check that is going to run. */
export interface PlannedCheck {
  /** What its evidence is kept under. */
  readonly key: string
  /** Its name in the gate table. */
  readonly name: string
  /** Milliseconds that its last run that passed took, for whichever task; `null` without one. */
  readonly expected: number | null
}

/**
 * - `Planned`: these checks run now; comes once, before all others, and not at all where nothing has to run;
 * - `Started`, `Ended`: one of them did. A run that is interrupted does not end;
 * - `Line`: it printed a line, on either stream; without escape sequences, and only where something is left of it.
 */
export type CheckEvent =
  | { readonly _tag: "Planned"; readonly checks: ReadonlyArray<PlannedCheck> }
  | { readonly _tag: "Started"; readonly key: string }
  | { readonly _tag: "Line"; readonly key: string; readonly line: string }
  | {
      readonly _tag: "Ended"
      readonly key: string
      readonly status: CheckStatus
      readonly summary: string
      /** Milliseconds. */
      readonly duration: number
    }

/** The listener. Nobody listens unless one is provided. A check waits while it is told of, so it should be quick. */
export class CheckProgress extends Context.Reference<CheckProgress>()("@calm/core/gates/CheckProgress", {
  defaultValue: (): { readonly tell: (event: CheckEvent) => Effect.Effect<void> } => ({ tell: () => Effect.void })
}) {}
