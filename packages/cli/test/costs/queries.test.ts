import * as Completions from "@calm/core/Completions"
import { glance } from "@calm/sql/Glance"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { reading } from "../fixtures/reading.ts"
import * as World from "../fixtures/world.ts"
import { finish, plan, trash } from "./grown.ts"
import { swept } from "./plans.ts"
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

/** What a shell asks for while somebody types, each with what is typed of the word. */
const typed: ReadonlyArray<readonly [kind: Completions.Kind, word: string]> = [
  ...Completions.kinds.map((kind) => [kind, ""] as const),
  ["task", "SPEC"],
  ["task", "never"],
  ["task-list", "SPEC-001,never"]
]

/** What is given more rows the longer the past is, and why. */
const unbounded: Readonly<Record<string, string>> = {
  "complete deleted-task": "every task that was ever deleted can be restored"
}

/** What asks once more for each open task that has, or had, a worktree, and why. */
const eachAlone: Readonly<Record<string, string>> = {
  "session next": "each open task is judged by itself, as its own move would be"
}

/** What starts a program for each worktree, and why. */
const asksGit: Readonly<Record<string, string>> = {
  "worktree health": "what is uncommitted, and what is not in the base, git alone knows"
}

/** What tells of worktrees in the trash, and so is given more rows for them. */
const tellsOfTrash = ["complete task-in-trash"]

/** What looks at every row of a project all the same, or at all that stand as ever more of them do, and why. */
const allowed: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(unbounded).map(([name, why]) => [`${name}: tasks`, why])),
  "worker list --all --limit 3: workers":
    "by their ids until there are enough: few are left out, those of deleted tasks",
  "worker list --status completed --limit 3: workers": "the same",
  "worker list --status stale: workers": "the same",
  "task next-id: tasks": "a free number is one that no task ever had"
}

const stage = Effect.gen(function* () {
  const world = yield* World.project
  for (const line of ["task create SPEC-001 Greet", "worktree create SPEC-001", "backup create first"])
    assert.strictEqual((yield* world.line(line)).exitCode, 0, line)
  World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
  for (const by of ["ann", "bob"])
    assert.strictEqual((yield* world.line(`review record SPEC-001 spec approved --by ${by}`)).exitCode, 0, by)
  const database = Path.join(world.home, "metadata.db")
  const { during } = yield* Statements.noting
  /** What `calm complete` finds. */
  const complete = (kind: Completions.Kind, word: string) =>
    Effect.sync(() =>
      glance(database, (rows) => {
        const [[project] = []] = rows("SELECT id FROM projects")
        const files = { roles: () => [], backups: () => [] }
        return Completions.find({ kind, word, task: "SPEC-001" }, { ...files, rows, project: String(project) })
      })
    ).pipe(
      // Where a glance goes wrong it gives nothing at all.
      Effect.tap((found) => assert.isDefined(found, `${kind} ${word}`))
    )
  /** What each question runs, prints and starts, by its name: of the commands that read, and of a shell while somebody types. */
  const each = Effect.gen(function* () {
    const found = new Map<string, Asked>()
    for (const [name, line] of asked) {
      const started: Array<string> = []
      const { ran, result } = yield* during(world.calm(line.split(" "), { system: noting(started) }))
      // What fails asks for little.
      assert.notInclude(result.stderr, "error:", name)
      found.set(name, { ran, started, stdout: result.stdout })
    }
    for (const [kind, word] of typed) {
      const { ran, result } = yield* during(complete(kind, word))
      found.set(`complete ${kind} ${word}`.trim(), { ran, started: [], stdout: JSON.stringify(result) })
    }
    return found
  })
  return { ...world, database, each }
})

/** Statements, and what of their plans reads too much; nothing where they read as much as they have to. */
const sweeping: Readonly<Record<string, string>> = {
  "SELECT * FROM workers w": "SCAN w",
  "SELECT * FROM workers AS w WHERE w.project_id = ?": "(project_id=?)",
  "SELECT * FROM workers WHERE state = 'active'": "(state=?)",
  "SELECT * FROM workers WHERE project_id = ? AND state = 'active'": "",
  "SELECT * FROM workers WHERE project_id = ? AND state = ?": "",
  "SELECT * FROM workers WHERE project_id = ? AND state = 'completed'": "(project_id=? AND state=?)",
  "SELECT * FROM workers WHERE project_id = ? AND state IN (?, 'failed')": "(project_id=? AND state=?)",
  "SELECT * FROM workers WHERE project_id = ? AND state > 'a'": "(project_id=? AND state>?)",
  "SELECT * FROM workers WHERE project_id = ? AND state = 'failed' AND id = ?": "",
  "SELECT id FROM workers WHERE project_id = ? AND state = 'failed' ORDER BY id LIMIT ?": "",
  "SELECT id FROM workers WHERE project_id = ? AND state = 'failed' AND role <> 'qa' ORDER BY id LIMIT ?":
    "(project_id=? AND state=?)",
  "SELECT w.id FROM events e CROSS JOIN workers w ON w.role = e.kind": "AUTOMATIC COVERING INDEX (role=?)"
}

/** What a question ran, printed and started. */
interface Asked {
  readonly ran: ReadonlyArray<Statements.Ran>
  readonly started: ReadonlyArray<string>
  readonly stdout: string
}

/** Times and ages differ from call to call, and not in length. */
const size = (text: string): number => text.replaceAll(/\d+(?:\.\d+)? ?(?:ms|s|KB|MB)\b/g, "0").length

