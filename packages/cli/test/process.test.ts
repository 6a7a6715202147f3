import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { version } from "../src/Version.ts"
import pkg from "../package.json" with { type: "json" }
import { assemble } from "../bundle.mjs"
import { document } from "./fixtures/run.ts"

let folder = ""
let program = ""

beforeAll(() => {
  folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-cli-"))
  return assemble(folder, Path.join(import.meta.dirname, "fixtures/entry.ts")).then((command) => {
    program = command
  })
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: string | null
}

/** Runs the bundled sample; `meanwhile` is called with the child each time it prints on stderr. */
const calm = (
  args: ReadonlyArray<string>,
  meanwhile: (child: ChildProcess.ChildProcess, stderr: string) => void = () => {},
  cwd: string = folder
): Effect.Effect<Ended> =>
  Effect.async((resume) => {
    const child = ChildProcess.spawn(process.execPath, [program, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      meanwhile(child, stderr)
    })
    child.on("close", (code, signal) => resume(Effect.succeed({ stdout, stderr, code, signal })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

/** A shell, for what only a pipe between two programs shows. */
const shell = (script: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    ChildProcess.execFile(
      "bash",
      ["-c", script],
      { env: { ...process.env, NODE: process.execPath, PROGRAM: program } },
      (_, stdout, stderr) => resume(Effect.succeed(stdout + stderr))
    )
  })

describe("the end of the process", () => {
  it.live("a million characters reach a slow pipe whole, with exit code 7", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* calm(["big"])
      assert.strictEqual(stdout.length, 1_000_001)
      assert.strictEqual(code, 7)
      assert.strictEqual(stderr, "")
      const slow = yield* shell(
        '"$NODE" "$PROGRAM" big --json | (read -r -N 10 x; sleep 0.3; wc -c); echo "${PIPESTATUS[0]}"'
      )
      // {"version":1,"data":{"text":"…"}} and its line break, less the ten that were read first.
      assert.match(slow, /^1000023\n7\n$/)
    })
  )

  it.live("a reader that leaves early is no failure", () =>
    Effect.gen(function* () {
      assert.match(yield* shell('"$NODE" "$PROGRAM" big | head -c 5; echo " ${PIPESTATUS[0]}"'), /^xxxxx 7\n$/)
      assert.match(yield* shell('"$NODE" "$PROGRAM" | head -n 1'), /^A sample of calm\.\n$/)
    })
  )

  it.live("comes although something forgotten holds the event loop", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* calm(["leaking"])).code, 0)
    })
  )

  it.live("a defect is one document and exit code 1", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* calm(["task", "broken", "--json"])
      assert.strictEqual(code, 1)
      assert.strictEqual(stderr, "")
      assert.strictEqual((yield* document(stdout)).error?.code, "internal")
    })
  )

  it.live("bad usage is one document where --json stands anywhere in it", () =>
    Effect.gen(function* () {
      for (const line of ["--json tsk", "task create --json --nope", "task --title --json", "--json=1"]) {
        const { code, stderr, stdout } = yield* calm(line.split(" "))
        assert.strictEqual(code, 1)
        assert.strictEqual(stderr, "")
        assert.strictEqual((yield* document(stdout)).error?.category, "validation")
      }
    })
  )

  it.live("the log goes to stderr alone", () =>
    Effect.gen(function* () {
      const { stderr, stdout } = yield* calm(["task", "broken", "--json", "--log-level", "error"])
      yield* document(stdout)
      assert.include(stderr, "the secret cause")
    })
  )

  it.live("a folder that has been removed under our feet is survived", () =>
    Effect.gen(function* () {
      const said = yield* shell(
        'mkdir "$PROGRAM.d" && cd "$PROGRAM.d" && rmdir "$PROGRAM.d" && "$NODE" "$PROGRAM" status'
      )
      assert.strictEqual(said, "narrow\n")
    })
  )
})

