/**
 * The database file before SQLite sees it.
 *
 * SQLite writes to what it opens (a journal mode, a log beside it, a checkpoint), so a file that is not ours must be
 * recognised from its first 100 bytes. See https://www.sqlite.org/fileformat2.html#the_database_header
 */
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { StoreError } from "../StoreError.ts"

/** "calm" in ASCII: what our files carry as their application id. */
export const applicationId = 0x63616c6d

const magic = Buffer.from("SQLite format 3\0", "latin1")
const headerSize = 100

/** What the header of a database says. */
interface Header {
  readonly applicationId: number
  readonly version: number
}

const codeOf = (cause: unknown) => (cause instanceof Error && "code" in cause ? cause.code : null)

const attempt = <A>(path: string, what: () => A): Effect.Effect<A, StoreError> =>
  Effect.try({
    try: what,
    catch: (cause) =>
      new StoreError({
        reason: codeOf(cause) === "ENOSPC" || codeOf(cause) === "EDQUOT" ? "full" : "cannot_open",
        path,
        detail: cause instanceof Error ? cause.message : String(cause)
      })
  })

const missing = (cause: unknown) => codeOf(cause) === "ENOENT"

/** The first bytes of a file; none where there is no file. */
const firstBytes = (path: string): Buffer | null => {
  let file: number
  try {
    // Without this flag opening a named pipe would wait for its writer.
    file = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
  } catch (cause) {
    if (missing(cause)) return null
    throw cause
  }
  try {
    if (!Fs.fstatSync(file).isFile()) throw new Error("it is not a file")
    const bytes = Buffer.alloc(headerSize)
    return bytes.subarray(0, Fs.readSync(file, bytes, 0, headerSize, 0))
  } finally {
    Fs.closeSync(file)
  }
}

/** Makes an empty file that only its owner can read; an empty one that is already there becomes such a file. */
const create = (path: string) => {
  Fs.mkdirSync(Path.dirname(path), { recursive: true, mode: 0o700 })
  try {
    Fs.closeSync(Fs.openSync(path, "wx", 0o600))
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause
    if ((Fs.statSync(path).mode & 0o077) !== 0) Fs.chmodSync(path, 0o600)
  }
}

/**
 * The files that SQLite has open in this process, by device and inode, and how many times.
 *
 * POSIX drops all locks that a process has on a file as soon as the process closes any descriptor of it, so reading
 * the header of a file that is already open here would take SQLite's locks away, and let another process remove the
 * log from under it. See https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
const openHere = globalValue("@calm/sql/openHere", () => new Map<string, number>())

const identity = (path: string) => {
  const stat = Fs.statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}

/** Says, until the scope ends, that SQLite has this file open here. */
export const hold = (path: string): Effect.Effect<void, StoreError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(path, () => {
      const id = identity(path) ?? path
      openHere.set(id, (openHere.get(id) ?? 0) + 1)
      return id
    }),
    (id) =>
      Effect.sync(() => {
        const count = openHere.get(id) ?? 0
        if (count > 1) openHere.set(id, count - 1)
        else openHere.delete(id)
      })
  )

const isOpenHere = (path: string) => {
  const id = identity(path)
  return id !== null && openHere.has(id)
}

/** What a database's header says; `null` where there is no file or an empty one. Reads, never writes. */
const inspect = (path: string): Effect.Effect<Header | null, StoreError> =>
  Effect.flatMap(
    attempt(path, () => firstBytes(path)),
    (bytes) => {
      if (bytes === null || bytes.length === 0) return Effect.succeed(null)
      if (bytes.length < headerSize || !bytes.subarray(0, magic.length).equals(magic)) {
        return new StoreError({ reason: "corrupt", path, detail: "it does not begin like a database" })
      }
      return Effect.succeed({ applicationId: bytes.readUInt32BE(68), version: bytes.readUInt32BE(60) })
    }
  )

/**
 * Makes sure that a path is a database of ours, or an empty file that may become one; makes the file and its folder
 * where they are missing. A database of another program, and one of a schema above `latest`, is left untouched.
 */
export const prepare = (path: string, latest: number): Effect.Effect<void, StoreError> =>
  Effect.gen(function* () {
    // better-sqlite3 cuts blanks off and would open another file.
    if (path !== path.trim()) {
      return yield* new StoreError({ reason: "cannot_open", path, detail: "the path ends with a blank" })
    }
    // What is open here has been looked at.
    if (yield* attempt(path, () => isOpenHere(path))) return
    const header = yield* inspect(path)
    if (header === null) return yield* attempt(path, () => create(path))
    if (header.applicationId !== applicationId) return yield* foreign(path)
    if (header.version > latest) return yield* newer(path, header.version, latest)
  })

export const foreign = (path: string | null) =>
  new StoreError({ reason: "foreign", path, detail: "it does not carry calm's mark" })

export const newer = (path: string | null, version: number, latest: number) =>
  new StoreError({ reason: "newer", path, detail: `its schema is version ${version}, this calm knows ${latest}` })

/** A path beside a database for a copy of it: `<path>.<suffix>`, or with a number where that is taken. */
export const freeName = (path: string, suffix: string): Effect.Effect<string, StoreError> =>
  attempt(path, () => {
    const first = `${path}.${suffix}`
    let name = first
    for (let count = 2; Fs.existsSync(name); count++) name = `${first}-${count}`
    return name
  })

/**
 * Lets `write` fill a new file that only its owner can read, and gives it its name when it is complete and on disk.
 * What an earlier, interrupted attempt left under the temporary name is thrown away.
 */
export const writeComplete = <E>(
  path: string,
  write: (temporary: string) => Effect.Effect<void, E>
): Effect.Effect<void, E | StoreError> => {
  const temporary = `${path}.part`
  return attempt(path, () => {
    Fs.rmSync(temporary, { force: true })
    create(temporary)
  }).pipe(
    Effect.zipRight(write(temporary)),
    Effect.zipRight(
      attempt(path, () => {
        sync(temporary)
        Fs.renameSync(temporary, path)
        sync(Path.dirname(path))
      })
    ),
    Effect.tapError(() => attempt(path, () => Fs.rmSync(temporary, { force: true })))
  )
}

const sync = (path: string) => {
  const file = Fs.openSync(path, Fs.constants.O_RDONLY)
  try {
    Fs.fsyncSync(file)
  } finally {
    Fs.closeSync(file)
  }
}
