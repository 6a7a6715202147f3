/**
 * Merging finished work into the base branch: one at a time, atomically or not at all.
 *
 * The merge is computed in the object database and judged for the very head that is merged; the base moves by one
 * compare-and-swap, and a checkout of it is only ever fast-forwarded.
 */
import { mergesDue } from "@calm/domain/Counter"
import type { Sha } from "@calm/domain/Ids"
import { Merge, operation, subject } from "@calm/domain/Merge"
import * as Phase from "@calm/domain/Phase"
import * as Traced from "@calm/domain/Traced"
import { unmet, Verdict } from "@calm/domain/Verdict"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { Counters, layer as countersLayer } from "../counters/Counters.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import type { Survey, SurveyError } from "../gates/FactFinder.ts"
import {
  finishedEarlier,
  type OperationError,
  Operations,
  type OperationRunning,
  type OperationUnknown,
  layer as operationsLayer
} from "../operations/Operations.ts"
import { Locks, type LockTimedOut, layer as locksLayer } from "../operations/Locks.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { MoveRefused } from "../tasks/MoveRefused.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import {
  Dependencies,
  Installation,
  isAffected,
  skipped,
  layer as dependenciesLayer
} from "../worktrees/Dependencies.ts"
import * as Removal from "../worktrees/internal/removal.ts"
import * as Trash from "../worktrees/internal/trash.ts"
import * as WorktreeRows from "../worktrees/internal/WorktreeRows.ts"
import { lockOf } from "../worktrees/Worktrees.ts"
import { type Inspection, MergeInspector, layer as mergeInspectorLayer } from "./MergeInspector.ts"
import * as MergeOperation from "./internal/mergeOperation.ts"
import * as MergeRows from "./internal/MergeRows.ts"
import { layer as eventsLayer } from "../events/Events.ts"

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

type Looking = TaskNotFound | SurveyError | GitError | StoreError

