import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Style from "../src/Style.ts"
import * as World from "./fixtures/world.ts"

const intact = {
  spaces: "  two  words  ",
  quotes: `it's "quoted" \`so\``,
  "what a shell would run": "$(touch /tmp/x); $HOME & | ; \\",
  "a leading dash": "--all",
  "an equals sign": "a=b=c",
  emoji: "👩‍👩‍👧 🇩🇪 é e\u0301",
  "what SQL would run": `'); DROP TABLE tasks; --`,
  "what turns the direction of writing": "a\u202eb\u2066c"
}

const long = {
  "line breaks": "first\nsecond\r\n\tthird",
  "10,000 characters": "é".repeat(10_000),
  controls: "\u001b[2J\u0007\u009b2J"
}

/** Nothing but text, line breaks and tabs: what a terminal obeys is not among it. */
const isInert = (text: string): boolean =>
  !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)

// What is drawn anew moves the cursor, and rightly: here it would only depend on how long something takes.
const terminal: Style.Style = { terminal: true, color: false, width: 80, redraws: false }

describe("a text", () => {
  it.scopedLive("of one line is stored as it was typed, as title and as notes", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const [index, [what, text]] of Object.entries(intact).entries()) {
        const id = `SPEC-${index}`
        const made = yield* world.json(["task", "create", "--", id, text])
        assert.strictEqual(made.exitCode, 0, what)
        yield* world.json(["task", "update", id, `--notes=${text}`])
        const { data } = yield* world.json(["task", "show", id])
        assert.nestedPropertyVal(data, "task.title", text, what)
        assert.nestedPropertyVal(data, "task.notes", text, what)
      }
    })
  )

  it.scopedLive("of many lines or 10,000 characters is stored whole where there is room, and refused as a title", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      for (const [what, text] of Object.entries(long)) {
        const title = yield* world.json(["task", "update", "SPEC-001", "--title", text])
        assert.strictEqual(title.exitCode, 1, what)
        assert.match(title.error?.message ?? "", /a title (has at most 500 characters|is one line)/)
        assert.isBelow(title.error?.message.length ?? 0, 300, "the refusal does not repeat all of the text")
        yield* world.json(["task", "update", "SPEC-001", `--notes=${text}`])
        assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "task.notes", text, what)
      }
      for (const text of ["\u0000", "x".repeat(100_001)]) {
        assert.strictEqual((yield* world.json(["task", "update", "SPEC-001", `--notes=${text}`])).exitCode, 1)
      }
    })
  )

  it.scopedLive("as a reason, a review's notes and a name is stored as it was typed", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("worktree create SPEC-001 --no-setup")
      World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
      const notes = Object.values({ ...intact, ...long }).join("\n")
      const name = `Ann "$(x)" O'Neil 👩‍👩‍👧`
      const words = ["review", "record", "SPEC-001", "spec", "changes_requested"]
      yield* world.json([...words, "--by", name, `--notes=${notes}`])
      const { data } = yield* world.line("review list SPEC-001")
      assert.nestedPropertyVal(data, "reviews[0].reviewer", name)
      assert.nestedPropertyVal(data, "reviews[0].notes", notes)
      yield* world.json(["task", "cancel", "SPEC-001", `--reason=${notes}`])
      assert.nestedPropertyVal((yield* world.line("task show SPEC-001")).data, "transitions[0].reason", notes)
    })
  )

  it.scopedLive("as a hand-over is stored as it was written, and shows nothing that a terminal would obey", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const handoff = `# ${Object.values({ ...intact, ...long }).join("\n")}`
      const saved = yield* world.json(["session", "save", "--continue"], { stdin: handoff })
      assert.strictEqual(saved.exitCode, 0)
      assert.notNestedProperty(saved.data, "session.handoff", "who has just written it need not read it again")
      assert.nestedPropertyVal((yield* world.json(["session", "show", "S-"])).data, "handoff", handoff)
      assert.isBelow((yield* world.calm(["session", "list"])).stdout.length, 300, "a list shows one line of it")
      for (const words of [["show", "S-"], ["list"], ["pending"], ["resume", "S-"]])
        assert.isTrue(isInert((yield* world.calm(["session", ...words], { style: terminal })).stdout), words.join(" "))
      for (const stdin of ["", " \n", "a\u0000b", "x".repeat(1_000_001)])
        assert.strictEqual((yield* world.json(["session", "save"], { stdin })).exitCode, 1)
    })
  )

  it.scopedLive("that is empty clears what can be empty, and is refused where something must be said", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      yield* world.line("task create SPEC-001 Greet")
      yield* world.line("task create SPEC-002 Part --blocked-by SPEC-001")
      yield* world.line("task update SPEC-002 --notes n --specialist s --touches src/**")
      const options = ["--blocked-by", "", "--notes", "", "--specialist=", "--touches", ""]
      const { data } = yield* world.json(["task", "update", "SPEC-002", ...options])
      assert.deepInclude(data, { blockedBy: [], touches: [], notes: null, specialist: null })
      for (const argv of [
        ["task", "update", "SPEC-001", "--title", " "],
        ["task", "cancel", "SPEC-001", "--reason", ""],
        ["gate", "approve", "SPEC-001", "SPEC-DESIGN", "--by", ""],
        ["worktree", "create", "SPEC-001", "--base", ""],
        ["task", "create", "SPEC-003", "Part", "--blocked-by", "SPEC-001,,SPEC-002"]
      ]) {
        const { error, exitCode } = yield* world.json(argv)
        assert.strictEqual(exitCode, 1, argv.join(" "))
        assert.strictEqual(error?.code, "invalid_value", argv.join(" "))
      }
    })
  )

  it.scopedLive("never reaches the terminal with anything that it would obey", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const evil = "x\u202e\u2066y"
      const done = (...argv: ReadonlyArray<string>) =>
        Effect.map(world.json(argv), ({ exitCode }) => assert.strictEqual(exitCode, 0, argv.join(" ")))
      yield* done("task", "create", "SPEC-001", evil)
      yield* done("worktree", "create", "SPEC-001", "--no-setup")
      const files = {
        "planning_docs/SPEC-001/spec.md": "It greets.\n",
        "check.sh": "printf 'a\\033[2J\\033[31mb'; exit 1\n"
      }
      World.commit(world.worktree("SPEC-001"), files)
      const notes = `--notes=\u001b]0;owned\u0007\n\u001b[31m\u009b2J${evil}`
      yield* done("task", "update", "SPEC-001", notes, "--touches", evil)
      yield* done("review", "record", "SPEC-001", "spec", "changes_requested", "--by", evil, notes)
      for (const argv of [
        ["status"],
        ["task", "list"],
        ["task", "show", "SPEC-001"],
        ["explain", "SPEC-001"],
        ["review", "list", "SPEC-001"],
        ["review", "check", "SPEC-001", "spec"],
        ["gate", "check", "SPEC-001", "IMPLEMENT-CODE_REVIEW"],
        ["gate", "check", "SPEC-001", evil],
        ["worktree", "list"],
        ["log"],
        ["log", "--json"],
        ["task", "show", evil],
        ["task", "transition", "SPEC-001", "DESIGN"]
      ]) {
        for (const style of [Style.plain, terminal]) {
          const { stderr, stdout } = yield* world.calm(argv, { style })
          assert.isTrue(isInert(stdout + stderr), `${argv.join(" ")}\n${JSON.stringify(stdout + stderr)}`)
        }
      }
    })
  )
})

