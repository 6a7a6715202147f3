/** Facts for the rule engine, built in one line: by default a task whose every condition up to the merge is met. */
import table from "@calm/gates/table.json" with { type: "json" }
import type { Approval, Counts, Evidence } from "@calm/domain/Evidence"
import type { Code, Facts, MergeFacts, WrittenDocument } from "@calm/domain/Facts"
import * as Gate from "@calm/domain/Gate"
import { Digest, Note, PersonName, Sha, TaskId, Time, WorkerId } from "@calm/domain/Ids"
import type { DocumentKind } from "@calm/domain/Document"
import * as Phase from "@calm/domain/Phase"
import type { Review, ReviewType } from "@calm/domain/Review"
import type { Outcome, Verdict } from "@calm/domain/Verdict"
import * as Schema from "effect/Schema"

export const builtIn: Gate.GateTable = Schema.decodeUnknownSync(Gate.GateTable)(table)

const hex = (text: string, length: number): string =>
  Array.from(text, (char) => (char.codePointAt(0) ?? 0).toString(16))
    .join("")
    .padEnd(length, "0")
    .slice(0, length)

/** A commit with this name: the same name is the same commit. */
export const sha = (name: string): Sha => Sha.make(hex(name, 40))

/** A digest of something with this name: the same name is the same thing. */
export const digest = (name: string): Digest => Digest.make(hex(name, 64))

export const at = (seq: number): Time => Time.make(`2026-01-01T00:00:00.${String(seq % 1000).padStart(3, "0")}Z`)

const feature = TaskId.make("SPEC-1")
export const bug = TaskId.make("BUG-1")

/** The names of what stands on the branch before anything changes. */
const head = "head"
const codeNow = "code"
const changeNow = "change"
const definitionNow = "definition"

export const code = (more: Partial<Code> = {}): Code => ({
  commit: sha(head),
  base: sha("base"),
  mergeBase: sha("base"),
  codeDigest: digest(codeNow),
  changeDigest: digest(changeNow),
  paths: ["src/a.ts", "test/a.test.ts"],
  codePaths: ["src/a.ts", "test/a.test.ts"],
  testPaths: ["test/a.test.ts"],
  ...more
})

export const counts = (skipped: number): Counts => ({ passed: 12, failed: 0, skipped })

export const evidence = (key: string, more: Partial<Evidence> = {}): Evidence => ({
  key,
  status: "passed",
  counts: null,
  summary: `${key} ran`,
  tail: "",
  hint: null,
  logFile: null,
  timedOut: false,
  commit: sha(head),
  base: sha("base"),
  codeDigest: digest(codeNow),
  definitionsDigest: digest(definitionNow),
  duration: 1,
  at: at(0),
  ...more
})

export const document = (kind: DocumentKind, text: string): WrittenDocument => ({
  path: kind,
  commit: sha(head),
  digest: digest(kind),
  text
})

const judged = { spec: "spec", proposal: "proposal", code: changeNow, bugfix: changeNow } as const

export interface ReviewLine {
  readonly by: string
  readonly verdict?: Review["verdict"]
  readonly digest?: string
  readonly worker?: boolean
  readonly notes?: string
}

/** Reviews of one type in the order in which they were recorded. */
export const reviews = (type: ReviewType, lines: ReadonlyArray<ReviewLine>): ReadonlyArray<Review> =>
  lines.map((line, seq) => ({
    seq,
    type,
    verdict: line.verdict ?? "approved",
    reviewer: PersonName.make(line.by),
    workerId: line.worker === true ? WorkerId.make(line.by) : null,
    commit: line.verdict === "cleared" ? null : sha(head),
    digest: line.verdict === "cleared" ? null : digest(line.digest ?? judged[type]),
    notes: line.notes === undefined ? null : Note.make(line.notes),
    at: at(seq)
  }))

export const approval = (gate: string, of: string, more: Partial<Approval> = {}): Approval => ({
  seq: 0,
  gate,
  person: PersonName.make("Me"),
  commit: sha(head),
  digest: digest(of),
  notes: null,
  at: at(0),
  ...more
})

export const report = `# BUG-1: It breaks

## Reproduction

Run it twice.

## Root cause

The second run reads what the first one wrote.

## Fix plan

Write to a folder of its own.
`

const both = [{ by: "Ann" }, { by: "Bob" }]

/** A task at this phase for which every condition of every gate up to the merge is met. */
export const facts = (type: Phase.TaskType = "feature", more: Partial<Facts> = {}): Facts => ({
  id: type === "feature" ? feature : bug,
  type,
  phase: Phase.mergesFrom(type),
  config: {},
  code: code(),
  tree: { state: "clean" },
  place: { state: more.code === null || more.tree?.state === "missing" ? "none" : "there" },
  documents: {
    spec: document("spec", "# Spec\n\nIt greets."),
    proposal: document("proposal", "# Proposal\n\nA function that greets."),
    "bug-report": document("bug-report", report),
    changelog: document("changelog", "- Greets.")
  },
  evidence: ["tests", "linter", "types", "todos"].map((key) => evidence(key)),
  definitions: new Map(["tests", "linter", "types", "todos"].map((key) => [key, digest(definitionNow)])),
  reviews: (["spec", "proposal", "code", "bugfix"] as const).flatMap((each) => reviews(each, both)),
  approvals: [approval("SPEC-DESIGN", "spec"), approval("DESIGN-IMPLEMENT", "proposal")],
  implementers: [],
  merge: null,
  blockers: [],
  ...more
})

/** A merge with nothing in its way. */
export const merge = (more: Partial<MergeFacts> = {}): MergeFacts => ({
  mergeLock: 0,
  force: false,
  mainCheckout: "/repo",
  worktree: "/repo/.worktrees/SPEC-1",
  base: "main",
  insideWorktree: false,
  activeWorkers: [],
  conflicts: [],
  upstream: { state: "none" },
  checkout: { path: "/repo", inTheWay: [], inProgress: null },
  ...more
})

/** The built-in gate of this name. */
export const gate = (type: Phase.TaskType, name: string): Gate.Gate => {
  const found = Gate.find(builtIn, type, name)
  if (found === undefined) throw new Error(`no gate ${name}`)
  return found
}

/** The outcome of the check with this name. */
export const outcome = (verdict: Verdict, check: string): Outcome => {
  const found = verdict.outcomes.find((each) => each.check === check)
  if (found === undefined) throw new Error(`no outcome ${check} in ${JSON.stringify(verdict.outcomes)}`)
  return found
}
