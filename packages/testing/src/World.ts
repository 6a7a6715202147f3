/** Builders of worlds: a task in any phase, made the honest way, through the services and the gates. */
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { Reviews } from "@calm/core/Reviews"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import { type DocumentKind, pathOf } from "@calm/domain/Document"
import { Note, PersonName, type Sha, TaskId, Title } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import type { ReviewType } from "@calm/domain/Review"
import type { Task } from "@calm/domain/Task"
import { Git } from "@calm/git/Git"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** The names under which builders review and approve. */
export const reviewers = [PersonName.make("reviewer-1"), PersonName.make("reviewer-2")] as const
/** The person who approves gates for builders. */
export const approver = PersonName.make("me")

/** A bug report with all its sections. */
export const bugReport = `# Report

## Reproduction

1. Call greet("").

## Root cause

An empty name is not handled.

## Fix plan

Handle it in src/greet.js; test/greet.test.js fails before and passes after.
`

/** Writes files (paths from the checkout) without committing. */
export const write = Effect.fnUntraced(function* (checkout: string, files: Readonly<Record<string, string>>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const [name, text] of Object.entries(files)) {
    const at = path.join(checkout, name)
    yield* fs.makeDirectory(path.dirname(at), { recursive: true })
    yield* fs.writeFileString(at, text)
  }
})

/** Writes files into a checkout and commits everything there. Gives the commit, or HEAD where nothing changed. */
export const commitIn = Effect.fnUntraced(function* (
  checkout: string,
  files: Readonly<Record<string, string>>,
  message = "A change"
) {
  const git = yield* Git
  yield* write(checkout, files)
  const made = yield* git.commit({ checkout, message, include: "all" })
  return Option.getOrThrow(Option.isSome(made) ? made : (yield* git.head(checkout)).commit)
})

/** Writes files into a task's worktree and commits everything there. Gives the commit. */
export const commit = Effect.fnUntraced(function* (task: string, files: Readonly<Record<string, string>>) {
  const worktree = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.get(task))
  const made: Sha = yield* commitIn(worktree.path, files)
  return made
})

/** Commits a document of a task in its worktree. */
export const commitDocument = (task: string, kind: DocumentKind, text: string) =>
  commit(task, { [pathOf(kind, task)]: text })

/** Two reviewers approve. */
export const approveTwice = Effect.fnUntraced(function* (task: string, type: ReviewType) {
  const reviews = yield* Reviews
  for (const by of reviewers) yield* reviews.record(task, { type, verdict: "approved", by })
})

/** A person approves a gate. */
export const approveGate = (task: string, gate: string) =>
  Effect.flatMap(Gates, (gates) => gates.approve(task, gate, approver, null))

/** Moves a task one step forward. */
export const forward = Effect.fnUntraced(function* (task: string) {
  const transitions = yield* Transitions
  const { phase, type } = yield* Effect.flatMap(Tasks, (tasks) => tasks.get(task))
  return yield* transitions.transition(task, { to: Phase.next(type, phase) ?? phase })
})

const attest = Effect.fnUntraced(function* (task: string) {
  const transitions = yield* Transitions
  yield* transitions.transition(task, { to: "DONE", gateResult: "pass", gateDetails: Note.make("tried on the base") })
})

const checkAndMove = Effect.fnUntraced(function* (task: string) {
  yield* Effect.flatMap(Gates, (gates) => gates.check(task, null))
  yield* forward(task)
})

const reviewAndMove = Effect.fnUntraced(function* (task: string, type: ReviewType) {
  yield* approveTwice(task, type)
  yield* forward(task)
})

const writeChangelogAndMerge = Effect.fnUntraced(function* (task: string) {
  yield* commitDocument(task, "changelog", `${task} is in.\n`)
  yield* Effect.flatMap(Merges, (merges) => merges.merge(task))
})

