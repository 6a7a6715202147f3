import type { Counts } from "@calm/domain/Evidence"
import type { GateSettings } from "@calm/domain/ProjectConfig"
import type * as ProcessRunner from "@calm/process/ProcessRunner"
import { ScriptedProcesses } from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { calm, failure, lacking, same } from "./support/calm.ts"

const gate = "IMPLEMENT-CODE_REVIEW"

/** Commits files on the base. */
const onBase = (files: Readonly<Record<string, string>>) => World.commitIn(CalmTest.repo, files)

const configured = (settings: typeof GateSettings.Type) =>
  onBase({ ".calm/project.json": JSON.stringify({ gates: settings }) })

/** A feature in IMPLEMENT with code on its branch. */
const implemented = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("IMPLEMENT")
  yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
  return { ...world, check: Effect.map(world.gates.check("SPEC-001", gate), ({ verdict }) => verdict) }
})

const changes = (checks: ReadonlyArray<unknown>, mode: "extend" | "replace") =>
  JSON.stringify({
    version: 1,
    gates: [{ type: "feature", from: "IMPLEMENT", to: "CODE_REVIEW", mode, checks }]
  })

describe("skipped checks", () => {
  /** A script that skips on the branch and, asked about the base, gives this exit code. */
  const skips =
    (exitOnBase: number): ProcessRunner.Handler =>
    (request) => ({
      exitCode: request.env?.["CALM_MODE"] === "detect" ? exitOnBase : 3
    })

  it.effect("a tool that neither the base nor the branch uses is skipped, shown as such, and asked for on both", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.answer("linter", skips(3))
      const verdict = yield* check
      const linter = verdict.outcomes.find((outcome) => outcome.check === "linter")
      same([verdict.passed, linter?.status], [true, "skipped"])
      same(
        (yield* checks.ran).filter((script) => script.startsWith("linter")),
        ["linter", "linter?"]
      )
      const processes = yield* ScriptedProcesses
      const detected = (yield* processes.requests).find((request) => request.env?.["CALM_MODE"] === "detect")
      assert.strictEqual(detected?.env?.["CALM_REF"], detected?.env?.["CALM_BASE"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a check that would run on the base and not on the branch fails: the branch took it away", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.answer("linter", skips(0))
      const verdict = yield* check
      same([verdict.unmet, lacking(verdict)], ["refused", ["linter"]])
      assert.include(verdict.outcomes[1]?.summary, "the branch no longer does")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "a skipped check is asked for again once the base moved on, and fails where the base has the tool by then",
    () =>
      Effect.gen(function* () {
        const { check, checks } = yield* implemented
        yield* checks.answer("linter", skips(3))
        same((yield* check).passed, true)
        yield* onBase({ "eslint.config.js": "export default []\n" })
        yield* checks.answer("linter", skips(0))
        const before = (yield* checks.ran).length
        same(lacking(yield* check), ["linter"])
        same((yield* checks.ran).slice(before), ["linter", "linter?"])
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when it cannot be told whether the base runs it, it could not be checked", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.answer("types", skips(2))
      const verdict = yield* check
      same([verdict.unmet, lacking(verdict)], ["unavailable", ["types"]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tests may not be skipped unless the base says that there are none", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.answer("tests", skips(3))
      const verdict = yield* check
      same(lacking(verdict), ["tests"])
      assert.include(verdict.outcomes[0]?.summary, "noTests")
      yield* World.commit("SPEC-001", { ".calm/project.json": '{"gates":{"noTests":true}}' })
      same(lacking(yield* check), ["tests"])
      yield* configured({ noTests: true })
      assert.isTrue((yield* check).passed)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("with requireAll nothing may be skipped", () =>
    Effect.gen(function* () {
      yield* configured({ requireAll: true, noTests: true })
      const { check, checks } = yield* implemented
      for (const script of ["tests", "types"]) yield* checks.answer(script, skips(3))
      same(lacking(yield* check), ["tests", "types"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("skipped tests of a fixed bug", () => {
  /** What full tests of a bug come to when the script reports these counts. */
  const full = (reported: Counts | null) =>
    Effect.gen(function* () {
      const { checks, gates } = yield* calm
      const stdout =
        reported === null
          ? "no idea\n"
          : reported.skipped === null
            ? `calm: tests passed=${reported.passed} failed=${reported.failed}\n`
            : CalmTest.counts(reported.passed, reported.failed, reported.skipped)
      yield* checks.set("tests", { stdout })
      yield* World.bugIn("REVIEWED")
      return (yield* gates.check("BUG-001", "REVIEWED-TESTED")).verdict
    })

  it.effect("one skipped test is one too many", () =>
    Effect.gen(function* () {
      const verdict = yield* full({ passed: 5, failed: 0, skipped: 1 })
      same(lacking(verdict), ["full tests"])
      assert.include(verdict.outcomes[0]?.summary, "1 test was skipped where 0 may be")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("as many as the base allows may be", () =>
    Effect.gen(function* () {
      yield* configured({ allowedSkips: 2 })
      assert.isTrue((yield* full({ passed: 5, failed: 0, skipped: 2 })).passed)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an unknown number passes and is shown", () =>
    Effect.gen(function* () {
      const verdict = yield* full(null)
      assert.isTrue(verdict.passed)
      assert.include(verdict.outcomes[0]?.summary, "how many were skipped is unknown")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a report that says nothing of skipped tests does not claim that there are none", () =>
    Effect.gen(function* () {
      const verdict = yield* full({ passed: 5, failed: 0, skipped: null })
      assert.isTrue(verdict.passed)
      same(verdict.outcomes[0]?.evidence?.counts, { passed: 5, failed: 0, skipped: null })
      assert.include(verdict.outcomes[0]?.summary, "(5 passed, how many were skipped is unknown)")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("for a feature they are no matter", () =>
    Effect.gen(function* () {
      const { checks, gates } = yield* calm
      yield* checks.set("tests", { stdout: CalmTest.counts(5, 0, 4) })
      yield* World.featureIn("TEST")
      assert.isTrue((yield* gates.check("SPEC-001", "TEST-INTEGRATE")).verdict.passed)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a project's own gates", () => {
  const audit = { kind: "script", name: "audit", command: ["npm", "audit"] }

  it.effect("extend adds a check and replaces one of the same name; a branch cannot", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("command", { exitCode: 1 })
      const tightened = changes([audit, { kind: "script", name: "linter", command: ["make", "lint"] }], "extend")
      yield* World.commit("SPEC-001", { ".calm/gates.json": tightened })
      assert.isTrue((yield* check).passed)
      yield* onBase({ ".calm/gates.json": tightened })
      const verdict = yield* check
      same(lacking(verdict), ["linter", "audit"])
      same(verdict.outcomes.length, 6)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("replace puts other checks in the place of all; a branch cannot relax what it is judged by", () =>
    Effect.gen(function* () {
      const { check, checks } = yield* implemented
      yield* checks.set("tests", { exitCode: 1 })
      const relaxed = changes([{ kind: "code-changed", name: "code changed" }], "replace")
      yield* World.commit("SPEC-001", { ".calm/gates.json": relaxed })
      same(lacking(yield* check), ["tests"])
      yield* onBase({ ".calm/gates.json": relaxed })
      const verdict = yield* check
      same([verdict.passed, verdict.outcomes.map((outcome) => outcome.check)], [true, ["code changed"]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a changed definition or configuration makes the results on record outdated, and says that it did", () =>
    Effect.gen(function* () {
      const { check, transitions } = yield* implemented
      assert.isTrue((yield* check).passed)
      yield* configured({ timeout: 60 })
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }), "MoveRefused")
      assert.include(refused.outcomes[0]?.summary, "the check's definition changed")
      assert.isTrue((yield* check).passed)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("more reviewers than two can be asked for", () =>
    Effect.gen(function* () {
      const checks = [{ kind: "reviews", name: "code reviews", review: "code", count: 3 }]
      const table = { version: 1, gates: [{ type: "feature", from: "CODE_REVIEW", to: "TEST", checks }] }
      yield* onBase({ ".calm/gates.json": JSON.stringify(table) })
      const { gates, reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      yield* World.approveTwice("SPEC-001", "code")
      same(lacking((yield* gates.check("SPEC-001", null)).verdict), ["code reviews"])
      const { needed, state } = yield* reviews.check("SPEC-001", "code")
      same([needed, state], [3, "in progress"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the project's own script is run as the base has it, whatever the branch makes of it", () =>
    Effect.gen(function* () {
      const script = ".calm/checks/licences.mjs"
      yield* onBase({
        [script]: "of the base",
        ".calm/gates.json": changes([{ kind: "script", name: "licences", script }], "extend")
      })
      const { check, files } = yield* implemented
      yield* World.commit("SPEC-001", { [script]: "process.exit(0) // always fine" })
      const verdict = yield* check
      const processes = yield* ScriptedProcesses
      const request = (yield* processes.requests).find((one) => one.args[0]?.endsWith("licences.mjs"))
      const file = request?.args[0] ?? ""
      assert.include(file, "/home/me/.calm/cache/scripts/")
      assert.strictEqual(yield* files.readFileString(file), "of the base")
      // No such program is scripted: what cannot be started could not be checked.
      same([verdict.unmet, lacking(verdict)], ["unavailable", ["licences"]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a script that the base does not have is an error that names it", () =>
    Effect.gen(function* () {
      const { gates } = yield* implemented
      yield* onBase({
        ".calm/gates.json": changes([{ kind: "script", name: "gone", script: ".calm/gone.sh" }], "extend")
      })
      const error = yield* failure(gates.check("SPEC-001", gate), "ScriptNotFound")
      same([error.category, error.script], ["unavailable", ".calm/gone.sh"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the list shows the gates in force, those of the base included", () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      const names = Effect.map(gates.list("feature"), (all) =>
        all.find((one) => one.gate === gate)?.checks.map((check) => check.name)
      )
      same((yield* gates.list(null)).length, 13)
      yield* onBase({ ".calm/gates.json": changes([audit], "extend") })
      assert.isTrue((yield* names)?.includes("audit"))
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a configuration that is not as it must be", () => {
  for (const [what, file, text, reason] of [
    ["no JSON", ".calm/project.json", '{ "gates": ', ""],
    ["an unknown key", ".calm/project.json", '{ "gates": { "requireal": true } }', "gates.requireal"],
    ["a value of another type", ".calm/project.json", '{ "gates": { "timeout": "fast" } }', "gates.timeout"],
    ["a folder outside of the repository", ".calm/project.json", '{ "docFolders": ["../elsewhere"] }', "docFolders.0"],
    [
      "a move that does not exist",
      ".calm/gates.json",
      '{"version":1,"gates":[{"type":"feature","from":"SPEC","to":"TEST","checks":[]}]}',
      "gates.0"
    ],
    [
      "an unknown kind of check",
      ".calm/gates.json",
      changes([{ kind: "vibes", name: "good" }], "extend"),
      "gates.0.checks.0"
    ],
    [
      "a script outside of .calm",
      ".calm/gates.json",
      changes([{ kind: "script", name: "x", script: "../x.sh" }], "extend"),
      "gates.0.checks.0"
    ],
    ["the predecessor's file with no JSON", ".claude/project.json", "project_type: python", ""]
  ] as const)
    it.effect(`${what}: every question is refused with the file and the key, and nothing passes on a guess`, () =>
      Effect.gen(function* () {
        const { gates, transitions } = yield* calm
        yield* World.featureIn("SPEC")
        const commit = yield* onBase({ [file]: text })
        const error = yield* failure(gates.check("SPEC-001", null), "ConfigInvalid")
        same([error.category, error.file, error.base], ["validation", file, commit])
        assert.include(error.faults[0].reason, reason)
        assert.notInclude(error.message, "\n")
        yield* failure(transitions.transition("SPEC-001", { to: "DESIGN" }), "ConfigInvalid")
      }).pipe(Effect.provide(CalmTest.layer))
    )
})

describe("the configuration in force", () => {
  const handedOver = Effect.gen(function* () {
    const { check } = yield* implemented
    yield* check
    const processes = yield* ScriptedProcesses
    return (yield* processes.requests)[0]?.env?.["CALM_PROJECT_CONFIG"]
  })

  it.effect("of the predecessor's file the kind of project is taken", () =>
    Effect.gen(function* () {
      yield* onBase({ ".claude/project.json": '{"project_type":"python","test_command":"pytest -x"}' })
      assert.strictEqual(yield* handedOver, '{"kind":"python"}')
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("calm's own file goes before it", () =>
    Effect.gen(function* () {
      yield* onBase({ ".claude/project.json": '{"project_type":"python"}', ".calm/project.json": '{"kind":"rust"}' })
      assert.strictEqual(yield* handedOver, '{"kind":"rust"}')
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a branch cannot turn its code into documents", () =>
    Effect.gen(function* () {
      const { check, gates } = yield* implemented
      yield* check
      yield* World.commit("SPEC-001", { ".calm/project.json": '{"docFolders":["src"]}' })
      const more = yield* World.commit("SPEC-001", { "src/more.js": "unseen" })
      const { commit, verdict } = yield* gates.check("SPEC-001", gate)
      same([commit, verdict.outcomes[0]?.cached], [more, false])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("nested document folders of the base are left out of the code, and nothing beside them", () =>
    Effect.gen(function* () {
      yield* onBase({ ".calm/project.json": '{"docFolders":["docs/internal","changelog.d"]}' })
      const { check } = yield* implemented
      const cached = Effect.map(check, (verdict) => verdict.outcomes[0]?.cached)
      yield* check
      yield* World.commit("SPEC-001", { "docs/internal/notes.md": "a note" })
      assert.isTrue(yield* cached)
      yield* World.commit("SPEC-001", { "docs/public.md": "shown to users" })
      assert.isFalse(yield* cached)
      yield* World.commit("SPEC-001", { "planning_docs/SPEC-001/x.md": "no longer a folder of documents" })
      assert.isFalse(yield* cached)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
