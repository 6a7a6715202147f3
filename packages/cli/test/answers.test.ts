import { assert, describe, it } from "@effect/vitest"
import { Time } from "@calm/domain/Ids"
import { type Outcome, verdict } from "@calm/domain/Verdict"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type * as Style from "../src/Style.ts"
import * as Verdicts from "../src/Verdicts.ts"
import * as World from "./fixtures/world.ts"

const terminal: Style.Style = { terminal: true, color: false, width: 80 }

/** A task in a worktree whose spec is committed. */
const specified = Effect.gen(function* () {
  const world = yield* World.project
  yield* world.line("task create SPEC-001 Greet")
  yield* world.line("worktree create SPEC-001 --no-setup")
  World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
  return world
})

describe("for a program that reads words", () => {
  it.scopedLive("worktree path, task next-id and counter get print the answer alone", () =>
    Effect.gen(function* () {
      const world = yield* specified
      assert.strictEqual(
        (yield* world.calm(["worktree", "path", "spec-001"])).stdout,
        `${world.worktree("SPEC-001")}\n`
      )
      assert.strictEqual((yield* world.calm(["task", "next-id", "SPEC"])).stdout, "SPEC-002\n")
      assert.strictEqual((yield* world.calm(["task", "next-id", "BUG"])).stdout, "BUG-001\n")
      assert.strictEqual((yield* world.calm(["counter", "get", "merge_lock"])).stdout, "0\n")
    })
  )

  it.scopedLive("lists are one line an entry, and nothing at all when there is none", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const argv of [
        ["task", "list"],
        ["worktree", "list"]
      ]) {
        assert.strictEqual((yield* world.calm(argv)).stdout, "")
        assert.match((yield* world.calm(argv, { style: terminal })).stdout, /^No \w+\n$/)
      }
      yield* world.line("task create BUG-001 Twice")
      assert.strictEqual((yield* world.calm(["task", "list"])).stdout, "BUG-001\tbug\tREPORTED\tTwice\t-\t-\n")
    })
  )

  it.scopedLive("lists tell a person at 80 columns the whole of what matters", () =>
    Effect.gen(function* () {
      const world = yield* specified
      const title = "Let the importer go on after a line that it cannot read at all"
      const notes = "The greeting must name the person, and nobody twice"
      yield* world.json(["task", "update", "SPEC-001", "--title", title, "--specialist", "s".repeat(40)])
      yield* world.json(["worker", "start", "SPEC-001", "bug-investigator"])
      yield* world.json(["review", "record", "SPEC-001", "spec", "changes_requested", "--by", "ana", "--notes", notes])
      Fs.writeFileSync(Path.join(world.home, "backups", "a-backup-with-a-long-name.db"), "no database")
      for (const [line, whole] of [
        ["task list", ["SPEC-001", title]],
        ["worker list --all", ["bug-investigator", "active"]],
        ["review list SPEC-001", ["ana", "changes", "blocks", notes]],
        ["backup list", ["a-backup-with-a-long-name", "broken: it does not begin like a database"]]
      ] as const) {
        const { stdout } = yield* world.calm(line.split(" "), { style: terminal })
        for (const shown of stdout.split("\n")) assert.isAtMost(shown.length, 80, line)
        const words = stdout.split(/\s+/)
        for (const word of whole.join(" ").split(" ")) assert.include(words, word, line)
      }
    })
  )

  it.scopedLive("lists are an object with the entries inside, without the long texts", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.json(["task", "update", "SPEC-001", "--notes", "n".repeat(10_000)])
      for (const [line, key] of [
        ["task list", "tasks"],
        ["worktree list", "worktrees"],
        ["counter list", "counters"],
        ["gate list", "gates"],
        ["log", "events"]
      ] as const) {
        const { data } = yield* world.line(line)
        assert.isArray(Object.entries(data ?? {}).find(([name]) => name === key)?.[1], line)
      }
      assert.isBelow(JSON.stringify((yield* world.line("task list")).data).length, 500)
    })
  )

  it.scopedLive("a list over all tasks costs an agent less than 200 bytes a task, so a hundred less than 20 kB", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const title = "Let the importer go on after a line that it cannot read"
      for (let n = 100; n < 110; n++) {
        yield* world.json([
          "task",
          "create",
          `SPEC-${n}`,
          title,
          ...(n % 3 === 0 ? [`--blocked-by=SPEC-${n - 1}`] : [])
        ])
        yield* world.json(["task", "update", `SPEC-${n}`, "--specialist", "backend"])
      }
      for (const [line, key] of [
        ["task list", '"id"'],
        ["status tasks", '"id"'],
        ["session next", '"taskId"']
      ] as const) {
        const { stdout } = yield* world.calm([...line.split(" "), "--json"])
        assert.strictEqual(stdout.split(key).length - 1, 10, line)
        assert.isBelow(stdout.length, 2000, line)
      }
    })
  )

  it.scopedLive("the one task to take up next is asked for in one line", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("task create SPEC-002 Part --blocked-by SPEC-001")
      yield* world.line("task cancel SPEC-001 --reason moot")
      assert.deepStrictEqual((yield* world.line("task list --ready")).data, { tasks: [] })
      yield* world.json(["task", "update", "SPEC-002", "--blocked-by", ""])
      const { stdout } = yield* world.calm(["task", "list", "--ready", "--limit", "1", "--quiet"])
      assert.strictEqual(stdout, "SPEC-002\n")
    })
  )

  it.scopedLive("tasks that are finished are listed with --all, or when their phase is asked for", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("task cancel SPEC-001 --reason moot")
      assert.deepStrictEqual((yield* world.line("task list")).data, { tasks: [] })
      assert.nestedPropertyVal((yield* world.line("task list --all")).data, "tasks[0].id", "SPEC-001")
      assert.nestedPropertyVal((yield* world.line("task list --phase cancelled")).data, "tasks[0].id", "SPEC-001")
    })
  )
})

