/** Script checks: what recorded results are worth for the code as it is now. */
import type { Evidence } from "@calm/domain/Evidence"
import { CheckStatus } from "@calm/domain/Evidence"
import type { Facts } from "@calm/domain/Facts"
import type { ProjectConfig } from "@calm/domain/ProjectConfig"
import * as Rules from "@calm/domain/Rules"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { at, code, counts, digest, evidence, facts, gate, outcome, sha } from "./support/facts.ts"

const implement = gate("feature", "IMPLEMENT-CODE_REVIEW")
const full = gate("bug", "REVIEWED-TESTED")

/** The outcome of `tests` with these results on record. */
const tests = (on: ReadonlyArray<Evidence>, more: Partial<Facts> = {}) =>
  outcome(Rules.judgeGate(implement, facts("feature", { evidence: on, ...more })), "tests")

const gates = (settings: NonNullable<ProjectConfig["gates"]>): Partial<Facts> => ({ config: { gates: settings } })

describe("a recorded result", () => {
  it("meets the check while code and definition are what they were, and is shown as cached", () => {
    const found = tests([evidence("tests", { counts: counts(0), tail: "ok", duration: 7 })])
    deepStrictEqual([found.status, found.unmet, found.hint, found.cached], ["passed", null, null, true])
    deepStrictEqual(found.evidence, {
      commit: sha("head"),
      at: at(0),
      counts: counts(0),
      duration: 7,
      logFile: null,
      tail: "ok"
    })
  })

  it("holds at another commit of the same code, as after a changelog", () => {
    strictEqual(tests([evidence("tests")], { code: code({ commit: sha("later") }) }).unmet, null)
  })

  it("is void once the code changed, naming both commits and the command", () => {
    const found = tests([evidence("tests", { codeDigest: digest("then"), commit: sha("then") })])
    deepStrictEqual([found.status, found.unmet, found.cached], ["failed", "refused", false])
    assertTrue(found.summary.includes("the code changed"))
    assertTrue(found.summary.includes(sha("then").slice(0, 7)) && found.summary.includes(sha("head").slice(0, 7)))
    strictEqual(found.hint, "calm gate check SPEC-1 IMPLEMENT-CODE_REVIEW")
  })

  it("is void once the check's definition changed", () => {
    const found = tests([evidence("tests", { definitionsDigest: digest("then") })])
    strictEqual(found.unmet, "refused")
    assertTrue(found.summary.includes("the check's definition changed"))
    assertFalse(found.summary.includes("the code changed"))
  })

  it("is void where the definition is not known", () => {
    strictEqual(tests([evidence("tests")], { definitions: new Map() }).unmet, "refused")
  })

  it("counts for its own check alone", () => {
    const found = tests([evidence("linter")])
    deepStrictEqual([found.unmet, found.summary], ["refused", "not checked yet"])
    strictEqual(found.hint, "calm gate check SPEC-1 IMPLEMENT-CODE_REVIEW")
  })

  it("gives way to a later one, for better and for worse", () => {
    const failed = evidence("tests", { status: "failed" })
    strictEqual(tests([failed, evidence("tests")]).unmet, null)
    strictEqual(tests([evidence("tests"), failed]).unmet, "refused")
  })

  it("stands again once the code is what it was", () => {
    strictEqual(
      tests([evidence("tests"), evidence("tests", { status: "failed", codeDigest: digest("then") })]).unmet,
      null
    )
  })

  it("that failed offers a fresh run, since the same one would be read from the record", () => {
    const found = tests([evidence("tests", { status: "failed", summary: "2 failed", tail: "boom" })])
    deepStrictEqual([found.status, found.unmet, found.summary], ["failed", "refused", "2 failed"])
    strictEqual(found.hint, "calm gate check SPEC-1 IMPLEMENT-CODE_REVIEW --fresh")
    strictEqual(found.evidence?.tail, "boom")
  })

  it("that could not be had is unavailable, never a pass, with the hint that came with it", () => {
    const found = tests([evidence("tests", { status: "unavailable", summary: "no vitest", hint: "pnpm install" })])
    deepStrictEqual([found.status, found.unmet, found.hint], ["unavailable", "unavailable", "pnpm install"])
    assertTrue((tests([evidence("tests", { status: "unavailable" })]).hint ?? "").startsWith("calm gate check"))
  })

  it("that ran out of time is a timeout", () => {
    const found = tests([evidence("tests", { status: "unavailable", timedOut: true })])
    deepStrictEqual([found.status, found.unmet], ["unavailable", "timeout"])
  })

  it("does not outlive a later attempt that could not be made: what cannot be checked any more is no pass", () => {
    const found = tests([evidence("tests"), evidence("tests", { status: "unavailable" })])
    deepStrictEqual([found.status, found.unmet], ["unavailable", "unavailable"])
    strictEqual(tests([evidence("tests"), evidence("tests", { status: "unavailable" }), evidence("tests")]).unmet, null)
  })

  it("that could not be had then says nothing about the code now", () => {
    const found = tests([evidence("tests", { status: "unavailable", codeDigest: digest("then") })])
    strictEqual(found.unmet, "refused")
  })

  it("is no use where there is no branch", () => {
    const found = tests([evidence("tests")], { code: null })
    deepStrictEqual([found.unmet, found.hint], ["refused", "calm worktree create SPEC-1"])
    strictEqual(Rules.standingEvidence(facts("feature", { code: null }), "tests"), undefined)
  })

  it("of this very moment goes before all on record, and is not shown as cached", () => {
    const ran = new Map([["tests", evidence("tests", { status: "failed", codeDigest: digest("any") })]])
    const found = outcome(Rules.judgeGate(implement, facts(), null, ran), "tests")
    deepStrictEqual(
      [found.unmet, found.cached, found.hint],
      ["refused", false, "calm gate check SPEC-1 IMPLEMENT-CODE_REVIEW"]
    )
  })
})

