/**
 * Chooses the steps of a sequence. Half of them are whatever there is; the others do what the move ahead of a task lacks,
 * so that sequences get far.
 */
import type { Phase } from "@calm/domain/Phase"
import * as FastCheck from "effect/FastCheck"
import type { Act, FileKind, Step, Variant, Who } from "./commands.ts"
import * as Contract from "./contract.ts"
import type { Scene } from "./contract.ts"
import { merge } from "./history.ts"
import { unmet } from "./answers.ts"
import { isDirty, type Outcome, type Project, scripts, type Task, tip, type World } from "./world.ts"

/** The numbers by which one step is chosen. */
export interface Dice {
  readonly project: 0 | 1
  readonly task: number
  readonly kind: number
  readonly a: number
  readonly b: number
  readonly c: number
}

const nat = FastCheck.nat(9_999)
const dice: FastCheck.Arbitrary<Dice> = FastCheck.record({
  project: FastCheck.constantFrom(0, 0, 0, 0, 1),
  task: nat,
  kind: nat,
  a: nat,
  b: nat,
  c: nat
})

const sequenceOf = (dice: FastCheck.Arbitrary<Dice>, most: number): FastCheck.Arbitrary<ReadonlyArray<Dice>> =>
  FastCheck.array(dice, { minLength: Math.round(most / 4), maxLength: most, size: "max" })

/** The numbers of a sequence. */
export const sequence = (most: number) => sequenceOf(dice, most)

/** Those of one in which each step brings one of two tasks nearer to its end: few others get there. */
export const straight = (most: number) =>
  sequenceOf(
    dice.map((roll) => ({ ...roll, project: 0, task: roll.task % 2, kind: 9 })),
    most
  )

const pick = <A>([first, ...others]: readonly [A, ...ReadonlyArray<A>], by: number): A =>
  [first, ...others][by % (others.length + 1)] ?? first
const some = <A>(list: ReadonlyArray<A>, by: number): A | undefined => list[by % list.length]

const features = ["SPEC-1", "SPEC-2"] as const
const bugs = ["BUG-1", "BUG-2"] as const
/** Most is done to the first ones, so that they get far. */
const ids = ["SPEC-1", "BUG-1", "SPEC-1", "BUG-1", "SPEC-1", "BUG-1", "SPEC-2", "BUG-2"] as const
const people = ["ann", "bob", "cid"] as const
const outcomes: readonly [Outcome, ...ReadonlyArray<Outcome>] = [
  "failed",
  "passed",
  "unavailable",
  "passed, one test skipped",
  "skipped",
  "gone"
]
const allPhases = (type: Task["type"]): ReadonlyArray<Phase> => [...Contract.phases[type], "CANCELLED"]
const typeOf = (id: string): Task["type"] => (id.startsWith("SPEC") ? "feature" : "bug")
const gatesOf = (id: string) => Object.keys(Contract.gates[typeOf(id)])

const kindOf: Readonly<Record<string, FileKind>> = {
  "spec reviews": "spec",
  "proposal reviews": "proposal",
  proposal: "proposal",
  "bug report": "report",
  changelog: "changelog",
  "regression test": "test"
}

/** The gates out of and into the phase of a task. */
const gatesAround = (task: Task | undefined): ReadonlyArray<string> =>
  task === undefined ? [] : gatesOf(task.id).filter((gate) => gate.split("-").includes(task.phase))

