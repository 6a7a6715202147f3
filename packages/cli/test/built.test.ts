/** The command as it is shipped: bundled, run as a process. What does not need one is tested in the process of the tests. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { assemble } from "../bundle.mjs"
import { document } from "./fixtures/run.ts"
import * as World from "./fixtures/world.ts"

let folder = ""
let program = ""

beforeAll(() => {
  folder = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-built-")))
  // What an installation has beside it.
  Fs.symlinkSync(Path.resolve(import.meta.dirname, "../node_modules"), Path.join(folder, "node_modules"))
  return assemble(folder).then((command) => {
    program = command
  })
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

interface Place {
  readonly base: string
  readonly repo: string
  readonly path?: string | undefined
}

const place = Effect.map(World.folder, (base): Place => ({ base, repo: World.repository(Path.join(base, "repo")) }))

const calm = (at: Place, ...args: ReadonlyArray<string>) => node(at, program, ...args)

const node = ({ base, path, repo }: Place, ...args: ReadonlyArray<string>) =>
  Effect.async<{ readonly stdout: string; readonly stderr: string; readonly code: unknown }>((resume) => {
    const env = { ...process.env, HOME: base, CALM_HOME: Path.join(base, "calm"), PATH: path ?? process.env["PATH"] }
    ChildProcess.execFile(
      process.execPath,
      args,
      { cwd: repo, env: { ...env, GIT_AUTHOR_NAME: "Me", GIT_AUTHOR_EMAIL: "me@example.com" } },
      (error, stdout, stderr) => resume(Effect.succeed({ stdout, stderr, code: error?.code ?? 0 }))
    )
  })

/** Tells, at the end of a process, which of Node's modules it has loaded besides those that Node loads itself. */
const probe = `
  const before = new Set(process.moduleLoadList)
  process.on("exit", () => {
    const loaded = process.moduleLoadList.filter((name) => !before.has(name))
    process._rawDebug(JSON.stringify(loaded.map((name) => name.replace("NativeModule ", ""))))
  })`

describe("the built command", () => {
  it.scopedLive("loads no module of Node's for what a reading command does not do: each costs milliseconds", () =>
    Effect.gen(function* () {
      const at = yield* place
      assert.strictEqual((yield* calm(at, "init")).code, 0)
      const file = Path.join(at.base, "probe.cjs")
      Fs.writeFileSync(file, probe)
      const { code, stderr } = yield* node(at, "--require", file, program, "task", "list")
      assert.strictEqual(code, 0)
      assert.include(stderr, '"vm"')
      for (const name of [
        "child_process",
        "crypto",
        "fs/promises",
        "net",
        "perf_hooks",
        "readline",
        "tty",
        "worker_threads"
      ])
        assert.notInclude(stderr, `"${name}"`)
    })
  )

  it.scopedLive("makes a project, a task and a worktree, and checks a gate with the scripts beside it", () =>
    Effect.gen(function* () {
      const at = yield* place
      assert.strictEqual((yield* calm(at, "init")).code, 0)
      const title = `it's "quoted" $(so) 👩‍👩‍👧`
      const made = yield* document((yield* calm(at, "task", "create", "SPEC-001", title, "--json")).stdout)
      assert.propertyVal(made.data, "title", title)
      const worktree = yield* calm(at, "worktree", "create", "SPEC-001")
      assert.deepStrictEqual([worktree.code, worktree.stderr], [0, ""])
      const path = (yield* calm(at, "worktree", "path", "SPEC-001")).stdout.trim()
      World.commit(path, { "a.txt": "a\n" })
      const checked = yield* calm(at, "gate", "check", "SPEC-001", "IMPLEMENT-CODE_REVIEW")
      assert.strictEqual(checked.code, 0, checked.stdout + checked.stderr)
      const refused = yield* calm(at, "task", "transition", "SPEC-001", "DESIGN", "--json")
      assert.strictEqual(refused.code, 7)
      assert.strictEqual(refused.stderr, "")
      assert.strictEqual((yield* document(refused.stdout)).error?.code, "move_refused")
      assert.strictEqual(World.git(at.repo, "status", "--porcelain"), "")
    })
  )

  it.scopedLive("says in one line that there is no project, and makes nothing", () =>
    Effect.gen(function* () {
      const at = yield* place
      const { code, stderr, stdout } = yield* calm(at, "status")
      assert.strictEqual(code, 3)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /^error: \S+ is not a project of calm yet\nhint: calm init [^\n]*\n$/)
      assert.deepStrictEqual(Fs.readdirSync(at.base), ["repo"])
    })
  )
})

