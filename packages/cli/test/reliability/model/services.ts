/** The same commands, done by calm's services, in memory or over real git, SQLite and processes; and what they answer. */
import { Counters } from "@calm/core/Counters"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Deletion } from "@calm/core/Deletion"
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { Reviews } from "@calm/core/Reviews"
import { MoveRefused } from "@calm/core/MoveRefused"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import * as Counter from "@calm/domain/Counter"
import { Note, PersonName, Reason, type Sha, TaskId, Title, WorkerId } from "@calm/domain/Ids"
import type { Problem } from "@calm/domain/Problem"
import type { Project } from "@calm/domain/Project"
import { Git } from "@calm/git/Git"
import { person } from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Act, type Command, fileOf, leftOver, titleOf, type Who } from "./commands.ts"
import type { Answer } from "./answers.ts"
import type { Outcome, Script } from "./world.ts"
import * as Questions from "./questions.ts"
import { unmet } from "./questions.ts"

/** What only the ground knows, on which a sequence is done: in memory or on disk. */
export interface Ground {
  readonly projects: readonly [Project, Project]
  /** From now on a check script comes out so. */
  readonly letComeOut: (script: Script, outcome: Outcome) => Effect.Effect<unknown, unknown>
  /** Takes the base branch and its checkout back to a commit. */
  readonly rewind: (repo: string, to: Sha) => Effect.Effect<unknown, unknown>
  /** Some time passes. */
  readonly wait: Effect.Effect<void>
}

const because = Reason.make("so it is")

/** A worker that nobody has started has a name of its own, too. */
const nobody = "W-nobody-"

const isProblem = (error: unknown): error is Problem =>
  typeof error === "object" && error !== null && "category" in error && "message" in error

/** The answer of an effect: done, or the category and conditions of its refusal. Other failures are told as they are. */
const answer = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Answer, Error, R> =>
  Effect.matchEffect(effect, {
    onSuccess: () => Effect.succeed<Answer>({ category: null, lacking: {} }),
    onFailure: (error) => {
      const category = isProblem(error) ? error.category : null
      switch (category) {
        case "validation":
        case "not_found":
        case "permission":
        case "conflict":
        case "refused":
        case "unavailable":
          return Effect.succeed<Answer>({
            category,
            lacking: error instanceof MoveRefused ? unmet(error.outcomes) : {}
          })
        default:
          return Effect.fail(new Error(`an unexpected failure: ${String(error)}`))
      }
    }
  })

