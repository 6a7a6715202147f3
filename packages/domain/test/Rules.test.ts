/** Every kind of check but scripts: met, unmet, and what would meet it. */
import type { Facts } from "@calm/domain/Facts"
import { PersonName } from "@calm/domain/Ids"
import type * as Phase from "@calm/domain/Phase"
import * as Rules from "@calm/domain/Rules"
import * as Verdict from "@calm/domain/Verdict"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { ReviewLine } from "./support/facts.ts"
import {
  approval,
  builtIn,
  code,
  digest,
  document,
  facts,
  gate,
  outcome,
  report,
  reviews,
  sha
} from "./support/facts.ts"

/** The outcome of one check of a built-in gate. */
const check = (
  type: Phase.TaskType,
  name: string,
  what: string,
  more: Partial<Facts> = {},
  attestation: string | null = null
) => outcome(Rules.judgeGate(gate(type, name), facts(type, more), attestation), what)

const unbranched = { code: null } as const
const unchanged = { code: code({ changeDigest: null, paths: [], codePaths: [], testPaths: [] }) }
const documentsAlone = code({ changeDigest: digest("docs"), paths: ["README.md"], codePaths: [], testPaths: [] })

describe("judgeGate", () => {
  it("passes every gate up to the merge for a task of which all is in order", () => {
    for (const each of builtIn.gates) {
      const waiting = Verdict.unmet(Rules.judgeGate(each, facts(each.type))).map(({ kind }) => kind)
      deepStrictEqual(
        waiting,
        each.checks.map(({ kind }) => kind).filter((kind) => ["merged", "merge-in-base", "attested"].includes(kind))
      )
    }
  })

  it("says of an untouched task everything that is missing, each with a hint", () => {
    const bare: Partial<Facts> = {
      code: null,
      tree: { state: "missing" },
      documents: {},
      evidence: [],
      reviews: [],
      approvals: []
    }
    for (const each of builtIn.gates) {
      const verdict = Rules.judgeGate(each, facts(each.type, bare))
      deepStrictEqual(
        verdict.outcomes.map(({ check: name }) => name),
        each.checks.map(({ name }) => name)
      )
      strictEqual(Verdict.unmet(verdict).length, each.checks.length)
      strictEqual(verdict.unmet, "refused")
      for (const { hint, summary } of verdict.outcomes)
        assertTrue(
          summary !== "" && hint?.startsWith("calm ") === true && hint.includes(facts(each.type).id),
          `${summary}: ${hint}`
        )
    }
  })

  it("passes nothing by an attestation but what is attested", () => {
    for (const each of builtIn.gates) {
      const bare = facts(each.type, { code: null, documents: {}, evidence: [], reviews: [], approvals: [] })
      const verdict = Rules.judgeGate(each, bare, "all fine")
      deepStrictEqual(
        verdict.outcomes.filter(({ unmet }) => unmet === null).map(({ kind }) => kind),
        each.checks.map(({ kind }) => kind).filter((kind) => kind === "attested")
      )
    }
  })
})

