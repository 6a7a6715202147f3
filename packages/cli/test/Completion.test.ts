/**
 * Completion as people meet it: the real scripts in the real shells, over a real database. bash is everywhere; what is said
 * in zsh and fish is tested where they are installed, and they must be where CI is set.
 */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll } from "vitest"
import { root } from "../src/commands.ts"
import * as Tree from "../src/Tree.ts"
import { bundlePart } from "../bundle.mjs"
import { isHere, question, run, type Shell, shells } from "./fixtures/shells.ts"
import * as World from "./fixtures/world.ts"

const hostile = `$(touch pwned) \`touch pwned\` 'q" %F{red} \\x:;`

let folder = ""
let inputs: ReadonlyArray<string> = []

beforeAll(() => {
  folder = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-complete-")))
  const package_ = Path.resolve(import.meta.dirname, "..")
  // What an installation has: the program that answers, what it loads, and `calm` on the path.
  Fs.symlinkSync(Path.join(package_, "node_modules"), Path.join(folder, "node_modules"))
  Fs.mkdirSync(Path.join(folder, "dist/roles"), { recursive: true })
  Fs.writeFileSync(Path.join(folder, "dist/roles/backend.md"), "---\ntitle: Backend engineer\n---\n")
  for (const name of ["_base.md", "README.md", "$(touch pwned).md"])
    Fs.writeFileSync(Path.join(folder, "dist/roles", name), "")
  Fs.mkdirSync(Path.join(folder, "bin"))
  Fs.copyFileSync(Path.join(package_, "bin/calm.cjs"), Path.join(folder, "bin/calm.cjs"))
  Fs.chmodSync(Path.join(folder, "bin/calm.cjs"), 0o755)
  Fs.symlinkSync("calm.cjs", Path.join(folder, "bin/calm"))
  return bundlePart("complete", Path.join(folder, "dist")).then((files) => {
    inputs = files
  })
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

/** A project with tasks in many states. */
const world = Effect.gen(function* () {
  const made = yield* World.project
  const lines = [
    ["task", "create", "SPEC-001", "Greet"],
    ["task", "create", "SPEC-002", hostile],
    ["task", "create", "BUG-001", "Twice"],
    ["task", "create", "OLD-001", "Old"],
    ["task", "create", "GONE-001", "Gone"],
    ["task", "update", "SPEC-001", "--phase", "IMPLEMENT", "--reason", "start"],
    ["task", "update", "SPEC-002", "--phase", "INTEGRATE", "--reason", "start"],
    ["task", "cancel", "OLD-001", "--reason", "moot"],
    ["task", "delete", "GONE-001"],
    ["worktree", "create", "SPEC-001", "--no-setup"],
    ["worktree", "create", "SPEC-002", "--no-setup"],
    ["worktree", "remove", "SPEC-002"],
    ["backup", "create", "monday"]
  ]
  for (const line of lines) assert.strictEqual((yield* made.calm(line)).exitCode, 0, line.join(" "))
  const env = {
    PATH: `${folder}/bin:${process.env["PATH"]}`,
    HOME: made.base,
    CALM_HOME: made.home,
    LC_ALL: "C.UTF-8",
    // Else fish keeps what it needs while it runs in the folder of all temporary files, and leaves it there.
    XDG_RUNTIME_DIR: made.base
  }

  /** What `calm complete` answers, a line each. */
  const complete = (asked: ReadonlyArray<string>, { cwd = made.repo, variables = {} } = {}) =>
    Effect.map(
      run(Path.join(folder, "bin/calm"), ["complete", ...asked], {
        cwd,
        env: { ...env, ...variables }
      }),
      (ran) => {
        assert.deepStrictEqual([ran.code, ran.stderr], [0, ""])
        return ran.stdout.split("\n").filter((line) => line !== "")
      }
    )
  const words = (asked: ReadonlyArray<string>, options?: { cwd?: string; variables?: Record<string, string> }) =>
    Effect.map(complete(asked, options), (lines) => lines.map((line) => line.split("\t")[0]))

  /** What a shell offers for a line. */
  const offers = Effect.fnUntraced(function* (shell: Shell, line: string) {
    const { stdout: script } = yield* made.calm(["completions", shell])
    const typed = line.split(" ")
    const ran = yield* run(shell, question[shell](script, typed), { cwd: made.repo, env })
    assert.strictEqual(ran.stderr, "", line)
    const start = (typed.at(-1) ?? "").replace(/^--[\w-]+=/, "")
    return ran.stdout
      .split("\n")
      .filter((offer) => offer !== "")
      .map((offer) => offer.replace(/^--[\w-]+=/, ""))
      .filter((offer) => offer.toLowerCase().startsWith(start.toLowerCase()))
  })
  return { ...made, complete, words, offers }
})

describe("calm complete", () => {
  it.scopedLive("answers with what is in the database, and from where the task is", () =>
    Effect.gen(function* () {
      const { words } = yield* world
      const answers: ReadonlyArray<readonly [asked: ReadonlyArray<string>, expected: ReadonlyArray<string>]> = [
        [
          ["task", ""],
          ["BUG-001", "SPEC-001", "SPEC-002"]
        ],
        [
          ["task", "spec"],
          ["SPEC-001", "SPEC-002"]
        ],
        [["task", "o"], ["OLD-001"]],
        [["task", "G"], []],
        [["task-list", "BUG-001,", "SPEC-002"], ["BUG-001,SPEC-001"]],
        [
          ["task-without-worktree", ""],
          ["BUG-001", "SPEC-002"]
        ],
        [["task-with-worktree", ""], ["SPEC-001"]],
        [["task-in-trash", ""], ["SPEC-002"]],
        [["deleted-task", ""], ["GONE-001"]],
        [
          ["move", "", "spec-001"],
          ["CODE_REVIEW", "DESIGN", "SPEC"]
        ],
        // Only a merge makes this move.
        [
          ["move", "", "SPEC-002"],
          ["TEST", "CODE_REVIEW", "IMPLEMENT", "DESIGN", "SPEC"]
        ],
        [["move", "", "OLD-001"], []],
        [["move", "", "NONE-001"], []],
        [["phase", "m", "BUG-001"], ["MERGED"]],
        [["phase", "c", "BUG-001"], ["CANCELLED"]],
        [["transition", "T", "SPEC-001"], ["TEST-INTEGRATE"]],
        [["transition", "T", "BUG-001"], ["TESTED-MERGED"]],
        [
          ["review-type", "", "SPEC-001"],
          ["spec", "proposal", "code"]
        ],
        [["review-type", "", "BUG-001"], ["bugfix"]],
        [["role", ""], ["backend"]],
        [["counter", "merge_"], ["merge_lock"]],
        [["no-such-kind", ""], []],
        [[], []]
      ]
      for (const [asked, expected] of answers)
        assert.deepStrictEqual(yield* words(asked), [...expected], asked.join(" "))
    })
  )

  it.scopedLive("finds the project from a worktree and from --project, and keeps projects apart", () =>
    Effect.gen(function* () {
      const { base, repo, words, worktree } = yield* world
      const elsewhere = { cwd: base }
      assert.deepStrictEqual(yield* words(["task", "B"], { cwd: worktree("SPEC-001") }), ["BUG-001"])
      assert.deepStrictEqual(yield* words(["task", "B"], elsewhere), [])
      assert.deepStrictEqual(yield* words(["task", "B", "", repo], elsewhere), ["BUG-001"])
      assert.deepStrictEqual(yield* words(["task", "B", "", "~/repo"], elsewhere), ["BUG-001"])
      assert.deepStrictEqual(yield* words(["task", "B"], { ...elsewhere, variables: { CALM_PROJECT: repo } }), [
        "BUG-001"
      ])
      assert.deepStrictEqual(yield* words(["task", "B", "", "/nowhere"]), [])
      const other = World.repository(Path.join(base, "other"))
      assert.deepStrictEqual(yield* words(["task", ""], { cwd: other }), [])
    })
  )

  it.scopedLive("says nothing where there is no database, and makes none", () =>
    Effect.gen(function* () {
      const { base, home, words } = yield* world
      const before = Fs.readdirSync(home).sort()
      yield* words(["task", ""])
      assert.deepStrictEqual(Fs.readdirSync(home).sort(), before)
      assert.deepStrictEqual(yield* words(["task", ""], { variables: { CALM_HOME: Path.join(base, "none") } }), [])
      assert.deepStrictEqual(
        yield* words(["task", ""], { variables: { CALM_DB_PATH: Path.join(base, "none.db") } }),
        []
      )
      assert.isFalse(Fs.existsSync(Path.join(base, "none")))
      assert.isFalse(Fs.existsSync(Path.join(base, "none.db")))
    })
  )

  it.scopedLive("finds the database where the user's configuration says that it is", () =>
    Effect.gen(function* () {
      const { base, home, words } = yield* world
      const moved = Path.join(base, "elsewhere.db")
      Fs.renameSync(Path.join(home, "metadata.db"), moved)
      assert.deepStrictEqual(yield* words(["task", "B"]), [])
      Fs.writeFileSync(Path.join(home, "config.json"), JSON.stringify({ database: moved }))
      assert.deepStrictEqual(yield* words(["task", "B"]), ["BUG-001"])
    })
  )

  it.scopedLive("shows a title on one line, without anything that a terminal would obey, and never too long", () =>
    Effect.gen(function* () {
      const { complete, repo } = yield* world
      const [line] = yield* complete(["task", "SPEC-002"])
      assert.strictEqual(line, `SPEC-002\tINTEGRATE ${hostile}`)
      yield* Effect.sync(() =>
        Fs.writeFileSync(Path.join(folder, "dist/roles/loud.md"), "title: \u001b[2J\u009b1m\u202eloud\n")
      )
      assert.deepStrictEqual(yield* complete(["role", "l"]), ["loud\t\\x1b[2J\\x9b1m\\u202eloud"])
      assert.isFalse(Fs.existsSync(Path.join(repo, "pwned")))
    })
  )

  it("loads neither Effect nor a command: nobody would wait for them", () => {
    assert.deepStrictEqual(
      inputs.filter((path) => /node_modules\/(?!better-sqlite3)|src\/commands|@effect/.test(path)),
      []
    )
  })
})

/** The same in every shell: a line as it is typed, and all that is offered, in this order where the shell keeps one. */
const lines: ReadonlyArray<readonly [line: string, expected: ReadonlyArray<string>]> = [
  ["ta", ["task"]],
  ["task ca", ["cancel"]],
  ["--json task create X Y --blo", ["--blocked-by"]],
  ["task create X Y --type ", ["feature", "bug"]],
  ["task create X Y --type=b", ["bug"]],
  ["--log-level=e", ["error"]],
  // What was given is not offered again, and what is said of it is no command.
  ["task update SPEC-001 --title list --t", ["--touches"]],
  ["task update SPEC-001 --title=list --t", ["--touches"]],
  ["task create X ", []],
  ["task show ", ["BUG-001", "SPEC-001", "SPEC-002"]],
  ["task show -- s", ["SPEC-001", "SPEC-002"]],
  ["task transition SPEC-001 ", ["CODE_REVIEW", "DESIGN", "SPEC"]],
  ["task transition --gate-result pass SPEC-001 --reason why ", ["CODE_REVIEW", "DESIGN", "SPEC"]],
  ["task update SPEC-002 --phase V", ["VERIFY"]],
  ["task update SPEC-001 --blocked-by BUG-001,", ["BUG-001,SPEC-002"]],
  ["task update SPEC-001 --blocked-by=BUG-001,", ["BUG-001,SPEC-002"]],
  ["task list --fields id,ti", ["id,title"]],
  // A field that was chosen is not offered again.
  [
    "task list --fields id,phase,",
    ["type", "title", "specialist", "specId", "blockedBy"].map((field) => `id,phase,${field}`)
  ],
  ["he", ["help"]],
  ["help e", ["explain", "evidence", "exit-codes"]],
  ["help task ca", ["cancel"]],
  ["help task cancel ", []],
  ["schema he", []],
  ["task restore ", ["GONE-001"]],
  ["gate check BUG-001 TEST", ["TESTED-MERGED"]],
  ["review record BUG-001 ", ["bugfix"]],
  ["review record BUG-001 bugfix ", ["approved", "changes_requested"]],
  ["worktree merge ", ["SPEC-001"]],
  ["worker start SPEC-001 b", ["backend"]],
  ["counter get merge_", ["merge_lock"]],
  ["schema task ca", ["cancel"]],
  ["completions f", ["fish"]],
  ["--project /nowhere task show ", []],
  ["--project=/nowhere task show ", []]
]

for (const shell of shells) {
  // Never silently: who reads the report sees that the script was not run, and CI refuses to do without.
  if (!isHere(shell)) {
    it(`${shell} is not installed here, so its script was not run`, () => {
      assert.notStrictEqual(process.env["CI"], "true", `${shell} is missing; .ci/run installs it`)
    })
    continue
  }

  it.scopedLive(
    `${shell} offers what fits the line, and the options after the last argument, and runs nothing of it`,
    () =>
      Effect.gen(function* () {
        const { offers, repo } = yield* world
        const about = shell === "zsh" ? ":" : "\t"
        const offered = (line: string) =>
          Effect.map(offers(shell, line), (found) => found.map((offer) => offer.split(about)[0]))
        for (const [line, expected] of lines) {
          const found = yield* offered(line)
          // fish sorts by itself.
          if (shell === "fish") assert.sameMembers(found, [...expected], line)
          else assert.deepStrictEqual(found, [...expected], line)
        }
        const options = yield* offered("task cancel BUG-001 --json ")
        assert.includeMembers(options, ["--reason", "--project", "--help"])
        assert.notInclude(options, "--json")
        assert.strictEqual(new Set(options).size, options.length)
        if (shell !== "bash") {
          assert.deepStrictEqual(yield* offers(shell, "task sh"), [`show${about}Show a task and its way so far`])
          assert.include(["monday", "monday\t"], (yield* offers(shell, "backup restore "))[0])
          const title = shell === "zsh" ? hostile.replaceAll("\\", "\\\\") : hostile
          assert.deepStrictEqual(yield* offers(shell, "worktree restore "), [`SPEC-002${about}INTEGRATE ${title}`])
        }
        assert.isFalse(Fs.existsSync(Path.join(repo, "pwned")))
      }),
    120_000
  )
}

describe("every parameter", () => {
  /** Names of what the database knows, unless the word is a new one. */
  const known = /^(?:id|task|phase|transition|worker|role|session|backup)$/
  const fresh = new Set(["task create <id>", "backup create <name>", "counter add <name>"])

  it.effect("that names something in the database says what completes it", () =>
    Effect.gen(function* () {
      const missing: Array<string> = []
      for (const { entry, path } of Tree.entries(root)) {
        const { leaf } = yield* Effect.promise(entry.load)
        const parameters = [
          ...leaf.args.map((argument) => ({ ...argument, word: `<${argument.name}>` })),
          ...leaf.options.flatMap((option) =>
            option.placeholder === undefined ? [] : [{ ...option, name: option.placeholder, word: `--${option.name}` }]
          )
        ]
        for (const { choices, completes, name, word } of parameters) {
          const at = `${path.join(" ")} ${word}`
          const names = known.test(name) || (name === "name" && ["counter", "backup"].includes(path[0] ?? ""))
          if (names && completes === undefined && choices.length === 0 && !fresh.has(at)) missing.push(at)
        }
      }
      assert.deepStrictEqual(missing, [])
    })
  )
})
