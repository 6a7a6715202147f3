import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { reading } from "../fixtures/reading.ts"
import * as World from "../fixtures/world.ts"
import { finish, growing, plan } from "./grown.ts"
import { noting } from "./programs.ts"
import * as Statements from "./statements.ts"

/** What reads a database as a whole, because that is what it is asked for, its check and its copies; and what works once. */
const apart = new Set(["doctor", "backup create", "backup auto", "backup verify", "backup delete"])

/** Options that find something else. */
const more = [
  "task list --ready",
  "task list --ready --limit 1",
  "worker list --all --limit 3",
  "worker list --status completed --limit 3",
  "worker list --status stale",
  "log --since 1h",
  "log --task SPEC-001 --since 1h",
  "review list SPEC-001 spec",
  "session list --limit 3",
  "status merges --limit 3"
]

const asked = Object.entries(reading)
  .filter(([name]) => !apart.has(name))
  .concat(more.map((line) => [line, line]))

/** The tables by the names that a statement gives them. */
const namesIn = (sql: string): ReadonlyMap<string, string> =>
  new Map(Array.from(sql.matchAll(/(?:FROM|JOIN) (\w+) (\w+)\b/g), ([, table = "", name = ""]) => [name, table]))

/** What looks at every row of a project all the same, and why. */
const allowed: Readonly<Record<string, string>> = {
  "worker list --all --limit 3: workers":
    "by their ids until there are enough: few are left out, those of deleted tasks",
  "task next-id: tasks": "a free number is one that no task ever had"
}

/** The growing tables of which a statement looks at every row, or at every row of a project. */
const swept = (database: Database.Database, { params, sql }: Statements.Ran): ReadonlyArray<string> => {
  if (/^PRAGMA (?:quick|integrity)_check\b/.test(sql)) return ["every table: a check"]
  if (!/^(?:SELECT|WITH)\b/.test(sql)) return []
  const names = namesIn(sql)
  const plan = database
    .prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...params)
    .map(({ detail }) => detail)
  // Read in the order of an index, rows are read only until there are enough of them; unless few of them are wanted.
  const [only = "", ...others] = plan
  const compared = Array.from(sql.matchAll(/\b(\w+) (?:=|<|>|>=|<=) \?/g), ([, column = ""]) => column)
  const bound = compared.every((column) => only.includes(column))
  if (sql.endsWith(" LIMIT ?") && others.length === 0 && only.startsWith("SEARCH ") && bound) return []
  return plan.flatMap((detail) => {
    const [, way, name = "", rest = ""] = /^(SCAN|SEARCH) (\S+) ?(.*)$/.exec(detail) ?? []
    const table = names.get(name) ?? name
    if (!growing.has(table)) return []
    return way === "SCAN" || /\((?:project_id=\?|project_id=\? AND deleted_at=\?)\)/.test(rest)
      ? [`${table}: ${detail}`]
      : []
  })
}

const stage = Effect.gen(function* () {
  const world = yield* World.project
  for (const line of ["task create SPEC-001 Greet", "worktree create SPEC-001", "backup create first"])
    assert.strictEqual((yield* world.line(line)).exitCode, 0, line)
  World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
  return { ...world, database: Path.join(world.home, "metadata.db") }
})

/** Times and ages differ from call to call, and not in length. */
const size = (text: string): number => text.replaceAll(/\d+(?:\.\d+)? ?(?:ms|s|KB|MB)\b/g, "0").length

describe("a command that reads", () => {
  it.scopedLive(
    "runs as many statements, is given as many rows and prints as many bytes beside 1,000 finished tasks as beside 60",
    () =>
      Effect.gen(function* () {
        const world = yield* stage
        const { during } = yield* Statements.noting
        const counted = Effect.fnUntraced(function* () {
          const found = new Map<string, string>()
          for (const [name, line] of asked) {
            const { ran, result } = yield* during(world.calm(line.split(" ")))
            const rows = ran.reduce((sum, one) => sum + one.rows, 0)
            found.set(name, `${ran.length} statements, ${rows} rows, ${size(result.stdout)} bytes`)
          }
          return found
        })
        finish(world.database, 1, 60)
        const few = yield* counted()
        finish(world.database, 61, 1_000)
        const many = yield* counted()
        assert.deepStrictEqual(many, few)
      }),
    120_000
  )

  it.scopedLive(
    "runs as many statements and programs beside 40 planned tasks as beside 4, though each of them is told of",
    () =>
      Effect.gen(function* () {
        const world = yield* stage
        const { during } = yield* Statements.noting
        const counted = Effect.fnUntraced(function* () {
          const found = new Map<string, string>()
          for (const [name, line] of asked) {
            const started: Array<string> = []
            const { ran } = yield* during(world.calm(line.split(" "), { system: noting(started) }))
            found.set(name, `${ran.length} statements, ${started.length} programs`)
          }
          return found
        })
        plan(world.database, 1, 4)
        const few = yield* counted()
        plan(world.database, 5, 40)
        assert.deepStrictEqual(yield* counted(), few)
      }),
    120_000
  )

  it.scopedLive(
    "asks for no growing table as a whole",
    () =>
      Effect.gen(function* () {
        const world = yield* stage
        const { during } = yield* Statements.noting
        finish(world.database, 1, 4_000)
        // One of up to 4 MB is checked as a whole: see DatabaseHealth.
        assert.isAbove(Fs.statSync(world.database).size, 4 * 1024 ** 2)
        const found: Array<string> = []
        for (const [name, line] of asked) {
          const { ran } = yield* during(world.calm(line.split(" ")))
          const database = new Database(world.database, { readonly: true })
          for (const one of ran) for (const sweep of swept(database, one)) found.push(`${name}: ${sweep} of ${one.sql}`)
          database.close()
        }
        const isAllowed = (sweep: string) => Object.keys(allowed).some((key) => sweep.startsWith(`${key}:`))
        assert.deepStrictEqual(
          found.filter((sweep) => !isAllowed(sweep)),
          []
        )
      }),
    120_000
  )
})