describe("stdin", () => {
  it.live("is read to its end, characters split between chunks whole", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* shell(`(printf 'caf\\303'; sleep 0.1; printf '\\251\\nend') | "$NODE" "$PROGRAM" read`),
        "café\nend\n"
      )
      assert.strictEqual(yield* shell('"$NODE" "$PROGRAM" read < /dev/null; echo "$?"'), "0\n")
    })
  )

  it.live("without end is read no further than it may be, and what is no text is refused", () =>
    Effect.gen(function* () {
      const read = `yes | "$NODE" "$PROGRAM" read | wc -c | tr -d ' '`
      assert.isAbove(Number(yield* shell(read)), 1_000_000)
      const refused = `printf 'caf\\303' | "$NODE" "$PROGRAM" --json read; echo "$?"`
      assert.match(yield* shell(refused), /"input_not_text".*\n1\n$/)
    })
  )

  it.live("that nobody asked for is not waited for", () =>
    Effect.gen(function* () {
      const open = 'mkfifo "$PROGRAM.fifo"; exec 3<> "$PROGRAM.fifo"; "$NODE" "$PROGRAM" status <&3'
      assert.strictEqual(yield* shell(open), "narrow\n")
    })
  )

  it.live("answers a question with its first line; its end is no", () =>
    Effect.gen(function* () {
      const said = yield* shell(
        `for a in 'yes\\n' 'Y\\nmore\\n' 'no\\n' 'yesterday\\n' ''; do printf "$a" | "$NODE" "$PROGRAM" ask 2> /dev/null; done`
      )
      assert.strictEqual(said, "true\ntrue\nfalse\nfalse\nfalse\n")
    })
  )
})

describe("a signal", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it.live(`${signal} runs the finalizers and exits 130`, () =>
      Effect.gen(function* () {
        let sent = false
        const { code, stderr, stdout } = yield* calm(["wait", "--json"], (child) => {
          if (!sent) child.kill(signal)
          sent = true
        })
        assert.strictEqual(code, 130)
        assert.strictEqual(stderr, "waiting\nreleased\n")
        const { error } = yield* document(stdout)
        assert.strictEqual(error?.code, "interrupted")
        assert.strictEqual(error?.category, "interrupted")
      })
    )
  }

  it.live("is not lost when it comes while the command is being loaded", () =>
    Effect.gen(function* () {
      // Sends it as soon as somebody listens, which is long before the command runs.
      const early =
        'const{on}=process;process.on=function(name,...more){on.call(this,name,...more);if(name==="SIGINT"){process.on=on;process.kill(process.pid,name)}return this}'
      const options = `--import=data:text/javascript,${encodeURIComponent(early)}`
      const said = yield* shell(`NODE_OPTIONS='${options}' "$NODE" "$PROGRAM" wait --json 2> /dev/null; echo "$?"`)
      const [printed = "", code] = said.split("\n")
      assert.strictEqual(code, "130")
      assert.strictEqual((yield* document(printed)).error?.code, "interrupted")
    })
  )

  it.live("a second one ends the process although a finalizer hangs", () =>
    Effect.gen(function* () {
      let timer: NodeJS.Timeout | undefined
      const { code } = yield* calm(["wait", "--stubborn"], (child) => {
        // The first starts the hanging finalizer; which of the following arrives as the second does not matter.
        timer ??= setInterval(() => child.kill("SIGINT"), 50)
      })
      clearInterval(timer)
      assert.strictEqual(code, 130)
    })
  )
})

describe("the version", () => {
  it("is that of the package", () => {
    assert.strictEqual(version, pkg.version)
  })

  it.live("is printed without loading a command", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* calm(["--version"]), {
        stdout: `calm ${version}\n`,
        stderr: "",
        code: 0,
        signal: null
      })
      assert.strictEqual(
        (yield* calm(["--version", "--json"])).stdout,
        `{"version":1,"data":{"version":"${version}"}}\n`
      )
    })
  )
})
