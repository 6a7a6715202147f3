/**
 * The steps that make the schema, in order.
 *
 * A step's place in the list is its version: the first is 1. Steps are only ever added at the end; one that has been
 * released is never changed, moved or taken out, since databases exist that have it behind them.
 */
import * as Foundation from "./internal/migrations/0001_foundation.ts"
import * as Hands from "./internal/migrations/0002_hands.ts"
import * as Finding from "./internal/migrations/0003_finding.ts"
import * as Since from "./internal/migrations/0004_since.ts"

export interface Migration {
  readonly name: string
  /** One statement each, run in order in one transaction. */
  readonly statements: ReadonlyArray<string>
  /** Tables of this step whose rows may be added but never changed or deleted. */
  readonly appendOnly: ReadonlyArray<string>
}

export const migrations: ReadonlyArray<Migration> = [
  { name: "foundation", statements: Foundation.foundation, appendOnly: Foundation.appendOnly },
  { name: "hands", statements: Hands.hands, appendOnly: Hands.appendOnly },
  { name: "finding", statements: Finding.finding, appendOnly: [] },
  { name: "since", statements: Since.since, appendOnly: [] }
]

/** The version of the schema that this calm works with. */
export const latest: number = migrations.length
