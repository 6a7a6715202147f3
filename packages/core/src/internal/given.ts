/** What a program hands over past its types, with a cast or without any: looked at before anything is done with it. */
import { refine } from "@calm/sql/StoreError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The value where it is what its schema says; else what the database would say of it, since it would go there. */
export const given = <A, I>(schema: Schema.Schema<A, I>, value: A) =>
  Effect.suspend(() => Schema.validate(schema)(value)).pipe(refine)
