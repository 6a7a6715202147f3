/**
 * Waiting until something is on disk: what calm has confirmed survives a power cut, and no ref that it sets names what is
 * not on disk yet.
 *
 * Git is told to wait for what it writes for calm (`core.fsync` in command.ts). It does so for the content of files, not
 * for the folders that name them, nor for its records of a worktree. What somebody else's git has written waits in the
 * system's memory for up to half a minute by default.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isMissing } from "./gitDirectory.ts"

/** What was written longer ago is on disk by now, whoever wrote it. */
const lately = Duration.minutes(10)

/** Waits until files and folders are on disk as they are now; what is missing is passed over. */
export const sync = (fs: FileSystem.FileSystem, ...paths: ReadonlyArray<string>): Effect.Effect<void, PlatformError> =>
  Effect.forEach(
    paths,
    (path) =>
      Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r" }), (file) => file.sync)).pipe(
        Effect.catchIf(isMissing, () => Effect.void)
      ),
    { concurrency: 4, discard: true }
  )

/** The folder that a path lies in. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 1))

/** Waits until a ref is on disk: git has written its file already, and renamed it. */
export const syncRef = (fs: FileSystem.FileSystem, common: string, ref: string): Effect.Effect<void, PlatformError> =>
  sync(fs, `${common}/${ref}`, folderOf(`${common}/${ref}`), common)

/** Of these paths, those that changed lately. */
const recent = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, paths: ReadonlyArray<string>) {
  const since = (yield* Clock.currentTimeMillis) - Duration.toMillis(lately)
  return yield* Effect.filter(
    paths,
    (path) =>
      fs.stat(path).pipe(
        Effect.map(({ mtime }) => Option.exists(mtime, (time) => time.getTime() > since)),
        // git packs and prunes meanwhile
        Effect.catchIf(isMissing, () => Effect.succeed(false))
      ),
    { concurrency: 8 }
  )
})

const within = (fs: FileSystem.FileSystem, folder: string) =>
  fs.readDirectory(folder).pipe(
    Effect.map((names) => names.map((name) => `${folder}/${name}`)),
    Effect.catchIf(isMissing, () => Effect.succeed([]))
  )

/** Waits until all objects that were lately added to a repository are on disk. */
export const syncObjects = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, common: string) {
  const folders = (yield* within(fs, `${common}/objects`)).filter((folder) => /\/(?:[0-9a-f]{2}|pack)$/.test(folder))
  const changed = yield* recent(fs, folders)
  const files = yield* Effect.forEach(changed, (folder) => within(fs, folder), { concurrency: 8 })
  yield* sync(fs, ...(yield* recent(fs, files.flat())), ...changed, `${common}/objects`)
})
