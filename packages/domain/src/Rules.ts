/**
 * The one rule engine: facts in, verdict out. Gates, transitions, merges and `explain` all ask it, so they cannot
 * disagree. Pure.
 */
import * as Blocking from "./Blocking.ts"
import { commandLine } from "./CommandLine.ts"
import * as Document from "./Document.ts"
import type { Approval, Evidence } from "./Evidence.ts"
import type { Facts, WrittenDocument } from "./Facts.ts"
import type { Check, Gate, ReviewsCheck, ScriptCheck } from "./Gate.ts"
import * as Gates from "./Gate.ts"
import { short, type Digest } from "./Ids.ts"
import * as Phase from "./Phase.ts"
import { noBranch, wayTo } from "./Place.ts"
import type { ReviewType } from "./Review.ts"
import * as Review from "./Review.ts"
import { beginning } from "./Typed.ts"
import type { Outcome, Verdict } from "./Verdict.ts"
import { lacking, met, unclear, verdict } from "./Verdict.ts"

/** What somebody says was verified, given with a transition. `null`: nothing was said; empty: only that it was. */
export type Attestation = string | null

const firstLine = (text: string): string => beginning(text.split("\n")[0] ?? "", 200)

const nothingToJudge = {
  spec: "spec",
  proposal: "proposal",
  code: "change",
  bugfix: "change",
  change: "change"
} as const

/** What a review or approval judges, as it is now; `null` when it is not there. */
export const subject = (
  facts: Facts,
  of: ReviewType | "change"
): { readonly digest: Digest; readonly commit: NonNullable<Facts["code"]>["commit"] } | null => {
  const kind = nothingToJudge[of]
  if (kind === "change") {
    const { code } = facts
    return code === null || code.changeDigest === null ? null : { digest: code.changeDigest, commit: code.commit }
  }
  const document = facts.documents[kind]
  return document === undefined ? null : { digest: document.digest, commit: document.commit }
}

/** Why there is nothing to judge, and what would bring it. */
export const missingSubject = (facts: Facts, of: ReviewType | "change"): { summary: string; hint: string } => {
  const kind = nothingToJudge[of]
  return {
    summary:
      kind === "change"
        ? facts.code === null
          ? noBranch(facts.place)
          : "the branch changes nothing yet"
        : `${Document.pathOf(kind, facts.id)} is not committed`,
    hint: wayTo(facts.id, facts.place)
  }
}

/**
 * The recorded result that stands for this very code, if there is one: the latest made while both digests are as they
 * are now. One that could not be had is no result, and what came before it stands no longer.
 */
export const standingEvidence = (facts: Facts, key: string): Evidence | undefined => {
  const { code } = facts
  if (code === null) return undefined
  const latest = facts.evidence.findLast(
    (evidence) =>
      evidence.key === key &&
      evidence.codeDigest === code.codeDigest &&
      evidence.definitionsDigest === facts.definitions.get(key)
  )
  return latest?.status === "unavailable" ? undefined : latest
}

/** What a result says of itself, with its counts where they are known. */
const summaryOf = ({ counts, summary }: Evidence): string => {
  if (counts === null) return summary
  const said = [
    `${counts.passed} passed`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped === null ? ["how many were skipped is unknown"] : []),
    ...(counts.skipped !== null && counts.skipped > 0 ? [`${counts.skipped} skipped`] : [])
  ]
  return `${summary} (${said.join(", ")})`
}

