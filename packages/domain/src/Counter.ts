/** Counters: named numbers of a project. */
import * as Schema from "effect/Schema"
import { CounterName, Time } from "./Ids.ts"

/** The largest value: beyond it, JSON readers lose digits. */
export const max = Number.MAX_SAFE_INTEGER

/** A counter's value: 0 and up. */
export const CounterValue = Schema.Int.pipe(Schema.between(0, max), Schema.brand("CounterValue"))
export type CounterValue = typeof CounterValue.Type

export const Counter = Schema.Struct({ name: CounterName, value: CounterValue, updatedAt: Time }).annotations({
  identifier: "Counter"
})
export type Counter = typeof Counter.Type

/** While it is above 0, merges are held back. */
export const mergeLock = CounterName.make("merge_lock")
/** Merges since the end-to-end tests last ran. */
export const mergesSinceE2e = CounterName.make("merges_since_e2e")
/** Merges since the documentation was last looked through. */
export const mergesSinceDocs = CounterName.make("merges_since_docs")

/** The counters that every project has. */
export const standard: ReadonlyArray<CounterName> = [mergeLock, mergesSinceE2e, mergesSinceDocs]

/** From this many merges on, end-to-end tests and documentation are due. */
export const mergesDue = 12
