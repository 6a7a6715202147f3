import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "../src/commands.ts"
import * as Tree from "../src/Tree.ts"
import * as World from "./fixtures/world.ts"

/** Commands that need no project, and the one that looks at what is wrong where there is none. */
const anywhere = ["init", "demo", "completions", "schema", "config schema", "doctor"]

/** A valid command line of every command that acts in a project: its first example. */
const acting = Effect.forEach(
  Tree.entries(root).filter(({ path }) => !anywhere.includes(path.join(" "))),
  ({ entry }) => Effect.map(Effect.promise(entry.load), ({ leaf }) => World.wordsOf(leaf.examples[0] ?? ""))
)

describe("before init", () => {
  it.scopedLive("every command says so, and creates nothing at all", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      for (const argv of yield* acting) {
        const { error, exitCode } = yield* world.json(argv)
        assert.strictEqual(exitCode, 3, argv.join(" "))
        assert.strictEqual(error?.code, "project_not_found")
        assert.match(error?.hint ?? "", /^calm init/)
      }
      assert.isFalse(Fs.existsSync(world.home))
      assert.strictEqual(World.git(world.repo, "status", "--porcelain"), "")
      assert.isFalse(Fs.existsSync(Path.join(world.repo, ".git/calm")))
    })
  )

  it.scopedLive("another project's database is not taken for this one's", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const other = World.repository(Path.join(world.base, "other"))
      const { error, exitCode } = yield* world.line("task list", { cwd: other })
      assert.strictEqual(exitCode, 3)
      assert.strictEqual(error?.code, "project_not_found")
    })
  )
})

describe("outside of a repository", () => {
  it.scopedLive("every command says so, init too, and nothing is created", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      for (const argv of [["init"], ...(yield* acting)]) {
        const { error, exitCode } = yield* world.json(argv, { cwd: world.base })
        assert.strictEqual(exitCode, 3, argv.join(" "))
        assert.strictEqual(error?.code, "not_a_repository")
      }
      assert.isFalse(Fs.existsSync(world.home))
    })
  )
})

describe("the project", () => {
  it.scopedLive("is found from any folder of the checkout and of a worktree, and by --project and CALM_PROJECT", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.json(["task", "create", "SPEC-001", "Greet"])
      yield* world.json(["worktree", "create", "SPEC-001", "--no-setup"])
      const inside = Path.join(world.worktree("SPEC-001"), "planning_docs")
      const expected = (yield* world.line("task show SPEC-001")).data
      assert.isObject(expected)
      const show = ["task", "show", "SPEC-001"]
      const ways = [
        yield* world.json(show, { cwd: inside }),
        yield* world.json([...show, "--project", world.repo], { cwd: world.base }),
        yield* world.json([...show, "--project=repo"], { cwd: world.base }),
        yield* world.json(show, { cwd: world.base, variables: { CALM_PROJECT: world.repo } })
      ]
      for (const { data } of ways) assert.deepStrictEqual(data, expected)
    })
  )

  it.scopedLive("named by --project goes before CALM_PROJECT; a name without a folder finds no other project", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const variables = { CALM_PROJECT: "/nowhere" }
      assert.strictEqual((yield* world.json(["task", "list", "--project", "."], { variables })).exitCode, 0)
      for (const found of [
        yield* world.line("task list", { variables }),
        yield* world.json(["task", "list", "--project", "nowhere"])
      ]) {
        assert.strictEqual(found.exitCode, 3)
        assert.strictEqual(found.error?.code, "folder_not_found")
      }
    })
  )

  it.scopedLive("has its own tasks, counters and log, though another one has the same ids in the same database", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const cwd = World.repository(Path.join(world.base, "other"))
      yield* world.line("init", { cwd })
      yield* world.line("task create SPEC-001 here")
      yield* world.line("task create SPEC-001 there", { cwd })
      yield* world.line("worktree create SPEC-001 --no-setup", { cwd })
      yield* world.line("counter add own 5", { cwd })
      yield* world.line("task cancel SPEC-001 --reason obsolete", { cwd })
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "task.title", "here")
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "task.phase", "SPEC")
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001", { cwd })).data, "task.title", "there")
      assert.deepStrictEqual((yield* world.line("worktree list")).data, { worktrees: [] })
      assert.strictEqual((yield* world.line("counter get own")).exitCode, 3)
      assert.strictEqual((yield* world.line("task delete SPEC-001", { cwd })).exitCode, 0)
      assert.nestedProperty((yield* world.line("task list")).data, "tasks[0]")
      const { stdout } = yield* world.calm(["log"])
      assert.strictEqual(stdout.trim().split("\n").length, 2)
    })
  )
})

