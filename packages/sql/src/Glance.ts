/**
 * A glance into the database, for whoever cannot wait for the rest: completions in a shell.
 *
 * It reads, makes nothing, migrates nothing and waits for nobody; what it cannot see at once it does not see. It does
 * without Effect, whose loading alone would take longer. For a process of its own, which has no other connection open.
 */
import type Database from "better-sqlite3"
import * as Fs from "node:fs"
import * as Module from "node:module"
import { applicationId } from "./internal/mark.ts"
import { latest } from "./Migrations.ts"

/** The rows of a query with its parameters, as arrays. */
export type Rows = (sql: string, ...params: ReadonlyArray<string>) => ReadonlyArray<ReadonlyArray<unknown>>

/** Milliseconds to wait for another program. */
const patience = 20

/** Is it a database of ours, and not of a newer calm? Looked at before SQLite opens it, which would write to it. */
const isOurs = (path: string): boolean => {
  const file = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
  try {
    const header = Buffer.alloc(100)
    const read = Fs.readSync(file, header, 0, header.length, 0)
    return read === header.length && header.readUInt32BE(68) === applicationId && header.readUInt32BE(60) <= latest
  } finally {
    Fs.closeSync(file)
  }
}

/** Does the log beside the database hold something? Then somebody has it open, or was cut off. */
const isBehind = (path: string): boolean => (Fs.statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/**
 * What `read` makes of the database at an absolute path; `undefined` where there is none, where it is not ours or of a
 * newer calm, and where anything at all goes wrong.
 */
export const glance = <A>(path: string, read: (rows: Rows) => A): A | undefined => {
  let database: Database.Database | undefined
  try {
    if (!isOurs(path)) return undefined
    // Not before it is needed: where it is missing or was not built there is nothing to see.
    const Sqlite: typeof Database = Module.createRequire(import.meta.url)("better-sqlite3")
    // For who may only read, SQLite makes the log too and never takes it away; who may write takes it away at the end.
    const open = new Sqlite(path, { readonly: isBehind(path), fileMustExist: true, timeout: patience })
    database = open
    open.pragma("query_only = ON")
    return read((sql, ...params) =>
      open
        .prepare<unknown[]>(sql)
        .raw()
        .all(...params)
        .filter(Array.isArray)
    )
  } catch {
    return undefined
  } finally {
    database?.close()
  }
}
