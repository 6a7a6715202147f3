/** The rules of a merge: what must hold for the branch's head, and for the place it goes to. Pure. */
import { commandLine } from "./CommandLine.ts"
import type { Evidence } from "./Evidence.ts"
import { short } from "./Ids.ts"
import type { Facts, MergeFacts } from "./Facts.ts"
import type { Check, Gate, GateTable } from "./Gate.ts"
import * as Gates from "./Gate.ts"
import * as Phase from "./Phase.ts"
import { wayTo } from "./Place.ts"
import { judgeBlockers, judgeCheck, judgeTree } from "./Rules.ts"
import type { Outcome, Verdict } from "./Verdict.ts"
import { lacking, met, unclear, verdict } from "./Verdict.ts"

/**
 * The checks that must hold for the branch's head when it is merged: those of the merge's own gate, and every script
 * check and every code or bugfix review that an earlier gate asks for. Each with the gate that asks for it.
 */
export const mergeChecks = (
  table: GateTable,
  type: Phase.TaskType
): ReadonlyArray<{ readonly gate: Gate; readonly check: Check }> => {
  const gates = Gates.upToMerge(table, type)
  return gates.flatMap((gate, index) =>
    gate.checks
      .filter((check) =>
        index === gates.length - 1
          ? check.kind !== "merged"
          : check.kind === "script" ||
            (check.kind === "reviews" && (check.review === "code" || check.review === "bugfix"))
      )
      .map((check) => ({ gate, check }))
  )
}

const judgeUpstream = (merge: MergeFacts, task: string): Outcome => {
  const what = { check: "upstream", kind: "upstream" }
  const { upstream } = merge
  switch (upstream.state) {
    case "none":
    case "even":
    case "ahead":
      return met(what, upstream.state === "none" ? "the base follows no remote" : upstream.state)
    case "behind":
    case "diverged": {
      const commits = `${upstream.behind} ${upstream.behind === 1 ? "commit" : "commits"}`
      return lacking(
        what,
        `${merge.base} is ${commits} behind ${upstream.ref}${upstream.state === "diverged" ? ", and has commits of its own" : ""}`,
        upstream.state === "diverged"
          ? commandLine(
              "git",
              "-C",
              merge.mainCheckout,
              "log",
              "--oneline",
              "--left-right",
              `${merge.base}...${upstream.ref}`
            )
          : merge.checkout === null
            ? commandLine("git", "-C", merge.mainCheckout, "fetch", upstream.remote, `${merge.base}:${merge.base}`)
            : commandLine("git", "-C", merge.checkout.path, "pull", "--ff-only"),
        { unmet: "conflict" }
      )
    }
    case "unreachable":
      return unclear(
        what,
        `the base's remote could not be asked: ${upstream.detail}`,
        `calm worktree merge ${task} --no-pull`
      )
  }
}

/** Whether what is committed is all there is: a merge takes the branch's head, and uncommitted work would be left behind. */
const judgeWorktree = (facts: Facts): Outcome => {
  const tree = judgeTree(facts)
  if (facts.tree.state === "missing") {
    const what = { check: "worktree", kind: "worktree" }
    // Without its place in git's record, what is uncommitted there would belong to nothing.
    if (facts.place.state === "moved")
      return lacking(what, `it was moved to ${facts.place.to}, where calm does not look`, wayTo(facts.id, facts.place))
    const { left } = facts.tree
    if (left !== undefined)
      return lacking(
        what,
        `uncommitted in ${left.path}: ${left.paths.slice(0, 5).join(", ")}`,
        commandLine("git", "-C", left.path, "status")
      )
    // Of a folder that git cannot look into nobody knows what is uncommitted in it.
    return facts.place.state === "there" ? tree : met(what, "there is none")
  }
  return tree.unmet === null ? tree : { ...tree, status: "failed", unmet: "refused" }
}