describe("the home", () => {
  it.scopedLive("is ~/.calm without CALM_HOME, and made by init for its owner alone", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      yield* world.line("init", { variables: { CALM_HOME: "" } })
      const home = Path.join(world.base, ".calm")
      assert.strictEqual(Fs.statSync(home).mode & 0o777, 0o700)
      assert.strictEqual(Fs.statSync(Path.join(home, "metadata.db")).mode & 0o777, 0o600)
      assert.isFalse(Fs.existsSync(world.home))
    })
  )

  it.scopedLive("that is a file is one clear line and exit code 4, for every command", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      Fs.writeFileSync(world.home, "")
      for (const argv of [["init"], ["task", "list"], ["status"]]) {
        const { exitCode, stderr, stdout } = yield* world.calm(argv)
        assert.strictEqual(exitCode, 4, stderr)
        assert.strictEqual(stdout, "")
        assert.match(stderr, /^error: The folder \S+ cannot be used: [^\n]+\nhint: ls -ld [^\n]+\n$/)
      }
      assert.strictEqual(Fs.readFileSync(world.home, "utf8"), "")
    })
  )

  it.scopedLive("keeps its database where CALM_DB_PATH says; a folder there is exit code 2", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      const own = { variables: { CALM_DB_PATH: "../own.db" } }
      assert.strictEqual((yield* world.line("init", own)).exitCode, 0)
      assert.isTrue(Fs.existsSync(Path.join(world.base, "own.db")))
      assert.isFalse(Fs.existsSync(Path.join(world.home, "metadata.db")))
      assert.strictEqual((yield* world.line("task list", own)).exitCode, 0)
      assert.strictEqual((yield* world.line("task list")).error?.code, "project_not_found")
      for (const line of ["init", "task list"]) {
        const { error, exitCode } = yield* world.line(line, { variables: { CALM_DB_PATH: world.base } })
        assert.strictEqual(exitCode, 2)
        assert.strictEqual(error?.code, "store_error")
      }
    })
  )
})

describe("a worker", () => {
  const refused = [
    "gate approve SPEC-001 SPEC-DESIGN --by me",
    "task update SPEC-001 --phase DESIGN --reason hurry",
    "worktree merge SPEC-001 --force",
    "worktree merge SPEC-001 --force --check-only",
    "review clear SPEC-001 --reason hurry",
    "counter set merge_lock 0",
    "counter reset merge_lock"
  ]
  it.scopedLive("has not the rights of people, and may do all else in its own name", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      const variables = { CALM_WORKER_ID: "w-1" }
      for (const line of refused) {
        const { error, exitCode } = yield* world.line(line, { variables })
        assert.strictEqual(exitCode, 4, line)
        assert.strictEqual(error?.code, "not_for_workers", line)
      }
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "task.phase", "SPEC")
      assert.strictEqual((yield* world.line("counter increment merge_lock", { variables })).exitCode, 0)
      const { data } = yield* world.line("log --limit 1")
      assert.nestedPropertyVal(data, "events[0].actor", "w-1")
      assert.nestedPropertyVal(data, "events[0].workerId", "w-1")
    })
  )

  it.scopedLive("reviews as itself and as nobody else", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("worktree create SPEC-001 --no-setup")
      World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
      const { stdout } = yield* world.calm(["worker", "start", "SPEC-001", "spec-reviewer", "--quiet"])
      const id = stdout.trim()
      const variables = { CALM_WORKER_ID: id }
      const { data } = yield* world.line("review record SPEC-001 spec approved", { variables })
      assert.nestedPropertyVal(data, "review.reviewer", id)
      const other = yield* world.line("review record SPEC-001 spec approved --by ann", { variables })
      assert.strictEqual(other.exitCode, 4)
      assert.strictEqual(other.error?.code, "reviewer_mismatch")
    })
  )

  it.scopedLive("whose id cannot be one is refused, not taken for a person", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const id of ["", "w 1", "-w", "../w", "w".repeat(65), " "]) {
        const { error, exitCode } = yield* world.line("task list", { variables: { CALM_WORKER_ID: id } })
        assert.strictEqual(exitCode, 1, id)
        assert.strictEqual(error?.code, "invalid_variable")
        assert.strictEqual((yield* world.line("doctor", { variables: { CALM_WORKER_ID: id } })).exitCode, 1, id)
      }
    })
  )
})
