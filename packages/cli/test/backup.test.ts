import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import * as Original from "./fixtures/original.ts"
import * as World from "./fixtures/world.ts"

const driver = createRequire(createRequire(import.meta.url).resolve("@calm/sql/Sql")).resolve("better-sqlite3")

/** Runs SQL on a file with another program than calm. */
const sqlite = (file: string, ...statements: ReadonlyArray<string>): void => {
  const script = `const db = new (require(${JSON.stringify(driver)}))(process.argv[1])
    for (const sql of process.argv.slice(2)) db.exec(sql)`
  ChildProcess.execFileSync(process.execPath, ["-e", script, file, ...statements])
}

/** Everything about a folder that somebody could have changed. */
const look = (folder: string): ReadonlyArray<unknown> =>
  Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = Path.join(folder, name)
      const { mode, mtimeMs } = Fs.statSync(path)
      const isFile = Fs.statSync(path).isFile()
      return {
        name,
        mode,
        ...(isFile ? { mtimeMs, digest: createHash("sha256").update(Fs.readFileSync(path)).digest("hex") } : {})
      }
    })

/** A project with the task SPEC-001 in the backup `monday`, and SPEC-002 made since. */
const world = Effect.gen(function* () {
  const made = yield* World.project
  yield* made.line("task create SPEC-001 First")
  yield* made.line("backup create monday")
  yield* made.line("task create SPEC-002 Second")
  const tasks = Effect.map(made.calm(["task", "list", "--quiet"]), ({ stdout }) => stdout.trim().split("\n"))
  return { ...made, backups: Path.join(made.home, "backups"), tasks }
})

