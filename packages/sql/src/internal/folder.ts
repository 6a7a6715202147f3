/** The folder that copies lie in: half-made things in it have no name that counts, and do not stay. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { StoreError } from "../StoreError.ts"
import * as File from "./file.ts"

/** How the names of half-made things begin. */
const unfinished = ".part-"

/** What nobody has written to for so long was left by a process that was killed. */
const abandoned = Duration.toMillis("1 hour")

const inFolder = <A>(folder: string, what: () => A) => File.attempt(folder, what, "folder")

const entries = (folder: string): ReadonlyArray<string> => (Fs.existsSync(folder) ? Fs.readdirSync(folder) : [])

const last = (path: string): number => {
  const here = Fs.statSync(path, { throwIfNoEntry: false })
  return Math.max(
    here?.mtimeMs ?? 0,
    ...(here?.isDirectory() ? entries(path).map((name) => last(Path.join(path, name))) : [])
  )
}

/** Removes what killed processes left. */
const sweep = (folder: string): Effect.Effect<void, StoreError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    inFolder(folder, () => {
      for (const name of entries(folder).filter((entry) => entry.startsWith(unfinished))) {
        const path = Path.join(folder, name)
        if (now - last(path) > abandoned) Fs.rmSync(path, { recursive: true, force: true })
      }
    })
  )

/** A new folder inside this one for what is not finished; gone with the scope. */
export const workplace = (folder: string): Effect.Effect<string, StoreError, Scope.Scope> =>
  Effect.zipRight(
    sweep(folder),
    Effect.acquireRelease(
      inFolder(folder, () => {
        Fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
        return Fs.mkdtempSync(Path.join(folder, unfinished))
      }),
      (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
    )
  )

/** Gives a finished file its name; `false` where something has that name already. */
export const finish = (temporary: string, file: string): Effect.Effect<boolean, StoreError> =>
  File.attempt(file, () => {
    File.sync(temporary)
    // Renaming would replace what is there.
    if (!linked(temporary, file)) return false
    File.sync(Path.dirname(file))
    return true
  })

const linked = (from: string, to: string): boolean => {
  try {
    Fs.linkSync(from, to)
    return true
  } catch (cause) {
    if (File.codeOf(cause) === "EEXIST") return false
    throw cause
  }
}

/** The files `<name>.db` of a folder, with what their directory entries say. */
export const databases = (folder: string) =>
  inFolder(folder, () =>
    entries(folder).flatMap((entry) => {
      const stat = Fs.statSync(Path.join(folder, entry), { throwIfNoEntry: false })
      return entry.startsWith(".") || !entry.endsWith(".db") || stat === undefined
        ? []
        : [{ name: entry.slice(0, -3), path: Path.join(folder, entry), sizeBytes: stat.size, madeAt: stat.mtimeMs }]
    })
  )

/** Deletes a file; `false` where there is none. */
export const remove = (file: string): Effect.Effect<boolean, StoreError> =>
  File.attempt(file, () => {
    if (!Fs.existsSync(file)) return false
    Fs.unlinkSync(file)
    File.sync(Path.dirname(file))
    return true
  })
