/** A setting that does nothing would be worse than none: each key is seen to act, and shown with where it comes from. */
import { Configuration } from "@calm/core/Configuration"
import * as Home from "@calm/core/Home"
import * as HomeFile from "@calm/core/HomeFile"
import { Rulebook } from "@calm/core/Rulebook"
import type { HomeConfig } from "@calm/domain/HomeConfig"
import { ScriptedProcesses } from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as MemoryFileSystem from "@calm/testing/MemoryFileSystem"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { calm, lacking, lived, same, told } from "./support/calm.ts"

const gate = "IMPLEMENT-CODE_REVIEW"

/** Commits files on the base. */
const onBase = (files: Readonly<Record<string, string>>) => World.commitIn(CalmTest.repo, files)
const configured = (settings: unknown) => onBase({ ".calm/project.json": JSON.stringify(settings) })

const settings = Effect.flatMap(Configuration, (configuration) => configuration.settings)

/** A value with where it comes from. */
const value = (key: string) =>
  Effect.map(settings, ({ values }) => {
    const found = values.find((one) => one.key === key)
    return [found?.value, found?.origin, found?.from]
  })

const ownFile = "/home/me/.calm/config.json"

describe("the settings", () => {
  it.effect("are the defaults where nobody says anything, each key once", () =>
    Effect.gen(function* () {
      const { draft, ignored, values } = yield* settings
      same([draft, ignored], [null, []])
      same(new Set(values.map(({ origin }) => origin)), new Set(["default"]))
      const keys = values.map(({ key }) => key)
      same(new Set(keys).size, keys.length)
      same(yield* value("gates.timeout"), [600, "default", null])
      same(yield* value("trash.keepDays"), [7, "default", null])
      same(yield* value("setup"), [null, "default", null])
      same(yield* value("database"), ["/home/me/.calm/metadata.db", "default", null])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("say which file each of them is from", () =>
    Effect.gen(function* () {
      yield* configured({ kind: "go", gates: { timeout: 900 } })
      same(yield* value("kind"), ["go", "project", ".calm/project.json on main"])
      same(yield* value("gates.timeout"), [900, "project", ".calm/project.json on main"])
      same(yield* value("backups.keep"), [3, "home", ownFile])
      same(yield* value("database"), ["/data/calm.db", "home", ownFile])
    }).pipe(Effect.provide(CalmTest.layerWith({ backups: { keep: 3 }, database: "/data/calm.db" })))
  )

  it.effect("of the gates are the stricter of both, and say whose that is", () =>
    Effect.gen(function* () {
      yield* configured({ gates: { timeout: 900, allowedSkips: 2 } })
      same(yield* value("gates.timeout"), [60, "home", ownFile])
      same(yield* value("gates.allowedSkips"), [2, "project", ".calm/project.json on main"])
      same(yield* value("gates.requireAll"), [true, "home", ownFile])
    }).pipe(Effect.provide(CalmTest.layerWith({ gates: { timeout: 60, allowedSkips: 5, requireAll: true } })))
  )

  it.effect("are what the base has, and the file that lies there is told of where it is another", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* configured({ kind: "go" })
      same((yield* settings).draft, null)
      yield* files.writeFileString(`${CalmTest.repo}/.calm/project.json`, '{ "kind": "rust" }')
      same((yield* settings).draft, { file: ".calm/project.json", fault: null })
      same((yield* value("kind"))[0], "go")
      yield* files.writeFileString(`${CalmTest.repo}/.calm/project.json`, '{\n"kin": "rust" }')
      assert.include((yield* settings).draft?.fault, '.calm/project.json:2: "kin" is not known; did you mean "kind"?')
      yield* files.remove(`${CalmTest.repo}/.calm/project.json`)
      same((yield* settings).draft, { file: ".calm/project.json", fault: null })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of the original CALM are understood where they have a counterpart, and told of where not", () =>
    Effect.gen(function* () {
      const original = {
        project_type: "python",
        implementation_dirs: ["src/"],
        test_dirs: ["tests/", "qa.d"],
        doc_dirs: ["docs/", "planning_docs"],
        gate_config: { composite_types: { "web/": "javascript" }, skip_checks: ["types"], extra_checks: [] },
        test_command: "pytest -x"
      }
      yield* onBase({ ".claude/project.json": JSON.stringify(original) })
      const at = ".claude/project.json on main"
      same(yield* value("kind"), ["python", "project", `${at}: project_type`])
      same(yield* value("kinds"), [{ web: "javascript" }, "project", `${at}: gate_config.composite_types`])
      same(yield* value("testPatterns"), [["^tests/", "^qa\\.d/"], "project", `${at}: test_dirs`])
      same((yield* value("docFolders"))[0], ["planning_docs", "bug_reports", "changelog.d", "docs"])
      same(
        (yield* settings).ignored.map(({ key }) => key),
        ["implementation_dirs", "gate_config.skip_checks", "gate_config.extra_checks", "test_command"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of the original CALM that mean nothing here are ignored, and break no gate", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      const original = { project_type: "cobol", test_dirs: "tests", doc_dirs: ["../x"], gate_config: null, extra: [{}] }
      yield* onBase({ ".claude/project.json": JSON.stringify(original) })
      same(
        (yield* settings).ignored.map(({ key }) => key),
        ["project_type", "test_dirs", "doc_dirs", "gate_config", "extra"]
      )
      yield* World.featureIn("SPEC")
      yield* gates.check("SPEC-001", null)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what the user sets for all projects", () => {
  /** A feature with code on its branch, one of whose checks is skipped. */
  const skipping = Effect.gen(function* () {
    const { checks, gates } = yield* calm
    yield* World.featureIn("IMPLEMENT")
    yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
    yield* checks.answer("linter", () => ({ exitCode: 3 }))
    return (yield* gates.check("SPEC-001", gate)).verdict
  })

  it.effect("can ask for every check, where the project lets one be skipped", () =>
    Effect.gen(function* () {
      yield* configured({ gates: { requireAll: false } })
      same(lacking(yield* skipping), ["linter"])
    }).pipe(Effect.provide(CalmTest.layerWith({ gates: { requireAll: true } })))
  )

  it.effect("can allow fewer skipped tests than the project, and never more", () =>
    Effect.gen(function* () {
      const { checks, gates } = yield* calm
      yield* configured({ gates: { allowedSkips: 2 } })
      yield* checks.set("tests", { stdout: CalmTest.counts(5, 0, 2) })
      yield* World.bugIn("REVIEWED")
      const { verdict } = yield* gates.check("BUG-001", "REVIEWED-TESTED")
      assert.include(verdict.outcomes[0]?.summary, "2 tests were skipped where 1 may be")
    }).pipe(Effect.provide(CalmTest.layerWith({ gates: { allowedSkips: 1 } })))
  )

  it.effect("can give a check less time, and never more", () =>
    Effect.gen(function* () {
      yield* configured({ gates: { timeout: 30 } })
      yield* skipping
      const processes = yield* ScriptedProcesses
      same((yield* processes.requests)[0]?.deadline, "20 seconds")
      yield* configured({ gates: { timeout: 10 } })
      const { gates } = yield* calm
      yield* gates.check("SPEC-001", gate, { fresh: true })
      same((yield* processes.requests).at(-1)?.deadline, "10 seconds")
    }).pipe(Effect.provide(CalmTest.layerWith({ gates: { timeout: 20 } })))
  )

  it.effect("leaves the results on record standing: they were made by the base's definitions", () =>
    Effect.gen(function* () {
      const digest = (config: HomeConfig) =>
        Effect.gen(function* () {
          const base = yield* configured({ gates: { timeout: 30 } })
          const rules = yield* (yield* Rulebook).at(CalmTest.repo, base)
          return rules.digestOf({ key: "tests", script: "tests" })
        }).pipe(Effect.provide(CalmTest.layerWith(config)))
      same(yield* digest({ gates: { timeout: 20, requireAll: true } }), yield* digest({}))
    })
  )

  it.effect("says when a worker is stale", () =>
    Effect.gen(function* () {
      const { workers } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const { id } = yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("9 minutes")
      same((yield* workers.get(id)).status, "active")
      yield* TestClock.adjust("2 minutes")
      same((yield* workers.get(id)).status, "stale")
      same(
        (yield* workers.cleanup()).map((worker) => worker.id),
        [id]
      )
    }).pipe(Effect.provide(CalmTest.layerWith({ workers: { staleAfter: "10m" } })))
  )

  it.effect("says how long a worktree stays in the trash", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const { folder } = yield* worktrees.remove("SPEC-001", "removed")
      /** Something else is removed: the trash is emptied of what is due. */
      const purge = (task: string) => Effect.andThen(World.featureIn("SPEC", task), worktrees.remove(task, "removed"))
      yield* lived(29)
      yield* purge("SPEC-002")
      assert.isTrue(yield* files.exists(folder))
      yield* lived(2)
      yield* purge("SPEC-003")
      assert.isFalse(yield* files.exists(folder))
    }).pipe(Effect.provide(CalmTest.layerWith({ trash: { keepDays: 30 } })))
  )
})

describe("config.json in the home folder", () => {
  const home = "/home/me/.calm"
  const write = Effect.fnUntraced(function* (text: string) {
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(home, { recursive: true })
    yield* files.writeFileString(`${home}/config.json`, text)
  })
  const disk = Layer.merge(MemoryFileSystem.layer, Path.layer)

  it.effect("says nothing where there is none, not even a folder", () =>
    Effect.gen(function* () {
      same(yield* HomeFile.read(home), {})
    }).pipe(Effect.provide(disk))
  )

  it.effect("names the database, unless whoever begins names another", () =>
    Effect.gen(function* () {
      yield* write('{ "database": "/data/calm.db" }')
      const config = yield* HomeFile.read(home)
      const database = (named?: string) =>
        Effect.map(Home.Home, (made) => made.database).pipe(
          Effect.provide(Home.layer({ path: home, config, database: named }))
        )
      same([yield* database(), yield* database("/other.db")], ["/data/calm.db", "/other.db"])
    }).pipe(Effect.provide(disk))
  )

  it.effect("that is there and cannot be read is not taken for none: the stricter gates in it would be lost", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const file = `${home}/config.json`
      const unreadable = { tag: "HomeFileUnreadable", category: "permission", hint: `ls -ld ${file}` }
      yield* files.makeDirectory(file, { recursive: true })
      same(yield* told(HomeFile.read(home)), unreadable)
      yield* files.remove(file, { recursive: true })
      yield* files.symlink(file, file)
      same(yield* told(HomeFile.read(home)), unreadable)
      // Below a file, or a link to nothing, there is none.
      yield* files.remove(file)
      yield* files.symlink(`${home}/nothing`, file)
      same(yield* HomeFile.read(home), {})
      yield* files.remove(home, { recursive: true })
      yield* files.writeFileString(home, "")
      same([yield* HomeFile.read(home), yield* HomeFile.read(`${home}/deeper`)], [{}, {}])
    }).pipe(Effect.provide(disk))
  )

  it.effect("is not half understood: a fault in it fails, with its place", () =>
    Effect.gen(function* () {
      yield* write('{\n  "workers": { "staleAftr": "2h" }\n}')
      const error = yield* Effect.flip(HomeFile.read(home))
      assert.strictEqual(
        error.message,
        `${home}/config.json:2: "workers.staleAftr" is not known; did you mean "workers.staleAfter"?`
      )
      yield* write("{")
      same(yield* told(HomeFile.read(home)), {
        tag: "ConfigInvalid",
        category: "validation",
        hint: "calm config schema home"
      })
    }).pipe(Effect.provide(disk))
  )
})
