/** `doctor`, `status` and `worktree health` over the real git and a database in a file: also where something is broken. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type * as Style from "../src/Style.ts"
import * as World from "./fixtures/world.ts"

const terminal: Style.Style = { terminal: true, color: false, width: 80 }

type Place = Effect.Effect.Success<typeof World.make>

interface Check {
  readonly area: string
  readonly name: string
  readonly status: string
  readonly summary: string
  readonly hint: string | null
}

/** What a check-up finds not to be well, as `status name`, with the exit code. */
const checkUp = Effect.fnUntraced(function* (world: Place, words = "doctor", cwd = world.repo) {
  const { data, exitCode } = yield* world.line(words, { cwd })
  const checks = Object.entries(data ?? {}).flatMap(([key, value]): ReadonlyArray<Check> =>
    key === "checks" && Array.isArray(value) ? value : []
  )
  const wrong = checks.filter(({ status }) => status !== "ok")
  return {
    exitCode,
    checks,
    wrong: wrong.map(({ name, status }) => `${status} ${name}`),
    hints: wrong.map(({ hint }) => hint)
  }
})

/** Runs a hint as it stands: calm's own commands in this process, the rest by a shell. */
const typed = Effect.fnUntraced(function* (world: Place, hint: string | null) {
  for (const part of (hint ?? "").split(" && "))
    if (part.startsWith("calm ")) {
      const { exitCode, stderr } = yield* world.calm(part.slice("calm ".length).split(" "))
      assert.strictEqual(exitCode, 0, `${part}\n${stderr}`)
    } else ChildProcess.execFileSync("sh", ["-c", part], { cwd: world.repo })
})

const started = Effect.gen(function* () {
  const world = yield* World.project
  yield* world.line("task create SPEC-001 Greet")
  yield* world.line("worktree create SPEC-001 --no-setup")
  return world
})

