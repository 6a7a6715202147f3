/** What is said to be stored in one short transaction is: how many statements a command that writes runs, and which of them while all other writers wait. */
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

/** Every command of `writing` in its order, in a project with so many finished tasks. */
const each = (finished: number) =>
  Effect.gen(function* () {
    const world = yield* World.project
    for (const line of ["task create SPEC-001 Greet", "worktree create SPEC-001 --no-setup"])
      assert.strictEqual((yield* world.line(line)).exitCode, 0, line)
    World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
    if (finished > 0) finish(Path.join(world.home, "metadata.db"), 1, finished)
    const { during } = yield* Statements.noting
    const ids = new Map<string, string>()
    return yield* Effect.forEach(writing, (line) =>
      Effect.gen(function* () {
        const [words = "", stdin] = line.replace(/<\w+>/, (name) => ids.get(name) ?? name).split(" < ")
        const { ran, result } = yield* during(world.line(words, { stdin }))
        assert.strictEqual(result.exitCode, 0, `${line}: ${result.error?.message}`)
        const [, id, kind] = /"((W|S)-[0-9a-z]+)"/.exec(JSON.stringify(result)) ?? []
        if (id !== undefined) ids.set(kind === "W" ? "<worker>" : "<session>", id)
        return written(line, ran)
      })
    )
  })

describe("a command that changes the database alone", () => {
  // While one writes, all others wait. Fewer is good: write it anew with `vitest run <this file> -u`, and say in the commit
  // why a number has grown.
  it.scopedLive(
    "takes the write lock once, for these statements; it writes nothing without, and runs as many, whatever was before",
    () =>
      Effect.gen(function* () {
        const commands = yield* Effect.scoped(each(0))
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
        assert.deepStrictEqual((yield* Effect.scoped(each(300))).map(told), commands.map(told))
      }),
    120_000
  )
})
