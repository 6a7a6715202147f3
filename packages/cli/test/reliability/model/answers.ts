/**
 * What the model answers to the commands about gates: checks, transitions, approvals and reviews. Who is told no is told
 * the category of `cli.md`, and every condition that is not met.
 */
import { type Command, nameOf } from "./commands.ts"
import * as Contract from "./contract.ts"
import type { Conditions, Reason, Scene } from "./contract.ts"
import { codeOf } from "./history.ts"
import { isDirty, type Task, tip } from "./world.ts"

/** `null`: done, or yes. */
export type Category = Reason | "validation" | "not_found" | "permission"
export interface Answer {
  readonly category: Category | null
  readonly lacking: Conditions
}

export const done: Answer = { category: null, lacking: {} }
export const no = (category: Category): Answer => ({ category, lacking: {} })

/** The conditions that are not met. */
export const unmet = (all: Conditions): Conditions =>
  Object.fromEntries(Object.entries(all).filter(([, reason]) => reason !== null))

/** The category of an answer is the first present of these. */
export const judged = (all: Conditions): Answer => {
  const reasons = Object.values(all)
  const category = (["refused", "conflict", "unavailable"] as const).find((one) => reasons.includes(one)) ?? null
  return { category, lacking: unmet(all) }
}

/** Which reviews a role may record. */
export const mayReview: Readonly<Record<string, ReadonlyArray<string>>> = {
  backend: [],
  "spec-reviewer": ["spec"],
  "proposal-reviewer": ["proposal"],
  reviewer: ["code", "bugfix"],
  qa: ["code", "bugfix"]
}

export const isFinished = ({ phase }: Task) => phase === "DONE" || phase === "CANCELLED"
/** Runs what has to be run and gives the results that count; `null` where nothing could be run for who wants it fresh. */
const run = (scene: Scene, names: ReadonlyArray<string>, anew: boolean): Scene => {
  const { project, task, world } = scene
  const { branch } = task
  if (branch === null || task.worktree !== "open" || isDirty(task)) return anew ? { ...scene, results: [] } : scene
  const base = tip(project)
  const due = [...new Set(names.flatMap((name) => Contract.scriptOf[name] ?? []))].filter((script) => {
    const latest = Contract.latestResult(scene, script)
    if (anew || latest === undefined || latest.outcome === "unavailable") return true
    return latest.outcome === "skipped" && latest.base !== base
  })
  for (const script of due) task.results.push({ script, outcome: world.outcomes[script], code: codeOf(branch), base })
  if (due.length > 0) project.events += 1
  return scene
}

export const check = (scene: Scene, gate: string | null, anew: boolean): Answer => {
  const { task } = scene
  const at = Contract.phases[task.type].indexOf(task.phase)
  if (gate !== null) {
    const names = Contract.gates[task.type][gate]
    return names === undefined ? no("validation") : judged(Contract.gateConditions(run(scene, names, anew), gate))
  }
  if (isFinished(task)) return no("refused")
  if (task.phase === Contract.mergesFrom[task.type])
    return judged(Contract.mergeConditions(run(scene, Contract.ofMerge[task.type], anew), null, false))
  const names = Contract.gates[task.type][`${task.phase}-${Contract.phases[task.type][at + 1]}`] ?? []
  return judged(Contract.moveConditions(run(scene, names, anew)))
}

export const transition = (scene: Scene, wish: Extract<Command, { does: "transition" }>): Answer => {
  const { project, task } = scene
  const order = Contract.phases[task.type]
  const [from, to] = [order.indexOf(task.phase), order.indexOf(wish.to)]
  if (to < 0 && wish.to !== "CANCELLED") return no("validation")
  if (to < 0 || from < 0 || task.phase === "DONE" || (to !== from + 1 && to >= from)) return no("refused")
  if (wish.result === "fail") {
    project.events += 1
    return done
  }
  if (to < from && !wish.reason) return no("validation")
  if (to > from) {
    const conditions = Contract.moveConditions({ ...scene, attested: wish.result === "pass" && wish.details })
    // Only a merge makes this move.
    const all =
      task.phase === Contract.mergesFrom[task.type] ? { ...conditions, merged: "refused" as const } : conditions
    if (judged(all).category !== null) return judged(all)
  }
  task.phase = wish.to
  project.events += 1
  return done
}

export const approve = (scene: Scene, gate: string): Answer => {
  const { project, task } = scene
  const names = Contract.gates[task.type][gate]
  if (names === undefined) return no("validation")
  const judges = { "SPEC-DESIGN": "spec", "DESIGN-IMPLEMENT": "proposal", "IMPLEMENT-CODE_REVIEW": "change" } as const
  const kind = Object.entries(judges).find(([name]) => name === gate)?.[1]
  const of = kind === undefined ? null : Contract.subject(scene, kind)
  if (of === null) return no("refused")
  task.approvals.push({ gate, of })
  project.events += 1
  return done
}

export const review = (scene: Scene, { by, type, verdict }: Extract<Command, { does: "review" }>): Answer => {
  const { project, task } = scene
  if (!Contract.reviewTypes[task.type].includes(type)) return no("validation")
  const of = Contract.subject(scene, type)
  if (of === null) return no("refused")
  const worker = typeof by === "number" ? project.workers[by] : undefined
  const implemented = worker?.role === "backend" && worker.task === task.id
  if (implemented && verdict === "approved") return no("permission")
  // Approvals in the name of a worker that nobody started would be as many as one likes.
  if (typeof by === "number" && worker === undefined && verdict === "approved") return no("not_found")
  if (worker !== undefined && mayReview[worker.role]?.includes(type) !== true) return no("permission")
  const isNobody = typeof by === "number" && worker === undefined
  task.reviews.push({ type, verdict, by: isNobody ? `nobody ${by}` : nameOf(by), of })
  project.events += 1
  return done
}