const judgeEvidence = (
  check: ScriptCheck,
  gate: string,
  facts: Facts,
  evidence: Evidence,
  cached: boolean
): Outcome => {
  const what = { check: check.name, kind: check.kind }
  const more = {
    cached,
    evidence: {
      commit: evidence.commit,
      at: evidence.at,
      counts: evidence.counts,
      duration: evidence.duration,
      logFile: evidence.logFile,
      tail: evidence.tail
    }
  }
  const settings = facts.config.gates ?? {}
  const worktree = wayTo(facts.id, facts.place)
  // Why it failed is in what it printed; where there is nothing left of that, it takes another run.
  const look =
    evidence.logFile === null
      ? `calm gate check ${facts.id} ${gate}${cached ? " --fresh" : ""}`
      : commandLine("tail", "-n", "100", evidence.logFile)
  switch (evidence.status) {
    case "unavailable":
      return unclear(what, evidence.summary, evidence.hint ?? `calm gate check ${facts.id} ${gate}`, {
        ...more,
        unmet: evidence.timedOut ? "timeout" : "unavailable"
      })
    case "failed":
      return lacking(what, summaryOf(evidence), look, more)
    case "skipped": {
      if (settings.requireAll === true)
        return lacking(what, `skipped, and the project requires all checks: ${evidence.summary}`, worktree, more)
      const isTests = check.script === "tests" || check.full
      return isTests && settings.noTests !== true
        ? lacking(
            what,
            `there are no tests to run, and .calm/project.json of the base does not say "gates": {"noTests": true}`,
            worktree,
            more
          )
        : met(what, evidence.summary, { ...more, status: "skipped" })
    }
    case "passed": {
      const skipped = evidence.counts?.skipped ?? null
      const allowed = settings.allowedSkips ?? 0
      if (check.noSkips && skipped !== null && skipped > allowed)
        return lacking(
          what,
          `${skipped === 1 ? "1 test was" : `${skipped} tests were`} skipped where ${allowed} may be`,
          look,
          more
        )
      return met(
        what,
        check.noSkips && evidence.counts === null
          ? `${evidence.summary} (how many were skipped is unknown)`
          : summaryOf(evidence),
        more
      )
    }
  }
}

/** What keeps checks from running in the task's worktree: results are only of committed code. */
export const judgeTree = (facts: Facts): Outcome => {
  const what = { check: "worktree", kind: "worktree" }
  const { tree } = facts
  const way = wayTo(facts.id, facts.place)
  switch (tree.state) {
    case "clean":
      return met(what, "clean")
    case "dirty": {
      const shown = tree.paths.slice(0, 5).join(", ")
      const more = tree.paths.length > 5 ? ` and ${tree.paths.length - 5} more` : ""
      return unclear(what, `uncommitted in the worktree: ${shown}${more}`, way)
    }
    case "missing":
      return facts.place.state === "there"
        ? unclear(what, "git has no record of the task's worktree", "calm worktree health")
        : unclear(what, "the task has no worktree", way)
    case "elsewhere":
      return unclear(what, `the worktree is on ${tree.head} instead of ${facts.id}`, way)
    case "unseen":
      return unclear(what, "the worktree was not looked at", `calm explain ${facts.id}`)
  }
}

const judgeScript = (check: ScriptCheck, gate: string, facts: Facts, ran: ReadonlyMap<string, Evidence>): Outcome => {
  const what = { check: check.name, kind: check.kind }
  const { key } = Gates.runOf(check, facts.config)
  const fresh = ran.get(key)
  if (fresh !== undefined) return judgeEvidence(check, gate, facts, fresh, false)
  // A check runs in the worktree: without one there is nothing to run it in.
  const run = facts.place.state === "there" ? `calm gate check ${facts.id} ${gate}` : wayTo(facts.id, facts.place)
  if (facts.code === null) return lacking(what, noBranch(facts.place), wayTo(facts.id, facts.place))
  const standing = standingEvidence(facts, key)
  const tree = judgeTree(facts)
  if (tree.unmet !== null && (facts.tree.state !== "missing" || standing === undefined))
    return { ...tree, check: check.name, kind: check.kind }
  if (standing !== undefined) return judgeEvidence(check, gate, facts, standing, true)
  const { codeDigest } = facts.code
  const all = facts.evidence.filter((evidence) => evidence.key === key)
  const isOfThis = (evidence: Evidence) =>
    evidence.codeDigest === codeDigest && evidence.definitionsDigest === facts.definitions.get(key)
  const earlier = all.findLast(isOfThis) ?? all.at(-1)
  if (earlier === undefined) return lacking(what, "not checked yet", run)
  if (isOfThis(earlier)) return judgeEvidence(check, gate, facts, earlier, true)
  const sameCode = earlier.codeDigest === codeDigest
  const changed = sameCode ? "the check's definition" : "the code"
  return lacking(
    what,
    `${changed} changed since it was checked: then ${short(earlier.commit)}, now ${short(facts.code.commit)}`,
    run
  )
}

