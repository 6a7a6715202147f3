/** Values of counters as they are typed. */
import { CounterValue, max } from "@calm/domain/Counter"
import * as Schema from "effect/Schema"
import * as Words from "./Words.ts"

/** What a counter is set to. */
export const Value = Schema.compose(Words.whole(0, max), CounterValue)