describe("a task's id", () => {
  const unsafe = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    ".hidden",
    "a..b",
    "a.lock",
    "a.",
    "HEAD",
    "a b",
    "a\nb",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a@{b",
    "-a",
    "--all",
    "é",
    "👩",
    "CON",
    "$(x)",
    "'",
    "a\u0000b",
    "x".repeat(65),
    "x".repeat(10_000),
    "0123456789abcdef0123456789abcdef01234567"
  ]
  it.scopedLive("that is no safe name of a branch and a folder is refused with the reason, wherever it is given", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const id of unsafe) {
        for (const argv of [
          ["task", "create", "--", id, "title"],
          ["task", "create", "SPEC-001", "title", `--spec=${id}`],
          ["worktree", "create", "--", id],
          ["explain", "--", id],
          ["log", `--task=${id}`]
        ]) {
          const { error, exitCode } = yield* world.json(argv)
          assert.strictEqual(exitCode, 1, JSON.stringify(argv))
          assert.strictEqual(error?.code, "invalid_value", JSON.stringify(argv))
          assert.match(error?.message ?? "", /is no value for \S+: (?:it |HEAD |some )/)
        }
      }
      assert.deepStrictEqual((yield* world.line("task list --all")).data, { tasks: [] })
      assert.isFalse(Fs.existsSync(`${world.repo}/.worktrees`))
    })
  )

  it.scopedLive("that is safe, however odd, names a branch and a folder", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      for (const id of ["a", "0", "SPEC-001", "x".repeat(64), "a.b_c-d", "Refs"]) {
        assert.strictEqual((yield* world.json(["task", "create", id, "title"])).exitCode, 0, id)
        assert.strictEqual((yield* world.json(["worktree", "create", id, "--no-setup"])).exitCode, 0, id)
        assert.strictEqual(World.git(world.worktree(id), "symbolic-ref", "--short", "HEAD"), id)
      }
    })
  )
})