/** What a command comes to that gets this signal as soon as what it started says its id through the pipe. */
const stopped = (at: Place, signal: NodeJS.Signals, pipe: string, ...args: ReadonlyArray<string>) =>
  Effect.async<{ readonly stdout: string; readonly stderr: string; readonly code: unknown; readonly started: number }>(
    (resume) => {
      const env = { ...process.env, HOME: at.base, CALM_HOME: Path.join(at.base, "calm") }
      const child = ChildProcess.spawn(process.execPath, [program, ...args], {
        cwd: at.repo,
        env
      })
      let stdout = ""
      let stderr = ""
      let started = 0
      child.stdout.on("data", (text) => (stdout += String(text)))
      child.stderr.on("data", (text) => (stderr += String(text)))
      const reader = Fs.createReadStream(pipe, "utf8").on("data", (text) => {
        started = Number(text)
        child.kill(signal)
      })
      child.on("close", (code) => {
        reader.destroy()
        resume(Effect.succeed({ stdout, stderr, code, started }))
      })
      return Effect.sync(() => void child.kill("SIGKILL"))
    }
  )

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("a command that is stopped in the middle", () => {
  for (const [what, settings, ...args] of [
    ["a check", { gates: { tests: ["sh", "./wait.sh"] } }, "gate", "check", "SPEC-001", "IMPLEMENT-CODE_REVIEW"],
    ["an installation", { setup: ["sh", "./wait.sh"] }, "worktree", "setup", "SPEC-001"]
  ] as const) {
    it.scopedLive(`prints one document, ends ${what} that it started, and can be run again`, () =>
      Effect.gen(function* () {
        const at = yield* place
        const pipe = Path.join(at.base, "pipe")
        ChildProcess.execFileSync("mkfifo", [pipe])
        World.commit(at.repo, {
          ".calm/project.json": JSON.stringify(settings),
          "wait.sh": `echo $$ > '${pipe}'; exec tail -f /dev/null\n`
        })
        yield* calm(at, "init")
        yield* calm(at, "task", "create", "SPEC-001", "Greet")
        const path = (yield* calm(at, "worktree", "create", "SPEC-001", "--no-setup", "--quiet")).stdout.trim()
        World.commit(path, { "a.txt": "a\n" })
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          const { code, started, stderr, stdout } = yield* stopped(at, signal, pipe, ...args, "--json")
          assert.strictEqual(code, 130, stdout + stderr)
          assert.strictEqual(stderr, "")
          assert.strictEqual((yield* document(stdout)).error?.code, "interrupted")
          assert.isAbove(started, 0)
          assert.isFalse(lives(started))
        }
        if (what === "an installation") {
          // The worktree stands by then: making it again would be refused.
          yield* calm(at, "task", "create", "SPEC-002", "Greet twice")
          const { stderr } = yield* stopped(at, "SIGINT", pipe, "worktree", "create", "SPEC-002")
          assert.strictEqual(stderr, "error: Interrupted\nhint: calm worktree setup SPEC-002\n")
        }
        const shown = yield* document((yield* calm(at, "log", "--json")).stdout)
        assert.notInclude(JSON.stringify(shown.data), "gate.checked")
      })
    )
  }
})

/** Commands that need git, whatever they would find. */
const needing = [
  ["init"],
  ["worktree", "create", "SPEC-001"],
  ["gate", "check", "SPEC-001"],
  ["worktree", "merge", "SPEC-001"]
]

