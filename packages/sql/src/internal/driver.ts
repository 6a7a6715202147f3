/**
 * One SQLite connection: better-sqlite3 with typed failures.
 *
 * It knows nothing of transactions, queues or waiting; `client.ts` adds them.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import Database from "better-sqlite3"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { blockingWait } from "./busy.ts"

/** Runs one statement with its parameters. */
type Run<A> = (sql: string, params: ReadonlyArray<unknown>) => Effect.Effect<A, SqlError>

export interface Driver {
  /** The file; `null` in memory. */
  readonly path: string | null
  /** Rows as objects; none for a statement that only changes. */
  readonly rows: Run<ReadonlyArray<object>>
  /** The same, without keeping the statement prepared. */
  readonly rowsOnce: Run<ReadonlyArray<object>>
  /** Rows as arrays. */
  readonly values: Run<ReadonlyArray<ReadonlyArray<unknown>>>
  /** Rows as objects, or `{ changes, lastInsertRowid }` of a statement that only changes. */
  readonly raw: Run<unknown>
  /** Does SQLite have a transaction open? It ends one by itself after some failures (disk full, input/output). */
  readonly inTransaction: () => boolean
}

type Prepared = Database.Statement<unknown[], object>

/** The cause of an `SqlError` of ours. */
class SqliteFailure extends Data.TaggedError("SqliteFailure")<{
  /** SQLite's extended result code; empty where better-sqlite3 itself refused. */
  readonly code: string
  readonly path: string | null
  readonly message: string
  readonly cause: unknown
}> {}

/** A failure of SQLite, or of better-sqlite3, as a typed error. */
export const sqlError = (path: string | null, cause: unknown): SqlError => {
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""
  return new SqlError({ cause: new SqliteFailure({ code, path, message, cause }), message })
}

/** How many statements stay prepared. */
const keep = 200

/** Opens an existing file, or a database in memory. The connection is closed with the scope. */
export const open = (path: string | null): Effect.Effect<Driver, SqlError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => new Database(path ?? ":memory:", { timeout: blockingWait, fileMustExist: path !== null }),
        catch: (cause) => sqlError(path, cause)
      }),
      (database) => Effect.sync(() => database.close())
    ),
    (database) => make(path, database)
  )

const make = (path: string | null, database: Database.Database): Driver => {
  // The order of insertion is the order of use: the first one is dropped when there are too many.
  const prepared = new Map<string, Prepared>()

  const prepare = (sql: string) => {
    const found = prepared.get(sql)
    const statement = found ?? database.prepare<unknown[], object>(sql)
    prepared.delete(sql)
    prepared.set(sql, statement)
    if (prepared.size > keep) {
      for (const oldest of prepared.keys()) {
        prepared.delete(oldest)
        break
      }
    }
    return statement
  }

  const runWith =
    <A>(find: (sql: string) => Prepared, use: (statement: Prepared, params: ReadonlyArray<unknown>) => A): Run<A> =>
    (sql, params) =>
      Effect.flatMap(SqlClient.SafeIntegers, (safeIntegers) =>
        Effect.try({
          // How integers and rows are given stays on a statement until it is set again, and all who use its text share it.
          try: () => use(find(sql).safeIntegers(safeIntegers), params),
          catch: (cause) => sqlError(path, cause)
        })
      )

  const change = (statement: Prepared, params: ReadonlyArray<unknown>) => {
    statement.run(params)
    return []
  }
  const rows = (statement: Prepared, params: ReadonlyArray<unknown>) =>
    statement.reader ? statement.raw(false).all(params) : change(statement, params)

  return {
    path,
    rows: runWith(prepare, rows),
    rowsOnce: runWith((sql) => database.prepare<unknown[], object>(sql), rows),
    values: runWith(prepare, (statement, params) =>
      statement.reader ? statement.raw(true).all(params).filter(Array.isArray) : change(statement, params)
    ),
    raw: runWith(prepare, (statement, params) =>
      statement.reader ? statement.raw(false).all(params) : statement.run(params)
    ),
    inTransaction: () => database.inTransaction
  }
}
