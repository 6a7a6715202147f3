/** `--fields a,b`: what a list shows of each of its entries, and in which order. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { nearest } from "@calm/domain/Nearest"
import * as Parameter from "./Parameter.ts"
import * as Style from "./Style.ts"
import { InvalidValue } from "./UsageError.ts"

/** The keys of an answer under which a list of objects stands. */
export type ListKey<Encoded> = {
  [K in keyof Encoded]: Encoded[K] extends ReadonlyArray<object> ? K : never
}[keyof Encoded] &
  string

/** The fields that every entry of the list has in JSON, in the order of its schema. */
export const fieldsOf = (output: Schema.Schema.AnyNoContext, list: string): ReadonlyArray<string> => {
  const answer = SchemaAST.getPropertySignatures(SchemaAST.encodedAST(output.ast))
  const entries = answer.find(({ name }) => name === list)?.type
  const entry = entries?._tag === "TupleType" ? entries.rest[0]?.type : undefined
  return entry === undefined ? [] : SchemaAST.getPropertySignatures(entry).map(({ name }) => String(name))
}

/** The option as help and completions show it. Its words are read by `parse`, which knows what each of them may be. */
export const option = (fields: ReadonlyArray<string>): Parameter.Option<string | undefined> => ({
  ...Parameter.option("fields", "names", "Only these fields of each entry, with commas", Schema.String),
  choices: fields
})

/** The fields that were asked for, each once; `undefined` where none were. */
export const parse = Effect.fnUntraced(function* (
  value: string | true | undefined,
  fields: ReadonlyArray<string>,
  path: ReadonlyArray<string>
) {
  if (value === undefined || value === true) return undefined
  const words = value.split(",").map((word) => word.trim())
  const unknown = words.find((word) => !fields.includes(word))
  if (unknown !== undefined) {
    return yield* new InvalidValue({
      parameter: "--fields",
      value: unknown,
      reason: `the fields are ${fields.join(", ")}`,
      nearest: nearest(unknown, fields),
      path
    })
  }
  return Array.from(new Set(words))
})

const Entry = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const Answer = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const Entries = Schema.Array(Entry)

type Picked = Readonly<Record<string, unknown>>

/** The answer as it is encoded, each entry of its list with the fields alone, and these entries. */
export const pick = (
  data: unknown,
  list: string,
  fields: ReadonlyArray<string>
): { readonly data: Picked; readonly entries: ReadonlyArray<Picked> } => {
  const answer = Schema.is(Answer)(data) ? data : {}
  const found = answer[list]
  const entries = (Schema.is(Entries)(found) ? found : []).map((entry) =>
    Object.fromEntries(fields.map((field) => [field, entry[field] ?? null]))
  )
  return { data: { ...answer, [list]: entries }, entries }
}

const cell = (value: unknown): string => {
  if (value === null || value === undefined || value === "") return "-"
  if (Array.isArray(value) && value.every((part) => typeof part !== "object")) return value.join(",") || "-"
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

/** `blockedBy` as the head of a column. */
const titleOf = (field: string): string => field.replace(/(?=[A-Z])/g, " ").toUpperCase()

/** A line an entry, its fields in the order they were asked for. */
export const table = (style: Style.Style, fields: ReadonlyArray<string>, entries: ReadonlyArray<Picked>): string =>
  entries.length === 0
    ? ""
    : Style.table(
        style,
        fields.map(titleOf),
        entries.map((entry) => fields.map((field) => cell(entry[field])))
      )