export const make = Effect.fnUntraced(function* (ground: Ground) {
  const ports = yield* Effect.context<FileSystem.FileSystem | Git | Path.Path>()
  const counters = yield* Counters
  const deletion = yield* Deletion
  const files = yield* FileSystem.FileSystem
  const gates = yield* Gates
  const git = yield* Git
  const merges = yield* Merges
  const reviews = yield* Reviews
  const tasks = yield* Tasks
  const transitions = yield* Transitions
  const workers = yield* Workers
  const worktrees = yield* Worktrees

  /** The ids of the workers that were started in each project, in that order. */
  const started: readonly [Array<WorkerId>, Array<WorkerId>] = [[], []]
  const baseTip = Effect.fnUntraced(function* (repo: string) {
    return Option.getOrThrow(yield* git.resolve(repo, "refs/heads/main"))
  })

  /** Merges a commit into the branch that a checkout is on. */
  const mergeInto = Effect.fnUntraced(function* (checkout: string, theirs: Sha) {
    const ours = Option.getOrThrow((yield* git.head(checkout)).commit)
    const { tree } = yield* git.mergeTree({ checkout, ours, theirs })
    const to = yield* git.commitTree({ repo: checkout, tree, parents: [ours, theirs], message: "By hand" })
    yield* git.fastForward({ checkout, to })
  })

  const doneByPeople = Effect.fnUntraced(function* (act: Act) {
    const repo = ground.projects[act.project].path
    switch (act.does) {
      case "let come out":
        return yield* ground.letComeOut(act.script, act.outcome)
      case "commit to the base":
        return yield* World.commitIn(repo, Object.fromEntries([fileOf(act.task, act.file, act.variant)]))
      case "rewind the base":
        return yield* ground.rewind(repo, Option.getOrThrow(yield* git.firstParent(repo, yield* baseTip(repo))))
      default:
    }
    const { path: checkout } = yield* worktrees.get(act.task)
    switch (act.does) {
      case "commit":
        return yield* World.commitIn(checkout, Object.fromEntries([fileOf(act.task, act.file, act.variant)]))
      case "leave a file":
        return yield* files.writeFileString(`${checkout}/${leftOver}`, "left\n")
      case "take the file away":
        return yield* files.remove(`${checkout}/${leftOver}`)
      case "merge the base in":
        return yield* mergeInto(checkout, yield* baseTip(repo))
      case "merge by hand":
        return yield* mergeInto(repo, Option.getOrThrow((yield* git.head(checkout)).commit))
    }
  })

  const workerOf = (project: 0 | 1, who: number) => started[project][who] ?? WorkerId.make(`${nobody}${who}`)

  const byCalm = Effect.fnUntraced(function* (command: Command) {
    const { project, task } = command
    switch (command.does) {
      case "create":
        return yield* answer(
          tasks.create({
            id: TaskId.make(task),
            title: Title.make(titleOf(task)),
            type: command.type,
            specId: null,
            blockedBy: command.blockedBy.map((id) => TaskId.make(id))
          })
        )
      case "wait for":
        return yield* answer(tasks.update(task, { blockedBy: command.blockedBy.map((id) => TaskId.make(id)) }))
      case "cancel":
        return yield* answer(tasks.cancel(task, because))
      case "delete":
        return yield* answer(deletion.remove(task))
      case "restore":
        return yield* answer(deletion.restore(task))
      case "override":
        return yield* answer(tasks.update(task, { override: { phase: command.to, reason: because } }))
      case "transition":
        return yield* answer(
          transitions.transition(task, {
            to: command.to,
            gateResult: command.result ?? undefined,
            gateDetails: command.details ? Note.make("tried it") : undefined,
            reason: command.reason ? because : undefined
          })
        )
      case "check": {
        let verdict: Answer = { category: null, lacking: {} }
        const checked = yield* answer(
          Effect.map(gates.check(task, command.gate, { fresh: command.fresh }), (found) => {
            const { outcomes, unmet: category } = found.verdict
            verdict = { category: category === "timeout" ? "unavailable" : category, lacking: unmet(outcomes) }
          })
        )
        return checked.category === null ? verdict : checked
      }
      case "approve":
        return yield* answer(gates.approve(task, command.gate, PersonName.make("ann"), null))
      case "review": {
        const { by, type, verdict } = command
        const who = typeof by === "number" ? { worker: workerOf(project, by) } : { by: PersonName.make(by) }
        return yield* answer(reviews.record(task, { type, verdict, ...who }))
      }
      case "clear":
        return yield* answer(reviews.clear(task, command.type, because))
      case "start worker":
        return yield* answer(
          Effect.map(workers.start(task, command.role), ({ worker }) => started[project].push(worker.id))
        )
      case "end worker": {
        const id = workerOf(project, command.worker)
        return yield* answer(command.how === "completed" ? workers.complete(id) : workers.fail(id, null))
      }
      case "create worktree":
        return yield* answer(worktrees.create(task, { setup: false }))
      case "remove worktree":
        return yield* answer(worktrees.remove(task, "removed"))
      case "restore worktree":
        return yield* answer(worktrees.restore(task))
      case "merge":
        return yield* answer(merges.merge(task, { force: command.force, skipSync: true }))
      case "set merge_lock":
        return yield* answer(counters.set(Counter.mergeLock, Counter.CounterValue.make(command.value)))
    }
  })

  const actor = (project: 0 | 1, who: Who) =>
    typeof who === "number"
      ? { name: workerOf(project, who), workerId: workerOf(project, who) }
      : { ...person, name: who }

  /** In a project and in the name of a person, unless said otherwise. */
  const inside =
    (project: 0 | 1, who: Who = "ann") =>
    <A, E, S>(effect: Effect.Effect<A, E, S>) =>
      effect.pipe(
        Effect.provideService(CurrentProject, ground.projects[project]),
        Effect.provideService(CurrentActor, actor(project, who))
      )

  return {
    /** Does a command, and gives its answer. */
    answer: (command: Command) =>
      Effect.zipRight(ground.wait, inside(command.project, "as" in command ? command.as : "ann")(byCalm(command))),

    /** Does what people do. */
    act: (act: Act) => doneByPeople(act).pipe(inside(act.project), Effect.provide(ports)),

    ...(yield* Questions.make({ ground, inside, started, nobody }))
  }
})

/** Calm's services, doing the steps of a sequence. */
export type Calm = Effect.Effect.Success<ReturnType<typeof make>>
