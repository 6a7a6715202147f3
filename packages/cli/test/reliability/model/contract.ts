/**
 * The rules of gates, reviews, evidence and merges, as `cli.md` has them, on a model of what is committed and recorded.
 * Nothing here comes from the product's own rules: this is the page once more, to be read beside it.
 */
import type { ReviewType } from "@calm/domain/Review"
import type { Phase, TaskType } from "@calm/domain/Phase"
import { changes, codeOf, holds, isDocument, merge, mergeBase } from "./history.ts"
import {
  isDirty,
  type Outcome,
  type Project,
  type Result,
  type Review,
  type Script,
  type Task,
  tip,
  type World
} from "./world.ts"

/** The phases of a type in order. CANCELLED stands outside. */
export const phases: Readonly<Record<TaskType, readonly [Phase, ...ReadonlyArray<Phase>]>> = {
  feature: ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY", "DONE"],
  bug: ["REPORTED", "INVESTIGATED", "FIXED", "REVIEWED", "TESTED", "MERGED", "DONE"]
}
export const mergesFrom: Readonly<Record<TaskType, Phase>> = { feature: "INTEGRATE", bug: "TESTED" }
const plannedUpTo: Readonly<Record<TaskType, Phase>> = { feature: "DESIGN", bug: "INVESTIGATED" }
export const reviewTypes: Readonly<Record<TaskType, ReadonlyArray<ReviewType>>> = {
  feature: ["spec", "proposal", "code"],
  bug: ["bugfix"]
}

/** The table of gates. */
export const gates: Readonly<Record<TaskType, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  feature: {
    "SPEC-DESIGN": ["spec reviews", "approval"],
    "DESIGN-IMPLEMENT": ["proposal", "proposal reviews", "approval"],
    "IMPLEMENT-CODE_REVIEW": ["tests", "linter", "types", "no untracked TODOs", "code changed"],
    "CODE_REVIEW-TEST": ["code reviews"],
    "TEST-INTEGRATE": ["full tests"],
    "INTEGRATE-VERIFY": ["changelog", "merged"],
    "VERIFY-DONE": ["merge in base", "attested"]
  },
  bug: {
    "REPORTED-INVESTIGATED": ["bug report"],
    "INVESTIGATED-FIXED": ["tests", "linter", "types", "regression test", "code changed"],
    "FIXED-REVIEWED": ["bugfix reviews"],
    "REVIEWED-TESTED": ["full tests"],
    "TESTED-MERGED": ["changelog", "merged"],
    "MERGED-DONE": ["merge in base", "attested"]
  }
}

/** What a merge asks of the head: every script and every code or bugfix review of the gates before, and the changelog. */
export const ofMerge: Readonly<Record<TaskType, ReadonlyArray<string>>> = {
  feature: ["tests", "linter", "types", "no untracked TODOs", "code reviews", "full tests", "changelog"],
  bug: ["tests", "linter", "types", "bugfix reviews", "full tests", "changelog"]
}

export const scriptOf: Readonly<Record<string, Script>> = {
  tests: "tests",
  "full tests": "tests",
  linter: "linter",
  types: "types",
  "no untracked TODOs": "todos"
}

export type Reason = "refused" | "conflict" | "unavailable"
/** Conditions by name: met (`null`), or not. */
export type Conditions = Readonly<Record<string, Reason | null>>

/** A task with all that its conditions are judged by. */
export interface Scene {
  readonly world: World
  readonly project: Project
  readonly task: Task
  /** Somebody says what was verified. */
  readonly attested?: boolean
  /** The results that count; without it those of the task. */
  readonly results?: ReadonlyArray<Result>
}

/** A file at the head of the branch, else at the base's tip. */
const fileOf = ({ project, task }: Pick<Scene, "project" | "task">, path: string): string | null =>
  task.branch?.files[path] ?? tip(project).files[path] ?? null

/**
 * What the branch changes against the merge base. Of a branch that is in the base it is what brought it in, if somebody
 * reviewed that: such a branch is merged by hand, not empty.
 */