const judgeReviews = (check: ReviewsCheck, facts: Facts): Outcome => {
  const what = { check: check.name, kind: check.kind }
  const thing = subject(facts, check.review)
  const standing = Review.standing(
    facts.reviews.filter((review) => review.type === check.review),
    thing?.digest ?? null,
    facts.implementers
  )
  if (thing === null) {
    const missing = missingSubject(facts, check.review)
    return lacking(what, missing.summary, missing.hint)
  }
  const record = `calm review record ${facts.id} ${check.review} approved`
  if (standing.objections.length > 0)
    return lacking(
      what,
      standing.objections
        .map(({ notes, reviewer }) => `${reviewer} asked for changes${notes === null ? "" : `: ${firstLine(notes)}`}`)
        .join("; "),
      `calm review list ${facts.id} ${check.review}`
    )
  const names = standing.approvals.length === 0 ? "" : ` (${standing.approvals.join(", ")})`
  const count = `${Math.min(standing.approvals.length, check.count)} of ${check.count} approvals${names}`
  if (standing.approvals.length >= check.count) return met(what, count)
  const weights = new Set(standing.weights.values())
  const why = weights.has("outdated")
    ? `; earlier ones are outdated: the ${nothingToJudge[check.review]} changed`
    : weights.has("implementer")
      ? "; who implemented the task does not count"
      : ""
  return lacking(what, `${count}${why}`, record)
}

const approvalOf = (facts: Facts, gate: string, digest: Digest): Approval | undefined =>
  facts.approvals.findLast((approval) => approval.gate === gate && approval.digest === digest)

const judgeApproval = (
  what: { readonly check: string; readonly kind: string },
  judges: "spec" | "proposal" | "change",
  gate: string,
  facts: Facts
): Outcome => {
  const thing = subject(facts, judges)
  if (thing === null) {
    const missing = missingSubject(facts, judges)
    return lacking(what, missing.summary, missing.hint)
  }
  const approval = approvalOf(facts, gate, thing.digest)
  if (approval !== undefined) return met(what, `approved by ${approval.person}`)
  const earlier = facts.approvals.findLast((other) => other.gate === gate)
  return lacking(
    what,
    earlier === undefined
      ? "no person has approved it"
      : `${earlier.person}'s approval is outdated: the ${judges} changed since ${short(earlier.commit)}`,
    `calm gate approve ${facts.id} ${gate} --by "$(git config user.name)"`
  )
}