/** What brings a task nearer to its end. */
const toward = (world: World, project: Project, task: Task, at: { project: 0 | 1; task: string }, roll: Dice): Step => {
  const scene: Scene = { world, project, task }
  const { a, b, c } = roll
  if (task.deleted) return { ...at, does: "restore" }
  const order = Contract.phases[task.type]
  if (task.phase === "CANCELLED") return { ...at, does: "override", to: order[a % 3] ?? "SPEC", as: "ann" }
  const next = order[order.indexOf(task.phase) + 1]
  if (next === undefined) return random(world, at, roll)
  const merging = task.phase === Contract.mergesFrom[task.type]
  const ready = { ...at, does: "transition", to: next, result: "pass", details: true, reason: false } as const
  const lacking = Object.keys(
    unmet(
      merging ? Contract.mergeConditions(scene, null, false) : Contract.moveConditions({ ...scene, attested: true })
    )
  )
  const name = some(lacking, a % 3 === 0 ? b : 0)
  // Somebody was quicker, and has changed the same on the base.
  if (merging && name === undefined && a % 3 === 0)
    return { ...at, does: "commit to the base", file: "code", variant: 2 }
  if (merging && name === undefined) return { ...at, does: "merge", force: false, as: "ann" }
  const before = order[order.indexOf(task.phase) - 1]
  if (before === Contract.mergesFrom[task.type] && a % 2 === 0)
    return { ...at, does: "check", gate: `${before}-${task.phase}`, fresh: false }
  if (name === undefined) return ready
  const variant = pick([0, 0, 0, 1] as const, c) satisfies Variant
  /** Where the work is done; what is done there. */
  const there = (act: Act): Step =>
    task.worktree === "open"
      ? act
      : { ...at, does: task.trash.length > 0 && b % 2 === 0 ? "restore worktree" : "create worktree" }
  const commit = (file: FileKind): Step => there({ ...at, does: "commit", file, variant })
  const script = Contract.scriptOf[name]
  if (script !== undefined) {
    if (task.branch === null || task.worktree !== "open") return there({ ...at, does: "leave a file" })
    if (isDirty(task)) return commit("code")
    if (world.outcomes[script] !== "passed") return { ...at, does: "let come out", script, outcome: "passed" }
    return { ...at, does: "check", gate: null, fresh: Contract.latestResult(scene, script) !== undefined }
  }
  const type = Contract.reviewTypes[task.type].find((one) => name === `${one} reviews`)
  if (type !== undefined) {
    if (Contract.subject(scene, type) === null) return commit(kindOf[name] ?? "code")
    const { approvals, objections } = Contract.standing(scene, type)
    if (objections.length > 0 && b % 2 === 0) return { ...at, does: "clear", type, as: "ann" }
    const by: Who = objections[0] ?? people.find((one) => !approvals.includes(one)) ?? "me"
    const number = /^(?:worker|nobody) (\d+)$/.exec(by)?.[1]
    return { ...at, does: "review", type, verdict: "approved", by: number === undefined ? by : Number(number) }
  }
  switch (name) {
    case "approval": {
      const of = task.phase === "SPEC" ? "spec" : "proposal"
      return Contract.subject(scene, of) === null
        ? commit(of)
        : { ...at, does: "approve", gate: `${task.phase}-${next}`, as: "ann" }
    }
    case "blockers": {
      const blocker = task.blockedBy.find(
        (id) => project.tasks.get(id)?.phase !== "DONE" || project.tasks.get(id)?.deleted
      )
      const other = blocker === undefined ? undefined : project.tasks.get(blocker)
      return other === undefined || b % 3 === 0
        ? { ...at, does: "wait for", blockedBy: [] }
        : toward(world, project, other, { ...at, task: other.id }, roll)
    }
    case "worktree":
      return c % 2 === 0 ? { ...at, does: "take the file away" } : commit("changelog")
    case "workers": {
      const worker = project.workers.findIndex((one) => one.task === task.id && one.status === "active")
      return { ...at, does: "end worker", worker, how: "completed" }
    }
    case "merge_lock":
      return { ...at, does: "set merge_lock", value: 0, as: "ann" }
    case "conflicts": {
      const head = task.branch
      const path = head === null ? undefined : merge(tip(project), head).conflicts[0]
      const ours = path === undefined ? undefined : tip(project).files[path]
      // Both sides are made to say the same.
      return path?.startsWith("src/") === true && ours !== undefined
        ? there({ ...at, does: "commit", file: "code", variant: ours.includes("0") ? 0 : ours.includes("1") ? 1 : 2 })
        : { ...at, does: "rewind the base" }
    }
    case "merge in base":
      return {
        ...at,
        does: "transition",
        to: Contract.mergesFrom[task.type],
        result: null,
        details: false,
        reason: true
      }
    default:
      return commit(kindOf[name] ?? "code")
  }
}

/** A worker in most cases, else a person. */
const who = (project: Project, by: number): Who =>
  project.workers.length > 0 && by % 3 === 0 ? by % project.workers.length : by % 17 === 1 ? 9 : pick(people, by)

/** Mostly a person: what only people may do. */
const person = (project: Project, by: number): Who =>
  project.workers.length > 0 && by % 5 === 0 ? by % project.workers.length : pick(people, by)

