/** What the bundled `@calm/sql` gets for `better-sqlite3`: each statement that writes to a file is a step. */
import Database from "better-sqlite3"
import * as Path from "node:path"
import { step } from "./steps.ts"

/** How many pages of a copy are one step. */
const pagesAtOnce = 32

/** SQLite calls these reading ones, because it is others that they let write, or another file that they write to. */
const writesAllTheSame = /^\s*(?:COMMIT|VACUUM)\b/i

/** It takes the write lock and changes nothing yet, or asks for a setting. */
const changesNothing = /^\s*(?:(?:BEGIN|SAVEPOINT)\b|PRAGMA \w+$)/i

export default class SteppingDatabase extends Database {
  override prepare<Parameters extends unknown[] | {} = unknown[], Row = unknown>(sql: string) {
    const statement = super.prepare<Parameters, Row>(sql)
    if (this.memory || changesNothing.test(sql) || (statement.readonly && !writesAllTheSame.test(sql))) return statement
    const name = `${Path.basename(this.name)}: ${sql.trim().replaceAll(/\s+/g, " ").slice(0, 60)}`
    const stepping = <F extends (...args: ReadonlyArray<never>) => unknown>(run: F): F =>
      new Proxy(run, {
        apply: (target, _, args) => {
          step(name)
          return Reflect.apply(target, statement, args)
        }
      })
    statement.run = stepping(statement.run)
    statement.all = stepping(statement.all)
    return statement
  }

  override backup(file: string, options?: Database.BackupOptions) {
    return super.backup(file, {
      ...options,
      progress: (info) => {
        const pages = options?.progress?.(info) ?? pagesAtOnce
        if (pages > 0) step(`copy ${info.remainingPages} pages to ${Path.basename(file)}`)
        return Math.min(pages, pagesAtOnce)
      }
    })
  }

  override close() {
    // The last one to close writes the log back and removes it.
    if (!this.memory && this.open) step(`close ${Path.basename(this.name)}`)
    return super.close()
  }
}
