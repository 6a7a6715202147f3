import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { unclear, unreadable } from "./answers.ts"

/** Root may write everywhere: there it runs as somebody whom the system has no name and no home for. */
const uid = process.getuid?.() === 0 ? 54_321 : undefined

/** A case: what is wrong with the place of the home folder, and what `init` comes to. */
interface Homeless {
  readonly name: string
  readonly variables: (base: string) => Readonly<Record<string, string | undefined>>
  readonly codes: ReadonlyArray<number>
}

const homeless: ReadonlyArray<Homeless> = [
  {
    name: "HOME is not set, and the system knows none",
    variables: () => ({ HOME: undefined, CALM_HOME: undefined }),
    codes: [4]
  },
  {
    name: "HOME is a folder that is not there and cannot be made",
    variables: (base) => ({ HOME: Path.join(base, "shut/nobody"), CALM_HOME: undefined }),
    codes: [4]
  },
  { name: "CALM_HOME is a file", variables: (base) => ({ CALM_HOME: Path.join(base, "repo/check.sh") }), codes: [4] },
  {
    name: "CALM_HOME lies below a file",
    variables: (base) => ({ CALM_HOME: Path.join(base, "repo/check.sh/calm") }),
    codes: [4]
  },
  { name: "CALM_HOME is a device", variables: () => ({ CALM_HOME: "/dev/null" }), codes: [4] },
  { name: "the database is a folder", variables: (base) => ({ CALM_DB_PATH: Path.join(base, "repo") }), codes: [2] },
  {
    name: "the database lies in no folder",
    variables: (base) => ({ CALM_DB_PATH: Path.join(base, "shut/a/b.db") }),
    codes: [2]
  }
]

/** A repository that belongs to whoever runs calm, in a folder that does not. */
const place = Effect.gen(function* () {
  const base = yield* World.folder
  const repo = World.repository(Path.join(base, "repo"))
  const home = Path.join(base, "calm")
  Fs.mkdirSync(Path.join(base, "shut"))
  Fs.mkdirSync(home)
  Fs.chmodSync(base, 0o755)
  const own = uid === undefined ? process.getuid?.() : uid
  ChildProcess.execFileSync("chown", ["-R", `${own}:${own}`, repo, home])
  Fs.chmodSync(Path.join(base, "shut"), 0o555)
  return { base, home, repo }
})

describe("a home folder that cannot be used", () => {
  it.scopedLive(
    "is told of in one line, by init and by those who only look, and nothing is made in another place",
    () =>
      Effect.gen(function* () {
        const world = yield* place
        const program = yield* Command.bundle()
        const faults = yield* Effect.forEach(homeless, ({ codes, name, variables }) =>
          Effect.gen(function* () {
            const options = { uid, variables: variables(world.base) }
            const run = (words: string) =>
              Effect.map(Command.run(program, world, words.split(" "), options), ({ code, ...said }) => ({
                ...said,
                exitCode: code
              }))
            const status = yield* run("status")
            return [
              ...unclear(yield* run("init"), codes).map((fault) => `init: ${fault}`),
              ...unclear(status, [2, 3, 4]).map((fault) => `status: ${fault}`),
              ...unreadable(yield* run("doctor")).map((fault) => `doctor: ${fault}`)
            ].map((fault) => `${name}: ${fault}`)
          })
        )
        report({
          suite: "machine",
          what: "unusable homes",
          tried: homeless.length,
          losses: faults.filter((one) => one.length > 0).length
        })
        assert.deepStrictEqual(faults.flat(), [])
        assert.deepStrictEqual(Fs.readdirSync(Path.join(world.base, "shut")), [])
      }),
    300_000
  )

  it.scopedLive(
    "in parts: what needs the part is told of, the rest goes on, the doctor finds it, and nothing is lost",
    () =>
      Effect.gen(function* () {
        const world = yield* place
        const program = yield* Command.bundle()
        const run = (words: string) =>
          Effect.map(Command.run(program, world, words.split(" "), { uid }), ({ code, ...said }) => ({
            ...said,
            exitCode: code
          }))
        assert.strictEqual((yield* run("init")).exitCode, 0)
        const backups = Path.join(world.home, "backups")
        Fs.chmodSync(backups, 0)
        assert.strictEqual((yield* run("task create SPEC-001 Part")).exitCode, 0)
        assert.deepStrictEqual(unclear(yield* run("backup create"), [4]), [])
        assert.deepStrictEqual(unclear(yield* run("backup list"), [4]), [])
        const doctor = yield* run("doctor")
        assert.deepStrictEqual([doctor.exitCode, unreadable(doctor)], [7, []])
        assert.include(doctor.stdout, `${backups} may not be read and written`)
        Fs.chmodSync(backups, 0o700)

        // The whole of it: what was confirmed is there again afterwards.
        Fs.chmodSync(world.home, 0o500)
        Fs.chmodSync(Path.join(world.home, "metadata.db"), 0o400)
        assert.deepStrictEqual(unclear(yield* run("task create SPEC-002 Part"), [2]), [])
        assert.deepStrictEqual(unreadable(yield* run("doctor")), [])
        Fs.chmodSync(world.home, 0)
        assert.deepStrictEqual(unclear(yield* run("status"), [2, 4]), [])
        assert.deepStrictEqual(unreadable(yield* run("doctor")), [])
        Fs.chmodSync(world.home, 0o700)
        Fs.chmodSync(Path.join(world.home, "metadata.db"), 0o600)
        assert.strictEqual((yield* run("task show SPEC-001")).exitCode, 0)
        assert.strictEqual((yield* run("backup create")).exitCode, 0)
        report({ suite: "machine", what: "home folders unusable in parts", tried: 3, losses: 0 })
      }),
    300_000
  )
})