describe("doctor", () => {
  it.scopedLive("runs before init and outside of a repository, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      assert.deepStrictEqual((yield* checkUp(world)).wrong, ["warning home", "warning database"])
      assert.deepStrictEqual(yield* checkUp(world, "doctor --fix").pipe(Effect.map(({ exitCode }) => exitCode)), 0)
      assert.isFalse(Fs.existsSync(world.home))
      yield* world.line("init")
      const outside = yield* checkUp(world, "doctor", world.base)
      assert.deepStrictEqual([outside.wrong, outside.exitCode], [["warning project"], 0])
    })
  )

  it.scopedLive("says of a damaged database which backup to restore, changes nothing, and what it says works", () =>
    Effect.gen(function* () {
      const world = yield* started
      yield* world.line("backup create before")
      const file = Path.join(world.home, "metadata.db")
      Fs.rmSync(`${file}-wal`, { force: true })
      Fs.writeFileSync(file, "this is no database")
      const { exitCode, hints, wrong } = yield* checkUp(world, "doctor --fix")
      assert.deepStrictEqual([exitCode, wrong], [2, ["error database"]])
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "this is no database")
      yield* typed(world, hints[0] ?? null)
      assert.strictEqual(
        Fs.readFileSync(Path.join(world.home, "damaged", "metadata.db"), "utf8"),
        "this is no database"
      )
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "task.title", "Greet")
      assert.deepStrictEqual((yield* checkUp(world)).wrong, [])
    })
  )

  it.scopedLive("never touches a database that another program made", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      const file = Path.join(world.home, "metadata.db")
      Fs.mkdirSync(world.home, { mode: 0o755 })
      const header = Buffer.alloc(4096)
      header.write("SQLite format 3\0", "latin1")
      Fs.writeFileSync(file, header, { mode: 0o600 })
      const { checks, exitCode, wrong } = yield* checkUp(world, "doctor --fix")
      assert.deepStrictEqual([exitCode, wrong], [2, ["error database"]])
      assert.strictEqual(checks.find(({ name }) => name === "home")?.summary, `${world.home} may be written`)
      assert.strictEqual(Fs.statSync(world.home).mode & 0o777, 0o755)
      assert.isTrue(Fs.readFileSync(file).equals(header))
      assert.deepStrictEqual(Fs.readdirSync(world.home), ["metadata.db"])
    })
  )

  it.scopedLive(
    "links worktrees again after the repository was moved, after a backup; a second time does nothing",
    () =>
      Effect.gen(function* () {
        const world = yield* started
        Fs.writeFileSync(Path.join(world.worktree("SPEC-001"), "unsaved.txt"), "mine\n")
        const moved = Path.join(world.base, "moved")
        Fs.renameSync(world.repo, moved)
        const plan = yield* world.line("doctor --dry-run", { cwd: moved })
        assert.strictEqual(plan.exitCode, 7)
        assert.nestedPropertyVal(plan.data, "plan[0].what", "SPEC-001: link the worktree and git's record of it again")
        const fixed = yield* world.line("doctor --fix", { cwd: moved })
        assert.strictEqual(fixed.exitCode, 0, JSON.stringify(fixed))
        assert.nestedPropertyVal(fixed.data, "applied[0].done", true)
        assert.strictEqual(World.git(Path.join(moved, ".worktrees", "SPEC-001"), "status", "--short"), "?? unsaved.txt")
        assert.strictEqual(Fs.readdirSync(Path.join(world.home, "backups")).length, 1)
        const again = yield* world.line("doctor --fix", { cwd: moved })
        assert.deepNestedPropertyVal(again.data, "applied", [])
        assert.strictEqual(Fs.readdirSync(Path.join(world.home, "backups")).length, 1)
      })
  )

  it.scopedLive("tells of settings that cannot be read, by line, though every other command refuses to go on", () =>
    Effect.gen(function* () {
      const world = yield* started
      Fs.writeFileSync(Path.join(world.home, "config.json"), '{\n  "databas": "x"\n}\n')
      const { stdout } = yield* world.calm(["doctor"])
      assert.match(stdout, /config\.json:2: "databas" is not known/)
      assert.strictEqual((yield* world.line("status")).exitCode, 1)
    })
  )

  it.scopedLive("prints what was done, then everything as it is now", () =>
    Effect.gen(function* () {
      const world = yield* started
      Fs.rmSync(world.worktree("SPEC-001"), { recursive: true })
      const { stdout } = yield* world.calm(["doctor", "--fix"])
      assert.match(stdout, /^done\n {2}backup made before: before-fix-\S+\n {2}✓ SPEC-001: forget the worktree/)
      assert.match(stdout, /\n\nall is well\n$/)
      assert.strictEqual((yield* world.calm(["doctor", "--quiet"])).stdout, "")
    })
  )
})