for (const { said, script, what } of [
  { what: "missing", script: null, said: /^error: git was not found on this machine\nhint: [^\n]*\n$/ },
  {
    what: "too old",
    script: "#!/bin/sh\necho git version 2.30.0\n",
    said: /^error: git 2\.30\.0 is too old: calm needs 2\.38 or newer\nhint: [^\n]*\n$/
  }
]) {
  describe(`git that is ${what}`, () => {
    it.scopedLive("is one line and exit code 8 for what needs it, and of no concern to what does not", () =>
      Effect.gen(function* () {
        const at = yield* place
        const bin = Path.join(at.base, "bin")
        Fs.mkdirSync(bin)
        if (script !== null) Fs.writeFileSync(Path.join(bin, "git"), script, { mode: 0o755 })
        const without = { ...at, path: bin }
        const early = yield* calm(without, "init")
        assert.strictEqual(early.code, 8)
        assert.isFalse(Fs.existsSync(Path.join(at.base, "calm")), "a home was made for nothing")
        yield* calm(at, "init")
        yield* calm(at, "task", "create", "SPEC-001", "Greet")
        for (const argv of needing) {
          const { code, stderr, stdout } = yield* calm(without, ...argv)
          assert.strictEqual(code, 8, argv.join(" "))
          assert.strictEqual(stdout, "")
          assert.match(stderr, said)
        }
        assert.include((yield* calm(without, "task", "list")).stdout, "SPEC-001")
        assert.strictEqual((yield* calm(without, "status")).code, 0)
      })
    )
  })
}

/** Types an answer when the question has come, in a terminal of its own; gives what that showed, and the exit code. */
const typed = (at: Place, answer: string, ...args: ReadonlyArray<string>) =>
  Effect.async<{ readonly shown: string; readonly code: unknown }>((resume) => {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ")
    const env = { ...process.env, HOME: at.base, CALM_HOME: Path.join(at.base, "calm"), NO_COLOR: "1" }
    const terminal = ChildProcess.spawn("script", ["-qec", command, "/dev/null"], { cwd: at.repo, env })
    let shown = ""
    let answered = false
    terminal.stdout.on("data", (text) => {
      shown += String(text)
      if (answered || !shown.includes("[y/N] ")) return
      answered = true
      terminal.stdin.write(answer)
    })
    terminal.on("close", (code) => resume(Effect.succeed({ shown: shown.replaceAll("\r", ""), code })))
    return Effect.sync(() => terminal.kill("SIGKILL"))
  })

describe("a question", () => {
  it.scopedLive(
    "is put to the person at a terminal; no, nothing, the end and Ctrl-C all leave everything as it is",
    (test) =>
      Effect.gen(function* () {
        // The one from util-linux; others take other words.
        if (process.platform !== "linux") return test.skip()
        const at = yield* place
        yield* calm(at, "init")
        yield* calm(at, "backup", "create", "monday")
        const file = Path.join(at.base, "calm/backups/monday.db")
        for (const [answer, echo] of [
          ["no\n", "no\n"],
          ["\n", "\n"],
          ["\u0004", "\n"]
        ] as const) {
          const { code, shown } = yield* typed(at, answer, "backup", "delete", "monday")
          assert.match(shown, /^Delete monday \(just now, \d+ kB\) for good\? \[y\/N\] /)
          assert.include(shown, `[y/N] ${echo}error: Nothing was done: the answer was not yes\n`)
          assert.strictEqual(code, 1)
          assert.isTrue(Fs.existsSync(file))
        }
        assert.strictEqual((yield* typed(at, "\u0003", "backup", "delete", "monday")).code, 130)
        assert.isTrue(Fs.existsSync(file))
        const { code, shown } = yield* typed(at, "y\n", "backup", "delete", "monday")
        assert.include(shown, "Deleted monday\n")
        assert.strictEqual(code, 0)
        assert.isFalse(Fs.existsSync(file))
      }),
    60_000
  )
})
