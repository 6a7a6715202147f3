/**
 * One SQLite connection: better-sqlite3 with typed failures. It is loaded with the first connection, so that what needs
 * no database starts without it, and works where it is missing.
 *
 * It knows nothing of transactions, queues or waiting; `client.ts` adds them.
 */
import { SqlError } from "@effect/sql/SqlError"
import type Database from "better-sqlite3"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { statfsSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { blockingWait } from "./busy.ts"
import { codeOf } from "./file.ts"
import * as Installed from "./installed.ts"

/** Runs one statement with its parameters. */
type Run<A> = (sql: string, params: ReadonlyArray<unknown>) => Effect.Effect<A, SqlError>

/** The same at once, so that nothing can come between what the caller has just looked at and the statement. */
type RunNow<A> = (sql: string, params: ReadonlyArray<unknown>, safeIntegers: boolean) => Exit.Exit<A, SqlError>

export interface Driver {
  /** The file; `null` in memory. */
  readonly path: string | null
  /** Rows as objects; none for a statement that only changes. */
  readonly rows: Run<ReadonlyArray<object>>
  /** The same, without keeping the statement prepared. */
  readonly rowsOnce: Run<ReadonlyArray<object>>
  /** Rows as arrays. */
  readonly values: Run<ReadonlyArray<ReadonlyArray<unknown>>>
  readonly now: {
    readonly rows: RunNow<ReadonlyArray<object>>
    readonly rowsOnce: RunNow<ReadonlyArray<object>>
    readonly values: RunNow<ReadonlyArray<ReadonlyArray<unknown>>>
    /** Rows as objects, or `{ changes, lastInsertRowid }` of a statement that only changes. */
    readonly raw: RunNow<unknown>
  }
  /** Does SQLite have a transaction open? It ends one by itself after some failures (disk full, input/output). */
  readonly inTransaction: () => boolean
  /**
   * Fails where the file has been deleted or replaced since it was opened: what is written now would be gone with this
   * connection, and SQLite would call it committed.
   */
  readonly inPlace: Effect.Effect<void, SqlError>
  /**
   * Copies everything into a file, which may be a database that others use: they see all of the copy at once, or, when
   * this fails or is interrupted, nothing of it. Fails at once where somebody else is writing to that file.
   */
  readonly copyTo: (file: string, gate: Gate) => Effect.Effect<void, SqlError>
  /** The whole database as the bytes of a file. */
  readonly bytes: Effect.Effect<Uint8Array, SqlError>
  /** Becomes another database in memory. What is set on the connection is lost. */
  readonly become: (bytes: Uint8Array) => Effect.Effect<void, SqlError>
}

/** Where a copy waits, with the file that it is written to locked against all other writers, until it is let on. */
export interface Gate {
  open: boolean
  /** Called each time the copy stands at the gate. */
  readonly reached: () => void
}

/** Where nothing is to be waited for. */
export const openGate: Gate = { open: true, reached: () => {} }

type Prepared = Database.Statement<unknown[], object>

/** The cause of an `SqlError` of ours. */
class SqliteFailure extends Data.TaggedError("SqliteFailure")<{
  /** SQLite's extended result code, or that of an `Installed.Fault`; empty where better-sqlite3 itself refused. */
  readonly code: string
  readonly path: string | null
  readonly message: string
  readonly cause: unknown
}> {}

/** Has the disk that a file lies on no room for one more file? Some file systems do not count their files. */
const holdsNoMore = (path: string): boolean => {
  try {
    const { ffree, files } = statfsSync(dirname(path))
    return files > 0 && ffree === 0
  } catch {
    return false
  }
}

/** SQLite's code; empty where it has none. It only says that it cannot open its log, not that the disk has no room to make one. */
const sqliteCode = (path: string | null, cause: unknown): string => {
  const code = String(codeOf(cause) ?? "")
  return code.startsWith("SQLITE_CANTOPEN") && path !== null && holdsNoMore(path) ? "SQLITE_FULL" : code
}

/** A failure of SQLite, or of better-sqlite3, as a typed error. */
export const sqlError = (path: string | null, cause: unknown): SqlError => {
  const fault = Installed.faultOf(cause)
  if (fault !== undefined)
    return new SqlError({ cause: new SqliteFailure({ ...fault, cause }), message: fault.message })
  const message = cause instanceof Error ? cause.message : String(cause)
  return new SqlError({ cause: new SqliteFailure({ code: sqliteCode(path, cause), path, message, cause }), message })
}

/** Somebody else is writing to a file. */
export const locked = (path: string): SqlError =>
  sqlError(path, new SqliteFailure({ code: "SQLITE_BUSY", path, message: "database is locked", cause: null }))

/** Ends a copy whose caller has gone. */
class Stopped extends Data.TaggedError("Stopped")<{}> {}

/** Which file it is that has this name; none where there is none. */
const identity = (path: string | null): string | undefined => {
  const found = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}

/** A statement that stays prepared. How it gives integers and rows it keeps until that is set again. */
interface Kept {
  readonly statement: Prepared
  /** Does it give rows? */
  readonly reader: boolean
  safeIntegers: boolean
  arrays: boolean
  /** Which use of a statement was the last of this one. */
  used: number
}

/** The statement, set to give integers and rows as they are wanted: all who use its text share it. */
const asked = (kept: Kept, safeIntegers: boolean, arrays: boolean): Kept => {
  const { reader, statement } = kept
  if (kept.safeIntegers !== safeIntegers) statement.safeIntegers(safeIntegers)
  kept.safeIntegers = safeIntegers
  if (reader) {
    if (kept.arrays !== arrays) statement.raw(arrays)
    kept.arrays = arrays
  }
  return kept
}

/** How many statements stay prepared. */
const most = 200

/** How many pages are copied before other fibers have their turn: 1 MB. */
const pagesAtOnce = 256

/** The class of connections. */
type Sqlite = typeof Database

/** It, as soon as a connection has been asked for: from then on one is opened without giving others a turn. */
let loaded: Sqlite | undefined

const load = (path: string | null): Effect.Effect<Sqlite, SqlError> =>
  Effect.tryPromise({ try: () => import("./sqlite.ts"), catch: (cause) => sqlError(path, cause) }).pipe(
    Effect.map(({ Database: Sqlite }) => (loaded = Sqlite))
  )

/** A database in memory, empty or with the content of a file. */
const inMemory = (Sqlite: Sqlite, bytes: Uint8Array | null) =>
  bytes === null ? new Sqlite(":memory:") : new Sqlite(Buffer.from(bytes))

/** Opens an existing file, or a database in memory. The connection is closed with the scope. */
export const open = (path: string | null): Effect.Effect<Driver, SqlError, Scope.Scope> =>
  opened(path, (Sqlite) =>
    path === null ? inMemory(Sqlite, null) : new Sqlite(path, { timeout: blockingWait, fileMustExist: true })
  )

/** Opens the content of a file in memory. */
export const openBytes = (bytes: Uint8Array): Effect.Effect<Driver, SqlError, Scope.Scope> =>
  opened(null, (Sqlite) => inMemory(Sqlite, bytes))

const opened = Effect.fnUntraced(function* (path: string | null, connect: (Sqlite: Sqlite) => Database.Database) {
  const Sqlite = loaded ?? (yield* load(path))
  const connection = yield* Effect.acquireRelease(
    Effect.try({ try: () => ({ database: connect(Sqlite) }), catch: (cause) => sqlError(path, cause) }),
    (current) => Effect.sync(() => current.database.close())
  )
  return make(path, connection, Sqlite)
})

/** The statement that has not been used for longest. */
const leastRecent = (prepared: ReadonlyMap<string, Kept>): string => {
  let least: readonly [sql: string, used: number] = ["", Number.POSITIVE_INFINITY]
  for (const [sql, { used }] of prepared) if (used < least[1]) least = [sql, used]
  return least[0]
}

const make = (path: string | null, connection: { database: Database.Database }, Sqlite: Sqlite): Driver => {
  const file = identity(path)
  const prepared = new Map<string, Kept>()
  let uses = 0

  const prepare = (sql: string): Kept => {
    const statement = connection.database.prepare<unknown[], object>(sql)
    return { statement, reader: statement.reader, safeIntegers: false, arrays: false, used: 0 }
  }

  const keep = (sql: string): Kept => {
    const found = prepared.get(sql)
    const kept = found ?? prepare(sql)
    kept.used = uses++
    if (found === undefined) {
      if (prepared.size >= most) prepared.delete(leastRecent(prepared))
      prepared.set(sql, kept)
    }
    return kept
  }

  const runWith =
    <A>(
      find: (sql: string) => Kept,
      arrays: boolean,
      use: (kept: Kept, params: ReadonlyArray<unknown>) => A
    ): RunNow<A> =>
    (sql, params, safeIntegers) => {
      try {
        return Exit.succeed(use(asked(find(sql), safeIntegers, arrays), params))
      } catch (cause) {
        return Exit.fail(sqlError(path, cause))
      }
    }

  const change = ({ statement }: Kept, params: ReadonlyArray<unknown>) => {
    statement.run(params)
    return []
  }
  const rows = (kept: Kept, params: ReadonlyArray<unknown>) =>
    kept.reader ? kept.statement.all(params) : change(kept, params)

  const now: Driver["now"] = {
    rows: runWith(keep, false, rows),
    rowsOnce: runWith(prepare, false, rows),
    values: runWith(keep, true, (kept, params) =>
      kept.reader ? kept.statement.all(params).filter(Array.isArray) : change(kept, params)
    ),
    raw: runWith(keep, false, ({ reader, statement }, params) =>
      reader ? statement.all(params) : statement.run(params)
    )
  }
  const later =
    <A>(run: RunNow<A>): Run<A> =>
    (sql, params) =>
      Effect.suspend(() => run(sql, params, false))

  return {
    path,
    now,
    rows: later(now.rows),
    rowsOnce: later(now.rowsOnce),
    values: later(now.values),
    inTransaction: () => connection.database.inTransaction,
    inPlace: Effect.suspend(() =>
      identity(path) === file
        ? Effect.void
        : Effect.fail(
            sqlError(
              path,
              new SqliteFailure({
                code: "SQLITE_READONLY_DBMOVED",
                path,
                message: "it was deleted or replaced while it was in use",
                cause: null
              })
            )
          )
    ),
    copyTo: (file, gate) =>
      Effect.async((resume) => {
        let stopped = false
        const progress = () => {
          gate.reached()
          if (stopped) throw new Stopped()
          return gate.open ? pagesAtOnce : 0
        }
        const done = connection.database.backup(file, { progress }).then(
          // Where it cannot lock the file, better-sqlite3 copies nothing and calls it done.
          ({ totalPages }) => resume(totalPages === 0 ? Effect.fail(locked(file)) : Effect.void),
          (cause: unknown) => resume(Effect.fail(sqlError(file, cause)))
        )
        return Effect.promise(() => {
          stopped = true
          return done
        })
      }),
    bytes: Effect.try({ try: () => connection.database.serialize(), catch: (cause) => sqlError(path, cause) }),
    become: (bytes) =>
      Effect.try({
        try: () => {
          const next = inMemory(Sqlite, bytes)
          connection.database.close()
          prepared.clear()
          connection.database = next
        },
        catch: (cause) => sqlError(path, cause)
      })
  }
}