const changeOf = ({ project, task }: Pick<Scene, "project" | "task">) => {
  const head = task.branch
  if (head === null) return []
  if (!holds(tip(project), head)) return changes(mergeBase(head, tip(project)), head)
  const at = project.base.findIndex((commit) => holds(commit, head))
  const before = project.base[at - 1]
  const left = project.base[at] === head || before === undefined ? task.start : mergeBase(head, before)
  const brought = left === null ? [] : changes(left, head)
  return task.reviews.some((review) => review.of !== null && review.of === digest(task, brought)) ? brought : []
}

/** A change without its documents; of documents alone, those but the task's changelog. `null`: nothing to judge. */
const digest = ({ id }: Task, all: ReturnType<typeof changes>): string | null => {
  const code = all.filter(([path]) => !isDocument(path))
  const judged = code.length > 0 ? code : all.filter(([path]) => path !== `changelog.d/${id}.md`)
  return judged.length === 0 ? null : JSON.stringify(judged)
}

/** What a review or an approval is bound to; `null`: it is not there. */
export const subject = (scene: Pick<Scene, "project" | "task">, of: ReviewType | "change"): string | null =>
  of === "spec" || of === "proposal"
    ? fileOf(scene, `planning_docs/${scene.task.id}/${of}.md`)
    : digest(scene.task, changeOf(scene))

/** Whose approvals count, and whose objections block. */
export const standing = (scene: Pick<Scene, "project" | "task">, type: ReviewType) => {
  const now = subject(scene, type)
  const all = scene.task.reviews.filter((review) => review.type === type)
  const said = all.slice(all.findLastIndex(({ verdict }) => verdict === "cleared") + 1)
  const implementers = scene.project.workers.filter(({ role, task }) => role === "backend" && task === scene.task.id)
  const stands = said.filter(({ by, of, verdict }, index) => {
    const later = said.slice(index + 1)
    return (
      now !== null &&
      of === now &&
      !later.some((other) => other.by === by) &&
      !(verdict === "approved" && later.some((other) => other.verdict === "changes_requested"))
    )
  })
  const who = (verdict: Review["verdict"]) => stands.filter((one) => one.verdict === verdict).map(({ by }) => by)
  return {
    approvals: who("approved").filter((by) => !implementers.some(({ name }) => name === by)),
    objections: who("changes_requested")
  }
}

/** What a result comes to for a check. */
const weigh = (outcome: Outcome, { needed, noSkips }: { needed: boolean; noSkips: boolean }): Reason | null => {
  switch (outcome) {
    case "passed":
      return null
    case "passed, one test skipped":
      return noSkips ? "refused" : null
    case "skipped":
      return needed ? "refused" : null
    case "unavailable":
      return "unavailable"
    case "failed":
    case "gone":
      return "refused"
  }
}

/** The latest result of a script for the code as it is. */
export const latestResult = ({ results, task }: Scene, script: Script): Result | undefined =>
  (results ?? task.results).findLast(
    (one) => task.branch !== null && one.script === script && one.code === codeOf(task.branch)
  )

const unless = (holds: boolean): Reason | null => (holds ? null : "refused")