const rowsOf = ({ ran }: Asked): number => ran.reduce((sum, one) => sum + one.rows, 0)

const told = (each: ReadonlyMap<string, Asked>, tell: (one: Asked) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from(each, ([name, one]) => [name, tell(one)]))

/** The names of what is told otherwise. */
const changed = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  Object.keys(before).filter((name) => before[name] !== after[name])

const all = (one: Asked): string =>
  `${one.ran.length} statements, ${rowsOf(one)} rows, ${size(one.stdout)} bytes, ${one.started.length} programs`

describe("a command that reads, and a word that a shell asks for,", () => {
  it.scopedLive(
    "runs as many statements, is given as many rows and prints as many bytes beside 1,000 finished tasks as beside 60",
    () =>
      Effect.gen(function* () {
        const { database, each } = yield* stage
        finish(database, 1, 60)
        const few = told(yield* each, all)
        finish(database, 61, 1_000)
        const many = told(yield* each, all)
        assert.deepStrictEqual(changed(few, many), Object.keys(unbounded))
      }),
    120_000
  )

  it.scopedLive(
    "runs as many statements and programs beside 40 planned tasks as beside 4, though each of them is told of",
    () =>
      Effect.gen(function* () {
        const { database, each } = yield* stage
        const count = (one: Asked) => `${one.ran.length} statements, ${one.started.length} programs`
        plan(database, 1, 4)
        const few = told(yield* each, count)
        plan(database, 5, 40)
        assert.deepStrictEqual(told(yield* each, count), few)
      }),
    120_000
  )

  it.scopedLive(
    "runs as many statements beside 12 worktrees as beside 3, also when 9 are taken away, and asks git of each only if it must",
    () =>
      Effect.gen(function* () {
        const { database, each, line } = yield* stage
        plan(database, 1, 12)
        const onEach = (verb: string, from: number, to: number) =>
          Effect.forEach(
            Array.from({ length: to - from + 1 }, (_, at) => `0${from + at}`.slice(-2)),
            (number) =>
              Effect.map(line(`worktree ${verb} PLAN-000${number}`), ({ error, exitCode }) =>
                assert.strictEqual(exitCode, 0, `${verb} ${number}: ${error?.message}`)
              )
          )
        const statements = (one: Asked) => `${one.ran.length} statements`
        const programs = (one: Asked) => `${one.started.length} programs`
        yield* onEach("create", 1, 3)
        const few = yield* each
        yield* onEach("create", 4, 12)
        const many = yield* each
        assert.deepStrictEqual(changed(told(few, statements), told(many, statements)), Object.keys(eachAlone))
        for (const name of Object.keys(eachAlone))
          assert.strictEqual(many.get(name)?.ran.length, (few.get(name)?.ran.length ?? 0) + 9, name)
        assert.deepStrictEqual(changed(told(few, programs), told(many, programs)), Object.keys(asksGit))
        yield* onEach("remove", 4, 12)
        const left = yield* each
        assert.deepStrictEqual(changed(told(few, statements), told(left, statements)), Object.keys(eachAlone))
        assert.deepStrictEqual(told(left, programs), told(few, programs))
      }),
    120_000
  )

  it.scopedLive(
    "costs nothing for the worktrees of finished tasks, of which 80 are in the trash instead of 4",
    () =>
      Effect.gen(function* () {
        const { database, each } = yield* stage
        trash(database, 1, 4)
        const few = told(yield* each, all)
        trash(database, 5, 80)
        assert.deepStrictEqual(changed(few, told(yield* each, all)).toSorted(), tellsOfTrash.toSorted())
      }),
    120_000
  )

  it("is found out where it reads too much: all rows, those of a project, those that ended, or an index made for it", () => {
    const found = Object.entries(sweeping).map(([sql, plan]) => {
      const database = new Database(":memory:")
      database.exec(`CREATE TABLE workers (project_id TEXT, id TEXT, task_id TEXT, state TEXT, role TEXT);
        CREATE INDEX by_state ON workers (state); CREATE INDEX by_project ON workers (project_id, state, id);
        CREATE TABLE events (project_id TEXT, seq INTEGER, kind TEXT, PRIMARY KEY (project_id, seq))`)
      const params = Array.from(sql.matchAll(/\?/g), () => "active")
      const seen = swept(database, { sql, params })
      database.close()
      return [sql, seen.length === 0 ? "" : plan !== "" && seen.join().includes(plan) ? plan : seen.join()]
    })
    assert.deepStrictEqual(Object.fromEntries(found), sweeping)
  })

  it.scopedLive(
    "asks for no growing table as a whole",
    () =>
      Effect.gen(function* () {
        const { database: path, each } = yield* stage
        finish(path, 1, 4_000)
        // One of up to 4 MB is checked as a whole: see DatabaseHealth.
        assert.isAbove(Fs.statSync(path).size, 4 * 1024 ** 2)
        const found: Array<string> = []
        const asked = yield* each
        const database = new Database(path, { readonly: true })
        for (const [name, { ran }] of asked)
          for (const one of ran) for (const sweep of swept(database, one)) found.push(`${name}: ${sweep} of ${one.sql}`)
        database.close()
        const isAllowed = (sweep: string) => Object.keys(allowed).some((key) => sweep.startsWith(`${key}:`))
        assert.deepStrictEqual(
          found.filter((sweep) => !isAllowed(sweep)),
          []
        )
        assert.deepStrictEqual(
          Object.keys(allowed).filter((key) => !found.some((sweep) => sweep.startsWith(`${key}:`))),
          []
        )
      }),
    120_000
  )
})
