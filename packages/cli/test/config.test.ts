/** Configuration as a user meets it: shown with where it comes from, and every slip named by file, line and key. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as ConfigReference from "../src/ConfigReference.ts"
import { terminal } from "./fixtures/run.ts"
import { colorIn } from "../src/internal/color.ts"
import * as World from "./fixtures/world.ts"

const write = (path: string, value: unknown): void => {
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  Fs.writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value))
}

/** A project with a user who has set this for all projects. */
const world = (home: unknown) =>
  Effect.tap(World.project, (made) => Effect.sync(() => write(Path.join(made.home, "config.json"), home)))

describe("calm config", () => {
  it.scopedLive("shows every value with the file, variable or option that it comes from", () =>
    Effect.gen(function* () {
      const { calm, home, repo } = yield* world({ gates: { timeout: 60 }, color: "never" })
      const lines = (yield* calm(["config", "--project", repo], {
        variables: { NO_COLOR: "1", CALM_WORKER_ID: "w-1" }
      })).stdout.split("\n")
      for (const line of [
        `home\t${home}\tCALM_HOME`,
        `project\t${repo}\t--project`,
        "base\tmain\tdefault",
        "worker\tw-1\tCALM_WORKER_ID",
        "kind\t-\tnot set",
        'gates.tests\t["sh","./check.sh"]\t.calm/project.json on main',
        `gates.timeout\t60\t${home}/config.json`,
        "color\tnever\tNO_COLOR",
        `database\t${home}/metadata.db\tdefault`,
        "trash.keepDays\t7\tdefault"
      ])
        assert.include(lines, line)
    })
  )

  it.scopedLive("shows one value as it is, for a script, and all below a key", () =>
    Effect.gen(function* () {
      const { calm, line } = yield* world({ workers: { staleAfter: "30m" } })
      assert.strictEqual((yield* calm(["config", "workers.staleAfter"])).stdout, "30m\n")
      assert.strictEqual((yield* calm(["config", "workers.staleAfter"], { style: terminal })).stdout, "30m\n")
      assert.strictEqual((yield* calm(["config", "setup"])).stdout, "-\n")
      assert.strictEqual((yield* calm(["config", "gates.tests", "--quiet"])).stdout, '["sh","./check.sh"]\n')
      assert.match((yield* calm(["config", "gates"])).stdout, /^gates\.requireAll\t.*\n(gates\.\w+\t.*\n)+$/)
      const { data } = yield* line("config gates.timeout")
      assert.deepInclude(data, { values: [{ key: "gates.timeout", value: 600, origin: "default", from: null }] })
    })
  )

  it.scopedLive("says that the file lying there is not the one that counts, and what is wrong with it", () =>
    Effect.gen(function* () {
      const { calm, repo } = yield* world({})
      assert.strictEqual((yield* calm(["config"])).stderr, "")
      write(Path.join(repo, ".calm/project.json"), '{\n  "gates": { "timout": 1 }\n}')
      const { exitCode, stderr, stdout } = yield* calm(["config", "gates.timeout"])
      assert.deepStrictEqual([exitCode, stdout], [0, "600\n"])
      assert.match(stderr, /^note: \.calm\/project\.json here is not what the base has; .*"gates\.timeout"\?\n$/)
    })
  )

  it.scopedLive("names the keys of the original CALM that have no effect", () =>
    Effect.gen(function* () {
      const { calm, repo } = yield* world({})
      World.git(repo, "rm", "--quiet", ".calm/project.json")
      World.commit(repo, { ".claude/project.json": '{"project_type":"go","frontend_dirs":["web"]}' })
      const { stderr, stdout } = yield* calm(["config"])
      assert.include(stdout, "kind\tgo\t.claude/project.json on main: project_type\n")
      assert.match(stderr, /^note: \.claude\/project\.json: "frontend_dirs" has no effect: [^\n]+\n$/)
    })
  )

  it.scopedLive("refuses an unknown key with the one that was meant, also where it is no command either", () =>
    Effect.gen(function* () {
      const { calm } = yield* world({})
      for (const [word, meant] of [
        ["gates.timout", "gates.timeout"],
        ["colour", "color"]
      ] as const) {
        const { exitCode, stderr } = yield* calm(["config", word])
        assert.strictEqual(exitCode, 1)
        assert.include(stderr, `did you mean '${meant}'?`)
      }
    })
  )
})