describe("a refused move", () => {
  it.scopedLive("lists every unmet condition with its command, to people as lines and to programs as details", () =>
    Effect.gen(function* () {
      const world = yield* specified
      const { exitCode, stderr, stdout } = yield* world.calm(["task", "transition", "SPEC-001", "design"])
      assert.strictEqual(exitCode, 7)
      assert.strictEqual(stdout, "")
      assert.strictEqual(
        stderr,
        [
          "error: SPEC-001 may not move to DESIGN: 2 conditions are not met",
          "  ✗ spec reviews: 0 of 2 approvals",
          "    → calm review record SPEC-001 spec approved",
          "  ✗ approval: no person has approved it",
          '    → calm gate approve SPEC-001 SPEC-DESIGN --by "$(git config user.name)"',
          ""
        ].join("\n")
      )
      const { error } = yield* world.line("task transition SPEC-001 design")
      assert.nestedPropertyVal(error?.details, "outcomes[0].check", "spec reviews")
      assert.nestedPropertyVal(error?.details, "outcomes[1].check", "approval")
      assert.strictEqual(error?.hint, "calm review record SPEC-001 spec approved")
    })
  )
})

describe("a question", () => {
  it.scopedLive("gate check shows the end of a failed check's output, and where the rest of it is", () =>
    Effect.gen(function* () {
      const world = yield* specified
      World.commit(world.worktree("SPEC-001"), { "check.sh": "echo one; echo two; exit 1\n" })
      const argv = ["gate", "check", "SPEC-001", "implement->code_review"]
      const { exitCode, stderr, stdout } = yield* world.calm(argv)
      assert.strictEqual(exitCode, 7)
      assert.strictEqual(stderr, "")
      assert.match(stdout, /^SPEC-001 IMPLEMENT-CODE_REVIEW at [0-9a-f]{7}: 3 conditions are not met\n/)
      assert.match(stdout, / {2}✗ tests: [^\n]*\n(?: {4}│ [^\n]*\n)* {4}│ one\n {4}│ two\n/)
      assert.match(stdout, /\n {2}✓ code changed: 1 file changed/)
      const log = / {4}log: (.*)\n/.exec(stdout)?.[1] ?? ""
      assert.include(Fs.readFileSync(log, "utf8"), "one\n")

      const again = yield* world.calm(argv)
      assert.include(again.stdout, "(cached)")
      assert.notInclude((yield* world.calm([...argv, "--fresh"])).stdout, "(cached)")
    })
  )

  it.scopedLive("tells a terminal what is being done, and a pipe nothing", () =>
    Effect.gen(function* () {
      const world = yield* specified
      const argv = ["gate", "check", "SPEC-001"]
      const dumb = { ...terminal, redraws: false }
      assert.strictEqual((yield* world.calm(argv, { style: dumb })).stderr, "Checking the next gate of SPEC-001 …\n")
      assert.strictEqual((yield* world.calm(argv)).stderr, "")
    })
  )

  it.scopedLive("that could not be answered is exit code 8, and names the files that are in the way", () =>
    Effect.gen(function* () {
      const world = yield* specified
      World.commit(world.worktree("SPEC-001"), { "a.txt": "a\n" })
      Fs.writeFileSync(Path.join(world.worktree("SPEC-001"), "left.txt"), "")
      const argv = ["gate", "check", "SPEC-001", "IMPLEMENT-CODE_REVIEW"]
      const { exitCode, stdout } = yield* world.calm(argv)
      assert.strictEqual(exitCode, 8, stdout)
      assert.match(stdout, / {2}\? tests: [^\n]*left\.txt/)
    })
  )
})

