import * as Schema from "effect/Schema"

/** A yes or no as every database can store it: 1 or 0. */
export const Flag = Schema.transform(Schema.Int, Schema.Boolean, {
  strict: true,
  decode: (value) => value !== 0,
  encode: (value) => (value ? 1 : 0)
})
