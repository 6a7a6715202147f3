/** The one failure of the database, and how the errors of SQL become it. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine, word } from "@calm/domain/CommandLine"
import { beginning } from "@calm/domain/Typed"
import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * Why the database failed.
 *
 * `cannot_open`: no such folder, no permission, a folder where the file should be · `busy`: another program kept it
 * locked for longer than 30 s · `corrupt`: damaged, or not a database at all · `full`: no room on the disk ·
 * `read_only`: it may not be written · `newer`: its schema is of a newer calm · `foreign`: another program's database ·
 * `constraint`: a rule of the schema refused the change · `decode`: a row, or a value for one, has not the form that it
 * should have · `folder`: the folder that copies lie in may not be used · `not_installed`: better-sqlite3 is not there ·
 * `not_built`: its native part is missing, damaged or of another Node · `other`: anything else; `detail` says what.
 */
export const Reason = Schema.Literal(
  "cannot_open",
  "busy",
  "corrupt",
  "full",
  "read_only",
  "newer",
  "foreign",
  "constraint",
  "decode",
  "folder",
  "not_installed",
  "not_built",
  "other"
)
export type Reason = typeof Reason.Type

const said: Readonly<Record<Reason, string>> = {
  cannot_open: "cannot be opened",
  busy: "was kept busy by another program for too long",
  corrupt: "is damaged, or is not a database",
  full: "cannot grow: the disk is full",
  read_only: "may not be written",
  newer: "was made by a newer calm",
  foreign: "belongs to another program; calm leaves it alone",
  constraint: "refused a change",
  decode: "was given, or holds, a value that calm does not understand",
  folder: "cannot be used",
  not_installed: "cannot be found",
  not_built: "cannot be loaded",
  other: "failed"
}

/** What it is that lies at the path. */
const subjects: Readonly<Partial<Record<Reason, string>>> = {
  folder: "folder",
  not_installed: "database driver of",
  not_built: "database driver"
}

/** The database cannot be opened, read or written. Nothing that the failing call wanted was stored. */
export class StoreError extends TaggedError<StoreError>()("StoreError", {
  reason: Reason,
  /**
   * The file, or the folder that the reason is about: that of better-sqlite3 (`not_built`), that of the package which needs
   * it (`not_installed`). `null` for a database in memory, and where it is not known.
   */
  path: Schema.NullOr(Schema.String),
  /** SQLite's own words, or the system's; may be empty, may have several lines. */
  detail: Schema.String
}) {
  get category() {
    return this.reason === "folder" ? ("permission" as const) : ("database" as const)
  }
  override get message() {
    // SQLite's own words for it say the same again.
    const first = this.reason === "full" ? "" : this.detail.split("\n", 1)[0]
    return `The ${subjects[this.reason] ?? "database"}${this.path === null ? "" : ` ${this.path}`} ${said[this.reason]}${first === "" ? "" : `: ${first}`}`
  }
  get hint() {
    switch (this.reason) {
      case "newer":
        return "calm --version"
      case "busy":
        return "calm status"
      case "foreign":
        // Exported, since every command after it needs it as well.
        return `export CALM_DB_PATH=${word(beside(this.path))} && calm init`
      case "full":
        // Bytes, and files: either may have come to its end.
        return ["-h", "-i"].map((what) => commandLine("df", what, folderOf(this.path) ?? ".")).join(" && ")
      case "cannot_open":
      case "read_only":
        return this.path === null ? "calm doctor" : commandLine("ls", "-ld", folderOf(this.path) ?? ".", this.path)
      // It compiles, or fetches, the native part for the Node that runs it; npm's own rebuild would obey `ignore-scripts`.
      case "not_built":
        return commandLine("npm", "run", "install", "--prefix", this.path ?? ".")
      case "not_installed":
        return commandLine("npm", "install", "--ignore-scripts=false", "--omit=peer", "--prefix", this.path ?? ".")
      case "folder":
        return this.path === null ? "calm doctor" : commandLine("ls", "-ld", this.path)
      case "corrupt":
      case "constraint":
      case "decode":
      case "other":
        return "calm doctor"
    }
  }
}

const folderOf = (path: string | null) => (path === null ? null : path.slice(0, path.lastIndexOf("/")) || "/")

/** A file name beside a taken one. */
const beside = (path: string | null) => {
  const folder = path === null ? "" : path.slice(0, path.lastIndexOf("/") + 1)
  return path === `${folder}calm.db` ? `${folder}calm-2.db` : `${folder}calm.db`
}

const reasons: ReadonlyArray<readonly [prefix: string, reason: Reason]> = [
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_PROTOCOL", "busy"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_NOTADB", "corrupt"],
  ["SQLITE_FULL", "full"],
  // The index of the log, which every connection shares, cannot grow.
  ["SQLITE_IOERR_SHMSIZE", "full"],
  ["SQLITE_READONLY", "read_only"],
  ["SQLITE_CANTOPEN", "cannot_open"],
  ["SQLITE_PERM", "cannot_open"],
  ["SQLITE_CONSTRAINT", "constraint"],
  ["NOT_INSTALLED", "not_installed"],
  ["NOT_BUILT", "not_built"]
]

const textOf = (u: unknown, key: string) => {
  if (!Predicate.hasProperty(u, key)) return null
  const value = u[key]
  return typeof value === "string" ? value : null
}

/** The reason behind an SQLite result code such as `SQLITE_CONSTRAINT_UNIQUE`, or behind the driver's own. */
const reasonOf = (code: string | null): Reason =>
  reasons.find(([prefix]) => code === prefix || code?.startsWith(`${prefix}_`) === true)?.[1] ?? "other"

/** A failure of SQLite as a `StoreError`; the reason follows from the code in its cause. */
export const fromSqlError = (error: SqlError): StoreError =>
  new StoreError({
    reason: reasonOf(textOf(error.cause, "code")),
    path: textOf(error.cause, "path"),
    detail: textOf(error.cause, "message") ?? error.message
  })

/** The first thing that is wrong with a value, and where. The value may be of any size. */
const faultIn = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `
  return beginning(`${where}${issue?.message ?? error.message}`, 300)
}

/** The failures of SQL and of its schemas. */
type Raw = SqlError | ParseResult.ParseError

const isRaw = (u: unknown): u is Raw => u instanceof SqlError || ParseResult.isParseError(u)

/** Turns the errors of SQL and of its schemas into `StoreError`; every other error stays what it is. */
export const refine = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, Raw> | StoreError, R> =>
  Effect.catchIf<A, E | Raw, R, Raw, never, StoreError, never>(self, isRaw, (error) =>
    Effect.fail(
      error._tag === "SqlError"
        ? fromSqlError(error)
        : new StoreError({ reason: "decode", path: null, detail: faultIn(error) })
    )
  )