describe("reviews", () => {
  const spec = (lines: ReadonlyArray<ReviewLine>, more: Partial<Facts> = {}) =>
    check("feature", "SPEC-DESIGN", "spec reviews", { reviews: reviews("spec", lines), ...more })

  it("meet the check by two people, who are named", () => {
    const found = spec([{ by: "Ann" }, { by: "Bob" }])
    deepStrictEqual([found.unmet, found.summary, found.hint], [null, "2 of 2 approvals (Ann, Bob)", null])
  })

  it("do not meet it by one person twice", () => {
    const found = spec([{ by: "Ann" }, { by: "ANN" }])
    deepStrictEqual([found.unmet, found.hint], ["refused", "calm review record SPEC-1 spec approved"])
    assertTrue(found.summary.startsWith("1 of 2"))
  })

  it("of another type do not meet it", () => {
    strictEqual(
      check("feature", "SPEC-DESIGN", "spec reviews", {
        reviews: reviews("proposal", [
          { by: "Ann", digest: "spec" },
          { by: "Bob", digest: "spec" }
        ])
      }).unmet,
      "refused"
    )
    strictEqual(
      spec([{ by: "Ann" }, { by: "Bob" }], {
        reviews: [
          ...reviews("spec", [{ by: "Ann" }, { by: "Bob" }]),
          ...reviews("code", [{ by: "Cat", verdict: "changes_requested" }])
        ]
      }).unmet,
      null
    )
  })

  it("show an objection with its author and the first line of what was said", () => {
    const found = spec([
      { by: "Ann" },
      { by: "Bob" },
      { by: "Cat", verdict: "changes_requested", notes: "no tests\nat all" }
    ])
    deepStrictEqual([found.unmet, found.summary], ["refused", "Cat asked for changes: no tests"])
    strictEqual(found.hint, "calm review list SPEC-1 spec")
    strictEqual(spec([{ by: "Cat", verdict: "changes_requested" }]).summary, "Cat asked for changes")
  })

  it("show every objection that stands, each person once, by the latest", () => {
    const found = spec([
      { by: "Ann", verdict: "changes_requested", notes: "first" },
      { by: "Bob", verdict: "changes_requested", notes: "second" },
      { by: "Ann", verdict: "changes_requested", notes: "third" }
    ])
    strictEqual(found.summary, "Bob asked for changes: second; Ann asked for changes: third")
  })

  it("say that earlier ones are outdated when the document changed", () => {
    const found = spec([
      { by: "Ann", digest: "then" },
      { by: "Bob", digest: "then" }
    ])
    strictEqual(found.unmet, "refused")
    assertTrue(found.summary.includes("the spec changed"))
    assertTrue(
      check("feature", "CODE_REVIEW-TEST", "code reviews", {
        code: code({ changeDigest: digest("new") })
      }).summary.includes("the change changed")
    )
  })

  it("say that who implemented the task does not count", () => {
    const found = check("feature", "CODE_REVIEW-TEST", "code reviews", { implementers: ["ann"] })
    strictEqual(found.unmet, "refused")
    assertTrue(found.summary.includes("implemented"))
  })

  it("need the thing reviewed: the committed document, or a branch with a change", () => {
    const missing = spec([{ by: "Ann" }, { by: "Bob" }], { documents: {} })
    deepStrictEqual([missing.unmet, missing.summary], ["refused", "planning_docs/SPEC-1/spec.md is not committed"])
    strictEqual(missing.hint, "calm worktree path SPEC-1")
    strictEqual(
      check("feature", "CODE_REVIEW-TEST", "code reviews", unchanged).summary,
      "the branch changes nothing yet"
    )
    strictEqual(check("feature", "CODE_REVIEW-TEST", "code reviews", unbranched).hint, "calm worktree create SPEC-1")
    strictEqual(check("bug", "FIXED-REVIEWED", "bugfix reviews", unbranched).unmet, "refused")
  })

  it("of code survive a changelog and a merge of the base that leave the change alone", () => {
    const later = code({ commit: sha("later"), base: sha("newer"), codeDigest: digest("merged") })
    strictEqual(check("feature", "CODE_REVIEW-TEST", "code reviews", { code: later }).unmet, null)
  })
})

describe("a person's approval", () => {
  it("meets the check, naming the person", () => {
    deepStrictEqual((({ summary, unmet }) => [unmet, summary])(check("feature", "SPEC-DESIGN", "approval")), [
      null,
      "approved by Me"
    ])
  })

  it("is asked for where there is none, with the command", () => {
    const found = check("feature", "SPEC-DESIGN", "approval", { approvals: [] })
    deepStrictEqual(
      [found.unmet, found.summary, found.hint],
      ["refused", "no person has approved it", 'calm gate approve SPEC-1 SPEC-DESIGN --by "$(git config user.name)"']
    )
  })

  it("of another gate does not count", () => {
    strictEqual(
      check("feature", "SPEC-DESIGN", "approval", { approvals: [approval("DESIGN-IMPLEMENT", "spec")] }).unmet,
      "refused"
    )
  })

  it("is outdated once the document changed, naming who gave it and when", () => {
    const found = check("feature", "DESIGN-IMPLEMENT", "approval", {
      approvals: [approval("DESIGN-IMPLEMENT", "then", { person: PersonName.make("Eve"), commit: sha("then") })]
    })
    strictEqual(found.unmet, "refused")
    for (const part of ["Eve", "outdated", "the proposal changed", sha("then").slice(0, 7)])
      assertTrue(found.summary.includes(part), part)
  })

  it("needs the document", () => {
    strictEqual(
      check("feature", "SPEC-DESIGN", "approval", { documents: {} }).summary,
      "planning_docs/SPEC-1/spec.md is not committed"
    )
  })
})

describe("a document", () => {
  it("meets the check when it is committed and says something", () => {
    const found = check("feature", "DESIGN-IMPLEMENT", "proposal")
    deepStrictEqual([found.unmet, found.summary], [null, "planning_docs/SPEC-1/proposal.md"])
  })

  it("is missing until committed, with the way to the worktree", () => {
    const found = check("feature", "INTEGRATE-VERIFY", "changelog", { documents: {} })
    deepStrictEqual(
      [found.unmet, found.summary, found.hint],
      ["refused", "changelog.d/SPEC-1.md is not committed", "calm worktree path SPEC-1"]
    )
    strictEqual(
      check("feature", "INTEGRATE-VERIFY", "changelog", { documents: {}, ...unbranched }).hint,
      "calm worktree create SPEC-1"
    )
  })

  it("does not count while it is a heading and a placeholder", () => {
    const documents = { proposal: document("proposal", "# Proposal\n\nTODO\n") }
    strictEqual(
      check("feature", "DESIGN-IMPLEMENT", "proposal", { documents }).summary,
      "planning_docs/SPEC-1/proposal.md: it is empty"
    )
  })

  it("that is a bug report names every section that lacks something", () => {
    strictEqual(check("bug", "REPORTED-INVESTIGATED", "bug report").unmet, null)
    const text = report.replace("Run it twice.", "TBD").replace("## Fix plan", "## Plan")
    const found = check("bug", "REPORTED-INVESTIGATED", "bug report", {
      documents: { "bug-report": document("bug-report", text) }
    })
    strictEqual(found.unmet, "refused")
    assertTrue(found.summary.includes('"Reproduction" is not filled in; it has no section "Fix plan"'))
    assertFalse(found.summary.includes("Root cause"))
  })
})

