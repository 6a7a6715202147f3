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
import { applicationId } from "./mark.ts"

const magic = Buffer.from("SQLite format 3\0", "latin1")
const headerSize = 100

/** How much of a file of another program is read to say whose it is: its tables are made first. */
const beginning = 256 * 1024

/** What the header of a database says. */
interface Header {
  readonly applicationId: number
  readonly version: number
  /** Is it a database that the original CALM made? */
  readonly original: boolean
  /** What the file must at least be long, in bytes; 0 where the header does not say. */
  readonly least: number
  readonly size: number
}

/** The code of a failure of the system, such as `ENOENT`. */
export const codeOf = (cause: unknown) => (cause instanceof Error && "code" in cause ? cause.code : null)

/** What a failure of the system is, without its code, its call and the path. */
const wordsOf = (cause: unknown) => {
  const message = cause instanceof Error ? cause.message : String(cause)
  return /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message
}

/** Does something with files; the system's failures become typed ones that name this path, as a `folder` where it is one. */
export const attempt = <A>(
  path: string,
  what: () => A,
  reason: "cannot_open" | "folder" = "cannot_open"
): Effect.Effect<A, StoreError> =>
  Effect.try({
    try: what,
    catch: (cause) =>
      new StoreError({
        reason: codeOf(cause) === "ENOSPC" || codeOf(cause) === "EDQUOT" ? "full" : reason,
        path,
        detail: wordsOf(cause)
      })
  })

const missing = (cause: unknown) => codeOf(cause) === "ENOENT"

/** The beginning of a file, and its size; `null` where there is no file. */
const firstBytes = (path: string): { readonly bytes: Buffer; readonly size: number } | null => {
  let file: number
  try {
    // Without this flag opening a named pipe would wait for its writer.
    file = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
  } catch (cause) {
    if (missing(cause)) return null
    throw cause
  }
  try {
    const stat = Fs.fstatSync(file)
    if (!stat.isFile()) throw new Error("it is not a file")
    const read = (size: number) => {
      const bytes = Buffer.alloc(size)
      return bytes.subarray(0, Fs.readSync(file, bytes, 0, size, 0))
    }
    const header = read(headerSize)
    const ours = header.length < headerSize || header.readUInt32BE(68) === applicationId
    return { bytes: ours ? header : read(beginning), size: stat.size }
  } finally {
    Fs.closeSync(file)
  }
}

/** Makes an empty file that only its owner can read; an empty one that is already there becomes such a file. */
export const create = (path: string) => {
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

/** Does a database begin with the tables that the original CALM, or the scripts before it, made? */
const isOriginal = (bytes: Buffer) => {
  const tables = new Set(
    Array.from(bytes.toString("latin1").matchAll(/CREATE TABLE\s+["'`[]?(\w+)/g), ([, name]) => name)
  )
  return ["tasks", "phase_transitions", "workers", "reviews"].every((name) => tables.has(name))
}

/** How long the file must be for all the pages that its header counts; see "In-header database size" of the format. */
const leastSize = (header: Buffer) => {
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  return header.readUInt32BE(24) === header.readUInt32BE(92) ? pageSize * header.readUInt32BE(28) : 0
}

/** What a database's header says; `null` where there is no file or an empty one. Reads, never writes. */
const inspect = (path: string): Effect.Effect<Header | null, StoreError> =>
  Effect.flatMap(
    attempt(path, () => firstBytes(path)),
    (first) => (first === null || first.size === 0 ? Effect.succeed(null) : headerOf(path, first.bytes, first.size))
  )

const headerOf = (path: string | null, bytes: Buffer, size: number): Effect.Effect<Header, StoreError> =>
  bytes.length < headerSize || !bytes.subarray(0, magic.length).equals(magic)
    ? new StoreError({ reason: "corrupt", path, detail: "it does not begin like a database" })
    : Effect.succeed({
        applicationId: bytes.readUInt32BE(68),
        version: bytes.readUInt32BE(60),
        original: bytes.readUInt32BE(68) === 0 && isOriginal(bytes),
        least: leastSize(bytes),
        size
      })

const oursOf = (path: string, header: Header, latest: number): Effect.Effect<Header, StoreError> => {
  if (header.applicationId !== applicationId) return foreign(path, header.original)
  return header.version > latest ? newer(path, header.version, latest) : Effect.succeed(header)
}

/**
 * Says whether a path can be our database: `false` where there is no file yet, or an empty one. A database of another
 * program, and one of a schema above `latest`, fails and is left untouched.
 */
export const usable = (path: string, latest: number): Effect.Effect<boolean, StoreError> =>
  Effect.gen(function* () {
    // better-sqlite3 cuts blanks off and would open another file.
    if (path !== path.trim()) {
      return yield* new StoreError({ reason: "cannot_open", path, detail: "the path ends with a blank" })
    }
    // What is open here has been looked at.
    if (yield* attempt(path, () => isOpenHere(path))) return true
    const header = yield* inspect(path)
    if (header !== null) yield* oursOf(path, header, latest)
    return header !== null
  })

/** The version of the schema in a copy of ours that lies whole at a path. Reads the beginning of the file alone. */
export const versionOf = (path: string, latest: number): Effect.Effect<number, StoreError> =>
  Effect.gen(function* () {
    if (yield* attempt(path, () => isOpenHere(path))) {
      return yield* new StoreError({ reason: "cannot_open", path, detail: "it is in use as a database" })
    }
    const header = yield* inspect(path)
    if (header === null) return yield* new StoreError({ reason: "corrupt", path, detail: "it is empty" })
    yield* oursOf(path, header, latest)
    if (header.size < header.least) {
      const detail = `it is cut off after ${header.size} of ${header.least} bytes`
      return yield* new StoreError({ reason: "corrupt", path, detail })
    }
    return header.version
  })

/** The same as `usable`, and makes the file and its folder where they are missing. */
export const prepare = (path: string, latest: number): Effect.Effect<void, StoreError> =>
  Effect.flatMap(usable(path, latest), (there) => (there ? Effect.void : attempt(path, () => create(path))))

export const foreign = (path: string | null, original = false) =>
  new StoreError({
    reason: "foreign",
    path,
    detail: original ? "it is a database of the original CALM" : "it does not carry calm's mark"
  })

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

/** Waits until a file or folder is on disk. */
export const sync = (path: string) => {
  const file = Fs.openSync(path, Fs.constants.O_RDONLY)
  try {
    Fs.fsyncSync(file)
  } finally {
    Fs.closeSync(file)
  }
}
