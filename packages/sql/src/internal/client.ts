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
import * as Traced from "@calm/domain/Traced"
import type * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Stream from "effect/Stream"
import * as Busy from "./busy.ts"
import { type Driver, sqlError } from "./driver.ts"
import { direct, type RowsOf } from "./statement.ts"

/** The connection itself (depth 0), a transaction (1), or a savepoint (2 and more). */
interface Level {
  readonly depth: number
  readonly parent: Level | null
  /** Held by the whole of a transaction or savepoint inside this level; a statement waits for it. */
  readonly turn: Effect.Semaphore
  /** What statements at this level run on. */
  readonly connection: Connection
  /** The same, asked in the name of a fiber. */
  readonly rows: RowsOf
  /** Is a transaction or savepoint inside this level open? */
  taken: boolean
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
    const sql = Object.assign(
      direct(client, (fiber, statement, params) => fiber.getFiberRef(current).rows(fiber, statement, params)),
      {
        withTransaction: withTransaction(driver, current),
        reserve: Effect.flatMap(FiberRef.get(current), (level) =>
          Effect.as(
            Effect.acquireRelease(
              Effect.tap(level.turn.take(1), () => takeTurn(level)),
              () => giveBack(level)
            ),
            connectionOf(driver, <A>(run: AtOnce<A>) =>
              Effect.withFiberRuntime<A, SqlError>((fiber) => run(safeIntegers(fiber)))
            )
          )
        )
      }
    )
    return Object.assign(sql, { safe: sql })
  })

const makeLevel = (driver: Driver, parent: Level | null): Level => {
  const turn = Effect.unsafeMakeSemaphore(1)
  const ask = <A>(fiber: Asking, run: AtOnce<A>): Effect.Effect<A, SqlError> => {
    const now = (fiber: Asking) => refusal(driver, level) ?? run(safeIntegers(fiber))
    // A statement is over before anybody else has a turn: it waits for its own, and need not hold it.
    const inTurn = (fiber: Asking) =>
      level.taken ? turn.withPermits(1)(Effect.withFiberRuntime<A, SqlError>(now)) : now(fiber)
    const first = inTurn(fiber)
    // Outside a transaction a busy statement has changed nothing and can be tried again.
    return parent !== null || (Exit.isExit(first) && Exit.isSuccess(first))
      ? first
      : Busy.retry(Effect.withFiberRuntime<A, SqlError>(inTurn), first)
  }
  const level: Level = {
    depth: parent === null ? 0 : parent.depth + 1,
    parent,
    turn,
    taken: false,
    ended: false,
    connection: connectionOf(driver, <A>(run: AtOnce<A>) =>
      Effect.withFiberRuntime<A, SqlError>((fiber) => ask(fiber, run))
    ),
    rows: (fiber, sql, params) => ask(fiber, (safe) => driver.now.rows(sql, params, safe))
  }
  return level
}

/** Has the turn of a level, of which the permit was taken. */
const takeTurn = (level: Level) =>
  Effect.sync(() => {
    level.taken = true
  })

const giveBack = (level: Level) =>
  Effect.suspend(() => {
    level.taken = false
    return level.turn.release(1)
  })

/** Why a statement is refused that would silently run outside of the transaction it was written in. */
const refusal = (driver: Driver, level: Level): Effect.Effect<never, SqlError> | undefined => {
  for (let at: Level | null = level; at !== null; at = at.parent) {
    if (at.ended) return Effect.dieMessage("SQL was used by a fiber that had outlived its transaction")
  }
  return level.depth === 0 || driver.inTransaction()
    ? undefined
    : Effect.fail(sqlError(driver.path, "SQLite has ended the transaction after an earlier failure"))
}

/** A statement that is run as soon as it is known how integers are wanted. */
type AtOnce<A> = (safeIntegers: boolean) => Exit.Exit<A, SqlError>

type Asking = Fiber.RuntimeFiber<unknown, unknown>

/** Are integers wanted as bigints? */
const safeIntegers = (fiber: Asking) => Context.get(fiber.currentContext, SqlClient.SafeIntegers)

const connectionOf = ({ now }: Driver, around: <A>(run: AtOnce<A>) => Effect.Effect<A, SqlError>): Connection => {
  const execute: Connection["execute"] = (sql, params, transformRows) => {
    const rows = around((safe) => now.rows(sql, params, safe))
    return transformRows === undefined ? rows : Effect.map(rows, transformRows)
  }
  return {
    execute,
    executeRaw: (sql, params) => around((safe) => now.raw(sql, params, safe)),
    executeValues: (sql, params) => around((safe) => now.values(sql, params, safe)),
    executeUnprepared: (sql, params, transformRows) => {
      const rows = around((safe) => now.rowsOnce(sql, params, safe))
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
      Effect.flatMap(FiberRef.get(current), (parent) => {
        const level = makeLevel(driver, parent)
        const words = control(level.depth)
        const run = (sql: string) => driver.rows(sql, [])

        const begin = Effect.zipRight(
          restore(parent.turn.take(1)),
          Effect.suspend(() => {
            parent.taken = true
            return refusal(driver, parent) ?? run(words.begin)
          }).pipe(Effect.tapErrorCause(() => giveBack(parent)))
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
        const end = <A, E>(exit: Exit.Exit<A, E>) => {
          level.ended = true
          return Exit.isFailure(exit)
            ? rollback(exit.cause)
            : Effect.zipRight(Effect.catchAllCause(Busy.retryWith(restore, commit), rollback), exit)
        }

        return Effect.zipRight(
          Busy.retryWith(restore, begin),
          restore(effect).pipe(
            Effect.locally(current, level),
            Effect.exit,
            Effect.flatMap(end),
            Effect.ensuring(giveBack(parent))
          )
        )
      })
    ).pipe(Traced.span("sql.transaction", { kind: "client" }))
