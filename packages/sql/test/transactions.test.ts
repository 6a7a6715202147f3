/** What is particular to our transactions and statements, beyond the contract. */
import * as Sql from "@calm/sql/Sql"
import { fromSqlError, refine, StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { assert, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeFolder } from "./support/folder.ts"

it.scoped("a database that stays locked is given up after 30 seconds, typed, and works again when it is free", () =>
  Effect.gen(function* () {
    const file = `${yield* makeFolder}/metadata.db`
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const holder = new Database(file)
      holder.exec("BEGIN IMMEDIATE")
      const write = sql`CREATE TABLE t (a)`
      const waiting = yield* Effect.fork(Effect.flip(Sql.transaction(write)))
      yield* TestClock.adjust("29 seconds")
      assert.isTrue((yield* Fiber.poll(waiting))._tag === "None")
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(waiting)
      assert.isTrue(error instanceof StoreError)
      assert.strictEqual(error.reason, "busy")
      assert.strictEqual(error.path, file)
      holder.exec("ROLLBACK")
      holder.close()
      yield* Sql.transaction(write)
    }).pipe(Effect.provide(Sql.layerFile(file)))
  })
)

it.scoped("a transaction has the write lock from its beginning", () =>
  Effect.gen(function* () {
    const file = `${yield* makeFolder}/metadata.db`
    yield* Effect.gen(function* () {
      const rival = new Database(file, { timeout: 0 })
      yield* Sql.transaction(Effect.sync(() => assert.throws(() => rival.exec("BEGIN IMMEDIATE"), /locked/)))
      rival.exec("BEGIN IMMEDIATE; ROLLBACK")
      rival.close()
    }).pipe(Effect.provide(Sql.layerFile(file)))
  })
)

it.effect("a fiber that outlives its transaction is stopped instead of writing outside of it", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const ended = yield* Deferred.make<void>()
    const late = yield* Deferred.await(ended).pipe(
      Effect.zipRight(sql`CREATE TABLE t (a)`),
      Effect.forkDaemon,
      Sql.transaction
    )
    yield* Deferred.succeed(ended, undefined)
    const exit = yield* Fiber.await(late)
    assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    yield* Sql.transaction(sql`CREATE TABLE t (a)`)
  }).pipe(Effect.provide(Sql.layerMemory))
)

it.effect("what follows a transaction that SQLite ended by itself fails instead of being stored alone", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE t (a INTEGER PRIMARY KEY)`
    const lost = Sql.transaction(
      Effect.gen(function* () {
        yield* sql`INSERT INTO t VALUES (1)`
        yield* Effect.either(sql`INSERT OR ROLLBACK INTO t VALUES (1)`)
        yield* sql`INSERT INTO t VALUES (2)`
      })
    )
    const error = yield* Effect.flip(lost)
    assert.strictEqual(error.detail, "SQLite has ended the transaction after an earlier failure")
    assert.deepStrictEqual(yield* sql`SELECT a FROM t`.values, [])
    yield* Sql.transaction(sql`INSERT INTO t VALUES (3)`)
  }).pipe(Effect.provide(Sql.layerMemory))
)

it.effect("a statement beside a transaction is no part of it, between whichever steps others have their turn", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`CREATE TABLE t (a INTEGER)`
    const kept = Array.from({ length: 200 }, (_, n) => n)
    const undone = Effect.void.pipe(
      Effect.zipRight(sql`INSERT INTO t VALUES (-1)`),
      Effect.zipRight(Effect.yieldNow()),
      Effect.zipRight(Effect.fail("undone")),
      Sql.transaction,
      Effect.exit
    )
    // Each comes to its statement after another number of steps, and so to the end of its turn at another place in it.
    const stored = kept.map((n) =>
      Effect.zipRight(Effect.replicateEffect(Effect.void, n), sql`INSERT INTO t VALUES (${n})`)
    )
    yield* Effect.all([Effect.replicateEffect(undone, 200), ...stored], {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.withMaxOpsBeforeYield(40))
    assert.deepStrictEqual(
      yield* sql`SELECT a FROM t ORDER BY a`.values,
      kept.map((n) => [n])
    )
  }).pipe(Effect.provide(Sql.layerMemory))
)

it.effect("more statements than are kept prepared work; two in one text are a typed failure", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const round of [1, 2]) {
      for (let n = 0; n < 300; n++)
        assert.deepStrictEqual(yield* sql.unsafe(`SELECT ${n}`).values, [[n]], `round ${round}`)
    }
    const error = yield* Effect.flip(refine(sql.unsafe("SELECT 1; SELECT 2")))
    assert.include(error.detail, "more than one statement")
  }).pipe(Effect.provide(Sql.layerMemory))
)

it.effect("rows can be streamed, and asked for in every form, from one statement", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const statement = sql<{ n: number }>`SELECT 1 AS n UNION SELECT 2 ORDER BY n`
    const objects = [{ n: 1 }, { n: 2 }]
    assert.deepStrictEqual([...(yield* Stream.runCollect(statement.stream))], objects)
    assert.deepStrictEqual(yield* statement.values, [[1], [2]])
    assert.deepStrictEqual(yield* statement, objects)
    assert.deepStrictEqual(yield* statement.unprepared, objects)
    assert.deepStrictEqual(yield* statement.raw, objects)
    yield* sql`CREATE TABLE t (a INTEGER)`
    assert.deepStrictEqual(yield* sql`INSERT INTO t VALUES (1), (2)`.raw, { changes: 2, lastInsertRowid: 2 })
    assert.deepStrictEqual(yield* sql`INSERT INTO t VALUES (3) RETURNING a`, [{ a: 3 }])
  }).pipe(Effect.provide(Sql.layerMemory))
)

it.scoped("a reserved connection keeps others out until it is given back", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const waiting = yield* Effect.scoped(
      Effect.gen(function* () {
        const connection = yield* sql.reserve
        const fiber = yield* Effect.forkDaemon(sql`SELECT 1`.values)
        assert.deepStrictEqual(yield* connection.executeValues("SELECT 2", []), [[2]])
        yield* Effect.yieldNow()
        assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
        return fiber
      })
    )
    assert.deepStrictEqual(yield* Fiber.join(waiting), [[1]])
  }).pipe(Effect.provide(Sql.layerMemory))
)

it("every code of SQLite has its reason", () => {
  const reasons = {
    SQLITE_BUSY: "busy",
    SQLITE_BUSY_SNAPSHOT: "busy",
    SQLITE_CORRUPT_INDEX: "corrupt",
    SQLITE_NOTADB: "corrupt",
    SQLITE_FULL: "full",
    SQLITE_READONLY_DIRECTORY: "read_only",
    SQLITE_CANTOPEN: "cannot_open",
    SQLITE_CONSTRAINT_UNIQUE: "constraint",
    SQLITE_IOERR_READ: "other",
    SQLITE_ERROR: "other"
  }
  for (const [code, reason] of Object.entries(reasons)) {
    const error = fromSqlError(new SqlError({ cause: { code, message: "first\nsecond" } }))
    assert.strictEqual(error.reason, reason)
    assert.strictEqual(error.detail, "first\nsecond")
    assert.notInclude(error.message, "\n")
  }
})
