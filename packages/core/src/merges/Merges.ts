/**
 * Merging finished work into the base branch: one at a time, atomically or not at all.
 *
 * The merge is computed in the object database and judged for the very head that is merged; the base moves by one
 * compare-and-swap, and a checkout of it is only ever fast-forwarded.
 */
import type { Code, Facts, MergeFacts } from "@calm/domain/Facts"
import { mergeLock, mergesDue } from "@calm/domain/Counter"
import type { Sha } from "@calm/domain/Ids"
import { Merge, subject } from "@calm/domain/Merge"
import * as MergeRules from "@calm/domain/MergeRules"
import * as Phase from "@calm/domain/Phase"
import type { Task } from "@calm/domain/Task"
import { unmet, Verdict } from "@calm/domain/Verdict"
import { Git, type GitError } from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type CounterNotFound, Counters } from "../counters/Counters.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import type { Events } from "../events/Events.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import { FactFinder, type Survey, type SurveyError } from "../gates/FactFinder.ts"
import { Locks, type LockTimedOut } from "../operations/Locks.ts"
import {
  type OperationError,
  Operations,
  type OperationRunning,
  type OperationUnknown
} from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { MoveRefused, type TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks } from "../tasks/Tasks.ts"
import { Dependencies, Installation, isAffected, skipped } from "../worktrees/Dependencies.ts"
import * as Removal from "../worktrees/internal/removal.ts"
import * as Trash from "../worktrees/internal/trash.ts"
import { lockOf } from "../worktrees/Worktrees.ts"
import * as MergeOperation from "./internal/mergeOperation.ts"
import * as MergeRows from "./internal/MergeRows.ts"

const CommitLine = Schema.Struct({ commit: Schema.String, subject: Schema.String })

/** What a merge would meet. */
export const MergeCheck = Schema.Struct({
  taskId: Schema.String,
  /** The head that was judged; `null` without a branch. */
  commit: Schema.NullOr(Schema.String),
  verdict: Verdict,
  /** Paths in conflict with the base. */
  conflicts: Schema.Array(Schema.String),
  /** Commits of the base that the results have not seen, newest first, at most 50. */
  unseen: Schema.Array(CommitLine)
}).annotations({ identifier: "MergeCheck" })
export type MergeCheck = typeof MergeCheck.Type

/** A merge that was made. */
export const Merged = Schema.Struct({
  taskId: Schema.String,
  phase: Phase.Phase,
  merge: Merge,
  /** The branch was in the base before; it was recorded. */
  alreadyInBase: Schema.Boolean,
  unseen: Schema.Array(CommitLine),
  /** Where the worktree is kept; `null` when there was none. */
  trash: Schema.NullOr(Schema.String),
  branchDeleted: Schema.Boolean,
  /** Of the base's checkout. */
  installation: Installation,
  /** What a person should know: work that is due, or that stayed undone. */
  notices: Schema.Array(Schema.String)
}).annotations({ identifier: "MergedTask" })
export type Merged = typeof Merged.Type

/** How to merge. */
export interface Options {
  /** Goes past the counter `merge_lock`, and past nothing else. Only for people. */
  readonly force?: boolean | undefined
  /** Does not ask the base's remote. */
  readonly noPull?: boolean | undefined
  /** Does not install dependencies afterwards. */
  readonly skipSync?: boolean | undefined
}

type Looking = TaskNotFound | SurveyError | CounterNotFound | GitError | StoreError

export class Merges extends Context.Tag("@calm/core/merges/Merges")<
  Merges,
  {
    /** Judges a merge and changes nothing (but the base's remote-tracking ref, unless `noPull`). */
    readonly check: (
      task: string,
      options?: Pick<Options, "noPull" | "force">
    ) => Effect.Effect<MergeCheck, Looking | NotForWorkers, CurrentProject | CurrentActor>
    /** Merges a task, or refuses with all reasons at once. */
    readonly merge: (
      task: string,
      options?: Options
    ) => Effect.Effect<
      Merged,
      Looking | NotForWorkers | MoveRefused | LockTimedOut | OperationError | OperationRunning | OperationUnknown,
      CurrentProject | CurrentActor
    >
  }
