/**
 * The database: one SQLite file, or one in memory, as `SqlClient` of `@effect/sql`.
 *
 * A client has one connection; its fibers queue for it. A database that another program holds is waited for without
 * blocking the event loop, 30 s at most. Rows come with the column names of the tables; use `Statement` to decode them.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ParseError } from "effect/ParseResult"
import * as Path from "node:path"
import type { Copies } from "./Copies.ts"
import * as Driver from "./internal/driver.ts"
import * as File from "./internal/file.ts"
import * as Database from "./internal/layer.ts"
import { latest, migrations } from "./Migrations.ts"
import { refine, type StoreError } from "./StoreError.ts"

/**
 * The database in a file: made (0600, its folder 0700) where it is missing, brought up to date where it is older,
 * after a copy to `<path>.before-v<version>`. Safe with many processes starting at once.
 *
 * Copies of it are made and put back through `Copies`.
 *
 * Fails with a `StoreError`: `foreign` and `newer` for a file that is not ours or ahead of us, neither of which is ever
 * written to; `corrupt`, `cannot_open`, `read_only`, `full`, `busy`; `not_installed`, `not_built` of better-sqlite3.
 */
export const layerFile = (path: string): Layer.Layer<SqlClient.SqlClient | Copies, StoreError> =>
  Layer.suspend(() => Database.layer(Path.resolve(path), migrations))

/**
 * Fails where the file at a path is not ours to use: with `foreign`, `newer` or `corrupt`, as `layerFile` would. Reads the
 * beginning of the file and makes nothing, so that whoever makes other things first can ask before.
 */
export const acceptable = (path: string): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => File.usable(Path.resolve(path), latest)).pipe(
    Effect.catchIf(
      (error) => error.reason === "cannot_open",
      () => Effect.void
    ),
    Effect.asVoid
  )

/** Fails where no database can be opened at all: `not_installed`, `not_built`. Makes no file. */
export const loadable: Effect.Effect<void, StoreError> = Driver.open(null).pipe(Effect.asVoid, Effect.scoped, refine)

/** An empty, up-to-date database in memory, a new one for each time the layer is built. */
export const layerMemory: Layer.Layer<SqlClient.SqlClient | Copies, StoreError> = Database.layer(null, migrations)

/**
 * Runs an effect in one transaction: all that it stores is stored, or, when it fails or is interrupted, nothing.
 * Inside another transaction it is a savepoint: its failure undoes only its own part.
 *
 * The write lock is taken at the beginning, so what was read is still true when it is written. Until the end every
 * other fiber and process that wants to write waits: SQL only in here, no program, no file, no sleeping, no forked
 * fiber that goes on after the end, no waiting for a fiber that needs the database.
 */
export const transaction = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, SqlError | ParseError> | StoreError, R | SqlClient.SqlClient> =>
  refine(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect)))