describe("the output of a check", () => {
  it("is shown with everything escaped that a terminal would obey, colours too, whatever style is asked for", () => {
    const evidence = { commit: "", at: Time.make("2025-01-31T10:00:00.000Z"), counts: null, duration: 1, logFile: null }
    const outcome: Outcome = {
      check: "tests",
      kind: "script",
      status: "failed",
      unmet: "refused",
      summary: "failed\nhere",
      hint: null,
      cached: false,
      evidence: { ...evidence, tail: "\u001b[31mred\u001b[2J\r\n\tin\u009b" }
    }
    const text = Verdicts.verdictWithOutput({ ...terminal, color: true }, verdict("A-B", [outcome]))
    assert.strictEqual(text, "  \u001b[31m✗\u001b[39m tests: failed⏎here\n    │ \\x1b[31mred\\x1b[2J\n    │ \tin\\x9b")
  })
})

describe("explain", () => {
  it.scopedLive("marks each condition, and names the command that would meet it and the one to run now", () =>
    Effect.gen(function* () {
      const world = yield* specified
      yield* world.line("review record SPEC-001 spec approved --by ann")
      yield* world.line("gate approve SPEC-001 SPEC-DESIGN --by me")
      const { stdout } = yield* world.calm(["explain", "SPEC-001"])
      assert.match(stdout, /^SPEC-001 Greet\nSPEC, at [0-9a-f]{7}\n\non to DESIGN: 1 condition is not met\n/)
      assert.include(
        stdout,
        "  ✗ spec reviews: 1 of 2 approvals (ann)\n    → calm review record SPEC-001 spec approved"
      )
      assert.include(stdout, "  ✓ approval: approved by me\n")
      assert.include(stdout, '  → calm task cancel SPEC-001 --reason "No longer needed"\n')
      assert.match(stdout, /\nNext: calm review record SPEC-001 spec approved\n$/)
    })
  )
})

describe("deleting", () => {
  it.scopedLive("names the trash folder, and restoring says how the worktree comes back as it was", () =>
    Effect.gen(function* () {
      const world = yield* specified
      Fs.writeFileSync(Path.join(world.worktree("SPEC-001"), "unsaved.txt"), "mine\n")
      const deleted = yield* world.calm(["task", "delete", "SPEC-001"])
      const folder = /worktree: in the trash, (.*)\n/.exec(deleted.stdout)?.[1] ?? ""
      assert.isTrue(Fs.existsSync(folder), deleted.stdout)
      const rescue = /\nuncommitted work: (refs\/calm\/rescue\/SPEC-001\/\S+)\n/.exec(deleted.stdout)?.[1] ?? ""
      assert.strictEqual(World.git(world.repo, "show", `${rescue}:unsaved.txt`), "mine")
      assert.isFalse(Fs.existsSync(world.worktree("SPEC-001")))
      const restored = yield* world.calm(["task", "restore", "SPEC-001"])
      assert.include(restored.stdout, "→ calm worktree restore SPEC-001\n")
      yield* world.calm(["worktree", "restore", "SPEC-001"])
      assert.strictEqual(Fs.readFileSync(Path.join(world.worktree("SPEC-001"), "unsaved.txt"), "utf8"), "mine\n")
    })
  )

  it.scopedLive("a task without a worktree says nothing of one", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      assert.notInclude((yield* world.calm(["task", "delete", "SPEC-001"])).stdout, "trash")
      assert.notInclude((yield* world.calm(["task", "restore", "SPEC-001"])).stdout, "worktree")
      assert.strictEqual((yield* world.line("task create SPEC-001 Again")).error?.code, "task_exists")
    })
  )
})