/** What a merge asks of the branch's head, its worktree and the tasks before it, wherever it goes. */
const judgeHead = (table: GateTable, facts: Facts, ran: ReadonlyMap<string, Evidence>): ReadonlyArray<Outcome> => {
  // Results are of the head, and stand whatever lies beside it; what lies there is one condition of its own.
  const committed: Facts = { ...facts, tree: { state: "clean" } }
  const checks = mergeChecks(table, facts.type).map(({ check, gate }) =>
    judgeCheck(check, Gates.nameOf(gate), committed, null, ran)
  )
  return [
    ...checks.filter(
      (outcome, index) =>
        checks.findIndex((other) => other.check === outcome.check && other.summary === outcome.summary) === index
    ),
    ...judgeBlockers(facts),
    judgeWorktree(facts)
  ]
}

/**
 * Judges a merge: all reasons at once.
 *
 * @param ran results of this very moment, which go before those on record
 */
export const judgeMerge = (
  table: GateTable,
  facts: Facts,
  merge: MergeFacts,
  ran: ReadonlyMap<string, Evidence> = new Map()
): Verdict => {
  const from = Phase.mergesFrom(facts.type)
  const outcomes: Array<Outcome> = []
  const explain = `calm explain ${facts.id}`
  const phase = { check: "phase", kind: "phase" }
  // Of a task that is merged nothing else is worth telling: its branch is gone, and should be.
  if (facts.phase !== from && facts.merge?.inBase === true)
    return verdict("merge", [
      lacking(phase, `the task is ${facts.phase}: it was merged as ${short(facts.merge.commit)}`, explain)
    ])
  outcomes.push(
    facts.phase === from
      ? met(phase, from)
      : lacking(phase, `the task is ${facts.phase}, and is merged from ${from}`, explain),
    ...judgeHead(table, facts, ran)
  )
  if (merge.insideWorktree)
    outcomes.push(
      lacking(
        { check: "folder", kind: "folder" },
        "called from inside the worktree, which a merge takes away",
        commandLine("cd", merge.mainCheckout)
      )
    )
  if (merge.activeWorkers.length > 0)
    outcomes.push(
      lacking(
        { check: "workers", kind: "workers" },
        `still active: ${merge.activeWorkers.join(", ")}`,
        `calm worker list --task ${facts.id}`
      )
    )
  outcomes.push(
    merge.mergeLock === 0 || merge.force
      ? met({ check: "merge_lock", kind: "merge-lock" }, merge.mergeLock === 0 ? "down" : "up, overridden by --force")
      : lacking(
          { check: "merge_lock", kind: "merge-lock" },
          `the counter merge_lock is ${merge.mergeLock}: merges are held back`,
          "calm counter reset merge_lock"
        )
  )
  outcomes.push(
    merge.conflicts.length === 0
      ? met({ check: "conflicts", kind: "conflicts" }, "none")
      : lacking(
          { check: "conflicts", kind: "conflicts" },
          `conflicts with ${merge.base} in ${merge.conflicts.join(", ")}`,
          merge.worktree === null
            ? wayTo(facts.id, facts.place)
            : // With uncommitted work there, which may be this very merge half-way, git would only refuse.
              commandLine(
                "git",
                "-C",
                merge.worktree,
                ...(facts.tree.state === "dirty" ? ["status"] : ["merge", merge.base])
              ),
          { unmet: "conflict" }
        )
  )
  outcomes.push(judgeUpstream(merge, facts.id))
  if (merge.checkout !== null) {
    const { bare, inProgress, inTheWay, path } = merge.checkout
    if (bare === true)
      outcomes.push(
        lacking(
          { check: "base checkout", kind: "checkout" },
          `${path} calls itself bare (core.bare), so that git would move its branch and leave its files behind`,
          commandLine("git", "-C", path, "config", "core.bare", "false"),
          { unmet: "conflict" }
        )
      )
    else if (inProgress !== null)
      outcomes.push(
        lacking(
          { check: "base checkout", kind: "checkout" },
          `${path} is in the middle of a ${inProgress}`,
          commandLine("git", "-C", path, "status"),
          {
            unmet: "conflict"
          }
        )
      )
    else if (inTheWay.length > 0)
      outcomes.push(
        lacking(
          { check: "base checkout", kind: "checkout" },
          `${path} has changes that the merge would overwrite: ${inTheWay.join(", ")}`,
          commandLine("git", "-C", path, "status"),
          { unmet: "conflict" }
        )
      )
    else outcomes.push(met({ check: "base checkout", kind: "checkout" }, "can be fast-forwarded"))
  }
  return verdict("merge", outcomes)
}
