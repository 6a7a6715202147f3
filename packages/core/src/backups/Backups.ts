/**
 * Backups: whole copies of the database of all projects, in calm's home folder.
 *
 * A backup counts once it is complete, found sound and on disk. Restoring one is no operation in steps: it is a single
 * commit of the database, made after a safety backup of what it replaces, and after a crash at any point everybody sees
 * either the old data or the new.
 */
import * as Backup from "@calm/domain/Backup"
import { keptBackups } from "@calm/domain/HomeSettings"
import { Time } from "@calm/domain/Ids"
import * as Traced from "@calm/domain/Traced"
import { Owners } from "@calm/process/Owner"
import { Copies, type Copy } from "@calm/sql/Copies"
import { StoreError } from "@calm/sql/StoreError"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import { Home } from "../home/Home.ts"
import { given } from "../internal/given.ts"
import { now } from "../internal/now.ts"
import { BackupExists, BackupGone, BackupNotFound, BackupUnusable, type DatabaseInUse } from "./BackupErrors.ts"
import * as CheckNote from "../health/internal/checkNote.ts"
import * as Carrying from "./internal/carrying.ts"
import * as Replacing from "./internal/replacing.ts"

/** What reading all of a backup found. */
export const Verification = Schema.Struct({
  backup: Backup.Backup,
  good: Schema.Boolean,
  /** What is wrong with it; none in a good one. */
  problems: Schema.Array(Schema.String)
}).annotations({ identifier: "BackupVerification" })
export type Verification = typeof Verification.Type

/** What `auto` did. */
export const Rotation = Schema.Struct({
  backup: Backup.Backup,
  /** The automatic backups that were too many. */
  removed: Schema.Array(Schema.String)
}).annotations({ identifier: "BackupRotation" })
export type Rotation = typeof Rotation.Type

/** What restoring did. */
export const Restoration = Schema.Struct({
  backup: Backup.Backup,
  /** What the data was until now. */
  safety: Backup.Backup
}).annotations({ identifier: "BackupRestoration" })
export type Restoration = typeof Restoration.Type

/** Whole copies of the database of all projects, in calm's home folder. */
export class Backups extends Context.Tag("@calm/core/backups/Backups")<
  Backups,
  {
    /** Makes a backup; without a name it is called by the moment. */
    readonly create: (
      name?: Backup.NewBackupName
    ) => Effect.Effect<Backup.Backup, BackupExists | BackupGone | StoreError>
    /** Makes an automatic one, and removes the oldest automatic ones but the last `keep` (what the user sets, else 10). Others stay. */
    readonly auto: (keep?: number) => Effect.Effect<Rotation, BackupGone | StoreError>
    /** Makes a safety backup before things are mended. It is no automatic one: none of those goes for it. */
    readonly beforeFix: Effect.Effect<Backup.Backup, BackupGone | StoreError>
    /** All backups, newest first, the broken ones too. Reads the beginning of each. */
    readonly list: Effect.Effect<ReadonlyArray<Backup.Backup>, StoreError>
    /** One backup. */
    readonly get: (name: string) => Effect.Effect<Backup.Backup, BackupNotFound | StoreError>
    /** Reads all of a backup and says whether it is good. */
    readonly verify: (name: string) => Effect.Effect<Verification, BackupNotFound | StoreError>
    /** Deletes a backup for good. By people only. */
    readonly delete: (
      name: string
    ) => Effect.Effect<Backup.Backup, BackupNotFound | NotForWorkers | StoreError, CurrentActor>
    /**
     * Makes the data of all projects what it was when the backup was made, after a safety backup of what it is now. An
     * older backup is brought up to the present schema. What the trash holds stays restorable, for tasks that the backup
     * knows. By people only, and only while no process is in the middle of something; others go on meanwhile, and their
     * writes wait.
     */
    readonly restore: (
      name: string
    ) => Effect.Effect<
      Restoration,
      BackupNotFound | BackupUnusable | BackupExists | BackupGone | DatabaseInUse | NotForWorkers | StoreError,
      CurrentActor
    >
  }
>() {}

const unusable = (name: string, { detail, message, reason }: StoreError) =>
  new BackupUnusable({
    name,
    reason: reason === "foreign" || reason === "newer" || reason === "corrupt" ? reason : "unreadable",
    detail: detail === "" ? message : detail
  })

