/** What is said to be stored in short transactions is: how many statements a command that writes runs, and which of them while all other writers wait. */
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as World from "../fixtures/world.ts"
import { finish } from "./grown.ts"
import * as Statements from "./statements.ts"

/** Each changes the database alone, in a project whose task SPEC-001 has a worktree and a committed spec. */
const writing = [
  "task create SPEC-002 Twice",
  "task create SPEC-003 Thrice --blocked-by SPEC-001,SPEC-002",
  "task update SPEC-002 --title Again",
  "review record SPEC-001 spec approved --by ann",
  "review record SPEC-001 spec approved --by bob",
  "gate approve SPEC-001 SPEC-DESIGN --by me",
  "task transition SPEC-001 DESIGN",
  "review clear SPEC-001 proposal --reason anew",
  "counter add flaky",
  "counter increment flaky",
  "counter reset flaky",
  "worker start SPEC-002 backend",
  "worker heartbeat <worker>",
  "worker complete <worker>",
  "session save --continue < Half-way.",
  "session resume <session>",
  "task cancel SPEC-003 --reason moot"
]

/** Each changes git and the database, after the same beginning: SPEC-001 may be merged. */
const spanning = [
  "task create SPEC-002 Twice",
  "worktree create SPEC-002 --no-setup",
  "session save --continue < Half-way.",
  "worktree remove SPEC-002",
  "worktree restore SPEC-002",
  "task delete SPEC-002",
  "task restore SPEC-002",
  "worktree merge SPEC-001"
]

/** What takes the write lock more than once, and why. */
const several: Readonly<Record<string, string>> = {
  "session save --continue < Half-way.": "once for the session, and then to hold each worktree while its work is kept"
}

/** A statement without all that stands in brackets, which is only asked on the way. */
const outside = (sql: string): string => {
  const less = sql.replaceAll(/\([^()]*\)/g, "")
  return less === sql ? sql : outside(less)
}

/** `INSERT events`: what a statement does first, and to which table. */
const nameOf = (sql: string): string => {
  const [verb = ""] = /^\w+/.exec(sql) ?? []
  return [verb, /\b(?:FROM|INTO|UPDATE) (\w+)/.exec(outside(sql))?.[1] ?? ""].join(" ").trim()
}

/** A command, with what it ran before, inside and after its transactions. */
interface Written {
  readonly line: string
  readonly ran: ReadonlyArray<Statements.Ran>
  readonly transactions: ReadonlyArray<ReadonlyArray<Statements.Ran>>
  /** What changes the database outside of them. */
  readonly strays: ReadonlyArray<string>
}

const opens = /^BEGIN\b/
const ends = /^(?:COMMIT|ROLLBACK)$/

const written = (line: string, ran: ReadonlyArray<Statements.Ran>): Written => {
  const transactions: Array<Array<Statements.Ran>> = []
  const strays: Array<string> = []
  let current: Array<Statements.Ran> | undefined
  for (const one of ran) {
    if (opens.test(one.sql)) transactions.push((current = []))
    else if (ends.test(one.sql)) current = undefined
    else if (current !== undefined) current.push(one)
    // To ask for the mode counts as changing it.
    else if (one.writes && one.sql !== "PRAGMA journal_mode") strays.push(one.sql)
  }
  return { line, ran, transactions, strays }
}

const begin = ["task create SPEC-001 Greet", "worktree create SPEC-001 --no-setup"]
const phase = (to: string) => `task update SPEC-001 --phase ${to} --reason known`

/** What brings SPEC-001 to where it may be merged. */
const ready = [
  phase("IMPLEMENT"),
  "gate check SPEC-001",
  ...["ann", "bob"].map((by) => `review record SPEC-001 code approved --by ${by}`),
  phase("TEST"),
  "gate check SPEC-001",
  phase("INTEGRATE")
]

/** Every command of a list in its order, in a project with so many finished tasks. */
const each = (lines: ReadonlyArray<string>, before: ReadonlyArray<string>, finished: number) =>
  Effect.gen(function* () {
    const world = yield* World.project
    const done = (all: ReadonlyArray<string>) =>
      Effect.forEach(all, (line) =>
        Effect.map(world.line(line), ({ error, exitCode }) =>
          assert.strictEqual(exitCode, 0, `${line}: ${error?.message}`)
        )
      )
    yield* done(begin)
    World.commit(world.worktree("SPEC-001"), {
      "planning_docs/SPEC-001/spec.md": "It greets.\n",
      "changelog.d/SPEC-001.md": "* Greets\n",
      "greet.js": "print()\n"
    })
    yield* done(before)
    if (finished > 0) finish(Path.join(world.home, "metadata.db"), 1, finished)
    const { during } = yield* Statements.noting
    const ids = new Map<string, string>()
    return yield* Effect.forEach(lines, (line) =>
      Effect.gen(function* () {
        const [words = "", stdin] = line.replace(/<\w+>/, (name) => ids.get(name) ?? name).split(" < ")
        const { ran, result } = yield* during(world.line(words, { stdin }))
        assert.strictEqual(result.exitCode, 0, `${line}: ${result.error?.message}`)
        const [, id, kind] = /"((W|S)-[0-9a-z]+)"/.exec(JSON.stringify(result)) ?? []
        if (id !== undefined) ids.set(kind === "W" ? "<worker>" : "<session>", id)
        return written(line, ran)
      })
    )
  }).pipe(Effect.scoped)