describe("worktree health", () => {
  it.scopedLive("of a branch that was deleted under its worktree says how it comes back, and that works", () =>
    Effect.gen(function* () {
      const world = yield* started
      World.commit(world.worktree("SPEC-001"), { "a.txt": "a" })
      const tip = World.git(world.repo, "rev-parse", "SPEC-001")
      World.git(world.repo, "update-ref", "-d", "refs/heads/SPEC-001")
      const { data, exitCode } = yield* world.line("worktree health")
      assert.strictEqual(exitCode, 7)
      assert.nestedPropertyVal(data, "worktrees[0].findings[0].code", "branch_missing")
      const hint = /→ (.*)/.exec((yield* world.calm(["worktree", "health"])).stdout)?.[1] ?? ""
      yield* typed(world, hint)
      assert.strictEqual(World.git(world.repo, "rev-parse", "SPEC-001"), tip)
      assert.strictEqual((yield* world.line("worktree health")).exitCode, 0)
    })
  )

  it.scopedLive("of a worktree that git moved away says how it comes back, and that works", () =>
    Effect.gen(function* () {
      const world = yield* started
      World.git(world.repo, "worktree", "move", world.worktree("SPEC-001"), Path.join(world.base, "away"))
      const { stdout } = yield* world.calm(["worktree", "health"])
      yield* typed(world, /→ (.*)/.exec(stdout)?.[1] ?? "")
      assert.strictEqual((yield* world.line("worktree health")).exitCode, 0)
    })
  )

  it.scopedLive("does not promise to mend what --fix leaves alone", () =>
    Effect.gen(function* () {
      const world = yield* started
      yield* world.line("worker start SPEC-001 spec-reviewer")
      Fs.rmSync(world.worktree("SPEC-001"), { recursive: true })
      for (const line of ["worktree health --dry-run", "worktree health --fix", "doctor --fix"]) {
        const { exitCode, stdout } = yield* world.calm(line.split(" "))
        assert.strictEqual(exitCode, 7, line)
        assert.match(stdout, /\nNot mended by --fix\n {2}(?:- )?SPEC-001: left alone: a worker is active on its task\n/)
        assert.notInclude(stdout, " would\n")
      }
    })
  )

  it.scopedLive("prints the plan that --fix then carries out, and what is not calm's", () =>
    Effect.gen(function* () {
      const world = yield* started
      World.git(world.repo, "worktree", "add", "--quiet", Path.join(world.base, "own"), "-b", "own")
      Fs.writeFileSync(Path.join(world.worktree("SPEC-001"), "unsaved.txt"), "mine\n")
      yield* world.json(["task", "update", "SPEC-001", "--phase", "DONE", "--reason", "by hand"])
      const planned = yield* world.calm(["worktree", "health", "--dry-run"])
      assert.strictEqual(planned.exitCode, 7)
      assert.include(
        planned.stdout,
        `Not calm's, and left alone\n  ${Path.join(world.base, "own")} (worktree on own)\n`
      )
      const step =
        "SPEC-001: take the worktree away into the trash, with what is uncommitted saved under a ref; its branch stays"
      assert.include(planned.stdout, `calm worktree health --fix would\n  ${step}\n`)
      const fixed = yield* world.calm(["worktree", "health", "--fix"])
      assert.strictEqual(fixed.exitCode, 0)
      assert.include(fixed.stdout, `Done\n  ✓ ${step}`)
      const [rescue = ""] = World.git(world.repo, "for-each-ref", "--format=%(refname)", "refs/calm/rescue").split("\n")
      assert.strictEqual(World.git(world.repo, "show", `${rescue}:unsaved.txt`), "mine")
      assert.isTrue(Fs.existsSync(Path.join(world.base, "own", "check.sh")))
    })
  )
})

describe("worktree create --check-overlaps", () => {
  it.scopedLive(
    "lists who touches the same paths, goes on with --force, is silent without, and says when it could not compare",
    () =>
      Effect.gen(function* () {
        const world = yield* started
        World.commit(world.worktree("SPEC-001"), { "src/a.js": "a", "src/b.js": "b" })
        for (const [id, touches] of [
          ["SPEC-002", "src/**"],
          ["SPEC-003", "web/**"],
          ["SPEC-004", ""]
        ] as const) {
          yield* world.json(["task", "create", id, "Other"])
          yield* world.json(["task", "update", id, `--touches=${touches}`])
        }
        const create = (id: string, ...more: ReadonlyArray<string>) =>
          world.calm(["worktree", "create", id, "--no-setup", "--check-overlaps", ...more])
        const refused = yield* create("SPEC-002")
        assert.strictEqual(refused.exitCode, 6)
        assert.strictEqual(
          refused.stderr,
          [
            "error: SPEC-002 touches what another open task touches, too",
            "  ✗ SPEC-001: src/a.js, src/b.js",
            "    → calm task show SPEC-001",
            "hint: calm worktree create SPEC-002 --check-overlaps --force",
            ""
          ].join("\n")
        )
        assert.isFalse(Fs.existsSync(world.worktree("SPEC-002")))
        const forced = yield* create("SPEC-002", "--force")
        assert.deepStrictEqual(
          [forced.exitCode, forced.stderr],
          [0, "note: SPEC-001 touches, too: src/a.js, src/b.js\n"]
        )
        const alone = yield* create("SPEC-003")
        assert.deepStrictEqual([alone.exitCode, alone.stderr], [0, ""])
        const unknown = yield* create("SPEC-004")
        assert.strictEqual(unknown.exitCode, 0)
        assert.match(unknown.stderr, /^note: SPEC-004 neither declares nor has changed anything/)
      })
  )
})