describe("status", () => {
  it.scopedLive("is one screen of 80 columns however much there is, and says what to type next", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      assert.include((yield* world.calm(["status"])).stdout, 'Next: calm task create SPEC-001 "Add a greeting"')
      for (let number = 1; number <= 20; number++)
        yield* world.json(["task", "create", `SPEC-0${number}`, `Greet ${"everybody ".repeat(20)}`.trim()])
      yield* world.line("task update SPEC-02 --blocked-by SPEC-01 --specialist backend")
      yield* world.line("counter set merge_lock 2")
      const { stdout } = yield* world.calm(["status"], { style: terminal })
      const lines = stdout.split("\n")
      assert.isAtMost(lines.length, 24)
      for (const line of lines.filter((text) => !text.startsWith(world.repo))) assert.isAtMost(line.length, 80, line)
      assert.include(stdout, "Health: DEGRADED\n  ! merge_lock is 2")
      assert.match(stdout, /\nSPEC-02 +SPEC +Greet.*… +backend +SPEC-01\n/)
      assert.include(stdout, "20 open tasks")
      assert.match(stdout, /\nand \d+ more: calm status tasks\n/)
      assert.include(stdout, "Next: calm counter reset merge_lock")
      assert.strictEqual((yield* world.calm(["status"])).stdout.match(/^SPEC-\d+\t/gm)?.length, 20)
    })
  )

  it.scopedLive("points to what says of each task how it goes on", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      assert.include((yield* world.calm(["status"])).stdout, "Next: calm session next\n")
      assert.include((yield* world.calm(["session", "next"])).stdout, "\tcalm worktree create SPEC-001\t")
    })
  )
})

describe("the log", () => {
  it.scopedLive("begins where --since says, in every form, and ends at --limit", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const id of ["A", "B", "C"]) yield* world.line(`task create ${id} x`)
      const count = (words: string) =>
        Effect.map(world.calm(["log", ...words.split(" ")]), (it) => it.stdout.split("\n").length - 1)
      for (const since of [
        "2h",
        "3d",
        "1d12h",
        "90s",
        "999999999w",
        "2020-01-31",
        "2020-01-31T10:00",
        "2020-01-31T10:00:00.5Z"
      ])
        assert.strictEqual(yield* count(`--since ${since}`), 4, since)
      for (const since of ["0s", "2999-01-01", "2999-01-01T00:00+02:00"])
        assert.strictEqual(yield* count(`--since ${since}`), 0, since)
      assert.strictEqual(yield* count("--limit 2"), 2)
      assert.strictEqual(yield* count("--task B"), 1)
      for (const since of ["2020-02-31", "2020-13-01", "10", "3 days", "-2h", "2020-01-31 10:00", "", "now"]) {
        const { error } = yield* world.json(["log", `--since=${since}`])
        assert.strictEqual(error?.code, "invalid_value", since)
      }
      for (const limit of ["0", "-1", "1.5", "1e3", "", "x"]) {
        assert.strictEqual((yield* world.json(["log", `--limit=${limit}`])).error?.code, "invalid_value", limit)
      }
    })
  )

  it.scopedLive("shows 50 lines unless told otherwise", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (let times = 0; times < 55; times++) yield* world.calm(["counter", "increment", "merge_lock"])
      assert.strictEqual((yield* world.calm(["log"])).stdout.split("\n").length - 1, 50)
      assert.strictEqual((yield* world.calm(["log", "--limit", "100"])).stdout.split("\n").length - 1, 56)
    })
  )
})

describe("a worktree whose dependencies cannot be installed", () => {
  it.scopedLive("is made all the same, with a note; setup alone exits 8", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const setup = ["sh", "-c", "echo no such package; exit 3"]
      World.commit(world.repo, { ".calm/project.json": JSON.stringify({ setup }) })
      yield* world.line("task create SPEC-001 Greet")
      const made = yield* world.calm(["worktree", "create", "SPEC-001"])
      assert.strictEqual(made.exitCode, 0)
      assert.match(made.stderr, /^note: the dependencies could not be installed: sh -c .*\n {2}no such package\n/)
      assert.include(made.stderr, "note: try again with: calm worktree setup SPEC-001\n")
      assert.isTrue(Fs.existsSync(world.worktree("SPEC-001")))
      const { data, exitCode } = yield* world.line("worktree setup SPEC-001")
      assert.strictEqual(exitCode, 8)
      assert.propertyVal(data, "status", "failed")
    })
  )
})