/** How many automatic backups stay. */
const Keep = Schema.Int.pipe(Schema.positive())

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const copies = yield* Copies
  const owners = yield* Owners
  const home = yield* Home
  const path = yield* Path.Path
  const fileOf = (name: string) => path.join(home.backups, `${name}.db`)
  const note = yield* CheckNote.make

  /** Notes that the database itself was found damaged. */
  const damaged = ({ detail, path: file, reason }: StoreError) =>
    reason === "corrupt" && file === home.database ? note.write([detail]) : Effect.void

  /** Copies the database; that the copy is sound says that the database is. */
  const copy = (file: string) =>
    copies.create(file).pipe(Effect.tap(note.writeSound), Effect.tapErrorTag("StoreError", damaged))

  const told = ({ fault, madeAt, name, sizeBytes, version }: Copy): Backup.Backup => ({
    name,
    kind: Backup.kindOf(name),
    path: fileOf(name),
    sizeBytes,
    madeAt: Time.make(DateTime.formatIso(DateTime.unsafeMake(Math.floor(madeAt)))),
    schemaVersion: version,
    problem: fault === null ? null : fault.detail === "" ? fault.message : fault.detail
  })

  const list = Effect.map(copies.list(home.backups), (found) => found.map(told).toSorted(Backup.newestFirst))

  const get = Effect.fnUntraced(function* (name: string) {
    const found = (yield* list).find((backup) => backup.name === name)
    return found ?? (yield* new BackupNotFound({ name }))
  })
  /** One that was made just now. Another process may have taken it away already. */
  const made = (name: string) => Effect.catchTag(get(name), "BackupNotFound", () => new BackupGone({ name }))

  /** Makes one under a name of calm's own, or under the first like it that is free. */
  const createAt = Effect.fnUntraced(function* (kind: Backup.BackupKind, before?: Backup.Occasion) {
    const stem = Backup.nameAt(kind, yield* now, before)
    let count = 1
    while (!(yield* copy(fileOf(Backup.numbered(stem, count))))) count++
    return yield* made(Backup.numbered(stem, count))
  })

  const create = Effect.fnUntraced(function* (name?: Backup.NewBackupName) {
    if (name === undefined) return yield* createAt("manual")
    // It becomes the name of a file.
    yield* given(Backup.NewBackupName, name)
    if (!(yield* copy(fileOf(name)))) return yield* new BackupExists({ name })
    return yield* made(name)
  })

  const auto = Effect.fnUntraced(function* (keep: number = keptBackups(home.config)) {
    // Of no number every backup would be one too many.
    yield* given(Keep, keep)
    const backup = yield* createAt("auto")
    const removed = Backup.surplus(yield* list, backup.name, keep).map(({ name }) => name)
    yield* Effect.forEach(removed, (name) => copies.remove(fileOf(name)), { discard: true })
    return { backup, removed }
  })

  const verify = Effect.fnUntraced(function* (name: string) {
    const backup = yield* get(name)
    const problems = yield* copies.check(backup.path).pipe(
      Effect.map((found) => found.problems),
      Effect.catchIf(
        (error) => error.path === backup.path,
        (error) => Effect.succeed([unusable(name, error).detail])
      )
    )
    return { backup, good: problems.length === 0, problems }
  })

  const remove = Effect.fnUntraced(function* (name: string) {
    yield* peopleOnly("delete a backup")
    const backup = yield* get(name)
    yield* copies.remove(backup.path)
    return backup
  })

  const restore = Effect.fnUntraced(function* (name: string) {
    yield* peopleOnly("restore a backup")
    const backup = yield* get(name)
    const taken = new Set((yield* list).map((other) => other.name))
    const stem = Backup.nameAt("safety", yield* now)
    let count = 1
    while (taken.has(Backup.numbered(stem, count))) count++
    const safety = Backup.numbered(stem, count)

    // A worktree that is taken away between the reading and the writing would be forgotten: then all is done once more.
    return yield* Effect.gen(function* () {
      const present = yield* Carrying.present(sql)
      const kept = yield* Deferred.make<Backup.Backup>()
      yield* copies.restore(backup.path, {
        prepare: (copy) => Replacing.fitted(copy, owners, present, { backup: name, madeAt: backup.madeAt, safety }),
        // Nobody can write any more: the safety backup holds all that is replaced, in whatever state that is.
        guard: Effect.gen(function* () {
          yield* Replacing.unused(sql, owners)
          yield* Carrying.unchanged(sql, present)
          if (!(yield* copies.create(fileOf(safety), { asItIs: true })))
            return yield* new BackupExists({ name: safety })
          yield* Deferred.succeed(kept, yield* made(safety))
        })
      })
      yield* note.write([])
      return { backup, safety: yield* Deferred.await(kept) }
    }).pipe(
      Effect.tapErrorTag("StoreError", damaged),
      Effect.retry({ while: ({ _tag }) => _tag === "Changed", times: 10 }),
      Effect.catchTags({
        Changed: ({ detail }) => new StoreError({ reason: "busy", path: home.database, detail }),
        StoreError: (error) => Effect.fail(error.path === backup.path ? unusable(name, error) : error)
      })
    )
  })

  return Backups.of({
    create: Traced.fn("Backups.create")(create),
    auto: Traced.fn("Backups.auto")(auto),
    beforeFix: createAt("safety", "fix").pipe(Traced.span("Backups.beforeFix")),
    list: list.pipe(Traced.span("Backups.list")),
    get: Traced.fn("Backups.get")(get),
    verify: Traced.fn("Backups.verify")(verify),
    delete: Traced.fn("Backups.delete")(remove),
    restore: Traced.fn("Backups.restore")(restore)
  })
})

/** The real one, over the database and copies of it. */
export const layer: Layer.Layer<
  Backups,
  never,
  SqlClient.SqlClient | Copies | Owners | Home | FileSystem.FileSystem | Path.Path
> = Layer.effect(Backups, make)