>() {}

/** Are two paths the same, or one inside the other? */
const overlaps = (a: string, b: string) => {
  const left = a.replace(/\/$/, "")
  const right = b.replace(/\/$/, "")
  return left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`)
}

interface Inspection {
  readonly task: Task
  readonly survey: Survey
  readonly facts: Facts
  readonly verdict: Verdict
  readonly conflicts: ReadonlyArray<string>
  readonly unseen: ReadonlyArray<typeof CommitLine.Type>
  /** The merged tree; `null` when it cannot be computed or the branch is in the base already. */
  readonly tree: Sha | null
  readonly alreadyInBase: boolean
  readonly checkout: string | null
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const environment = yield* Environment
  const tasks = yield* Tasks
  const counters = yield* Counters
  const finder = yield* FactFinder
  const locks = yield* Locks
  const operations = yield* Operations
  const dependencies = yield* Dependencies
  const trash = yield* Trash.make
  const perform = yield* MergeOperation.make
  const rows = MergeRows.make(sql)

  const upstreamState = Effect.fnUntraced(function* (base: Sha, noPull: boolean) {
    const project = yield* CurrentProject
    const upstream = yield* git.upstream(project.path, `refs/heads/${project.baseBranch}`)
    if (Option.isNone(upstream)) return { state: "none" } as const
    if (noPull) return { state: "not asked" } as const
    const unreachable = yield* git.fetch(project.path, upstream.value).pipe(
      Effect.as(null),
      Effect.catchTags({
        GitFailed: (error) => Effect.succeed(error.message),
        GitTimedOut: (error) => Effect.succeed(error.message)
      })
    )
    if (unreachable !== null) return { state: "unreachable", detail: unreachable } as const
    const there = yield* git.resolve(project.path, upstream.value.trackingRef)
    if (Option.isNone(there)) return { state: "even" } as const
    const { ahead, behind } = yield* git.divergence(project.path, base, there.value)
    const ref = upstream.value.trackingRef.replace(/^refs\/remotes\//, "")
    if (behind > 0) return { state: ahead > 0 ? "diverged" : "behind", ref, behind } as const
    return { state: ahead > 0 ? "ahead" : "even" } as const
  })

  /** What the branch adds and is in a checkout of the base already, ignored by git, so that no status tells of it. */
  const ignoredInTheWay = Effect.fnUntraced(function* (checkout: string, code: Code, base: Sha) {
    const changes = yield* git.changes(checkout, code.mergeBase, code.commit)
    const added = changes.filter((change) => change.status === "A").map((change) => change.path)
    const there = yield* Effect.filter(added, (name) =>
      Effect.catchAll(files.exists(path.join(checkout, name)), () => Effect.succeed(false))
    )
    return yield* Effect.filter(there, (name) => Effect.map(git.readFile(checkout, base, name), Option.isNone))
  })

  /** Where the base is checked out, and what stands in the way of moving it there. */
  const checkoutState = Effect.fnUntraced(function* (code: Code | null, base: Sha) {
    const project = yield* CurrentProject
    const paths = code?.paths ?? []
    const all = yield* git.worktrees(project.path)
    const on = all.find((entry) => Option.contains(entry.branch, `refs/heads/${project.baseBranch}`) && !entry.prunable)
    if (on === undefined) {
      // In the middle of a rebase or bisect HEAD is detached, though the branch may be the one that is at work there.
      const main = all.find((entry) => entry.path === project.path)
      const busy =
        main === undefined || Option.isSome(main.branch) ? Option.none<string>() : yield* git.inProgress(project.path)
      return Option.isSome(busy) ? { path: project.path, inTheWay: [], inProgress: busy.value, detached: true } : null
    }
    const inProgress = Option.getOrNull(yield* git.inProgress(on.path))
    const dirty = inProgress === null ? yield* git.status(on.path) : []
    const changed = dirty.map((entry) => entry.path).filter((one) => paths.some((other) => overlaps(one, other)))
    const ignored = code === null || inProgress !== null ? [] : yield* ignoredInTheWay(on.path, code, base)
    return { path: on.path, inTheWay: [...new Set([...changed, ...ignored])], inProgress, detached: false }
  })

  const merged = Effect.fnUntraced(function* (survey: Survey) {
    const project = yield* CurrentProject
    const { code } = survey.git
    if (code === null) return { tree: null, conflicts: [], alreadyInBase: false }
    if (yield* git.isAncestor(project.path, code.commit, survey.base))
      return { tree: null, conflicts: [], alreadyInBase: true }
    const checkout =
      survey.git.tree.state === "missing" || survey.worktree === null ? project.path : survey.worktree.path
    const result = yield* git.mergeTree({ checkout, ours: survey.base, theirs: code.commit })
    return { tree: result.tree, conflicts: result.conflicts, alreadyInBase: false }
  })

  const inspect = Effect.fnUntraced(function* (id: string, options: Pick<Options, "noPull" | "force">) {
    const project = yield* CurrentProject
    const task = yield* tasks.get(id)
    const survey = yield* finder.survey(task)
    const { code } = survey.git
    const [{ alreadyInBase, conflicts, tree }, upstream, checkout, unseen] = yield* Effect.all(
      [
        merged(survey),
        upstreamState(survey.base, options.noPull === true),
        checkoutState(code, survey.base),
        code === null ? Effect.succeed([]) : git.commitsBetween(project.path, code.commit, survey.base, 50)
      ],
      { concurrency: "unbounded" }
    )
    const inside = survey.worktree?.path
    const mergeFacts: MergeFacts = {
      mergeLock: (yield* counters.get(mergeLock)).value,
      force: options.force === true,
      mainCheckout: project.path,
      worktree: survey.git.tree.state === "missing" ? null : (inside ?? null),
      base: project.baseBranch,
      insideWorktree:
        inside !== undefined && (environment.cwd === inside || environment.cwd.startsWith(inside + path.sep)),
      activeWorkers: [],
      conflicts,
      upstream,
      checkout: alreadyInBase ? null : checkout
    }
    const facts = yield* finder.complete(task, survey)
    const inspection: Inspection = {
      task,
      survey,
      facts,
      verdict: MergeRules.judgeMerge(survey.rules.table, facts, mergeFacts),
      conflicts,
      unseen,
      tree,
      alreadyInBase,
      checkout: checkout === null || checkout.detached ? null : checkout.path
    }
    return inspection
  })

  const removalOf = Effect.fnUntraced(function* (survey: Survey) {
    const project = yield* CurrentProject
    if (survey.worktree === null || survey.git.tree.state === "missing") return null
    // A worktree that may not be removed (git's own lock) stays; the merge goes ahead.
    return yield* Removal.prepare(project, survey.worktree, "merged").pipe(
      Effect.provideService(Git, git),
      Effect.provideService(Path.Path, path),
      Effect.catchTag("RemovalRefused", () => Effect.succeed(null))
    )
  })

  const mergeCommit = Effect.fnUntraced(function* ({ survey, task, tree }: Inspection, head: Sha) {
    const project = yield* CurrentProject
    if (tree === null) return Option.getOrElse(yield* git.broughtInBy(project.path, head, survey.base), () => head)
    return yield* git.commitTree({
      repo: project.path,
      tree,
      parents: [survey.base, head],
      message: `${subject(task.id, task.title)}\n`
    })
  })

  const mergeOnce = Effect.fnUntraced(function* (id: string, options: Options) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    const inspection = yield* inspect(id, options)
    const { survey, task, verdict } = inspection
    const { code } = survey.git
    if (verdict.unmet !== null || code === null)
      return yield* new MoveRefused({
        id: task.id,
        action: "be merged",
        category: verdict.unmet ?? "refused",
        outcomes: unmet(verdict)
      })
    const plan: MergeOperation.Plan = {
      repo: project.path,
      task: task.id,
      actor: actor.name,
      from: task.phase,
      to: Phase.next(task.type, task.phase) ?? task.phase,
      branch: survey.worktree?.branch ?? task.id,
      head: code.commit,
      baseBranch: project.baseBranch,
      baseBefore: survey.base,
      commit: yield* mergeCommit(inspection, code.commit),
      checkout: inspection.alreadyInBase ? null : inspection.checkout,
      removal: yield* removalOf(survey)
    }
    yield* perform(task.id, plan)
    return { plan, inspection }
  })

  const noticesOf = Effect.fnUntraced(function* (
    plan: MergeOperation.Plan,
    branchDeleted: boolean,
    installation: Installation
  ) {
    const notices: Array<string> = []
    for (const counter of yield* counters.list)
      if (counter.name.startsWith("merges_since_") && counter.value >= mergesDue)
        notices.push(`${counter.name} is ${counter.value}: it is due (calm counter reset ${counter.name} afterwards)`)
    if (!branchDeleted) notices.push(`the branch ${plan.branch} moved on or is in use, and stays`)
    if (installation.status === "failed")
      notices.push(
        `the dependencies of ${plan.checkout ?? plan.repo} could not be installed: ${installation.commands.at(-1) ?? ""}`
      )
    return notices
  })

  const sync = Effect.fnUntraced(function* ({ plan, inspection }: Effect.Effect.Success<ReturnType<typeof mergeOnce>>) {
    if (plan.checkout === null || !isAffected(inspection.survey.git.code?.paths ?? [])) return skipped
    if ((yield* git.status(plan.checkout)).length > 0) return skipped
    return yield* dependencies.install(plan.checkout, inspection.survey.rules.config)
  })

  return Merges.of({
    check: Effect.fn("Merges.check")(function* (id, options = {}) {
      if (options.force === true) yield* peopleOnly("go past merge_lock")
      const { conflicts, survey, task, unseen, verdict } = yield* inspect(id, options)
      return { taskId: task.id, commit: survey.git.code?.commit ?? null, verdict, conflicts, unseen }
    }),

    merge: Effect.fn("Merges.merge")(function* (id, options = {}) {
      if (options.force === true) yield* peopleOnly("go past merge_lock")
      const project = yield* CurrentProject
      const task = yield* tasks.get(id)
      const done = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* locks.hold("merge", `merge ${task.id}`)
          yield* locks.hold(lockOf(task.id), `merge ${task.id}`)
          yield* operations.recover(task.id)
          // Somebody may commit to the base at this very moment: then all is judged again.
          return yield* mergeOnce(task.id, options).pipe(
            Effect.retry({
              times: 3,
              while: (error) => error._tag === "RefMoved" || error._tag === "FastForwardRefused"
            })
          )
        })
      )
      const { inspection, plan } = done
      const installation = options.skipSync === true ? skipped : yield* sync(done)
      yield* trash.purge
      const merge = yield* rows.latest(project.id, task.id)
      const branchDeleted = Option.isNone(yield* git.resolve(project.path, `refs/heads/${plan.branch}`))
      return {
        taskId: task.id,
        phase: plan.to,
        merge: Option.getOrThrow(merge),
        alreadyInBase: inspection.alreadyInBase,
        unseen: inspection.unseen,
        trash: plan.removal?.folder ?? null,
        branchDeleted,
        installation,
        notices: yield* noticesOf(plan, branchDeleted, installation)
      }
    }, refine)
  })
})

export const layer: Layer.Layer<
  Merges,
  never,
  | SqlClient.SqlClient
  | Git
  | Environment
  | FileSystem.FileSystem
  | Path.Path
  | Events
  | Tasks
  | Counters
  | FactFinder
  | Locks
  | Operations
  | Dependencies
> = Layer.effect(Merges, make)