describe("a command that changes the database alone", () => {
  // While one writes, all others wait. Fewer is good: write it anew with `vitest run <this file> -u`, and say in the commit
  // why a number has grown.
  it.scopedLive(
    "takes the write lock once, for these statements; it writes nothing without, and runs as many, whatever was before",
    () =>
      Effect.gen(function* () {
        const commands = yield* each(writing, [], 0)
        for (const { line, ran, strays, transactions } of commands) {
          if (several[line] !== undefined) {
            assert.isAbove(transactions.length, 1, line)
            continue
          }
          const control = ran.map(({ sql }) => sql).filter((sql) => opens.test(sql) || ends.test(sql))
          assert.deepStrictEqual(control, ["BEGIN IMMEDIATE", "COMMIT"], line)
          assert.deepStrictEqual(strays, [], line)
        }
        const told = ({ line, ran, transactions: [held = []] }: Written) =>
          `${line}: ${ran.length}, locked for ${held.length} (${held.map(({ sql }) => nameOf(sql)).join(", ")})`
        expect(`\n${commands.map(told).join("\n")}\n`).toMatchInlineSnapshot(`
          "
          task create SPEC-002 Twice: 16, locked for 4 (SELECT tasks, INSERT tasks, DELETE task_blockers, INSERT events)
          task create SPEC-003 Thrice --blocked-by SPEC-001,SPEC-002: 21, locked for 9 (SELECT tasks, SELECT tasks, SELECT tasks, SELECT task_blockers, INSERT tasks, DELETE task_blockers, INSERT task_blockers, INSERT task_blockers, INSERT events)
          task update SPEC-002 --title Again: 14, locked for 4 (SELECT tasks, UPDATE tasks, DELETE task_blockers, INSERT events)
          review record SPEC-001 spec approved --by ann: 21, locked for 8 (SELECT task_blockers, SELECT evidence, SELECT reviews, SELECT approvals, SELECT workers, SELECT workers, INSERT reviews, INSERT events)
          review record SPEC-001 spec approved --by bob: 21, locked for 8 (SELECT task_blockers, SELECT evidence, SELECT reviews, SELECT approvals, SELECT workers, SELECT workers, INSERT reviews, INSERT events)
          gate approve SPEC-001 SPEC-DESIGN --by me: 20, locked for 7 (SELECT task_blockers, SELECT evidence, SELECT reviews, SELECT approvals, SELECT workers, INSERT approvals, INSERT events)
          task transition SPEC-001 DESIGN: 25, locked for 12 (SELECT tasks, SELECT operations, SELECT task_blockers, SELECT evidence, SELECT reviews, SELECT approvals, SELECT workers, INSERT transitions, INSERT events, UPDATE tasks, DELETE task_blockers, SELECT tasks)
          review clear SPEC-001 proposal --reason anew: 20, locked for 7 (INSERT reviews, INSERT events, SELECT task_blockers, SELECT evidence, SELECT reviews, SELECT approvals, SELECT workers)
          counter add flaky: 13, locked for 3 (SELECT counters, INSERT counters, INSERT events)
          counter increment flaky: 13, locked for 3 (SELECT counters, INSERT counters, INSERT events)
          counter reset flaky: 13, locked for 3 (SELECT counters, INSERT counters, INSERT events)
          worker start SPEC-002 backend: 22, locked for 10 (SELECT tasks, SELECT tasks, SELECT operations, SELECT operations, SELECT workers, SELECT workers, INSERT workers, UPDATE tasks, DELETE task_blockers, INSERT events)
          worker heartbeat <worker>: 13, locked for 3 (SELECT workers, UPDATE workers, SELECT workers)
          worker complete <worker>: 14, locked for 4 (SELECT workers, UPDATE workers, INSERT events, SELECT workers)
          session save --continue < Half-way.: 23, locked for 4 (SELECT sessions, INSERT sessions, SELECT workers, INSERT events)
          session resume <session>: 15, locked for 5 (SELECT sessions, SELECT sessions, SELECT session_worktrees, UPDATE sessions, INSERT events)
          task cancel SPEC-003 --reason moot: 19, locked for 8 (SELECT tasks, SELECT operations, INSERT transitions, INSERT events, UPDATE tasks, DELETE task_blockers, INSERT task_blockers, INSERT task_blockers)
          "
        `)
        assert.deepStrictEqual((yield* each(writing, [], 300)).map(told), commands.map(told))
      }),
    120_000
  )
})

describe("a command that changes git and the database", () => {
  it.scopedLive(
    "runs as many statements, takes the write lock as often and is given as many rows, whatever was before",
    () =>
      Effect.gen(function* () {
        const told = ({ line, ran, transactions }: Written) =>
          `${line}: ${ran.length} statements, locked ${transactions.length} times for ${transactions.flat().length} of them, ${ran.reduce((sum, { rows }) => sum + rows, 0)} rows`
        const few = (yield* each(spanning, ready, 30)).map(told)
        expect(`\n${few.join("\n")}\n`).toMatchInlineSnapshot(`
          "
          task create SPEC-002 Twice: 16 statements, locked 1 times for 4 of them, 6 rows
          worktree create SPEC-002 --no-setup: 29 statements, locked 3 times for 7 of them, 10 rows
          session save --continue < Half-way.: 31 statements, locked 3 times for 8 of them, 10 rows
          worktree remove SPEC-002: 31 statements, locked 3 times for 8 of them, 10 rows
          worktree restore SPEC-002: 30 statements, locked 3 times for 8 of them, 11 rows
          task delete SPEC-002: 37 statements, locked 3 times for 12 of them, 13 rows
          task restore SPEC-002: 17 statements, locked 1 times for 4 of them, 9 rows
          worktree merge SPEC-001: 72 statements, locked 6 times for 24 of them, 44 rows
          "
        `)
        assert.deepStrictEqual((yield* each(spanning, ready, 300)).map(told), few)
      }),
    120_000
  )
})