/** Judges one check of a gate. */
export const judgeCheck = (
  check: Check,
  gate: string,
  facts: Facts,
  attestation: Attestation,
  ran: ReadonlyMap<string, Evidence>
): Outcome => {
  const what = { check: check.name, kind: check.kind }
  switch (check.kind) {
    case "script":
      return judgeScript(check, gate, facts, ran)
    case "reviews":
      return judgeReviews(check, facts)
    case "approval":
      return judgeApproval(what, check.judges, gate, facts)
    case "document":
      return judgeDocument(what, check, facts.documents[check.document], facts)
    case "code-changed": {
      if (facts.code === null) return lacking(what, noBranch(facts.place), wayTo(facts.id, facts.place))
      const count = facts.code.codePaths.length
      if (count > 0) return met(what, `${count} ${count === 1 ? "file" : "files"} changed`)
      if (!check.orApproval || facts.code.changeDigest === null)
        return lacking(what, "the branch changes no code", wayTo(facts.id, facts.place))
      const approval = judgeApproval(what, "change", gate, facts)
      return { ...approval, summary: `documents or modes alone: ${approval.summary}` }
    }
    case "test-changed": {
      if (facts.code === null) return lacking(what, noBranch(facts.place), wayTo(facts.id, facts.place))
      const tests = facts.code.testPaths
      return tests.length > 0
        ? met(what, tests.slice(0, 3).join(", ") + (tests.length > 3 ? `, ${tests.length - 3} more` : ""))
        : lacking(what, "the branch adds or changes no test", wayTo(facts.id, facts.place))
    }
    case "merged":
      return facts.merge?.inBase === true
        ? met(what, `merged as ${short(facts.merge.commit)}`)
        : lacking(what, "only a merge makes this move", `calm worktree merge ${facts.id}`)
    case "merge-in-base":
      return facts.merge === null
        ? lacking(what, "no merge of the task is recorded", `calm log --task ${facts.id}`)
        : facts.merge.inBase
          ? met(what, `${short(facts.merge.commit)} is in the base`)
          : lacking(
              what,
              `the recorded merge ${short(facts.merge.commit)} is no longer in the base`,
              `calm log --task ${facts.id}`
            )
    case "attested":
      return attestation === null || attestation === ""
        ? lacking(
            what,
            attestation === null
              ? "nobody has said what was verified"
              : "--gate-result pass does not say what was verified: --gate-details is missing",
            // Who only repeats a command attests nothing: the role's context says what to verify, and ends with the move.
            `calm worker context ${facts.id} qa`
          )
        : met(what, firstLine(attestation))
  }
}

const judgeDocument = (
  what: { readonly check: string; readonly kind: string },
  check: Extract<Check, { kind: "document" }>,
  document: WrittenDocument | undefined,
  facts: Facts
): Outcome => {
  const path = Document.pathOf(check.document, facts.id)
  const hint = wayTo(facts.id, facts.place)
  if (document === undefined) return lacking(what, `${path} is not committed`, hint)
  const faults = Document.faults(document.text, check.sections)
  return faults.length === 0 ? met(what, path) : lacking(what, `${path}: ${faults.join("; ")}`, hint)
}

/** Judges the tasks that this one waits for: an outcome for each unfinished one. */
export const judgeBlockers = (facts: Facts): ReadonlyArray<Outcome> =>
  facts.blockers
    .filter((blocker) => blocker.phase !== "DONE")
    .map((blocker) =>
      lacking(
        { check: "blockers", kind: "blockers" },
        blocker.phase === null
          ? `waits for ${blocker.id}, which was deleted`
          : `waits for ${blocker.id}, which is ${blocker.phase}`,
        Blocking.isDead(blocker) ? Blocking.letGo(facts.id, facts.blockers) : `calm explain ${blocker.id}`
      )
    )

/**
 * Judges a gate.
 *
 * @param ran results of this very moment, which go before those on record
 */
export const judgeGate = (
  gate: Gate,
  facts: Facts,
  attestation: Attestation = null,
  ran: ReadonlyMap<string, Evidence> = new Map()
): Verdict => {
  const name = Gates.nameOf(gate)
  return verdict(
    name,
    gate.checks.map((check) => judgeCheck(check, name, facts, attestation, ran))
  )
}

/** Judges a forward move: its gate, and the tasks that this one waits for. */
export const judgeMove = (gate: Gate, facts: Facts, attestation: Attestation = null): Verdict => {
  const judged = judgeGate(gate, facts, attestation)
  return Phase.needsBlockersDone(facts.type, gate.to)
    ? verdict(judged.gate, [...judged.outcomes, ...judgeBlockers(facts)])
    : judged
}