const judge = (scene: Scene, gate: string, name: string, merging: boolean): Reason | null => {
  const { project, task } = scene
  const script = scriptOf[name]
  if (script !== undefined) {
    if (task.branch === null) return "refused"
    const latest = latestResult(scene, script)
    const stands = latest !== undefined && latest.outcome !== "unavailable"
    // Checks run in a clean worktree; a merge asks for the results of the head, and tells of the worktree apart.
    if ((!merging || scene.results !== undefined) && (isDirty(task) || (task.worktree !== "open" && !stands)))
      return "unavailable"
    if (latest === undefined) return "refused"
    // That the project has no such tool was true of the base of that time.
    const asked = merging && latest.outcome === "skipped" && latest.base !== tip(project)
    const now = asked ? scene.world.outcomes[script] : latest.outcome
    return weigh(asked && now !== "skipped" && now !== "unavailable" ? "gone" : now, {
      needed: script === "tests",
      noSkips: name === "full tests" && task.type === "bug"
    })
  }
  const judged = gate === "SPEC-DESIGN" ? "spec" : gate === "DESIGN-IMPLEMENT" ? "proposal" : "change"
  const approved = () => task.approvals.some((one) => one.gate === gate && one.of === subject(scene, judged))
  const paths = changeOf(scene).map(([path]) => path)
  switch (name) {
    case "spec reviews":
    case "proposal reviews":
    case "code reviews":
    case "bugfix reviews": {
      const type = reviewTypes[task.type].find((one) => name === `${one} reviews`)
      const stand = standing(scene, type ?? "code")
      return unless(stand.objections.length === 0 && stand.approvals.length >= 2)
    }
    case "approval":
      return unless(approved())
    case "code changed":
      return unless(paths.some((path) => !isDocument(path)) || (task.type === "feature" && approved()))
    case "regression test":
      return unless(paths.some((path) => path.startsWith("test/")))
    case "proposal":
      return unless(isWritten(fileOf(scene, `planning_docs/${task.id}/proposal.md`)))
    case "bug report":
      return unless(isWritten(fileOf(scene, `bug_reports/${task.id}.md`)))
    case "changelog":
      return unless(isWritten(fileOf(scene, `changelog.d/${task.id}.md`)))
    case "merged":
    case "merge in base":
      return unless(task.merged !== null && holds(tip(project), task.merged))
    default:
      return unless(scene.attested === true)
  }
}

/** A document that says something. In this model comments stand where something is to be written. */
const isWritten = (text: string | null): boolean => text !== null && !text.includes("<!--")

/** What must hold for a gate. */
export const gateConditions = (scene: Scene, gate: string): Conditions =>
  Object.fromEntries(
    (gates[scene.task.type][gate] ?? []).map((name) => [name, judge(scene, gate, name, false)] as const)
  )

/** A task that waits for an unfinished one is planned and goes no further. */
const blockers = ({ project, task }: Scene): Conditions => {
  const unfinished = task.blockedBy.filter((id) => {
    const other = project.tasks.get(id)
    return other === undefined || other.deleted || other.phase !== "DONE"
  })
  return unfinished.length === 0 ? {} : { blockers: "refused" }
}

/** What must hold for a step forward. */
export const moveConditions = (scene: Scene): Conditions => {
  const { phase, type } = scene.task
  const [from, to] = [phases[type].indexOf(phase), phases[type][phases[type].indexOf(phase) + 1]]
  const planned = from + 1 <= phases[type].indexOf(plannedUpTo[type])
  return { ...gateConditions(scene, `${phase}-${to}`), ...(planned ? {} : blockers(scene)) }
}

/** What must hold for a merge; all reasons at once. Of a task that is merged, that it is. */
export const mergeConditions = (scene: Scene, by: string | null, force: boolean): Conditions => {
  const { project, task } = scene
  const phase = unless(task.phase === mergesFrom[task.type])
  if (phase !== null && task.merged !== null && holds(tip(project), task.merged)) return { phase }
  const asked = Object.entries(gates[task.type]).flatMap(([gate, names]) =>
    names.filter((name) => ofMerge[task.type].includes(name)).map((name) => [name, judge(scene, gate, name, true)])
  )
  const active = project.workers.filter((one) => one.task === task.id && one.status === "active" && one.name !== by)
  const conflicts = task.branch === null ? [] : merge(tip(project), task.branch).conflicts
  return {
    ...(Object.fromEntries(asked) as Conditions),
    ...blockers(scene),
    phase,
    worktree: unless(!isDirty(task)),
    ...(active.length === 0 ? {} : { workers: "refused" }),
    merge_lock: unless(project.mergeLock === 0 || force),
    conflicts: conflicts.length === 0 ? null : "conflict"
  }
}