/** Whatever there is. */
const random = (world: World, at: { project: 0 | 1; task: string }, { a, b, c, kind }: Dice): Step => {
  const project = world.projects[at.project]
  const type = typeOf(at.task)
  const variant = pick([0, 1, 0, 2] as const, b)
  const type_ = pick(["spec", "proposal", "code", "bugfix"] as const, a)
  const fitting = some(Contract.reviewTypes[type], a) ?? type_
  const others = [...features, ...bugs].filter((_, index) => ((a >> index) & 3) === 1)
  const steps: ReadonlyArray<readonly [weight: number, step: () => Step]> = [
    [4, () => ({ ...at, does: "create", type, blockedBy: b % 3 === 0 ? others : [] })],
    [4, () => ({ ...at, does: "wait for", blockedBy: b % 4 === 0 ? [] : others })],
    [1, () => ({ ...at, does: "cancel" })],
    [1, () => ({ ...at, does: "delete" })],
    [1, () => ({ ...at, does: "restore" })],
    [
      2,
      () => ({
        ...at,
        does: "override",
        to: some(allPhases(b % 9 === 0 ? typeOf("BUG") : type), a) ?? "SPEC",
        as: person(project, c)
      })
    ],
    [
      6,
      () => ({
        ...at,
        does: "transition",
        to: some(allPhases(c % 11 === 0 ? typeOf("BUG") : type), a) ?? "SPEC",
        result: pick([null, "pass", "fail"] as const, b),
        details: b % 2 === 0,
        reason: c % 3 !== 0
      })
    ],
    [
      8,
      () => ({
        ...at,
        does: "check",
        gate: b % 3 === 0 ? null : (some(gatesOf(c % 9 === 1 ? "BUG" : at.task), a) ?? null),
        fresh: c % 4 === 0
      })
    ],
    [3, () => ({ ...at, does: "approve", gate: some(gatesOf(at.task), a % 4) ?? "", as: person(project, c) })],
    [
      8,
      () => ({
        ...at,
        does: "review",
        type: c % 9 === 0 ? type_ : fitting,
        verdict: b % 3 === 0 ? "changes_requested" : "approved",
        by: who(project, b)
      })
    ],
    [1, () => ({ ...at, does: "clear", type: b % 2 === 0 ? null : fitting, as: person(project, c) })],
    [
      3,
      () => ({
        ...at,
        does: "start worker",
        role: pick(["backend", "reviewer", "qa", "spec-reviewer", "proposal-reviewer", "nobody"] as const, a)
      })
    ],
    [
      3,
      () => ({
        ...at,
        does: "end worker",
        worker: b % Math.max(1, project.workers.length + (c % 5 === 0 ? 1 : 0)),
        how: pick(["completed", "failed"] as const, a)
      })
    ],
    [3, () => ({ ...at, does: "create worktree" })],
    [2, () => ({ ...at, does: "remove worktree" })],
    [2, () => ({ ...at, does: "restore worktree" })],
    [3, () => ({ ...at, does: "merge", force: a % 3 === 0, as: person(project, c) })],
    [4, () => ({ ...at, does: "set merge_lock", value: pick([0, 1] as const, a), as: person(project, c) })],
    [
      6,
      () => ({
        ...at,
        does: "commit",
        file: pick(["code", "code", "test", "spec", "proposal", "report", "changelog"] as const, a),
        variant
      })
    ],
    [
      3,
      () => ({
        ...at,
        does: "commit to the base",
        file: pick(["code", "test", "spec", "proposal", "report", "changelog"] as const, a),
        variant
      })
    ],
    [2, () => ({ ...at, does: "leave a file" })],
    [1, () => ({ ...at, does: "take the file away" })],
    [2, () => ({ ...at, does: "merge the base in" })],
    [1, () => ({ ...at, does: "merge by hand" })],
    [2, () => ({ ...at, does: "rewind the base" })],
    [4, () => ({ ...at, does: "let come out", script: pick(scripts, a), outcome: pick(outcomes, b) })]
  ]
  const bag = steps.flatMap(([weight, step]) => Array.from({ length: weight }, () => step))
  return some(bag, Math.floor(kind / 10))?.() ?? { ...at, does: "create worktree" }
}

/** The step that the numbers choose in a world. */
export const choose = (world: World, roll: Dice): Step => {
  const at = { project: roll.project, task: pick(ids, roll.task) }
  const project = world.projects[at.project]
  const task = project.tasks.get(at.task)
  if (roll.kind % 10 < 3) return random(world, at, roll)
  const around = gatesAround(task)
  if (roll.kind % 10 === 3 && around.length > 0)
    return { ...at, does: "check", gate: some(around, roll.a) ?? null, fresh: roll.b % 3 === 0 }
  if (task === undefined)
    return { ...at, does: "create", type: typeOf(at.task), blockedBy: roll.b % 4 === 0 ? ["SPEC-1"] : [] }
  // Half of the tasks begin anywhere: a person may say where a task is.
  const isNew = task.worktree === "none" && task.phase === Contract.phases[task.type][0]
  if (isNew && !task.deleted && roll.c % 2 === 0)
    return { ...at, does: "override", to: some(Contract.phases[task.type], roll.b) ?? task.phase, as: "ann" }
  return toward(world, project, task, at, roll)
}
