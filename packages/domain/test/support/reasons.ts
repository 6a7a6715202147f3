/** What can hold a merge back: the facts that make it so, and what is said then. */
import type { Facts, MergeFacts } from "@calm/domain/Facts"
import { TaskId } from "@calm/domain/Ids"
import type { Unmet } from "@calm/domain/Verdict"
import { document, evidence, facts, reviews } from "./facts.ts"

export const results = facts().evidence
export const without = (key: string) => results.filter((each) => each.key !== key)
const checkout = (more: Partial<NonNullable<MergeFacts["checkout"]>>): Partial<MergeFacts> => ({
  checkout: { path: "/repo", inTheWay: [], inProgress: null, ...more }
})

export interface Reason {
  readonly what: string
  readonly facts?: Partial<Facts>
  readonly merge?: Partial<MergeFacts>
  /** The names of the checks that say no. */
  readonly checks: ReadonlyArray<string>
  readonly unmet: Unmet
  /** A part of what is said. */
  readonly says: string
}

/** Each of these alone holds a merge back. They touch different facts, so that any of them can come together. */
export const reasons: ReadonlyArray<Reason> = [
  { what: "the task is in another phase", facts: { phase: "TEST" }, checks: ["phase"], unmet: "refused", says: "TEST" },
  {
    what: "the changelog is missing",
    facts: { documents: {} },
    checks: ["changelog"],
    unmet: "refused",
    says: "changelog.d/SPEC-1.md"
  },
  {
    what: "the linter was not run",
    facts: { evidence: without("linter") },
    checks: ["linter"],
    unmet: "refused",
    says: "not checked"
  },
  {
    what: "code reviews are missing",
    facts: { reviews: [] },
    checks: ["code reviews"],
    unmet: "refused",
    says: "0 of 2"
  },
  {
    what: "a blocker is unfinished",
    facts: { blockers: [{ id: TaskId.make("SPEC-2"), phase: "TEST" }] },
    checks: ["blockers"],
    unmet: "refused",
    says: "SPEC-2"
  },
  {
    what: "it is called from inside the worktree",
    merge: { insideWorktree: true },
    checks: ["folder"],
    unmet: "refused",
    says: "inside"
  },
  {
    what: "another worker is active",
    merge: { activeWorkers: ["w-2"] },
    checks: ["workers"],
    unmet: "refused",
    says: "w-2"
  },
  {
    what: "the merge lock is up",
    merge: { mergeLock: 1 },
    checks: ["merge_lock"],
    unmet: "refused",
    says: "merge_lock is 1"
  },
  {
    what: "files are in conflict",
    merge: { conflicts: ["a.ts", "b.ts"] },
    checks: ["conflicts"],
    unmet: "conflict",
    says: "a.ts, b.ts"
  },
  {
    what: "the base is behind its upstream",
    merge: { upstream: { state: "behind", ref: "origin/main", remote: "origin", behind: 3 } },
    checks: ["upstream"],
    unmet: "conflict",
    says: "3 commits behind origin/main"
  },
  {
    what: "a file is in the way where the base is checked out",
    merge: checkout({ inTheWay: ["src/a.ts"] }),
    checks: ["base checkout"],
    unmet: "conflict",
    says: "src/a.ts"
  }
]

/** Variants of the same facts, which cannot come together with those above. */
export const others: ReadonlyArray<Reason> = [
  {
    what: "a check failed",
    facts: { evidence: [...results, evidence("types", { status: "failed", summary: "3 errors" })] },
    checks: ["types"],
    unmet: "refused",
    says: "3 errors"
  },
  {
    what: "the tests were not run",
    facts: { evidence: without("tests") },
    checks: ["tests", "full tests"],
    unmet: "refused",
    says: "not checked"
  },
  {
    what: "TODOs were not looked for",
    facts: { evidence: without("todos") },
    checks: ["no untracked TODOs"],
    unmet: "refused",
    says: "not checked"
  },
  {
    what: "a check ran out of time",
    facts: {
      evidence: [
        ...without("types"),
        evidence("types", { status: "unavailable", timedOut: true, summary: "over 600 s" })
      ]
    },
    checks: ["types"],
    unmet: "timeout",
    says: "600 s"
  },
  {
    what: "a tool is missing",
    facts: { evidence: [...without("types"), evidence("types", { status: "unavailable", summary: "no tsc" })] },
    checks: ["types"],
    unmet: "unavailable",
    says: "no tsc"
  },
  {
    what: "the worktree is dirty",
    facts: { tree: { state: "dirty", paths: ["notes.txt"] } },
    checks: ["worktree"],
    unmet: "refused",
    says: "notes.txt"
  },
  {
    what: "an objection stands",
    facts: { reviews: reviews("code", [{ by: "Ann" }, { by: "Bob" }, { by: "Cat", verdict: "changes_requested" }]) },
    checks: ["code reviews"],
    unmet: "refused",
    says: "Cat"
  },
  {
    what: "the changelog is a placeholder",
    facts: { documents: { changelog: document("changelog", "TODO") } },
    checks: ["changelog"],
    unmet: "refused",
    says: "empty"
  },
  {
    what: "a blocker was deleted",
    facts: { blockers: [{ id: TaskId.make("SPEC-2"), phase: null }] },
    checks: ["blockers"],
    unmet: "refused",
    says: "deleted"
  },
  {
    what: "the base and its upstream went different ways",
    merge: { upstream: { state: "diverged", ref: "origin/main", remote: "origin", behind: 1 } },
    checks: ["upstream"],
    unmet: "conflict",
    says: "commits of its own"
  },
  {
    what: "the remote cannot be asked",
    merge: { upstream: { state: "unreachable", detail: "no route to host" } },
    checks: ["upstream"],
    unmet: "unavailable",
    says: "no route to host"
  },
  {
    what: "the base's checkout is in the middle of a rebase",
    merge: checkout({ inProgress: "rebase" }),
    checks: ["base checkout"],
    unmet: "conflict",
    says: "rebase"
  }
]
