/** What the suites of this folder tried, for the table that `scripts/test.mjs` prints after the tests. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** A line of the table. */
export interface Row {
  /** The name of the suite's folder. */
  readonly suite: string
  /** What was counted, in the plural: `points`, `worlds`, `inputs`. */
  readonly what: string
  readonly tried: number
  /** How many of them lost something. */
  readonly losses: number
  /** A figure beside it: `p99 41 ms`. */
  readonly note?: string | undefined
}

/** Adds a line to the table; nothing where no table is printed. */
export const report = (row: Row): void => {
  const folder = process.env["RELIABILITY_REPORT"]
  if (folder === undefined) return
  const name = `${row.suite} ${row.what}`.replaceAll(/[^a-z0-9]+/gi, "-")
  Fs.mkdirSync(folder, { recursive: true })
  Fs.writeFileSync(Path.join(folder, `${name}.json`), JSON.stringify(row))
}
