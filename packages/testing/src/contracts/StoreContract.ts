/**
 * What every store has to do, run over the one in memory and the one in a file.
 *
 * It uses nothing but `SqlClient`, `Sql.transaction` and two tables of the schema: `projects` and `counters`; and
 * `events`, whose rows may not be changed.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Sql from "@calm/sql/Sql"
import { refine, StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

class Refused extends TaggedError<Refused>()("Refused", {}) {}

const at = "2026-01-01T00:00:00.000Z"

const addProject = (id: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`INSERT INTO projects (id, path, common_dir, base_branch, created_at)
                 VALUES (${id}, ${`/p/${id}`}, ${`/p/${id}/.git`}, 'main', ${at})`
  )

const addCounter = (project: string, name: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`INSERT INTO counters (project_id, name, value, updated_at) VALUES (${project}, ${name}, 0, ${at})`
  )

const addEvent = (project: string, seq: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`INSERT INTO events (project_id, seq, at, actor, kind, data)
                 VALUES (${project}, ${seq}, ${at}, 'me', 'test', '{}')`
  )

const projects = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const find = Statement.findAll(() => ({
    Request: Schema.Void,
    Result: Schema.Struct({ id: Schema.String }),
    execute: () => sql`SELECT id FROM projects ORDER BY id`
  }))
  return (yield* find()).map((row) => row.id)
})

const Counter = Schema.Struct({ value: Schema.Int })

const counter = (project: string, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const find = Statement.single(() => ({
      Request: Schema.Void,
      Result: Counter,
      execute: () => sql`SELECT value FROM counters WHERE project_id = ${project} AND name = ${name}`
    }))
    return (yield* find()).value
  })

/** Reads, lets others run, then writes what it read plus one. */
const increment = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const value = yield* counter("p", "c")
  yield* Effect.yieldNow()
  yield* sql`UPDATE counters SET value = ${value + 1} WHERE project_id = 'p' AND name = 'c'`
})

const reasonOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.either(effect), (result) =>
    Either.isLeft(result) ? (result.left instanceof StoreError ? result.left.reason : result.left) : "it succeeded"
  )