describe("restoring", () => {
  it.scopedLive("brings the old data back for everybody, keeps what it replaced, and can be taken back", () =>
    Effect.gen(function* () {
      const { backups, calm, json, line, tasks } = yield* world
      const { data } = yield* line("backup restore monday --yes")
      assert.deepStrictEqual(yield* tasks, ["SPEC-001"])
      assert.nestedPropertyVal(data, "projectKnown", true)
      const safety = Fs.readdirSync(backups).find((name) => name.startsWith("before-restore-")) ?? ""
      assert.nestedPropertyVal(data, "safety.name", safety.slice(0, -3))
      assert.strictEqual(Fs.statSync(Path.join(backups, safety)).mode & 0o777, 0o600)
      assert.nestedPropertyVal((yield* line("log --limit 1")).data, "events[0].kind", "backup.restored")
      assert.strictEqual((yield* line("task create SPEC-003 Third")).exitCode, 0)

      // The file's own name does as well, and people are told what to look at.
      const { stderr, stdout } = yield* calm(["backup", "restore", safety, "--yes"])
      assert.include(stdout, "calm doctor")
      assert.include(stderr, "worktrees and branches stayed as they are")
      assert.deepStrictEqual(yield* tasks, ["SPEC-001", "SPEC-002"])
      assert.nestedProperty((yield* json(["backup", "list"])).data, "backups[2]")
    })
  )

  it.scopedLive("is done from a repository that the backup does not know, too, which is told to register anew", () =>
    Effect.gen(function* () {
      const { base, calm, line, repo } = yield* world
      const cwd = World.repository(Path.join(base, "other"))
      assert.strictEqual((yield* line("init", { cwd })).exitCode, 0)
      assert.nestedPropertyVal((yield* line("backup restore monday --yes", { cwd: repo })).data, "projectKnown", true)
      const { stderr, stdout } = yield* calm(["backup", "restore", "monday", "--yes"], { cwd })
      assert.include(stdout, "calm init")
      assert.include(stderr, "this project was made after the backup")
      assert.strictEqual((yield* line("status", { cwd })).exitCode, 3)
    })
  )

  it.scopedLive("takes the place of data whose list of projects is overwritten, as the doctor says", () =>
    Effect.gen(function* () {
      const { home, line, tasks } = yield* world
      const file = Path.join(home, "metadata.db")
      sqlite(file, "PRAGMA wal_checkpoint(TRUNCATE)")
      const page = Number(
        ChildProcess.execFileSync(process.execPath, [
          "-e",
          `console.log(new (require(${JSON.stringify(driver)}))(process.argv[1])
            .prepare("SELECT rootpage FROM sqlite_master WHERE name = 'projects'").pluck().get())`,
          file
        ])
      )
      const open = Fs.openSync(file, "r+")
      Fs.writeSync(open, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096)
      Fs.closeSync(open)
      assert.strictEqual((yield* line("task list")).exitCode, 2)
      const { data } = yield* line("doctor")
      assert.include(JSON.stringify(data), "calm backup restore monday --yes")
      const restored = yield* line("backup restore monday --yes")
      assert.deepStrictEqual([restored.exitCode, restored.error], [0, undefined])
      assert.deepStrictEqual(yield* tasks, ["SPEC-001"])
    })
  )

  it.scopedLive("refuses what is cut off, no database, another program's or newer, and changes nothing at all", () =>
    Effect.gen(function* () {
      const { backups, home, line } = yield* world
      const good = Fs.readFileSync(Path.join(backups, "monday.db"))
      const newer = Buffer.from(good)
      newer.writeUInt32BE(99, 60)
      const bad = {
        cut: good.subarray(0, good.length - 5000),
        text: Buffer.from("# Notes\n".repeat(1000)),
        empty: Buffer.of(),
        newer
      }
      for (const [name, bytes] of Object.entries(bad)) Fs.writeFileSync(Path.join(backups, `${name}.db`), bytes)
      sqlite(Path.join(backups, "foreign.db"), ...Original.original)
      const before = look(home)
      const said: Record<string, unknown> = {}
      for (const name of [...Object.keys(bad), "foreign"]) {
        const { error, exitCode } = yield* line(`backup restore ${name} --yes`)
        assert.strictEqual(exitCode, 7, name)
        assert.strictEqual(error?.code, "backup_unusable", name)
        said[name] = error?.details?.["detail"]
        const asked = yield* line(`backup verify ${name}`)
        assert.strictEqual(asked.exitCode, 7, name)
        assert.nestedPropertyVal(asked.data, "good", false)
      }
      assert.deepStrictEqual(said, {
        cut: `it is cut off after ${good.length - 5000} of ${good.length} bytes`,
        text: "it does not begin like a database",
        empty: "it is empty",
        newer: said["newer"],
        foreign: "it is a database of the original CALM"
      })
      assert.match(String(said["newer"]), /^its schema is version 99, this calm knows \d+$/)
      assert.deepStrictEqual(look(home), before)
    })
  )

  it.scopedLive("works while another process writes all the time, which goes on with the old data", () =>
    Effect.gen(function* () {
      const { home, line, tasks } = yield* world
      const script = `const db = new (require(${JSON.stringify(driver)}))(process.argv[1], { timeout: 20000 })
        let ended = false, writes = 0
        process.stdin.on("end", () => { ended = true }).resume()
        const write = () => {
          db.exec("UPDATE counters SET value = value + 1 WHERE name = 'merges_since_docs'")
          if (++writes === 10) console.log("writing")
          if (!ended) setImmediate(write)
        }
        write()`
      const writer = yield* Effect.acquireRelease(
        Effect.sync(() =>
          ChildProcess.spawn(process.execPath, ["-e", script, Path.join(home, "metadata.db")], { stdio: "pipe" })
        ),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const ended = Effect.async<number | null>((resume) => {
        writer.once("close", (code) => resume(Effect.succeed(code)))
      })
      yield* Effect.async<void>((resume) => {
        writer.stdout.once("data", () => resume(Effect.void))
      })
      assert.strictEqual((yield* line("backup create now")).exitCode, 0)
      assert.strictEqual((yield* line("backup restore monday --yes")).exitCode, 0)
      assert.deepStrictEqual(yield* tasks, ["SPEC-001"])
      writer.stdin.end()
      assert.strictEqual(yield* ended, 0)
      assert.strictEqual((yield* line("backup verify now")).exitCode, 0)
      assert.strictEqual((yield* line("backup create after")).exitCode, 0)
      assert.strictEqual((yield* line("backup verify after")).exitCode, 0)
    })
  )

  it.scopedLive("a backup that does not know the project says what makes it known again", () =>
    Effect.gen(function* () {
      const { base, calm, line } = yield* world
      const cwd = World.repository(Path.join(base, "later"))
      yield* line("init", { cwd })
      const { stderr, stdout } = yield* calm(["backup", "restore", "monday", "--yes"], { cwd })
      assert.include(stderr, "calm init")
      assert.include(stdout, "→ calm init")
      assert.strictEqual((yield* line("task list", { cwd })).exitCode, 3)
      assert.strictEqual((yield* line("init", { cwd })).exitCode, 0)
    })
  )
})

describe("the question", () => {
  const lines = ["backup restore monday", "backup delete monday"]

  it.scopedLive("is asked on a terminal, and any other answer than yes changes nothing", () =>
    Effect.gen(function* () {
      const { calm, home } = yield* world
      const before = look(home)
      for (const line of lines) {
        const { exitCode, stderr, stdout } = yield* calm(line.split(" "), { answer: false })
        assert.strictEqual(exitCode, 1)
        assert.strictEqual(stdout, "")
        assert.match(
          stderr,
          new RegExp(`error: Nothing was done: the answer was not yes\\nhint: calm ${line} --yes\\n`)
        )
      }
      assert.deepStrictEqual(look(home), before)
      const { stderr } = yield* calm(["backup", "restore", "monday"], { answer: false })
      assert.match(stderr, /^Restore all projects from monday \(just now\)\?/)
      for (const line of lines) assert.strictEqual((yield* calm(line.split(" "), { answer: true })).exitCode, 0)
    })
  )

  it.scopedLive("is not asked where nobody can answer: then it takes --yes", () =>
    Effect.gen(function* () {
      const { home, json } = yield* world
      const before = look(home)
      for (const line of lines) {
        const { error, exitCode } = yield* json(line.split(" "))
        assert.strictEqual(exitCode, 1)
        assert.strictEqual(error?.code, "not_confirmed")
        assert.strictEqual(error?.hint, `calm ${line} --yes`)
      }
      assert.deepStrictEqual(look(home), before)
    })
  )

  it.scopedLive("is not for workers, who have not the right, and not about what is not there", () =>
    Effect.gen(function* () {
      const { calm, home } = yield* world
      const before = look(home)
      for (const line of [...lines, ...lines.map((one) => `${one} --yes`)]) {
        const asked = { answer: true, variables: { CALM_WORKER_ID: "w-1" } }
        const { exitCode, stderr } = yield* calm(line.split(" "), asked)
        assert.strictEqual(exitCode, 4)
        assert.match(stderr, /^error: Only a person may/)
      }
      const missing = yield* calm(["backup", "delete", "tuesday"], { answer: true })
      assert.strictEqual(missing.exitCode, 3)
      assert.match(missing.stderr, /^error: There is no backup/)
      assert.deepStrictEqual(look(home), before)
    })
  )
})

describe("a database that the programs before calm made", () => {
  for (const [name, statements] of Object.entries({ claws: Original.claws, CALM: Original.original })) {
    for (const mode of ["DELETE", "WAL"]) {
      it.scopedLive(
        `${name} in ${mode} mode: it is recognised by every command, and neither it nor its folder is touched`,
        () =>
          Effect.gen(function* () {
            const { calm, home, json, line } = yield* World.make
            Fs.mkdirSync(home, { mode: 0o755 })
            sqlite(Path.join(home, "metadata.db"), `PRAGMA journal_mode = ${mode}`, ...statements)
            const before = look(home)
            assert.lengthOf(before, 1)
            for (const words of [
              "init",
              "status",
              "status health",
              "task create SPEC-001 Greet",
              "task list",
              "backup create",
              "backup list",
              "backup restore x --yes",
              "counter increment merge_lock"
            ]) {
              const { error, exitCode } = yield* line(words)
              assert.strictEqual(exitCode, 2, words)
              assert.strictEqual(error?.code, "store_error", words)
              assert.match(
                error?.message ?? "",
                /belongs to another program.*it is a database of the original CALM$/,
                words
              )
              assert.strictEqual(error?.hint, `export CALM_DB_PATH=${home}/calm.db && calm init`)
              assert.deepStrictEqual(look(home), before, words)
            }
            for (const words of ["doctor", "doctor --dry-run", "doctor --fix"]) {
              const { stdout } = yield* calm(words.split(" "))
              assert.include(stdout, "it is a database of the original CALM", words)
              assert.deepStrictEqual(look(home), before, words)
            }

            const variables = { CALM_DB_PATH: Path.join(home, "calm.db") }
            assert.strictEqual((yield* line("init", { variables })).exitCode, 0)
            assert.strictEqual((yield* json(["task", "create", "SPEC-001", "Greet"], { variables })).exitCode, 0)
            assert.deepStrictEqual(
              look(home).find((file) => JSON.stringify(file).includes('"metadata.db"')),
              before[0]
            )
          })
      )
    }
  }
})
