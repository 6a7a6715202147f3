/** The scenes of the demo: a feature from SPEC to DONE, a bug from REPORTED to DONE. */
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { Tasks } from "@calm/core/Tasks"
import { Transitions, type Wish } from "@calm/core/Transitions"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import { CurrentProject } from "@calm/core/CurrentProject"
import { pathOf } from "@calm/domain/Document"
import { Note, TaskId, Title, type WorkerId, short } from "@calm/domain/Ids"
import type { TaskType } from "@calm/domain/Phase"
import * as Effect from "effect/Effect"
import { approveGate, approveTwice, commit, commitIn, mergeBaseInto } from "./agent.ts"
import * as Files from "./repository.ts"
import * as Story from "./Story.ts"

const create = (id: string, type: TaskType, title: string) =>
  Story.done(
    `calm task create ${id} "${title}"${type === "bug" ? " --type bug" : ""}`,
    Effect.flatMap(Tasks, (tasks) =>
      tasks.create({ id: TaskId.make(id), type, title: Title.make(title), specId: null, blockedBy: [] })
    ),
    (task) => task.phase
  )

const createWorktree = (id: string) =>
  Story.done(
    `calm worktree create ${id}`,
    Effect.flatMap(Worktrees, (worktrees) => worktrees.create(id)),
    ({ worktree }) => `.worktrees/${id} on branch ${worktree.branch}`
  )

const startWorker = (id: string, role: string) =>
  Story.done(
    `calm worker start ${id} ${role}`,
    Effect.flatMap(Workers, (workers) => workers.start(id, role)),
    ({ worker }) => `${worker.id} is at work on it`
  )

const completeWorker = (worker: WorkerId) =>
  Story.done(
    `calm worker complete ${worker}`,
    Effect.flatMap(Workers, (workers) => workers.complete(worker)),
    ({ status }) => status
  )

const transition = (id: string, wish: Wish) =>
  Effect.flatMap(Transitions, (transitions) => transitions.transition(id, wish))

const move = (id: string, to: string) =>
  Story.done(`calm task transition ${id} ${to}`, transition(id, { to }), (moved) => `${moved.from} → ${moved.to}`)

const finish = (id: string, details: string) =>
  Story.done(
    `calm task transition ${id} DONE --gate-result pass --gate-details "${details}"`,
    transition(id, { to: "DONE", gateResult: "pass", gateDetails: Note.make(details) }),
    (moved) => `${moved.from} → ${moved.to}`
  )

const check = (id: string) => Effect.flatMap(Gates, (gates) => gates.check(id, null))

const checkAndMove = Effect.fnUntraced(function* (id: string, to: string) {
  yield* Story.passing(`calm gate check ${id}`, check(id))
  yield* move(id, to)
})

const merge = (id: string) => Effect.flatMap(Merges, (merges) => merges.merge(id))

const merged = (id: string) =>
  Story.done(
    `calm worktree merge ${id}`,
    merge(id),
    (answer) => `main is at ${short(answer.merge.commit)}, ${id} is ${answer.phase}, its worktree is in the trash`
  )

/** A feature, with what can go wrong on the way. */
export const feature = Effect.gen(function* () {
  const id = "SPEC-001"
  const project = yield* CurrentProject
  yield* Story.title("A feature")
  yield* create(id, "feature", "Add a greeting")
  yield* createWorktree(id)
  yield* Story.refused(`calm task transition ${id} DESIGN`, transition(id, { to: "DESIGN" }), [
    "spec reviews",
    "approval"
  ])
  yield* Story.work("an agent writes the spec and commits it", commit(id, { [pathOf("spec", id)]: Files.spec }, "Spec"))
  yield* approveTwice(id, "spec")
  yield* approveGate(id, "SPEC-DESIGN")
  yield* Story.work("the spec is amended", commit(id, { [pathOf("spec", id)]: Files.specAmended }, "Amend the spec"))
  yield* Story.refused(`calm task transition ${id} DESIGN`, transition(id, { to: "DESIGN" }), [
    "spec reviews",
    "approval"
  ])
  yield* approveTwice(id, "spec")
  yield* approveGate(id, "SPEC-DESIGN")
  yield* move(id, "DESIGN")
  yield* Story.work(
    "an agent writes the proposal",
    commit(id, { [pathOf("proposal", id)]: Files.proposal }, "Proposal")
  )
  yield* approveTwice(id, "proposal")
  yield* approveGate(id, "DESIGN-IMPLEMENT")
  yield* move(id, "IMPLEMENT")
  const { worker } = yield* startWorker(id, "backend")
  yield* Story.work("the worker writes the code, with a fault in it", commit(id, Files.feature, "Greet by name"))
  yield* Story.failing(`calm gate check ${id}`, check(id), ["tests"])
  yield* Story.refused(`calm task transition ${id} CODE_REVIEW`, transition(id, { to: "CODE_REVIEW" }), ["tests"])
  yield* Story.work("the worker mends it", commit(id, Files.featureMended, "Mend the greeting"))
  yield* checkAndMove(id, "CODE_REVIEW")
  yield* completeWorker(worker.id)
  yield* approveTwice(id, "code")
  yield* move(id, "TEST")
  yield* checkAndMove(id, "INTEGRATE")
  yield* Story.work(
    "meanwhile somebody changes the same line on main",
    commitIn(project.path, Files.meanwhile, "Be polite")
  )
  yield* Story.refused(`calm worktree merge ${id}`, merge(id), ["changelog", "conflicts"])
  yield* Story.work(
    "the agent merges main, resolves the conflict and adds the changelog",
    mergeBaseInto(id, project.baseBranch, {
      ...Files.resolved,
      [pathOf("changelog", id)]: "greet(name) greets by name.\n"
    })
  )
  yield* Story.refused(`calm worktree merge ${id}`, merge(id), [
    "tests",
    "linter",
    "types",
    "no untracked TODOs",
    "code reviews",
    "full tests"
  ])
  yield* Story.failing(`calm gate check ${id}`, check(id), ["code reviews"])
  yield* approveTwice(id, "code")
  yield* merged(id)
  yield* finish(id, "tried on main")
})

/** A bug, the same way, shorter. */
export const bug = Effect.gen(function* () {
  const id = "BUG-001"
  yield* Story.title("A bug")
  yield* create(id, "bug", "No greeting without a name")
  yield* createWorktree(id)
  yield* Story.work(
    "an investigator reports, without the root cause",
    commit(id, { [pathOf("bug-report", id)]: Files.bugReport("TBD") }, "Report")
  )
  yield* Story.refused(`calm task transition ${id} INVESTIGATED`, transition(id, { to: "INVESTIGATED" }), [
    "bug report"
  ])
  yield* Story.work(
    "the investigator finds it",
    commit(id, { [pathOf("bug-report", id)]: Files.bugReport("A blank name is not looked at.") }, "Root cause")
  )
  yield* move(id, "INVESTIGATED")
  yield* Story.work("an agent repairs it, with a regression test", commit(id, Files.repair, "Greet the nameless"))
  yield* checkAndMove(id, "FIXED")
  yield* approveTwice(id, "bugfix")
  yield* move(id, "REVIEWED")
  yield* checkAndMove(id, "TESTED")
  yield* Story.work(
    "the agent adds the changelog, which voids nothing",
    commit(id, { [pathOf("changelog", id)]: "greet(name) knows what to say without a name.\n" }, "Changelog")
  )
  yield* merged(id)
  yield* finish(id, "tried on main")
})
