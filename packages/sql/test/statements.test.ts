/** Statements: what they find is what their schemas say, and what they cost is not paid twice. */
import * as Sql from "@calm/sql/Sql"
import * as Statement from "@calm/sql/Statement"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlStatement from "@effect/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import * as Columns from "../src/internal/columns.ts"

const Flag = Schema.transform(Schema.Int, Schema.Boolean, {
  strict: true,
  decode: (value) => value !== 0,
  encode: (value) => (value ? 1 : 0)
})

/** A row with a column of each kind that the schema has: plain ones, refined and not, and such as need a parser. */
const Row = Schema.Struct({
  id: Schema.String.pipe(Schema.pattern(/^[a-z]+$/), Schema.brand("Id")),
  kind: Schema.Literal("a", "b", "c"),
  note: Schema.NullOr(Schema.String.pipe(Schema.filter((text) => (text.includes("!") ? "no shouting" : undefined)))),
  count: Schema.Int,
  either: Schema.Union(Schema.Number, Schema.String),
  done: Flag,
  touches: Schema.parseJson(Schema.Array(Schema.String)),
  owner: Schema.parseJson(Schema.Struct({ name: Schema.String, flag: Flag }))
})

const decode = ParseResult.decodeUnknownEither(Row)
const encode = ParseResult.encodeUnknownEither(Row)

describe("columns", () => {
  it("of a good row are decoded and encoded as the parsers of its schema do", () => {
    const decoder = Columns.decoder(Row)
    const encoder = Columns.encoder(Row)
    FastCheck.assert(
      FastCheck.property(Arbitrary.make(Row), (row) => {
        const stored = Either.getOrThrow(encode(row))
        assert.deepStrictEqual(encoder(row), stored)
        assert.deepStrictEqual(decoder({ ...stored, more: 1 }), Either.getOrThrow(decode(stored)))
      })
    )
  })

  it("of any other row are left to the parsers, whatever is wrong", () => {
    const decoder = Columns.decoder(Row)
    const good = {
      id: "x",
      kind: "a",
      note: null,
      count: 1,
      either: "",
      done: 1,
      touches: "[]",
      owner: `{"name":"a","flag":1}`
    }
    assert.isDefined(decoder(good))
    const wrong = {
      id: "X",
      kind: "d",
      note: "no!",
      count: 1.5,
      either: null,
      done: 0.5,
      touches: "[1]",
      owner: `{"name":"a"}`
    }
    for (const [name, value] of [
      ...Object.entries(wrong),
      ...Object.keys(good).map((key) => [key, undefined] as const)
    ]) {
      const row = { ...good, [name]: value }
      assert.isTrue(Either.isLeft(decode(row)), name)
      assert.isUndefined(decoder(row), name)
    }
    for (const none of [null, undefined, "row", [good]]) assert.isUndefined(decoder(none))
  })

  it("that a schema lets be absent, or that it does not name, are left to the parsers", () => {
    const Optional = Schema.Struct({ a: Schema.optional(Schema.String) })
    const Named = Schema.Record({ key: Schema.String, value: Schema.String })
    const Strict = Schema.Struct({ a: Schema.String }).annotations({ parseOptions: { onExcessProperty: "error" } })
    const row = { a: "x" }
    const found = [Columns.decoder(Optional)(row), Columns.decoder(Named)(row), Columns.decoder(Strict)(row)]
    assert.deepStrictEqual(found, [undefined, undefined, undefined])
  })
})

describe("a statement", () => {
  it.effect("whose text changes from one time to the next is put together anew, from one template", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const read = (what: string, value: number | null, chosen: ReadonlyArray<number>) =>
        sql`SELECT ${sql.literal(what)} AS a WHERE ${value === null ? sql`1 = 1` : sql`7 = ${value}`} AND 1 IN ${sql.in(chosen)}`
          .values
      const plain = (what: string, value: number) => sql<{ a: number }>`SELECT ${sql.literal(what)} + ${value} AS a`
      assert.deepStrictEqual(yield* read("1", null, [1]), [[1]])
      assert.deepStrictEqual(yield* read("2", 7, [1, 2]), [[2]])
      assert.deepStrictEqual(yield* read("2", 8, [1]), [])
      for (const [what, value, sum] of [
        ["1", 2, 3],
        ["1", 3, 4],
        ["10", 3, 13],
        ["1", 3, 4]
      ] as const)
        assert.deepStrictEqual(yield* plain(what, value), [{ a: sum }])
    }).pipe(Effect.provide(Sql.layerMemory))
  )

  it.effect("is a part of another one, and can be asked for its SQL", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const inner = sql`SELECT ${1} AS a`
      assert.isTrue(SqlStatement.isFragment(inner))
      assert.deepStrictEqual(inner.compile(), ["SELECT ? AS a", [1]])
      assert.deepStrictEqual(yield* sql`SELECT a + ${1} AS b FROM (${inner})`, [{ b: 2 }])
      assert.strictEqual(sql.safe, sql)
    }).pipe(Effect.provide(Sql.layerMemory))
  )

  it.effect("and a transaction are seen by a tracer that a program gives, and the statement by its transformer", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const spans: Array<string> = []
      const usual = Context.get(DefaultServices.liveServices, Tracer.Tracer)
      const tracer = Tracer.make({
        ...usual,
        span: (name, ...rest) => {
          spans.push(name)
          return usual.span(name, ...rest)
        }
      })
      yield* Effect.withTracer(Sql.transaction(sql`SELECT 1`), tracer)
      assert.deepStrictEqual(spans, ["sql.transaction", "sql.execute"])
      const instead = SqlStatement.withTransformer(sql`SELECT 1 AS a`, (_, make) => Effect.succeed(make`SELECT 2 AS a`))
      assert.deepStrictEqual(yield* instead, [{ a: 2 }])
    }).pipe(Effect.provide(Sql.layerMemory))
  )

  it.effect("refuses what it is given, and what it finds, with the words of its schemas", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const find = Statement.findOne(() => ({
        Request: Schema.Struct({ least: Schema.Int.pipe(Schema.positive()) }),
        Result: Schema.Struct({ name: Schema.Literal("a") }),
        execute: ({ least }) => sql`SELECT ${least === 1 ? "a" : "b"} AS name`
      }))
      assert.deepStrictEqual((yield* find({ least: 1 }))._tag, "Some")
      assert.include((yield* Effect.flip(refine(find({ least: 0 })))).detail, "least: ")
      assert.include((yield* Effect.flip(refine(find({ least: 2 })))).detail, "name: ")
    }).pipe(Effect.provide(Sql.layerMemory))
  )
})
