/** What a database holds, whatever state its files are in. */
import Database from "better-sqlite3"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

/** Rows by table and key. */
export type Rows = ReadonlyMap<string, string>

/** Tables whose rows come and go by themselves. */
const passing = new Set(["locks", "operations"])
/** Tables whose rows may change, and may not go. */
const changing = new Set(["projects", "tasks", "counters", "worktrees", "trash", "workers", "sessions"])

/** Every row of a database; of a copy, so that looking changes nothing. */
export const rowsOf = (database: string): Rows => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-rows-"))
  try {
    const copy = Path.join(folder, "copy.db")
    for (const suffix of ["", "-wal"])
      if (Fs.existsSync(database + suffix)) Fs.copyFileSync(database + suffix, copy + suffix)
    const open = new Database(copy, { fileMustExist: true })
    try {
      const rows = new Map<string, string>()
      const names = open.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
      for (const name of names.filter((each) => !passing.has(each))) {
        const keys = open
          .prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
          .pluck()
          .all(name)
        for (const row of open.prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`).all())
          rows.set(`${name} ${keys.map((key) => String(row[key])).join(" ")}`, JSON.stringify(row))
      }
      return rows
    } finally {
      open.close()
    }
  } finally {
    Fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** The rows that were there and are not any more, and those that must never change and did. */
export const lostRows = (before: Rows, after: Rows): ReadonlyArray<string> =>
  Array.from(before).flatMap(([key, row]) => {
    const now = after.get(key)
    if (now === undefined) return [`the row is gone: ${key}`]
    const [table = ""] = key.split(" ", 1)
    return now === row || changing.has(table) ? [] : [`the row has changed: ${key}`]
  })

/** Is there a row of this table whose text has this in it? */
export const hasRow = (rows: Rows, table: string, text: string): boolean =>
  Array.from(rows).some(([key, row]) => key.startsWith(`${table} `) && row.includes(text))
