/** A database, opened and brought up to date. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Migration } from "../Migrations.ts"
import { fromSqlError, refine, StoreError } from "../StoreError.ts"
import * as Busy from "./busy.ts"
import * as Client from "./client.ts"
import * as Driver from "./driver.ts"
import * as File from "./file.ts"
import * as Migrate from "./migrate.ts"

/** What every connection needs, since SQLite does not store it. */
const settings = [
  "PRAGMA foreign_keys = ON",
  // A commit that was confirmed survives a power cut.
  "PRAGMA synchronous = FULL",
  // A replacing insert is a deletion too, see triggers.ts.
  "PRAGMA recursive_triggers = ON"
]

/** Switches a file to write-ahead logging, which it then stays in: readers and the one writer do not wait for each other. */
const logAhead = (driver: Driver.Driver) =>
  Effect.gen(function* () {
    const [mode] = yield* Busy.retry(driver.values("PRAGMA journal_mode", []))
    if (mode?.[0] !== "wal") yield* Busy.retry(driver.rows("PRAGMA journal_mode = WAL", []))
  })

/** Failures of opening that are not SQLite's own, such as a folder that is gone. */
const cannotOpen = (error: SqlError) => {
  const failure = fromSqlError(error)
  return failure.reason === "other"
    ? new StoreError({ reason: "cannot_open", path: failure.path, detail: failure.detail })
    : failure
}

/** Sets what every connection needs. */
export const configure = (driver: Driver.Driver): Effect.Effect<void, SqlError> =>
  Effect.forEach(settings, (setting) => Busy.retry(driver.rows(setting, [])), { discard: true })

/** A database that is open: its client, and the connection below it. */
export interface Store {
  readonly client: SqlClient.SqlClient
  readonly driver: Driver.Driver
}

/** Opens the file at an absolute path, or a database in memory (`null`), with these migrations. */
export const open = (
  path: string | null,
  migrations: ReadonlyArray<Migration>
): Effect.Effect<Store, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    if (path !== null) {
      yield* File.prepare(path, migrations.length)
      yield* File.hold(path)
    }
    return yield* upToDate(yield* Effect.mapError(Driver.open(path), cannotOpen), migrations)
  }).pipe(refine)

/** Brings the database of a connection up to date. */
export const upToDate = (
  driver: Driver.Driver,
  migrations: ReadonlyArray<Migration>
): Effect.Effect<Store, StoreError, Scope.Scope> =>
  Effect.gen(function* () {
    const { path } = driver
    yield* configure(driver)
    const client = yield* Client.make(driver)
    yield* Effect.gen(function* () {
      yield* Migrate.claim(path)
      if (path !== null && (yield* Migrate.version) <= migrations.length) yield* logAhead(driver)
      yield* Migrate.migrateTo(migrations.length, path, migrations)
    }).pipe(Effect.provideService(SqlClient.SqlClient, client))
    return { client, driver }
  }).pipe(refine, Effect.provideServiceEffect(Reactivity.Reactivity, Reactivity.make))