describe("the worktree's state", () => {
  it("makes checks unavailable while something is uncommitted, naming the files, whatever is on record", () => {
    const verdict = Rules.judgeGate(
      implement,
      facts("feature", { tree: { state: "dirty", paths: ["src/a.ts", "new.txt"] } })
    )
    strictEqual(verdict.unmet, "unavailable")
    for (const name of ["tests", "linter", "types", "no untracked TODOs"]) {
      const found = outcome(verdict, name)
      deepStrictEqual([found.kind, found.status, found.unmet], ["script", "unavailable", "unavailable"])
      assertTrue(found.summary.includes("src/a.ts") && found.summary.includes("new.txt"))
      strictEqual(found.hint, "calm worktree path SPEC-1")
    }
    strictEqual(outcome(verdict, "code changed").unmet, null)
  })

  it("names five files and the number of the rest", () => {
    const paths = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}.txt`)
    const { summary } = Rules.judgeTree(facts("feature", { tree: { state: "dirty", paths } }))
    assertTrue(summary.includes("e.txt and 2 more"))
    assertFalse(summary.includes("f.txt"))
    assertFalse(
      Rules.judgeTree(facts("feature", { tree: { state: "dirty", paths: paths.slice(0, 5) } })).summary.includes("more")
    )
  })

  it("makes checks unavailable in a worktree on another branch, naming it", () => {
    const found = tests([evidence("tests")], { tree: { state: "elsewhere", head: "main" } })
    strictEqual(found.unmet, "unavailable")
    assertTrue(found.summary.includes("main"))
  })

  it("does not void a result when the worktree was taken away, and makes the others unavailable", () => {
    const gone = { tree: { state: "missing" } } as const
    strictEqual(tests([evidence("tests")], gone).unmet, null)
    deepStrictEqual([tests([], gone).unmet, tests([], gone).hint], ["unavailable", "calm worktree create SPEC-1"])
  })
})

describe("a skipped check", () => {
  const skipped = (key: string) => evidence(key, { status: "skipped", summary: "no such tool" })

  it("passes where neither base nor branch has the tool, and is shown as skipped", () => {
    const verdict = Rules.judgeGate(
      implement,
      facts("feature", { evidence: [evidence("tests"), skipped("linter"), skipped("types"), evidence("todos")] })
    )
    assertTrue(verdict.passed)
    deepStrictEqual(
      [outcome(verdict, "linter").status, outcome(verdict, "linter").summary],
      ["skipped", "no such tool"]
    )
  })

  it("stands while code and definition do: whoever lets code into the base asks the base once more", () => {
    const found = tests([skipped("tests")], { code: code({ base: sha("later") }), ...gates({ noTests: true }) })
    deepStrictEqual([found.status, found.unmet], ["skipped", null])
  })

  it("fails where the project requires all", () => {
    const all = facts("feature", { evidence: [skipped("linter")], ...gates({ requireAll: true }) })
    const found = outcome(Rules.judgeGate(implement, all), "linter")
    deepStrictEqual([found.status, found.unmet], ["failed", "refused"])
    assertTrue((found.hint ?? "").length > 0)
  })

  it("fails if it is the tests, unless the base says that there are none", () => {
    const found = tests([skipped("tests")])
    deepStrictEqual([found.status, found.unmet], ["failed", "refused"])
    assertTrue(found.summary.includes("noTests"))
    deepStrictEqual(tests([skipped("tests")], gates({ noTests: true })).status, "skipped")
    strictEqual(tests([skipped("tests")], gates({ noTests: true })).unmet, null)
  })

  it("fails if it is the tests and all are required, even where there are none", () => {
    strictEqual(tests([skipped("tests")], gates({ noTests: true, requireAll: true })).unmet, "refused")
  })

  it("fails if it is the full tests, by a command of the project's own too", () => {
    const config = { gates: { fullTests: ["make", "e2e"] as const } }
    const key = 'command ["make","e2e"]'
    const own = facts("bug", { config, evidence: [skipped(key)], definitions: new Map([[key, digest("definition")]]) })
    strictEqual(Rules.judgeGate(full, own).unmet, "refused")
    strictEqual(Rules.judgeGate(full, { ...own, config: { gates: { ...config.gates, noTests: true } } }).unmet, null)
  })

  it("fails if a project declares it full tests and runs a command for it, and passes if it does not", () => {
    const key = 'command ["make","e2e"]'
    const judge = (isFull: boolean) => {
      const own = { kind: "script", name: "e2e", command: ["make", "e2e"], full: isFull, noSkips: false } as const
      const known = facts("bug", { evidence: [skipped(key)], definitions: new Map([[key, digest("definition")]]) })
      return Rules.judgeGate({ ...full, checks: [own] }, known).unmet
    }
    strictEqual(judge(true), "refused")
    strictEqual(judge(false), null)
  })
})

describe("skipped tests", () => {
  /** The outcome of a bug's full tests after so many skipped ones. */
  const after = (skipped: number | null, settings: NonNullable<ProjectConfig["gates"]> = {}) =>
    outcome(
      Rules.judgeGate(
        full,
        facts("bug", {
          evidence: [evidence("tests", { counts: skipped === null ? null : counts(skipped) })],
          ...gates(settings)
        })
      ),
      "full tests"
    )

  it("fail where none may be skipped", () => {
    strictEqual(after(0).unmet, null)
    strictEqual(after(1).unmet, "refused")
    assertTrue(after(1).summary.includes("1 test was skipped where 0 may be"))
    assertTrue((after(1).hint ?? "").includes("--fresh"))
  })

  it("pass up to the number that the project allows", () => {
    strictEqual(after(2, { allowedSkips: 2 }).unmet, null)
    strictEqual(after(3, { allowedSkips: 2 }).unmet, "refused")
    assertTrue(after(3, { allowedSkips: 2 }).summary.includes("3 tests were skipped where 2 may be"))
  })

  it("of an unknown number pass and are shown as unknown", () => {
    strictEqual(after(null).unmet, null)
    assertTrue(after(null).summary.includes("unknown"))
    assertFalse(after(0).summary.includes("unknown"))
  })

  it("are nobody's business where skipping is not forbidden", () => {
    strictEqual(tests([evidence("tests", { counts: counts(9) })]).unmet, null)
  })
})

describe("any history of results", () => {
  const status = FastCheck.constantFrom(...CheckStatus.literals)
  const result = FastCheck.record({
    status,
    codeDigest: FastCheck.constantFrom("code", "then"),
    definitionsDigest: FastCheck.constantFrom("definition", "before"),
    timedOut: FastCheck.boolean()
  })
  it.prop(
    "passes only by a result for this very code and definition, and only if the last such is a pass",
    { results: FastCheck.array(result, { maxLength: 6 }) },
    ({ results }) => {
      const on = results.map((each) =>
        evidence("tests", {
          ...each,
          codeDigest: digest(each.codeDigest),
          definitionsDigest: digest(each.definitionsDigest)
        })
      )
      const last = results.findLast((each) => each.codeDigest === "code" && each.definitionsDigest === "definition")
      const found = tests(on)
      strictEqual(found.unmet === null, last?.status === "passed")
      if (found.unmet !== null) assertTrue((found.hint ?? "") !== "" && found.summary !== "")
    },
    { fastCheck: { numRuns: 500 } }
  )
})