/** Registers the suite; the layer is built anew, and must be empty, for each test. */
export const storeContract = (name: string, layer: Layer.Layer<SqlClient.SqlClient, StoreError>): void => {
  const test = <A, E>(title: string, body: () => Effect.Effect<A, E, SqlClient.SqlClient>) =>
    it.effect(title, () => Effect.provide(Effect.suspend(body), layer))

  describe(`Store contract: ${name}`, () => {
    test("what a transaction stored is there after it", () =>
      Effect.gen(function* () {
        yield* Sql.transaction(Effect.zipRight(addProject("a"), addProject("b")))
        assert.deepStrictEqual(yield* projects, ["a", "b"])
      }))

    test("a failure undoes everything of its transaction and comes out as it is", () =>
      Effect.gen(function* () {
        const failed = yield* Effect.flip(Sql.transaction(Effect.zipRight(addProject("a"), new Refused())))
        assertEquals(failed, new Refused())
        assert.deepStrictEqual(yield* projects, [])
      }))

    test("a defect undoes everything of its transaction, and the next one works", () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Sql.transaction(Effect.zipRight(addProject("a"), Effect.dieMessage("bug"))))
        assert.isTrue(exit._tag === "Failure")
        yield* Sql.transaction(addProject("b"))
        assert.deepStrictEqual(yield* projects, ["b"])
      }))

    test("an interruption undoes everything of its transaction, and the next one works", () =>
      Effect.gen(function* () {
        const inside = yield* Deferred.make<void>()
        const fiber = yield* addProject("a").pipe(
          Effect.zipRight(Deferred.succeed(inside, undefined)),
          Effect.zipRight(Effect.never),
          Sql.transaction,
          Effect.fork
        )
        yield* Deferred.await(inside)
        yield* Fiber.interrupt(fiber)
        yield* Sql.transaction(addProject("b"))
        assert.deepStrictEqual(yield* projects, ["b"])
      }))

    test("interrupting a fiber that waits for its turn leaves the turn to the others", () =>
      Effect.gen(function* () {
        const inside = yield* Deferred.make<void>()
        const go = yield* Deferred.make<void>()
        const first = yield* Deferred.succeed(inside, undefined).pipe(
          Effect.zipRight(Deferred.await(go)),
          Effect.zipRight(addProject("a")),
          Sql.transaction,
          Effect.fork
        )
        yield* Deferred.await(inside)
        const second = yield* Effect.fork(Sql.transaction(addProject("b")))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(second)
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(first)
        yield* Sql.transaction(addProject("c"))
        assert.deepStrictEqual(yield* projects, ["a", "c"])
      }))

    test("a nested transaction that fails undoes its own part alone", () =>
      Effect.gen(function* () {
        yield* Sql.transaction(
          Effect.gen(function* () {
            yield* addProject("a")
            assert.strictEqual(
              yield* reasonOf(Sql.transaction(Effect.zipRight(addProject("b"), addProject("b")))),
              "constraint"
            )
            yield* Sql.transaction(addProject("c"))
          })
        )
        assert.deepStrictEqual(yield* projects, ["a", "c"])
      }))

    test("a failure undoes the nested transactions that had succeeded before it", () =>
      Effect.gen(function* () {
        yield* Effect.flip(Sql.transaction(Effect.zipRight(Sql.transaction(addProject("a")), new Refused())))
        assert.deepStrictEqual(yield* projects, [])
      }))

    test("transactions nested side by side keep to themselves: one fails, the other stays", () =>
      Effect.gen(function* () {
        const slow = (id: string) => Effect.zipLeft(addProject(id), Effect.yieldNow({ priority: 1 }))
        yield* Sql.transaction(
          Effect.all(
            [
              reasonOf(Sql.transaction(Effect.zipRight(slow("a"), new Refused()))),
              Sql.transaction(Effect.zipRight(slow("b"), slow("c"))),
              addProject("d")
            ],
            { concurrency: "unbounded" }
          )
        )
        assert.deepStrictEqual(yield* projects, ["b", "c", "d"])
      }))

    test("fibers that read and then write at once lose nothing", () =>
      Effect.gen(function* () {
        yield* addProject("p")
        yield* addCounter("p", "c")
        yield* Effect.all(
          Array.from({ length: 50 }, () => Sql.transaction(increment)),
          { concurrency: "unbounded", discard: true }
        )
        assert.strictEqual(yield* counter("p", "c"), 50)
      }))

    test("a broken rule of the schema is a typed failure", () =>
      Effect.gen(function* () {
        yield* addProject("a")
        assert.strictEqual(yield* reasonOf(refine(addProject("a"))), "constraint")
        assert.strictEqual(yield* reasonOf(refine(addCounter("nobody", "c"))), "constraint")
      }))

    test("a commit that SQLite refuses fails typed, stores nothing, and the next transaction works", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const refused = sql`PRAGMA defer_foreign_keys = ON`.pipe(
          Effect.zipRight(addProject("a")),
          Effect.zipRight(addCounter("nobody", "c")),
          Sql.transaction
        )
        assert.strictEqual(yield* reasonOf(refused), "constraint")
        yield* Sql.transaction(addProject("b"))
        assert.deepStrictEqual(yield* projects, ["b"])
      }))

    test("a row that has not the form it should have is a typed failure", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const find = Statement.findAll(() => ({
          Request: Schema.Void,
          Result: Counter,
          execute: () => sql`SELECT 'text' AS value`
        }))
        assert.strictEqual(yield* reasonOf(refine(find())), "decode")
      }))

    test("a missing row is not mistaken for a failure of the store", () =>
      Effect.gen(function* () {
        const failed = yield* Effect.flip(refine(counter("p", "c")))
        assert.strictEqual(failed._tag, "NoSuchElementException")
      }))

    test("rows of an append-only table can be added, not changed, deleted or replaced", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* addProject("p")
        yield* addEvent("p", 1)
        const rows = "INTO events SELECT project_id, seq, at, 'thief', worker_id, kind, task_id, data FROM events"
        for (const change of ["UPDATE events SET actor = 'thief'", "DELETE FROM events", `INSERT OR REPLACE ${rows}`]) {
          const failed = yield* Effect.flip(refine(sql.unsafe(change)))
          assertEquals(
            failed,
            new StoreError({ reason: "constraint", path: failed.path, detail: "events is append-only" })
          )
        }
        assert.deepStrictEqual(yield* sql`SELECT actor FROM events`.values, [["me"]])
      }))

    test("a statement that failed before its table was there works afterwards", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const read = sql`SELECT a FROM later`.values
        assert.strictEqual(yield* reasonOf(refine(read)), "other")
        yield* sql`CREATE TABLE later (a INTEGER)`
        assert.deepStrictEqual(yield* read, [])
      }))

    test("asking for big integers once does not change later answers of the same statement", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const read = sql`SELECT 1 AS one`
        assert.deepStrictEqual(yield* Effect.provideService(read.values, SqlClient.SafeIntegers, true), [[1n]])
        assert.deepStrictEqual(yield* read, [{ one: 1 }])
      }))

    test("a value that cannot be stored is a typed failure", () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.strictEqual(yield* reasonOf(refine(sql.unsafe("SELECT ?", [{}]))), "other")
      }))
  })
}
