/** Merges: every reason alone, all together, and the one that decides. */
import type { Facts, MergeFacts } from "@calm/domain/Facts"
import * as Gate from "@calm/domain/Gate"
import * as MergeRules from "@calm/domain/MergeRules"
import * as Phase from "@calm/domain/Phase"
import type { Unmet } from "@calm/domain/Verdict"
import * as Verdict from "@calm/domain/Verdict"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { approval, builtIn, code, digest, document, evidence, facts, merge, outcome, sha } from "./support/facts.ts"
import type { Reason } from "./support/reasons.ts"
import { others, reasons, results, without } from "./support/reasons.ts"

const judge = (chosen: ReadonlyArray<Reason>): Verdict.Verdict =>
  MergeRules.judgeMerge(
    builtIn,
    facts(
      "feature",
      chosen.reduce<Partial<Facts>>((all, reason) => ({ ...all, ...reason.facts }), {})
    ),
    merge(chosen.reduce<Partial<MergeFacts>>((all, reason) => ({ ...all, ...reason.merge }), {}))
  )

describe("judgeMerge", () => {
  it("lets a feature and a bug through when all is in order", () => {
    for (const type of Phase.TaskType.literals) {
      const verdict = MergeRules.judgeMerge(builtIn, facts(type), merge())
      deepStrictEqual(Verdict.unmet(verdict), [])
      deepStrictEqual([verdict.gate, verdict.passed, verdict.unmet], ["merge", true, null])
    }
  })

  for (const reason of [...reasons, ...others])
    it(`holds back when ${reason.what}`, () => {
      const verdict = judge([reason])
      const lacking = Verdict.unmet(verdict)
      assertFalse(verdict.passed)
      strictEqual(verdict.unmet, reason.unmet)
      deepStrictEqual(
        lacking.map(({ check }) => check),
        reason.checks
      )
      for (const each of lacking)
        assertTrue(each.summary.includes(reason.says) && (each.hint ?? "") !== "", `${each.summary}: ${each.hint}`)
    })

  it("lists all reasons at once", () => {
    deepStrictEqual(
      new Set(Verdict.unmet(judge(reasons)).map(({ check }) => check)),
      new Set(reasons.flatMap(({ checks }) => checks))
    )
  })

  const precedence = ["refused", "conflict", "timeout", "unavailable"] as const
  it.prop(
    "lists whatever comes together, and lets the first of refused, conflict, timeout, unavailable decide",
    { chosen: FastCheck.subarray([...reasons]) },
    ({ chosen }) => {
      const verdict = judge(chosen)
      strictEqual(verdict.passed, chosen.length === 0)
      strictEqual(verdict.unmet, precedence.find((category) => chosen.some(({ unmet }) => unmet === category)) ?? null)
      deepStrictEqual(
        new Set(Verdict.unmet(verdict).map(({ check }) => check)),
        new Set(chosen.flatMap(({ checks }) => checks))
      )
    },
    { fastCheck: { numRuns: 300 } }
  )

  for (const [first, second] of [
    ["refused", "conflict"],
    ["conflict", "timeout"],
    ["timeout", "unavailable"]
  ] as const)
    it(`ends as ${first} rather than ${second} when both apply`, () => {
      // Each pair touches different facts, so that neither undoes the other.
      const sample: Record<Unmet, Reason | undefined> = {
        refused: reasons.find(({ what }) => what === "the merge lock is up"),
        conflict: reasons.find(({ what }) => what === "files are in conflict"),
        timeout: others.find(({ what }) => what === "a check ran out of time"),
        unavailable: others.find(({ what }) => what === "the remote cannot be asked")
      }
      const chosen = [sample[second], sample[first]].flatMap((reason) => reason ?? [])
      strictEqual(chosen.length, 2)
      strictEqual(judge(chosen).unmet, first)
    })

  it("refuses after a commit that came after the last review and the last check", () => {
    const later = code({ commit: sha("later"), codeDigest: digest("later"), changeDigest: digest("later change") })
    for (const type of Phase.TaskType.literals) {
      const verdict = MergeRules.judgeMerge(builtIn, facts(type, { code: later }), merge())
      strictEqual(verdict.unmet, "refused")
      const reviewed = outcome(verdict, type === "feature" ? "code reviews" : "bugfix reviews")
      assertTrue(reviewed.summary.includes("outdated"))
      assertTrue(outcome(verdict, "full tests").summary.includes("the code changed"))
    }
  })

  it("refuses after a commit that was checked and not reviewed again", () => {
    const later = code({ commit: sha("later"), codeDigest: digest("later"), changeDigest: digest("later change") })
    const checked = results.map((each) => ({ ...each, codeDigest: digest("later") }))
    const verdict = MergeRules.judgeMerge(builtIn, facts("feature", { code: later, evidence: checked }), merge())
    deepStrictEqual(
      Verdict.unmet(verdict).map(({ check }) => check),
      ["code reviews"]
    )
  })

  it("asks for a new run, and for no new review, after the base was merged into the branch", () => {
    const updated = code({
      commit: sha("later"),
      base: sha("newer"),
      mergeBase: sha("newer"),
      codeDigest: digest("both")
    })
    const verdict = MergeRules.judgeMerge(builtIn, facts("feature", { code: updated }), merge())
    deepStrictEqual(
      Verdict.unmet(verdict).map(({ check }) => check),
      ["tests", "linter", "types", "no untracked TODOs", "full tests"]
    )
  })

  it("minds neither a changelog committed last nor a spec that changed since it was approved", () => {
    const known = facts("feature", {
      code: code({ commit: sha("later") }),
      documents: { spec: document("spec", "other"), changelog: document("changelog", "- Greets.") },
      approvals: [approval("SPEC-DESIGN", "then")]
    })
    assertTrue(MergeRules.judgeMerge(builtIn, known, merge()).passed)
  })

  it("counts skipped tests against a bug, and not against a feature", () => {
    const skipping = [...without("tests"), evidence("tests", { counts: { passed: 1, failed: 0, skipped: 1 } })]
    strictEqual(MergeRules.judgeMerge(builtIn, facts("bug", { evidence: skipping }), merge()).unmet, "refused")
    assertTrue(MergeRules.judgeMerge(builtIn, facts("feature", { evidence: skipping }), merge()).passed)
  })

  it("is forced past the merge lock, shown as overridden, and past nothing else", () => {
    const forced = MergeRules.judgeMerge(builtIn, facts(), merge({ mergeLock: 1, force: true }))
    assertTrue(forced.passed && outcome(forced, "merge_lock").summary.includes("--force"))
    for (const reason of [...reasons, ...others].filter(({ what }) => what !== "the merge lock is up"))
      strictEqual(
        judge([reason, { ...reason, merge: { ...reason.merge, force: true } }]).unmet,
        reason.unmet,
        reason.what
      )
  })

  it("goes to a base that is checked out nowhere, follows no remote, is even, or ahead", () => {
    assertTrue(MergeRules.judgeMerge(builtIn, facts(), merge({ checkout: null })).passed)
    for (const state of ["none", "even", "ahead"] as const)
      assertTrue(MergeRules.judgeMerge(builtIn, facts(), merge({ upstream: { state } })).passed, state)
  })

  it("cannot be had without a branch", () => {
    const verdict = MergeRules.judgeMerge(
      builtIn,
      facts("feature", { code: null, tree: { state: "missing" } }),
      merge()
    )
    strictEqual(verdict.unmet, "refused")
    strictEqual(outcome(verdict, "code reviews").hint, "calm worktree create SPEC-1")
  })

  it("takes a task from one phase only", () => {
    for (const type of Phase.TaskType.literals)
      for (const phase of Phase.Phase.literals)
        strictEqual(
          MergeRules.judgeMerge(builtIn, facts(type, { phase }), merge()).passed,
          phase === (type === "feature" ? "INTEGRATE" : "TESTED"),
          `${type} ${phase}`
        )
  })
})

