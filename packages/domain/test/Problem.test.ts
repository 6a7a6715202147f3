import * as Problem from "@calm/domain/Problem"
import type { Unmet } from "@calm/domain/Verdict"
import * as Verdict from "@calm/domain/Verdict"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"

const precedence = ["refused", "conflict", "timeout", "unavailable"] as const

describe("Problem", () => {
  it("ends each category with the exit code that scripts depend on", () => {
    deepStrictEqual(Problem.exitCodes, {
      validation: 1,
      internal: 1,
      database: 2,
      not_found: 3,
      permission: 4,
      timeout: 5,
      conflict: 6,
      refused: 7,
      unavailable: 8,
      interrupted: 130
    })
  })

  for (const [tag, code] of [
    ["TaskNotFound", "task_not_found"],
    ["Refused", "refused"],
    ["CircuitOpen", "circuit_open"],
    ["Sha256Wrong", "sha256_wrong"],
    ["", ""]
  ] as const)
    it(`names ${JSON.stringify(tag)} ${JSON.stringify(code)} in --json`, () => strictEqual(Problem.codeOf(tag), code))

  it.prop(
    "lets the first present of 7, 6, 5, 8 decide, however often and in whatever order the reasons come",
    { reasons: FastCheck.array(FastCheck.constantFrom(...precedence)) },
    ({ reasons }) => {
      strictEqual(
        Problem.worst(reasons),
        precedence.find((category) => reasons.includes(category))
      )
    }
  )

  it("keeps a category outside of that order, and puts it behind those within", () => {
    strictEqual(Problem.worst(["database"]), "database")
    strictEqual(Problem.worst(["database", "unavailable"]), "unavailable")
    strictEqual(Problem.worst([]), undefined)
  })

  it("tells its own failures from everything else that may be thrown", () => {
    const failure = { _tag: "TaskNotFound", category: "not_found", message: "no task X", hint: null }
    assertTrue(Problem.isProblem(failure))
    for (const other of [
      null,
      undefined,
      "not_found",
      new Error("x"),
      { ...failure, category: "nonsense" },
      { ...failure, category: "toString" },
      { ...failure, category: 1 },
      { category: "not_found", message: "no task X", hint: null }
    ])
      assertFalse(Problem.isProblem(other), JSON.stringify(other))
  })
})

describe("Verdict", () => {
  const what = { check: "a", kind: "script" }
  const unmet = (category: Unmet) => Verdict.lacking(what, category, null, { unmet: category })

  it("passes when nothing is asked and when all is met", () => {
    deepStrictEqual(Verdict.verdict("A-B", []), { gate: "A-B", passed: true, unmet: null, outcomes: [] })
    assertTrue(
      Verdict.verdict("A-B", [Verdict.met(what, "ok"), Verdict.met(what, "none", { status: "skipped" })]).passed
    )
  })

  it("does not pass what could not be checked", () => {
    const verdict = Verdict.verdict("A-B", [Verdict.met(what, "ok"), Verdict.unclear(what, "no tool", "install it")])
    assertFalse(verdict.passed)
    strictEqual(verdict.unmet, "unavailable")
    deepStrictEqual(
      Verdict.unmet(verdict).map(({ status, summary }) => [status, summary]),
      [["unavailable", "no tool"]]
    )
  })

  it.prop(
    "sums up to the worst reason and keeps every outcome in its place",
    { categories: FastCheck.array(FastCheck.option(FastCheck.constantFrom(...precedence), { nil: null })) },
    ({ categories }) => {
      const outcomes = categories.map((category) => (category === null ? Verdict.met(what, "ok") : unmet(category)))
      const verdict = Verdict.verdict("A-B", outcomes)
      strictEqual(
        verdict.passed,
        categories.every((category) => category === null)
      )
      strictEqual(verdict.unmet, precedence.find((category) => categories.includes(category)) ?? null)
      deepStrictEqual(verdict.outcomes, outcomes)
      strictEqual(Verdict.unmet(verdict).length, categories.filter((category) => category !== null).length)
    }
  )
})
