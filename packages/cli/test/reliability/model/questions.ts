/** What calm's services answer to the questions of `views.ts`. */
import { Counters } from "@calm/core/Counters"
import type { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Events } from "@calm/core/Events"
import { Explain } from "@calm/core/Explain"
import { Merges } from "@calm/core/Merges"
import { NextSteps } from "@calm/core/NextSteps"
import { Reviews } from "@calm/core/Reviews"
import { Status } from "@calm/core/Status"
import { Tasks } from "@calm/core/Tasks"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import type { Sha, WorkerId } from "@calm/domain/Ids"
import type { Outcome as Condition } from "@calm/domain/Verdict"
import { Git } from "@calm/git/Git"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Conditions } from "./contract.ts"
import type { Ground } from "./services.ts"
import { type Explained, type Standings, type Stored, taskLine, type Told } from "./views.ts"

/** What the questions are asked with. */
interface Asking {
  readonly ground: Ground
  /** In a project and in the name of a person. */
  readonly inside: (
    project: 0 | 1
  ) => <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, Exclude<Exclude<R, CurrentProject>, CurrentActor>>
  /** The ids of the workers that were started in each project, in that order. */
  readonly started: readonly [ReadonlyArray<WorkerId>, ReadonlyArray<WorkerId>]
  /** How the id of a worker begins that nobody has started. */
  readonly nobody: string
}

/** Conditions by name. */
const conditions = (outcomes: ReadonlyArray<Condition>): Conditions =>
  Object.fromEntries(outcomes.map(({ check, unmet }) => [check, unmet === "timeout" ? "unavailable" : unmet] as const))

/** Those that are not met. */
export const unmet = (outcomes: ReadonlyArray<Condition>): Conditions =>
  conditions(outcomes.filter((outcome) => outcome.unmet !== null))

export const make = Effect.fnUntraced(function* ({ ground, inside, nobody, started }: Asking) {
  const counters = yield* Counters
  const events = yield* Events
  const explain = yield* Explain
  const git = yield* Git
  const merges = yield* Merges
  const nextSteps = yield* NextSteps
  const reviews = yield* Reviews
  const status = yield* Status
  const tasks = yield* Tasks
  const workers = yield* Workers
  const worktrees = yield* Worktrees
  const before = yield* Effect.forEach(ground.projects, (project) =>
    Effect.provideService(events.list({ limit: 1 }), CurrentProject, project)
  )
  const eventsBefore = before.map(([last]) => last?.seq ?? 0)

  const baseTip = Effect.fnUntraced(function* (repo: string) {
    return Option.getOrThrow(yield* git.resolve(repo, "refs/heads/main"))
  })

  const nameIn = (project: 0 | 1) => (name: string) => {
    const at = started[project].findIndex((id) => id === name)
    return at >= 0 ? `worker ${at}` : name.replace(nobody, "nobody ")
  }

  const textOf = Effect.fnUntraced(function* (repo: string, commit: Sha, path: string) {
    const { content } = Option.getOrThrow(yield* git.readFile(repo, commit, path))
    return new TextDecoder().decode(content)
  })

  return {
    stored: (project: 0 | 1) =>
      Effect.gen(function* () {
        const values = new Map((yield* counters.list).map(({ name, value }) => [String(name), value]))
        const view: Stored = {
          tasks: (yield* tasks.list({ all: true })).map(taskLine).sort(),
          worktrees: (yield* worktrees.list).map(({ taskId }) => taskId).sort(),
          workers: (yield* workers.list({ all: true }))
            .map(({ id, role, status, taskId }) => `${nameIn(project)(id)} on ${taskId} as ${role}: ${status}`)
            .sort(),
          mergeLock: values.get("merge_lock") ?? -1,
          mergesSinceE2e: values.get("merges_since_e2e") ?? -1,
          mergesSinceDocs: values.get("merges_since_docs") ?? -1,
          events: ((yield* events.list({ limit: 1 }))[0]?.seq ?? 0) - (eventsBefore[project] ?? 0)
        }
        return view
      }).pipe(inside(project)),

    explained: (project: 0 | 1, task: string) =>
      Effect.gen(function* () {
        const { moves } = yield* explain.explain(task)
        const ahead = moves.find(({ verdict }) => verdict !== null)
        const outcomes = ahead?.verdict?.outcomes ?? []
        const view: Explained = {
          moves: moves.map(({ to }) => to),
          ahead: ahead?.kind === "merge" ? unmet(outcomes) : conditions(outcomes)
        }
        return view
      }).pipe(inside(project)),

    standings: (project: 0 | 1, task: string) =>
      Effect.gen(function* () {
        const found = yield* reviews.list(task, null)
        const names = (all: ReadonlyArray<string>) => all.map(nameIn(project)).sort()
        const view: Standings = Object.fromEntries(
          found.standings.map(({ approvals, objections, type }) => [
            type,
            { approvals: names(approvals), objections: names(objections) }
          ])
        )
        return view
      }).pipe(inside(project)),

    mergeLacks: (project: 0 | 1, task: string) =>
      Effect.map(merges.check(task), ({ verdict }) => unmet(verdict.outcomes)).pipe(inside(project)),

    told: (project: 0 | 1) =>
      Effect.gen(function* () {
        const repo = ground.projects[project].path
        const tip = yield* baseTip(repo)
        const listed = yield* git.listFiles(repo, tip, "")
        const view: Told = {
          next: Object.fromEntries(
            (yield* nextSteps.list).map(({ lacks, taskId, waits, waitsFor }) => [
              taskId,
              { ready: lacks === null, waits, waitsFor: [...waitsFor].sort().join(", ") }
            ])
          ),
          health: (yield* status.health).level,
          files: Object.fromEntries(
            yield* Effect.forEach(listed, ({ path }) => Effect.map(textOf(repo, tip, path), (text) => [path, text]))
          )
        }
        return view
      }).pipe(inside(project))
  }
})