describe("mergeChecks", () => {
  const names = (table: Gate.GateTable, type: Phase.TaskType) =>
    MergeRules.mergeChecks(table, type).map(({ check, gate }) => `${Gate.nameOf(gate)} ${check.name}`)

  it("are the merge's own gate, and the scripts and reviews of code before it", () => {
    deepStrictEqual(names(builtIn, "feature"), [
      "IMPLEMENT-CODE_REVIEW tests",
      "IMPLEMENT-CODE_REVIEW linter",
      "IMPLEMENT-CODE_REVIEW types",
      "IMPLEMENT-CODE_REVIEW no untracked TODOs",
      "CODE_REVIEW-TEST code reviews",
      "TEST-INTEGRATE full tests",
      "INTEGRATE-VERIFY changelog"
    ])
    deepStrictEqual(names(builtIn, "bug"), [
      "INVESTIGATED-FIXED tests",
      "INVESTIGATED-FIXED linter",
      "INVESTIGATED-FIXED types",
      "FIXED-REVIEWED bugfix reviews",
      "REVIEWED-TESTED full tests",
      "TESTED-MERGED changelog"
    ])
  })

  it("contain what a project adds to a gate", () => {
    const table: Gate.GateTable = {
      ...builtIn,
      gates: builtIn.gates.map((gate) =>
        Gate.nameOf(gate) === "SPEC-DESIGN"
          ? {
              ...gate,
              checks: [{ kind: "script", name: "licences", script: ".calm/a.mjs", full: false, noSkips: false }]
            }
          : gate
      )
    }
    assertTrue(names(table, "feature").includes("SPEC-DESIGN licences"))
    strictEqual(MergeRules.judgeMerge(table, facts(), merge()).unmet, "refused")
  })
})
