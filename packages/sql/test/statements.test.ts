/** Statements of the client, which are run directly where no tracer listens. */
import * as Sql from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlStatement from "@effect/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

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
})
