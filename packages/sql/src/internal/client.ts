/**
 * An `SqlClient` over one SQLite connection.
 *
 * The transactions are our own, because those of `@effect/sql` begin deferred, which makes a read-then-write fail as
 * soon as another process writes, and because they die where a BEGIN or a COMMIT fails. Ours
 * - begin IMMEDIATE, and wait for a busy database between the tries, holding nothing;
 * - fail typed, and are rolled back, where COMMIT fails;
 * - nest as savepoints, also when fibers nest side by side: they queue;
 * - belong to their client: a statement of another client inside them goes to that other client.
 */
import type * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Stream from "effect/Stream"
import * as Busy from "./busy.ts"
import { type Driver, sqlError } from "./driver.ts"

/** The connection itself (depth 0), a transaction (1), or a savepoint (2 and more). */
interface Level {
  readonly depth: number
  readonly parent: Level | null
  /** Held by each statement, and by the whole of a transaction or savepoint inside this level. */
  readonly turn: Effect.Semaphore
  /** What statements at this level run on. */
  readonly connection: Connection
  ended: boolean
}

const control = (depth: number) =>
  depth === 1
    ? { begin: "BEGIN IMMEDIATE", commit: "COMMIT", rollback: ["ROLLBACK"] }
    : {
        begin: `SAVEPOINT calm_${depth}`,
        commit: `RELEASE calm_${depth}`,
        rollback: [`ROLLBACK TO calm_${depth}`, `RELEASE calm_${depth}`]
      }

/** The client of a connection. */
export const make = (driver: Driver): Effect.Effect<SqlClient.SqlClient, never, Reactivity.Reactivity> =>
  Effect.gen(function* () {
    const root = makeLevel(driver, null)
    // Never joined back: a fiber that outlives its transaction must not hand it to the one that joins it.
    const current = FiberRef.unsafeMake(root, { join: (parent) => parent })
    const acquirer = Effect.map(FiberRef.get(current), (level) => level.connection)

    const client = yield* SqlClient.make({
      acquirer,
      compiler: Statement.makeCompilerSqlite(),
      spanAttributes: [["db.system.name", "sqlite"]]
    })
    return Object.assign(client, {
      withTransaction: withTransaction(driver, current),
      reserve: Effect.flatMap(FiberRef.get(current), (level) =>
        Effect.as(
          Effect.acquireRelease(level.turn.take(1), () => level.turn.release(1)),
          connectionOf(driver, (statement) => statement)
        )
      )
    })
  })

const makeLevel = (driver: Driver, parent: Level | null): Level => {
  const turn = Effect.unsafeMakeSemaphore(1)
  const level: Level = {
    depth: parent === null ? 0 : parent.depth + 1,
    parent,
    turn,
    ended: false,
    connection: connectionOf(driver, (statement) => {
      const inTurn = turn.withPermits(1)(
        Effect.zipRight(
          Effect.suspend(() => stillOpen(driver, level)),
          statement
        )
      )
      // Outside a transaction a busy statement has changed nothing and can be tried again.
      return parent === null ? Busy.retry(inTurn) : inTurn
    })
  }
  return level
}

/** Refuses a statement that would silently run outside of the transaction it was written in. */
const stillOpen = (driver: Driver, level: Level): Effect.Effect<void, SqlError> => {
  for (let at: Level | null = level; at !== null; at = at.parent) {
    if (at.ended) return Effect.dieMessage("SQL was used by a fiber that had outlived its transaction")
  }
  return level.depth === 0 || driver.inTransaction()
    ? Effect.void
    : Effect.fail(sqlError(driver.path, "SQLite has ended the transaction after an earlier failure"))
}

const connectionOf = (
  driver: Driver,
  around: <A>(statement: Effect.Effect<A, SqlError>) => Effect.Effect<A, SqlError>
): Connection => {
  const execute: Connection["execute"] = (sql, params, transformRows) =>
    transformRows === undefined
      ? around(driver.rows(sql, params))
      : Effect.map(around(driver.rows(sql, params)), transformRows)
  return {
    execute,
    executeRaw: (sql, params) => around(driver.raw(sql, params)),
    executeValues: (sql, params) => around(driver.values(sql, params)),
    executeUnprepared: (sql, params, transformRows) => {
      const rows = around(driver.rowsOnce(sql, params))
      return transformRows === undefined ? rows : Effect.map(rows, transformRows)
    },
    // The rows are read at once: a cursor left open would keep the connection from everybody else.
    executeStream: (sql, params, transformRows) =>
      Stream.unwrap(Effect.map(execute(sql, params, transformRows), Stream.fromIterable))
  }
}

const withTransaction =
  (driver: Driver, current: FiberRef.FiberRef<Level>): SqlClient.SqlClient["withTransaction"] =>
  (effect) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const parent = yield* FiberRef.get(current)
        const level = makeLevel(driver, parent)
        const words = control(level.depth)
        const run = (sql: string) => driver.rows(sql, [])

        const begin = restore(parent.turn.take(1)).pipe(
          Effect.zipRight(
            Effect.tapErrorCause(Effect.zipRight(stillOpen(driver, parent), run(words.begin)), () =>
              parent.turn.release(1)
            )
          )
        )
        const commit = level.depth === 1 ? Effect.zipRight(driver.inPlace, run(words.commit)) : run(words.commit)
        // A failed rollback is added to the failure that it should have undone.
        const rollback = <E>(cause: Cause.Cause<E>) =>
          Effect.suspend(() =>
            driver.inTransaction() ? Effect.forEach(words.rollback, run, { discard: true }) : Effect.void
          ).pipe(
            Effect.matchCauseEffect({
              onFailure: (failed) => Effect.failCause(Cause.sequential(cause, failed)),
              onSuccess: () => Effect.failCause(cause)
            })
          )

        yield* Busy.retryWith(restore, begin)
        return yield* restore(effect).pipe(
          Effect.locally(current, level),
          Effect.exit,
          Effect.tap(() =>
            Effect.sync(() => {
              level.ended = true
            })
          ),
          Effect.flatMap((exit) =>
            Exit.isFailure(exit)
              ? rollback(exit.cause)
              : Effect.zipRight(Effect.catchAllCause(Busy.retryWith(restore, commit), rollback), exit)
          ),
          Effect.ensuring(parent.turn.release(1))
        )
      })
    ).pipe(Effect.withSpan("sql.transaction", { kind: "client", captureStackTrace: false }))
