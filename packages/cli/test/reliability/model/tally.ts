/** Counts what the sequences of the model met on their way: how far they got, and which conditions were met and not met. */
import type { Phase } from "@calm/domain/Phase"
import * as Contract from "./contract.ts"
import type { Conditions } from "./contract.ts"
import { isAct, type Step } from "./commands.ts"
import type { Answer } from "./answers.ts"
import type { Seen } from "./engine.ts"

/** What only a merge asks for. */
const ofMerge = ["phase", "worktree", "workers", "merge_lock", "conflicts", "blockers"]

const named = (type: string, gate: string, name: string) => `${type} ${gate}: ${name}`

/** Every condition that there is: those of the gate tables, and those of a merge alone. */
const all: ReadonlyArray<string> = [
  ...Object.entries(Contract.gates).flatMap(([type, table]) =>
    Object.entries(table).flatMap(([gate, names]) => names.map((name) => named(type, gate, name)))
  ),
  ...ofMerge.map((name) => named("any", "merge", name))
]

export interface Tally extends Seen {
  /** A sequence has ended. */
  readonly ended: () => void
  readonly steps: () => number
  /** How many sequences brought a task into each phase. */
  readonly reached: () => ReadonlyMap<Phase, number>
  /** How many answers were yes or done, and how many of each category. */
  readonly answers: () => ReadonlyMap<string, number>
  /** How often each condition was met and not met in an answer that was compared. */
  readonly conditions: () => ReadonlyMap<string, { readonly met: number; readonly unmet: number }>
}

export const make = (): Tally => {
  let steps = 0
  const phases = new Set<Phase>()
  const reached = new Map<Phase, number>()
  const answers = new Map<string, number>()
  const conditions = new Map(all.map((name) => [name, { met: 0, unmet: 0 }]))

  const count = (type: string, gate: string, found: Conditions) => {
    for (const [name, reason] of Object.entries(found)) {
      const one = conditions.get(named(type, gate, name))
      if (one !== undefined) one[reason === null ? "met" : "unmet"] += 1
    }
  }

  /** The conditions that an answer was about. */
  const look = (step: Step, answer: Answer, scene: Contract.Scene) => {
    const { phase, type } = scene.task
    if (step.does === "check" && step.gate !== null) count(type, step.gate, Contract.gateConditions(scene, step.gate))
    if (step.does === "merge") {
      const lacking = answer.category === null ? {} : answer.lacking
      count("any", "merge", Object.fromEntries(ofMerge.map((name) => [name, lacking[name] ?? null])))
    }
    if (step.does === "transition" && step.to !== phase && answer.category === "refused")
      count(type, `${phase}-${step.to}`, answer.lacking)
    if (step.does !== "transition" || step.to !== "DONE") return
    const gate = `${Contract.phases[type].at(-2)}-DONE`
    if (answer.category === null && phase === "DONE") count(type, gate, { attested: null, "merge in base": null })
    else count(type, gate, answer.lacking)
  }

  return {
    after: (step, world, answer) => {
      steps += 1
      const project = world.projects[step.project]
      const task = project.tasks.get(step.task)
      if (answer !== null && !isAct(step)) {
        const kind = `${step.does}: ${answer.category ?? "yes"}`
        answers.set(kind, (answers.get(kind) ?? 0) + 1)
      }
      if (task === undefined || task.deleted) return
      phases.add(task.phase)
      const scene = { world, project, task }
      if (answer !== null) look(step, answer, scene)
      const next = Contract.phases[task.type][Contract.phases[task.type].indexOf(task.phase) + 1]
      if (task.phase === Contract.mergesFrom[task.type]) {
        const asked = Contract.mergeConditions(scene, null, false)
        count("any", "merge", Object.fromEntries(ofMerge.map((name) => [name, asked[name] ?? null])))
        count(task.type, `${task.phase}-${next}`, { changelog: asked["changelog"] ?? null })
      } else if (task.phase !== "CANCELLED" && next !== undefined)
        count(task.type, `${task.phase}-${next}`, Contract.moveConditions(scene))
    },
    ended: () => {
      for (const phase of phases) reached.set(phase, (reached.get(phase) ?? 0) + 1)
      phases.clear()
    },
    steps: () => steps,
    reached: () => reached,
    answers: () => answers,
    conditions: () => conditions
  }
}