/** What meets the gate ahead of a feature in each phase, and moves it on. */
const featureSteps = {
  SPEC: Effect.fnUntraced(function* (task: string) {
    yield* commitDocument(task, "spec", "Greet people by name.\n")
    yield* approveTwice(task, "spec")
    yield* approveGate(task, "SPEC-DESIGN")
    yield* forward(task)
  }),
  DESIGN: Effect.fnUntraced(function* (task: string) {
    yield* commitDocument(task, "proposal", "A function greet(name).\n")
    yield* approveTwice(task, "proposal")
    yield* approveGate(task, "DESIGN-IMPLEMENT")
    yield* forward(task)
  }),
  IMPLEMENT: Effect.fnUntraced(function* (task: string) {
    yield* commit(task, codeOf(task))
    yield* checkAndMove(task)
  }),
  CODE_REVIEW: (task: string) => reviewAndMove(task, "code"),
  TEST: checkAndMove,
  INTEGRATE: writeChangelogAndMerge,
  VERIFY: attest
}

/** The code that builders commit for a task: one file and one test, named after it, so that tasks do not collide. */
export const codeOf = (task: string): Readonly<Record<string, string>> => ({
  [`src/${task}.js`]: `export const name = ${JSON.stringify(task)}\n`,
  [`test/${task}.test.js`]: `import { name } from "../src/${task}.js"\n`
})

/** What meets the gate ahead of a bug in each phase, and moves it on. */
const bugSteps = {
  REPORTED: Effect.fnUntraced(function* (task: string) {
    yield* commitDocument(task, "bug-report", bugReport)
    yield* forward(task)
  }),
  INVESTIGATED: Effect.fnUntraced(function* (task: string) {
    yield* commit(task, codeOf(task))
    yield* checkAndMove(task)
  }),
  FIXED: (task: string) => reviewAndMove(task, "bugfix"),
  REVIEWED: checkAndMove,
  TESTED: writeChangelogAndMerge,
  MERGED: attest
}

/** A task without a worktree. */
export const planned = Effect.fnUntraced(function* (
  type: Phase.TaskType,
  id: string,
  blockedBy: ReadonlyArray<string> = []
) {
  const task: Task = yield* Effect.flatMap(Tasks, (tasks) =>
    tasks.create({
      id: TaskId.make(id),
      type,
      title: Title.make(`The task ${id}`),
      specId: null,
      blockedBy: blockedBy.map((blocker) => TaskId.make(blocker))
    })
  )
  return task
})

/** A worker in a role, started on a task. */
export const worker = Effect.fnUntraced(function* (task: string, role: string) {
  const { worker: made } = yield* Effect.flatMap(Workers, (workers) => workers.start(task, role))
  return made
})

/** Does what the gate ahead of a task asks for and moves it on by one phase. */
export const advance = Effect.fnUntraced(function* (id: string) {
  const { phase } = yield* final(id)
  for (const [at, step] of [...Object.entries(featureSteps), ...Object.entries(bugSteps)])
    if (at === phase) yield* step(id)
  const task: Task = yield* final(id)
  return task
})

const make = Effect.fnUntraced(function* (type: Phase.TaskType, id: string) {
  yield* planned(type, id)
  yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.create(id, { setup: false }))
})

const final = (id: string) => Effect.flatMap(Tasks, (tasks) => tasks.get(id))

/** The phases in which builders can leave a feature. */
export type FeaturePhase = keyof typeof featureSteps | "DONE"

/** The phases in which builders can leave a bug. */
export type BugPhase = keyof typeof bugSteps | "DONE"

/** A feature with a worktree, brought to a phase through every gate before it. */
export const featureIn = Effect.fnUntraced(function* (phase: FeaturePhase, id = "SPEC-001") {
  yield* make("feature", id)
  for (const [at, step] of Object.entries(featureSteps)) {
    if (at === phase) break
    yield* step(id)
  }
  const task: Task = yield* final(id)
  return task
})

/** A bug with a worktree, brought to a phase through every gate before it. */
export const bugIn = Effect.fnUntraced(function* (phase: BugPhase, id = "BUG-001") {
  yield* make("bug", id)
  for (const [at, step] of Object.entries(bugSteps)) {
    if (at === phase) break
    yield* step(id)
  }
  const task: Task = yield* final(id)
  return task
})
