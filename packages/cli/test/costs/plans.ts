/** What SQLite looks at for a statement, as far as its plan tells. */
import * as Phase from "@calm/domain/Phase"
import type Database from "better-sqlite3"
import { growing } from "./grown.ts"
import type { Ran } from "./statements.ts"

/** Columns of which a value says how something stands, so that many rows have the same. */
const standing = new Set("deleted_at state phase type kind reason verdict status continues resumed_at".split(" "))

/** How something stands that is being worked on, or is kept for a while: there are never many. All other rows become ever more. */
const present: ReadonlySet<unknown> = new Set([...Phase.open, "active", "open", "running", "kept"])

/** The tables by the names that a statement gives them. */
const namesIn = (sql: string): ReadonlyMap<string, string> =>
  new Map(
    Array.from(sql.matchAll(/(?:FROM|JOIN|,) (\w+)(?: AS)? (\w+)\b/g), ([, table = "", name = ""]) => [name, table])
  )

/** Is each row that is looked for by this column, in the table of this name, one of those that are never many? */
const isPresent = ({ params, sql }: Pick<Ran, "params" | "sql">, name: string, column: string): boolean => {
  const own = `(?<![\\w.])(?:${name}\\.)?${column}`
  if (column === "resumed_at") return new RegExp(`${own} IS NULL`).test(sql)
  const compared = Array.from(sql.matchAll(new RegExp(`${own} (?:=|IN) (\\?|'[^']*'|\\([^()]*\\))`, "g")))
  const values = compared.flatMap(({ 1: right = "", index }) => {
    let next = sql.slice(0, index).split("?").length - 1
    return (right.match(/\?|'[^']*'|\w+/g) ?? []).map((one) => (one === "?" ? params[next++] : one.replaceAll("'", "")))
  })
  return values.length > 0 && values.every((value) => present.has(value))
}

/**
 * The growing tables of which a statement looks at every row, at every row of a project, or at all that stand as ever more
 * of them do; and those for which SQLite makes an index while it runs, out of every row.
 */
export const swept = (database: Database.Database, ran: Pick<Ran, "params" | "sql">): ReadonlyArray<string> => {
  const { params, sql } = ran
  if (/^PRAGMA (?:quick|integrity)_check\b/.test(sql)) return ["every table: a check"]
  if (!/^(?:SELECT|WITH)\b/.test(sql)) return []
  const names = namesIn(sql)
  const plan = database
    .prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...params)
    .map(({ detail }) => detail)
  // Read in the order of an index, rows are read only until there are enough of them; unless few of them are wanted.
  const [only = "", ...others] = plan
  const compared = Array.from(
    sql.matchAll(/\b(\w+)(?: NOT)? (?:=|<>|<|>|>=|<=|IS|IN|LIKE) /g),
    ([, column = ""]) => column
  )
  const bound = compared.every((column) => only.includes(column))
  if (/ LIMIT (?:\?|\d+)$/.test(sql) && others.length === 0 && only.startsWith("SEARCH ") && bound) return []
  return plan.flatMap((detail) => {
    const [, way, name = "", rest = ""] = /^(SCAN|SEARCH) (\S+) ?(.*)$/.exec(detail) ?? []
    const table = names.get(name) ?? name
    if (way === undefined || !growing.has(table)) return []
    const columns = Array.from(rest.matchAll(/[( ](\w+)[=<>]/g), ([, column = ""]) => column)
    const narrow = columns.some((column) => column !== "project_id" && !standing.has(column))
    const few =
      columns.includes("project_id") && columns.some((column) => standing.has(column) && isPresent(ran, name, column))
    return way === "SCAN" || rest.includes("AUTOMATIC") || !(narrow || few) ? [`${table}: ${detail}`] : []
  })
}
