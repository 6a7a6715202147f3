/** The model: a world as plain values, and what each command of calm does to it and answers. */
import { bugReportTemplate } from "@calm/domain/Document"
import * as Answers from "./answers.ts"
import { type Answer, type Category, done, isFinished, judged, mayReview, no } from "./answers.ts"
import { type Command, nameOf, titleOf } from "./commands.ts"
import * as Contract from "./contract.ts"
import type { Scene } from "./contract.ts"
import { type Commit, commit, type Files, holds, merge } from "./history.ts"
import { type Project, type Task, tip, type World } from "./world.ts"

/** Two projects that have nothing but their first commits. */
export const make = (first: Files): World => {
  const project = (): Project => ({
    base: [commit(first)],
    tasks: new Map(),
    workers: [],
    mergeLock: 0,
    merges: 0,
    events: 0
  })
  return {
    outcomes: { tests: "passed", linter: "passed", types: "passed", todos: "passed" },
    projects: [project(), project()]
  }
}

const activeOn = ({ workers }: Project, { id }: Task) =>
  workers.filter(({ status, task }) => task === id && status === "active")

/** Why a task cannot wait for these. */
const misfit = (project: Project, task: string, blockers: ReadonlyArray<string>): Category | null => {
  if (blockers.includes(task)) return "conflict"
  if (blockers.some((id) => project.tasks.get(id)?.deleted !== false)) return "not_found"
  const waits = (id: string, seen: ReadonlyArray<string>): boolean =>
    id === task ||
    (!seen.includes(id) && (project.tasks.get(id)?.blockedBy ?? []).some((next) => waits(next, [...seen, id])))
  return blockers.some((id) => waits(id, [])) ? "conflict" : null
}

/** What lies in a fresh worktree besides what is committed: the template of a bug's report. */
const fresh = ({ id, type }: Task, head: Commit): Files => {
  const path = `bug_reports/${id}.md`
  return type === "bug" && head.files[path] === undefined ? { [path]: bugReportTemplate(id, titleOf(id)) } : {}
}

const putAway = (project: Project, task: Task): void => {
  if (task.worktree !== "open" || task.branch === null) return
  task.trash.push({ head: task.branch, loose: task.loose })
  task.worktree = "removed"
  project.events += 1
}

const mergeTask = (scene: Scene, by: string | null, force: boolean): Answer => {
  const { project, task } = scene
  const answer = judged(Contract.mergeConditions(scene, by, force))
  const { branch } = task
  if (answer.category !== null || branch === null) return answer
  const base = tip(project)
  // What is in the base already is recorded: by the commit that brought it in.
  if (!holds(base, branch)) project.base.push(commit(merge(base, branch).files, base, branch))
  task.merged = project.base.find((one) => holds(one, branch)) ?? base
  task.phase = Contract.phases[task.type][Contract.phases[task.type].indexOf(task.phase) + 1] ?? task.phase
  project.merges += 1
  project.events += 1
  putAway(project, task)
  task.branch = null
  return answer
}

const worktree = (scene: Scene, does: "create worktree" | "remove worktree" | "restore worktree"): Answer => {
  const { project, task } = scene
  if (does === "remove worktree") {
    if (task.worktree !== "open") return no("not_found")
    if (activeOn(project, task).length > 0) return no("refused")
    putAway(project, task)
    return done
  }
  if (does === "create worktree" && isFinished(task)) return no("refused")
  if (task.worktree === "open") return no("conflict")
  if (does === "create worktree") {
    if (task.branch === null) task.start = tip(project)
    task.branch ??= tip(project)
    task.loose = fresh(task, task.branch)
  } else {
    const kept = task.trash.pop()
    if (kept === undefined) return no("not_found")
    task.branch ??= kept.head
    task.loose = kept.loose
  }
  task.worktree = "open"
  project.events += 1
  return done
}

/** Does a command of calm, and gives its answer. */
export const apply = (world: World, command: Command): Answer => {
  const project = world.projects[command.project]
  const worker = "as" in command && typeof command.as === "number" ? nameOf(command.as) : null
  const known = project.tasks.get(command.task)
  return answerOf(world, project, known, worker, command)
}

const answerOf = (
  world: World,
  project: Project,
  known: Task | undefined,
  worker: string | null,
  command: Command
): Answer => {
  switch (command.does) {
    case "create": {
      if (known !== undefined) return no("conflict")
      const fault = misfit(project, command.task, command.blockedBy)
      if (fault !== null) return no(fault)
      const { blockedBy, task: id, type } = command
      const phase = Contract.phases[type][0]
      project.tasks.set(id, {
        id,
        type,
        phase,
        blockedBy,
        deleted: false,
        branch: null,
        start: null,
        worktree: "none",
        loose: {},
        trash: [],
        reviews: [],
        approvals: [],
        results: [],
        merged: null
      })
      project.events += 1
      return done
    }
    case "restore":
      if (known === undefined) return no("not_found")
      if (!known.deleted) return no("conflict")
      known.deleted = false
      project.events += 1
      return done
    case "set merge_lock":
      if (worker !== null) return no("permission")
      project.mergeLock = command.value
      project.events += 1
      return done
    case "end worker": {
      const one = project.workers[command.worker]
      if (one === undefined) return no("not_found")
      if (one.status === command.how) return done
      if (one.status !== "active") return no("conflict")
      one.status = command.how
      project.events += 1
      return done
    }
    default:
  }
  // Only a person may do these, whatever there is to do it to.
  if (worker !== null && (command.does !== "merge" || command.force)) return no("permission")
  if (known === undefined || known.deleted) return no("not_found")
  const scene = { world, project, task: known }
  switch (command.does) {
    case "wait for": {
      const fault = misfit(project, known.id, command.blockedBy)
      if (fault !== null) return no(fault)
      known.blockedBy = command.blockedBy
      break
    }
    case "cancel":
      if (isFinished(known)) return no("refused")
      known.phase = "CANCELLED"
      break
    case "delete":
      if (activeOn(project, known).length > 0) return no("refused")
      putAway(project, known)
      known.deleted = true
      break
    case "override":
      if (![...Contract.phases[known.type], "CANCELLED"].includes(command.to)) return no("validation")
      known.phase = command.to
      break
    case "start worker":
      if (isFinished(known)) return no("refused")
      if (mayReview[command.role] === undefined) return no("not_found")
      project.workers.push({
        name: nameOf(project.workers.length),
        task: known.id,
        role: command.role,
        status: "active"
      })
      break
    case "clear": {
      const { type } = command
      if (type !== null && !Contract.reviewTypes[known.type].includes(type)) return no("validation")
      for (const one of type === null ? Contract.reviewTypes[known.type] : [type])
        known.reviews.push({ type: one, verdict: "cleared", by: nameOf(command.as), of: null })
      break
    }
    case "transition":
      return Answers.transition(scene, command)
    case "check":
      return Answers.check(scene, command.gate, command.fresh)
    case "approve":
      return Answers.approve(scene, command.gate)
    case "review":
      return Answers.review(scene, command)
    case "merge":
      return mergeTask(scene, worker, command.force)
    case "create worktree":
    case "remove worktree":
    case "restore worktree":
      return worktree(scene, command.does)
    default:
  }
  project.events += 1
  return done
}
