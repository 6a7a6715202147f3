/** Copies of a database in a file. */
import * as Traced from "@calm/domain/Traced"
import type { SqlError } from "@effect/sql/SqlError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Path from "node:path"
import type * as Context from "effect/Context"
import type { Copies, Copy, Restoring } from "../Copies.ts"
import type { Migration } from "../Migrations.ts"
import { fromSqlError, refine, type StoreError } from "../StoreError.ts"
import * as Busy from "./busy.ts"
import * as Driver from "./driver.ts"
import * as File from "./file.ts"
import * as Folder from "./folder.ts"
import * as Soundness from "./soundness.ts"
import * as Store from "./store.ts"

/** The copies of the database at `live`. */
export const make = (live: string, migrations: ReadonlyArray<Migration>): Context.Tag.Service<typeof Copies> => {
  const latest = migrations.length

  const check = (file: string) =>
    Effect.gen(function* () {
      const version = yield* File.versionOf(file, latest)
      const copy = yield* Driver.open(file)
      yield* copy.rows("PRAGMA query_only = ON", [])
      return { version, problems: yield* Soundness.problems(copy, version, migrations) }
    }).pipe(Effect.scoped, refine)

  const create = (file: string, asItIs: boolean) =>
    Effect.gen(function* () {
      const temporary = Path.join(yield* Folder.workplace(Path.dirname(file)), "copy.db")
      yield* File.attempt(temporary, () => File.create(temporary))
      yield* duplicate(live, temporary)
      yield* settle(temporary, live, asItIs)
      return yield* Folder.finish(temporary, file)
    }).pipe(Effect.scoped, refine)

  const restore = <E, R>(file: string, { guard, prepare }: Restoring<E, R>) =>
    Effect.gen(function* () {
      const { problems } = yield* check(file)
      yield* Soundness.refuse(file, problems)
      // All that is to change is changed in a copy of the copy, so that one commit of the live file is all there is to it.
      const working = Path.join(yield* Folder.workplace(Path.dirname(file)), "metadata.db")
      yield* File.attempt(working, () => File.create(working))
      yield* duplicate(file, working)
      yield* Effect.scoped(
        Effect.flatMap(Store.open(working, migrations), ({ client }) => client.withTransaction(prepare(client)))
      )
      const source = yield* Driver.open(working)
      yield* Soundness.refuse(file, yield* Soundness.damage(source))
      yield* overwrite(source, live, guard)
    }).pipe(Effect.scoped, refine)

  return {
    list: Traced.fn("Copies.list")(function* (folder) {
      const files = yield* Folder.databases(folder)
      return yield* Effect.forEach(files, ({ path, ...found }) =>
        File.versionOf(path, latest).pipe(
          Effect.map((version): Copy => ({ ...found, version, fault: null })),
          Effect.catchAll((fault) => Effect.succeed<Copy>({ ...found, version: null, fault }))
        )
      )
    }),
    create: Traced.fn("Copies.create")((file, options) => create(file, options?.asItIs === true)),
    check: Traced.fn("Copies.check")(check),
    remove: Traced.fn("Copies.remove")(Folder.remove),
    restore: Traced.fn("Copies.restore")(restore)
  }
}

/** Copies a database page by page to an empty file, as it is at one moment. */
const duplicate = (from: string, to: string): Effect.Effect<void, SqlError> =>
  Effect.gen(function* () {
    const source = yield* Driver.open(from)
    // Without a view of its own the copying would begin anew each time somebody writes.
    yield* source.rows("BEGIN", [])
    yield* Busy.retry(source.values("SELECT count(*) FROM sqlite_schema", []))
    yield* source.copyTo(to, Driver.openGate)
  }).pipe(Effect.scoped)

/** Makes one file of a fresh copy, without a log beside it, and finds it sound: what is wrong with it is wrong with the original. */
const settle = (path: string, live: string, asItIs: boolean): Effect.Effect<void, SqlError | StoreError> =>
  Effect.gen(function* () {
    const copy = yield* Driver.open(path)
    yield* copy.rows("PRAGMA journal_mode = DELETE", [])
    if (!asItIs) yield* Soundness.refuse(live, yield* Soundness.damage(copy))
  }).pipe(
    Effect.catchIf(
      (error) => asItIs && error._tag === "SqlError" && fromSqlError(error).reason === "corrupt",
      () => Effect.void
    ),
    Effect.scoped
  )

const oneValue = (driver: Driver.Driver, statement: string) =>
  Effect.map(Busy.retry(driver.values(statement, [])), ([row]) => row?.[0])

/**
 * Makes the live database what `source` holds, in one transaction of its write-ahead log. SQLite's backup writes to a
 * database in use like any other writer; see https://www.sqlite.org/c3ref/backup_finish.html.
 */
const overwrite = <E, R>(source: Driver.Driver, live: string, guard: Effect.Effect<void, E, R>) =>
  Effect.gen(function* () {
    const own = yield* Driver.open(live)
    yield* Store.configure(own)
    const begin = Effect.gen(function* () {
      const reached = yield* Deferred.make<void, SqlError>()
      const gate: Driver.Gate = { open: false, reached: () => Deferred.unsafeDone(reached, Effect.void) }
      // A child would be interrupted as soon as its parent is, and here the parent decides when.
      const copying = yield* Effect.forkDaemon(
        Effect.onExit(Effect.interruptible(source.copyTo(live, gate)), (exit) => Deferred.done(reached, exit))
      )
      yield* Deferred.await(reached)
      return { gate, copying }
    })
    yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { copying, gate } = yield* Busy.retryWith(restore, begin)
        // The copying counts it up.
        const before = yield* Effect.zipRight(restore(guard), oneValue(own, "PRAGMA schema_version")).pipe(
          Effect.onError(() => Fiber.interrupt(copying))
        )
        gate.open = true
        yield* Fiber.join(copying)
        if ((yield* oneValue(own, "PRAGMA schema_version")) === before) return yield* Driver.locked(live)
      })
    )
    // Commits of the copying are not put on disk at once; those of this connection are, and with them what came before.
    yield* Busy.retry(own.rows("BEGIN IMMEDIATE", []))
    yield* own.rows(`PRAGMA user_version = ${String(yield* oneValue(own, "PRAGMA user_version"))}`, [])
    yield* own.rows("COMMIT", [])
    yield* Soundness.refuse(live, yield* Soundness.damage(own))
  }).pipe(Effect.scoped)
