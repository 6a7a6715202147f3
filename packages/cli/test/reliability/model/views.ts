/** What is asked of model and services alike after a step, as plain values that can be compared; here the model's answers. */
import type { ReviewType } from "@calm/domain/Review"
import * as Contract from "./contract.ts"
import type { Conditions } from "./contract.ts"
import { unmet } from "./answers.ts"
import { type Project, type Task, tip, type World } from "./world.ts"

/** What is stored of a project. */
export interface Stored {
  /** A line for each task that is not deleted. */
  readonly tasks: ReadonlyArray<string>
  /** The tasks with an open worktree. */
  readonly worktrees: ReadonlyArray<string>
  readonly workers: ReadonlyArray<string>
  readonly mergeLock: number
  readonly mergesSinceE2e: number
  readonly mergesSinceDocs: number
  readonly events: number
}

/** Where a task can go. */
export interface Explained {
  readonly moves: ReadonlyArray<string>
  /** The conditions of the move ahead; of a merge, those that are not met. */
  readonly ahead: Conditions
}

/** Whose reviews of a task count. */
export type Standings = Partial<
  Record<ReviewType, { readonly approvals: ReadonlyArray<string>; readonly objections: ReadonlyArray<string> }>
>

/** What is told of a project as a whole. */
export interface Told {
  readonly next: Readonly<
    Record<string, { readonly ready: boolean; readonly waits: boolean; readonly waitsFor: string }>
  >
  readonly health: string
  /** The files at the tip of the base. */
  readonly files: Readonly<Record<string, string>>
}

const present = ({ tasks }: Project) => [...tasks.values()].filter(({ deleted }) => !deleted)
const isOpen = ({ phase }: Task) => phase !== "DONE" && phase !== "CANCELLED"

export const taskLine = (task: { id: string; phase: string; blockedBy: ReadonlyArray<string> }): string =>
  `${task.id} ${task.phase}${task.blockedBy.length === 0 ? "" : ` waits for ${[...task.blockedBy].sort().join(", ")}`}`

export const stored = (project: Project): Stored => ({
  tasks: present(project).map(taskLine).sort(),
  worktrees: present(project)
    .flatMap(({ id, worktree }) => (worktree === "open" ? [id] : []))
    .sort(),
  workers: project.workers
    .filter(({ task }) => project.tasks.get(task)?.deleted === false)
    .map(({ name, role, status, task }) => `${name} on ${task} as ${role}: ${status}`)
    .sort(),
  mergeLock: project.mergeLock,
  mergesSinceE2e: project.merges,
  mergesSinceDocs: project.merges,
  events: project.events
})

const aheadOf = (scene: Contract.Scene): Conditions =>
  scene.task.phase === Contract.mergesFrom[scene.task.type]
    ? unmet(Contract.mergeConditions(scene, null, false))
    : Contract.moveConditions(scene)

export const explained = (scene: Contract.Scene): Explained => {
  const { task } = scene
  const order = Contract.phases[task.type]
  const at = order.indexOf(task.phase)
  return isOpen(task)
    ? { moves: [order[at + 1] ?? "", ...order.slice(0, at).reverse(), "CANCELLED"], ahead: aheadOf(scene) }
    : { moves: [], ahead: {} }
}

export const standings = (scene: Contract.Scene): Standings =>
  Object.fromEntries(
    Contract.reviewTypes[scene.task.type].map((type) => {
      const { approvals, objections } = Contract.standing(scene, type)
      return [type, { approvals: [...approvals].sort(), objections: [...objections].sort() }]
    })
  )

/** What a merge lacks. */
export const mergeLacks = (scene: Contract.Scene): Conditions => unmet(Contract.mergeConditions(scene, null, false))

export const told = (world: World, project: Project): Told => {
  const open = present(project).filter(isOpen)
  const waitsFor = ({ blockedBy }: Task) =>
    blockedBy.filter((id) => {
      const other = project.tasks.get(id)
      return other?.deleted !== false || other.phase !== "DONE"
    })
  const isDead = (id: string) => {
    const other = project.tasks.get(id)
    return other?.deleted !== false || other.phase === "CANCELLED"
  }
  const wantsAttention =
    project.merges >= 12 ||
    open.some((task) => waitsFor(task).some(isDead)) ||
    present(project).some(({ phase, worktree }) => phase === "DONE" && worktree === "open")
  return {
    next: Object.fromEntries(
      open.map((task) => {
        const lacks = Object.keys(unmet(aheadOf({ world, project, task })))
        const waits = lacks.length === 1 && lacks[0] === "blockers"
        return [task.id, { ready: lacks.length === 0, waits, waitsFor: [...waitsFor(task)].sort().join(", ") }]
      })
    ),
    health: project.mergeLock > 0 ? "DEGRADED" : wantsAttention ? "ATTENTION" : "HEALTHY",
    files: tip(project).files
  }
}
