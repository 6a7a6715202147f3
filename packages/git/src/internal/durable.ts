/**
 * Waiting until something is on disk: what calm has confirmed survives a power cut, and no ref that it sets names what is
 * not on disk yet.
 *
 * Git is told to wait for what it writes for calm (`core.fsync` in command.ts). It does so for the content of files, not
 * for the folders that name them, nor for its records of a worktree. What somebody else's git has written waits in the
 * system's memory for up to half a minute by default.
 */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
// oxlint-disable-next-line no-restricted-imports -- an effect of FileSystem for each of thousands costs more than the waiting
import * as Fs from "node:fs"

/** What was written longer ago is on disk by now, whoever wrote it. */
const lately = Duration.minutes(10)

const failed = (path: string, method: string, cause: unknown): PlatformError =>
  new SystemError({
    reason: "Unknown",
    module: "FileSystem",
    method,
    pathOrDescriptor: path,
    description: cause instanceof Error ? cause.message : String(cause),
    cause
  })

const hasGone = (cause: unknown) => cause instanceof Error && "code" in cause && cause.code === "ENOENT"

/** How many are waited for at once. */
const sideBySide = 4

/** Waits until files and folders are on disk as they are now; what is missing is passed over. */
export const sync = (paths: ReadonlyArray<string>): Effect.Effect<void, PlatformError> =>
  Effect.async((resume) => {
    const next = paths.values()
    let running = sideBySide
    const go = (): void => {
      const { done, value: path } = next.next()
      if (done === true) {
        running -= 1
        if (running === 0) resume(Effect.void)
        return
      }
      const over = (cause: unknown) =>
        Predicate.isNullable(cause) || hasGone(cause) ? go() : resume(Effect.fail(failed(path, "sync", cause)))
      Fs.open(path, "r", (missing, file) =>
        missing === null
          ? Fs.fsync(file, (unsynced) => Fs.close(file, (unclosed) => over(unsynced ?? unclosed)))
          : over(missing)
      )
    }
    for (let at = 0; at < sideBySide; at++) go()
  })

/** The folder that a path lies in. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 1))

/** Waits until a ref is on disk: git has written its file already, and renamed it. */
export const syncRef = (common: string, ref: string): Effect.Effect<void, PlatformError> =>
  sync([`${common}/${ref}`, folderOf(`${common}/${ref}`), common])

/** A file or folder that changed lately. */
interface Recent {
  readonly path: string
  /** Tells it from another one of that name, and from what it holds later. */
  readonly identity: string
}

const recentAmong = (paths: ReadonlyArray<string>, since: number): ReadonlyArray<Recent> =>
  paths.flatMap((path) => {
    // git packs and prunes meanwhile
    const stat = Fs.statSync(path, { throwIfNoEntry: false })
    return stat === undefined || stat.mtimeMs <= since
      ? []
      : [{ path, identity: `${path} ${stat.ino} ${stat.mtimeMs}` }]
  })

const within = (folder: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(folder).map((name) => `${folder}/${name}`)
  } catch (cause) {
    if (hasGone(cause)) return []
    throw cause
  }
}

/** The objects that were lately added to a repository, with the folders that they are in, and those to be waited for. */
const addedLately = (objects: string, since: number, known: ReadonlySet<string>) => {
  const folders = recentAmong(
    within(objects).filter((folder) => /\/(?:[0-9a-f]{2}|pack)$/.test(folder)),
    since
  )
  const isNew = ({ identity }: Recent) => !known.has(identity)
  const found = new Set<string>()
  const waiting: Array<string> = []
  for (const folder of folders) {
    const files = recentAmong(within(folder.path), since)
    const fresh = files.filter(isNew)
    for (const { identity } of [...files, folder]) found.add(identity)
    waiting.push(...fresh.map(({ path }) => path))
    // Also where its time is still the same: clocks of file systems tick slowly.
    if (fresh.length > 0 || isNew(folder)) waiting.push(folder.path)
  }
  return { found, waiting }
}

/** Waits until all objects that were lately added to a repository, named by its common folder, are on disk. */
export type SyncObjects = (common: string) => Effect.Effect<void, PlatformError>

export const makeSyncObjects = (): SyncObjects => {
  /** What is on disk, of each repository: an object never changes. */
  const known = new Map<string, ReadonlySet<string>>()
  return Effect.fnUntraced(function* (common) {
    const objects = `${common}/objects`
    const since = (yield* Clock.currentTimeMillis) - Duration.toMillis(lately)
    const { found, waiting } = yield* Effect.try({
      try: () => addedLately(objects, since, known.get(common) ?? new Set()),
      catch: (cause) => failed(objects, "readDirectory", cause)
    })
    if (waiting.length > 0) yield* sync([...waiting, objects])
    known.set(common, found)
  })
}