describe("status", () => {
  const lines = (text: string) => text.replace(/\n$/, "").split("\n")

  it.scopedLive("of a project with thirty tasks, stuck and damaged, is one screen of 80 by 24", () =>
    Effect.gen(function* () {
      const world = yield* started
      for (let number = 100; number < 129; number++)
        yield* world.json([
          "task",
          "create",
          `SPEC-${number}`,
          `Let the importer go on ${"after a fault ".repeat(8)}`.trim()
        ])
      yield* world.line("task create BUG-001 Twice --type bug")
      yield* world.line("task update SPEC-101 --blocked-by SPEC-100,SPEC-102")
      yield* world.line("task cancel SPEC-100 --reason moot")
      for (let merge = 0; merge < 12; merge++) yield* world.line("counter increment merges_since_e2e")
      yield* world.line("worker start SPEC-001 planning")
      Fs.rmSync(world.worktree("SPEC-001"), { recursive: true })
      const { stdout } = yield* world.calm(["status"], { style: terminal })
      for (const line of lines(stdout).slice(1)) assert.isAtMost(line.length, 80, line)
      assert.isAtMost(lines(stdout).length, 23, stdout)
      assert.include(stdout, "\n30 open tasks\n")
      assert.include(stdout, "→ calm task update SPEC-101 --blocked-by SPEC-102\n")
      assert.include(stdout, "  ! the worktree of SPEC-001: its folder is gone\n    → calm worktree create SPEC-001\n")
      assert.match(stdout, /\nand \d+ more: calm status tasks\n/)
      assert.include(stdout, "\nWorkers: planning on SPEC-001\n")
      assert.match(stdout, /\nNext: calm session next\n$/)
      yield* world.line("counter increment merge_lock")
      const more = yield* world.calm(["status"], { style: terminal })
      assert.include(more.stdout, "  and 1 more: calm status health\n")
      assert.include(more.stdout, "Next: calm counter reset merge_lock\n")
      const piped = yield* world.calm(["status"])
      assert.strictEqual(piped.stdout.match(/^(SPEC|BUG)-\d+\t/gm)?.length, 30, "what is piped is whole")
    })
  )

  it.scopedLive("health exits 7 for what is broken and 0 for what only wants attention, with every reason", () =>
    Effect.gen(function* () {
      const world = yield* started
      assert.deepStrictEqual((yield* world.line("status health")).data, {
        level: "HEALTHY",
        reasons: [],
        databaseCheck: { made: "now", at: null }
      })
      Fs.rmSync(world.worktree("SPEC-001"), { recursive: true })
      const attention = yield* world.line("status health")
      assert.deepStrictEqual(
        [attention.exitCode, (yield* world.calm(["status", "health", "--quiet"])).stdout],
        [0, "ATTENTION\n"]
      )
      yield* world.line("counter increment merge_lock")
      const degraded = yield* world.line("status health")
      assert.strictEqual(degraded.exitCode, 7)
      assert.nestedPropertyVal(degraded.data, "level", "DEGRADED")
      assert.nestedPropertyVal(degraded.data, "reasons.length", 2)
    })
  )

  it.scopedLive("shows tasks by phase with their counts, and worktrees with what is wrong", () =>
    Effect.gen(function* () {
      const world = yield* started
      yield* world.line("task create SPEC-002 Wave")
      yield* world.line("task create BUG-001 Twice --type bug")
      yield* world.json(["task", "update", "SPEC-001", "--phase", "TEST", "--reason", "by hand"])
      const { data } = yield* world.line("status tasks")
      assert.deepNestedPropertyVal(data, "phases", [
        { type: "feature", phase: "SPEC", count: 1 },
        { type: "feature", phase: "TEST", count: 1 },
        { type: "bug", phase: "REPORTED", count: 1 }
      ])
      const { stdout } = yield* world.calm(["status", "tasks"], { style: terminal })
      assert.match(stdout, /^Features: 1 SPEC, 1 TEST\nBugs: 1 REPORTED\nID +PHASE/)
      assert.match(stdout, /\nSPEC-002 [^\n]*\nSPEC-001 [^\n]*\nBUG-001 /)
      Fs.rmSync(world.worktree("SPEC-001"), { recursive: true })
      assert.match((yield* world.calm(["status", "worktrees"])).stdout, /^SPEC-001\tTEST\t\S+\tits folder is gone\n$/)
    })
  )
})