/** Merges finished work into the base branch: one at a time, atomically or not at all. */
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

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const tasks = yield* Tasks
  const counters = yield* Counters
  const locks = yield* Locks
  const operations = yield* Operations
  const dependencies = yield* Dependencies
  const trash = yield* Trash.make
  const perform = yield* MergeOperation.make
  const rows = MergeRows.make(sql)
  const worktrees = WorktreeRows.make(sql)
  const { inspect } = yield* MergeInspector

  /** How the worktree is taken away. One that may not be (git's own lock) stays; the merge goes ahead and says why. */
  const removalOf = Effect.fnUntraced(function* (survey: Survey) {
    const project = yield* CurrentProject
    if (survey.worktree === null || survey.git.tree.state === "missing") return { removal: null, stays: null }
    return yield* Removal.prepare(project, survey.worktree, "merged").pipe(
      Effect.provideService(Git, git),
      Effect.provideService(FileSystem.FileSystem, files),
      Effect.provideService(Path.Path, path),
      Effect.map((removal) => ({ removal, stays: null })),
      Effect.catchTag("RemovalRefused", ({ message }) => Effect.succeed({ removal: null, stays: message }))
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
    const refusal = (judged: Verdict) =>
      new MoveRefused({
        id: task.id,
        action: "be merged",
        category: judged.unmet ?? "refused",
        outcomes: unmet(judged)
      })
    if (verdict.unmet !== null || code === null) return yield* refusal(verdict)
    // What was recorded since it was looked at (an objection, a cancellation) counts until the merge has begun.
    const guard = Effect.flatMap(inspection.judge, (now) => (now.unmet === null ? Effect.void : refusal(now)))
    const commit = yield* mergeCommit(inspection, code.commit)
    // As late as can be: what is uncommitted then is what the rescue ref has.
    const { removal, stays } = yield* removalOf(survey)
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
      commit,
      checkout: inspection.alreadyInBase ? null : inspection.checkout,
      removal
    }
    yield* perform(task.id, plan, guard)
    return { plan, inspection, stays }
  })

  type Done = Effect.Effect.Success<ReturnType<typeof mergeOnce>>

  /** After a merge nothing may make it look undone: what fails is told as a notice. */
  const tolerantly = <A, B, R>(
    notices: Array<string>,
    otherwise: B,
    effect: Effect.Effect<A, { readonly message: string }, R>
  ): Effect.Effect<A | B, never, R> =>
    Effect.catchAll(effect, (error) =>
      Effect.sync(() => {
        notices.push(error.message)
        return otherwise
      })
    )

  const sync = Effect.fnUntraced(function* ({ plan, inspection }: Done) {
    if (!isAffected(inspection.survey.git.code?.paths ?? [])) return skipped("no lock file has changed")
    if (plan.checkout === null) return skipped("the base branch is not checked out")
    if ((yield* git.status(plan.checkout)).length > 0) return skipped("the checkout of the base has changes of its own")
    return yield* dependencies.install(plan.checkout, inspection.survey.rules.config)
  })

  /** What is left to do and to tell once the base has moved. */
  const aftermath = Effect.fnUntraced(function* (merge: Merge, done: Done | null, skipSync: boolean) {
    const project = yield* CurrentProject
    const notices: Array<string> = []
    if (done === null) notices.push("this merge was cut off earlier, and was finished now")
    else if (done.stays !== null) notices.push(`the worktree stays: ${done.stays}`)
    const installation = skipSync
      ? skipped("not asked for")
      : done === null
        ? skipped("the merge was cut off earlier")
        : yield* tolerantly(notices, skipped("the checkout of the base could not be looked at"), sync(done))
    if (installation.status === "failed")
      notices.push(`the dependencies could not be installed: ${installation.commands.at(-1) ?? ""}`)
    const branch = yield* tolerantly(
      notices,
      Option.none<Sha>(),
      git.resolve(project.path, `refs/heads/${merge.branch}`)
    )
    if (Option.isSome(branch)) notices.push(`the branch ${merge.branch} moved on or is in use, and stays`)
    for (const counter of yield* counters.list)
      if (counter.name.startsWith("merges_since_") && counter.value >= mergesDue)
        notices.push(`${counter.name} is ${counter.value}: it is due (calm counter reset ${counter.name} afterwards)`)
    return { installation, branchDeleted: Option.isNone(branch), notices }
  })

  return Merges.of({
    check: Traced.fn("Merges.check")(function* (id, options = {}) {
      if (options.force === true) yield* peopleOnly("go past merge_lock")
      const { conflicts, survey, task, unseen, verdict } = yield* inspect(id, options)
      return { taskId: task.id, commit: survey.git.code?.commit ?? null, verdict, conflicts, unseen }
    }),

    merge: Traced.fn("Merges.merge")(function* (id, options = {}) {
      if (options.force === true) yield* peopleOnly("go past merge_lock")
      const project = yield* CurrentProject
      const task = yield* tasks.get(id)
      const done = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* locks.hold("merge", `merge ${task.id}`)
          yield* locks.hold(lockOf(task.id), `merge ${task.id}`)
          const recovered = yield* operations.recover(task.id)
          // Cut off before and finished just now, by the same command: there is nothing left to merge.
          if (finishedEarlier(recovered, operation)) return null
          // Somebody may commit to the base at this very moment: then all is judged again.
          return yield* mergeOnce(task.id, options).pipe(
            Effect.retry({
              times: 3,
              while: (error) => error._tag === "RefMoved" || error._tag === "FastForwardRefused"
            })
          )
        })
      )
      yield* trash.purge
      const merge = Option.getOrThrow(yield* rows.latest(project.id, task.id))
      const kept = yield* worktrees.latestKept(project.id, task.id)
      const after = yield* aftermath(merge, done, options.skipSync === true)
      const left = Option.filterMap(kept, ({ rescueRef }) => Option.fromNullable(rescueRef))
      return {
        taskId: task.id,
        phase: (yield* tasks.get(task.id)).phase,
        merge,
        alreadyInBase: done?.inspection.alreadyInBase ?? false,
        unseen: done?.inspection.unseen ?? [],
        trash: Option.match(kept, {
          onNone: () => null,
          onSome: ({ folder, reason }) => (reason === "merged" ? folder : null)
        }),
        ...after,
        // It was taken away with the worktree, before the merge, and nobody may have noticed.
        notices: [
          ...after.notices,
          ...Option.match(left, {
            onNone: () => [],
            onSome: (ref) => [`uncommitted work of an earlier worktree is not in the merge; it is kept as ${ref}`]
          })
        ]
      }
    }, refine)
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(Merges, make, [
  eventsLayer,
  tasksLayer,
  countersLayer,
  mergeInspectorLayer,
  locksLayer,
  operationsLayer,
  dependenciesLayer
])