describe("changed code", () => {
  const changed = (more: Partial<Facts>) => check("feature", "IMPLEMENT-CODE_REVIEW", "code changed", more)

  it("meets the check by one file that is no document", () => {
    deepStrictEqual([changed({}).unmet, changed({}).summary], [null, "2 files changed"])
    strictEqual(changed({ code: code({ codePaths: ["a"] }) }).summary, "1 file changed")
  })

  it("is missing without a branch and on one that changes nothing, which no approval replaces", () => {
    deepStrictEqual([changed(unbranched).unmet, changed(unbranched).hint], ["refused", "calm worktree create SPEC-1"])
    const approvals = [approval("IMPLEMENT-CODE_REVIEW", "change")]
    deepStrictEqual(
      [changed({ ...unchanged, approvals }).unmet, changed(unchanged).summary],
      ["refused", "the branch changes no code"]
    )
  })

  it("is replaced by a person's approval of this gate for documents alone", () => {
    const without = changed({ code: documentsAlone })
    deepStrictEqual(
      [without.unmet, without.hint],
      ["refused", 'calm gate approve SPEC-1 IMPLEMENT-CODE_REVIEW --by "$(git config user.name)"']
    )
    assertTrue(without.summary.startsWith("documents or modes alone: "))
    const approved = changed({ code: documentsAlone, approvals: [approval("IMPLEMENT-CODE_REVIEW", "docs")] })
    deepStrictEqual([approved.unmet, approved.summary], [null, "documents or modes alone: approved by Me"])
  })

  it("is not replaced by an approval of other documents or of another gate", () => {
    for (const other of [approval("IMPLEMENT-CODE_REVIEW", "then"), approval("SPEC-DESIGN", "docs")])
      strictEqual(changed({ code: documentsAlone, approvals: [other] }).unmet, "refused")
  })

  it("is not replaced by anything in the repair of a bug", () => {
    const approvals = [approval("INVESTIGATED-FIXED", "docs")]
    const found = check("bug", "INVESTIGATED-FIXED", "code changed", { code: documentsAlone, approvals })
    deepStrictEqual([found.unmet, found.summary], ["refused", "the branch changes no code"])
  })
})

describe("a regression test", () => {
  const regression = (more: Partial<Facts>) => check("bug", "INVESTIGATED-FIXED", "regression test", more)

  it("meets the check, and is named", () => {
    deepStrictEqual([regression({}).unmet, regression({}).summary], [null, "test/a.test.ts"])
    strictEqual(regression({ code: code({ testPaths: ["a", "b", "c", "d", "e"] }) }).summary, "a, b, c, 2 more")
  })

  it("is missing where no test changed, and without a branch", () => {
    const found = regression({ code: code({ testPaths: [] }) })
    deepStrictEqual([found.unmet, found.summary], ["refused", "the branch adds or changes no test"])
    deepStrictEqual(
      [regression(unbranched).unmet, regression(unbranched).hint],
      ["refused", "calm worktree create BUG-1"]
    )
  })
})

describe("a merge on record", () => {
  const merged = (inBase: boolean) => ({ merge: { commit: sha("m"), inBase } })

  it("is made by the merge command alone", () => {
    const found = check("feature", "INTEGRATE-VERIFY", "merged")
    deepStrictEqual([found.unmet, found.hint], ["refused", "calm worktree merge SPEC-1"])
    strictEqual(check("bug", "TESTED-MERGED", "merged", merged(false)).unmet, "refused")
    strictEqual(check("bug", "TESTED-MERGED", "merged", merged(true)).unmet, null)
  })

  it("must be in the base when the task is done", () => {
    for (const [type, name] of [
      ["feature", "VERIFY-DONE"],
      ["bug", "MERGED-DONE"]
    ] as const) {
      strictEqual(check(type, name, "merge in base", merged(true)).unmet, null)
      const lost = check(type, name, "merge in base", merged(false))
      strictEqual(lost.unmet, "refused")
      assertTrue(lost.summary.includes("no longer in the base") && lost.summary.includes(sha("m").slice(0, 7)))
      assertTrue(check(type, name, "merge in base").summary.includes("no merge"))
    }
  })

  it("must be attested in words", () => {
    const missing = check("feature", "VERIFY-DONE", "attested", { phase: "VERIFY" })
    strictEqual(missing.unmet, "refused")
    strictEqual(missing.hint, "calm worker context SPEC-1 qa")
    const attested = check("feature", "VERIFY-DONE", "attested", { phase: "VERIFY" }, "greeted twice\nand more")
    deepStrictEqual([attested.unmet, attested.summary], [null, "greeted twice"])
  })
})