describe("a fault in config.json", () => {
  it.scopedLive("stops every command with file, line and key, and nothing is done", () =>
    Effect.gen(function* () {
      const { calm, home } = yield* world('{\n  "workers": {\n    "staleAftr": "1h" }\n}')
      for (const line of ["task list", "task create SPEC-001 Greet", "config", "init"]) {
        const { exitCode, stderr, stdout } = yield* calm(line.split(" "))
        assert.deepStrictEqual([exitCode, stdout], [1, ""], line)
        assert.strictEqual(
          stderr,
          `error: ${home}/config.json:3: "workers.staleAftr" is not known; did you mean "workers.staleAfter"?\nhint: calm config schema home\n`
        )
      }
      assert.strictEqual((yield* calm(["config", "schema", "home"])).exitCode, 0)
      write(Path.join(home, "config.json"), {})
      assert.strictEqual((yield* calm(["task", "list"])).stdout, "")
    })
  )

  it.scopedLive("of the base keeps every gate shut, and says where to look", () =>
    Effect.gen(function* () {
      const { calm, json, repo } = yield* world({})
      yield* calm(["task", "create", "SPEC-001", "Greet"])
      World.commit(repo, { ".calm/project.json": '{\n  "gates": { "requireal": true }\n}' })
      for (const argv of [["gate", "check", "SPEC-001"], ["task", "transition", "SPEC-001", "DESIGN"], ["config"]]) {
        const { error, exitCode } = yield* json(argv)
        assert.deepStrictEqual([exitCode, error?.code], [1, "config_invalid"], argv.join(" "))
        assert.match(
          error?.message ?? "",
          /^\.calm\/project\.json:2: "gates\.requireal" is not known; did you mean "gates\.requireAll"\? \(on the base, \w{7}\)$/
        )
        const [program = "", ...args] = (error?.hint ?? "").split(" ")
        assert.strictEqual(program, "git")
        assert.include(World.git(repo, ...args), "requireal")
      }
    })
  )
})

describe("config.json", () => {
  it.scopedLive("says where the database is, and CALM_DB_PATH goes before it", () =>
    Effect.gen(function* () {
      const made = yield* World.make
      const [data, other] = [Path.join(made.base, "data/calm.db"), Path.join(made.base, "other.db")]
      write(Path.join(made.home, "config.json"), { database: data })
      yield* made.line("init")
      assert.isTrue(Fs.existsSync(data))
      assert.isFalse(Fs.existsSync(Path.join(made.home, "metadata.db")))
      assert.strictEqual((yield* made.calm(["config", "database"])).stdout, `${data}\n`)
      yield* made.line("init", { variables: { CALM_DB_PATH: other } })
      assert.isTrue(Fs.existsSync(other))
    })
  )

  it.scoped("says whether there is colour; a broken one does not keep help from being shown", () =>
    Effect.gen(function* () {
      const base = yield* World.folder
      const color = () => colorIn({ CALM_HOME: base })
      assert.strictEqual(color(), "auto")
      write(Path.join(base, "config.json"), { color: "never" })
      assert.strictEqual(color(), "never")
      // Whoever reads the file with care says what is wrong with it.
      write(Path.join(base, "config.json"), '{ "color": ')
      assert.strictEqual(color(), "auto")
    })
  )
})

describe("what is published of the configuration", () => {
  const read = (path: string): string => Fs.readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")
  const hint = "out of date: run `node scripts/docs.mjs`"

  it("are the schemas that calm itself goes by", () => {
    assert.strictEqual(read("schemas/project.schema.json"), ConfigReference.published("project"), hint)
    assert.strictEqual(read("schemas/config.schema.json"), ConfigReference.published("home"), hint)
  })

  it("are the tables of all keys in docs/configuration.md", () => {
    const page = read("docs/configuration.md")
    for (const file of ConfigReference.files) assert.include(page, `\n${ConfigReference.table(file)}\n`, hint)
  })

  it("says of every key what it does", () => {
    const keys = ConfigReference.files.flatMap(ConfigReference.keys)
    assert.isAbove(keys.length, 15)
    assert.deepStrictEqual(
      keys.filter(({ description, value }) => description.length < 10 || value === ""),
      []
    )
  })
})
