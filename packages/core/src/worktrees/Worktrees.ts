/**
 * Worktrees: each task's own checkout, in `.worktrees/<task>` on a branch named like the task.
 *
 * Removing one never destroys anything: see `internal/removal.ts`.
 */
import * as Document from "@calm/domain/Document"
import type { Sha, TaskId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import type { Task } from "@calm/domain/Task"
import * as Tree from "@calm/domain/Worktree"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CurrentActor } from "../events/CurrentActor.ts"
import type { Events } from "../events/Events.ts"
import { type BaseMissing, FactFinder } from "../gates/FactFinder.ts"
import { Rulebook, type RulebookError } from "../gates/Rulebook.ts"
import { FileFailed, fileFailed } from "../operations/FileFailed.ts"
import {
  finishedEarlier,
  type OperationError,
  Operations,
  type OperationRunning,
  type OperationUnknown,
  type Recovery
} from "../operations/Operations.ts"
import { Locks, type LockTimedOut } from "../operations/Locks.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { TaskFinished, Tasks } from "../tasks/Tasks.ts"
import { Dependencies, Installation, skipped } from "./Dependencies.ts"
import { kinds, makeOperations } from "./internal/worktreeOperations.ts"
import * as Removal from "./internal/removal.ts"
import * as Trash from "./internal/trash.ts"
import * as WorktreeRows from "./internal/WorktreeRows.ts"
import {
  BranchTaken,
  NothingToRestore,
  type RemovalRefused,
  RevisionNotFound,
  WorktreeExists,
  WorktreeNotFound
} from "./WorktreeErrors.ts"

/** A worktree that was made. */
export const Created = Schema.Struct({
  worktree: Tree.Worktree,
  /** The branch was there before and was taken up again. */
  resumed: Schema.Boolean,
  installation: Installation
}).annotations({ identifier: "CreatedWorktree" })
export type Created = typeof Created.Type

/** A worktree with what a list shows of its task. */
export const Listed = Schema.Struct({
  ...Tree.Worktree.fields,
  title: Schema.String,
  phase: Phase.Phase,
  /** Its folder is there. */
  present: Schema.Boolean
}).annotations({ identifier: "ListedWorktree" })
export type Listed = typeof Listed.Type

/** A worktree that was taken away. */
export const Removed = Schema.Struct({
  taskId: Schema.String,
  path: Schema.String,
  /** Where it is kept, for seven days at least. */
  folder: Schema.String,
  branch: Schema.NullOr(Schema.String),
  head: Schema.NullOr(Schema.String),
  /** The ref that holds everything uncommitted; `null` when all was committed. */
  rescueRef: Schema.NullOr(Schema.String)
}).annotations({ identifier: "RemovedWorktree" })
export type Removed = typeof Removed.Type

/** A worktree that was brought back. */
export const Restored = Schema.Struct({
  worktree: Tree.Worktree,
  /** The branch had moved: HEAD is detached at the commit it was at. */
  detached: Schema.Boolean,
  /** The branch was gone and was made again. */
  branchRecreated: Schema.Boolean
}).annotations({ identifier: "RestoredWorktree" })
export type Restored = typeof Restored.Type

type Acting = CurrentProject | CurrentActor
type Operating = OperationError | OperationRunning | OperationUnknown | LockTimedOut

export class Worktrees extends Context.Tag("@calm/core/worktrees/Worktrees")<
  Worktrees,
  {
    /** Makes a task's worktree and prepares it. A failure of the preparation leaves it there and is told. */
    readonly create: (
      task: string,
      options?: { readonly base?: string | undefined; readonly setup?: boolean | undefined }
    ) => Effect.Effect<
      Created,
      | TaskNotFound
      | TaskFinished
      | WorktreeExists
      | BranchTaken
      | RevisionNotFound
      | BaseMissing
      | RulebookError
      | Operating,
      Acting
    >
    /** The open worktrees of the project, by task. Starts no program. */
    readonly list: Effect.Effect<ReadonlyArray<Listed>, StoreError, CurrentProject>
    /** The worktree of a task. Starts no program. */
    readonly get: (
      task: string
    ) => Effect.Effect<Tree.Worktree, TaskNotFound | WorktreeNotFound | StoreError, CurrentProject>
    /** Installs the dependencies of a task's worktree. */
    readonly setup: (
      task: string
    ) => Effect.Effect<
      Installation,
      TaskNotFound | WorktreeNotFound | BaseMissing | RulebookError | GitError | StoreError,
      CurrentProject
    >
    /** Takes a worktree away into the trash; its branch stays. */
    readonly remove: (
      task: string,
      reason: Tree.TrashReason
    ) => Effect.Effect<Removed, TaskNotFound | WorktreeNotFound | RemovalRefused | Operating, Acting>
    /** Brings the worktree that was taken away last back as it was. */
    readonly restore: (
      task: string
    ) => Effect.Effect<Restored, TaskNotFound | NothingToRestore | WorktreeExists | Operating, Acting>
  }
>() {}

/** The lock that every command holds which changes a task's worktree. */
export const lockOf = (task: TaskId): string => `worktree ${task}`

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const tasks = yield* Tasks
  const finder = yield* FactFinder
  const rulebook = yield* Rulebook
  const locks = yield* Locks
  const operations = yield* Operations
  const dependencies = yield* Dependencies
  const trash = yield* Trash.make
  const rows = WorktreeRows.make(sql)
  const run = yield* makeOperations

  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))
  const present = (at: string) => Effect.catchAll(files.exists(at), () => Effect.succeed(false))

  const opened = Effect.fnUntraced(function* (task: Task) {
    const project = yield* CurrentProject
    const worktree = yield* rows.find(project.id, task.id)
    if (Option.isSome(worktree) && worktree.value.state === "open") return worktree.value
    return yield* new WorktreeNotFound({
      id: task.id,
      trashed: Option.isSome(yield* rows.latestKept(project.id, task.id))
    })
  }, refine)

  /** Takes the task's lock and settles what a dead process left behind, then runs. */
  const exclusively = <A, E, R>(
    task: TaskId,
    purpose: string,
    effect: (recovered: ReadonlyArray<Recovery>) => Effect.Effect<A, E, R>
  ) =>
    Effect.scoped(
      locks.hold(lockOf(task), purpose).pipe(Effect.andThen(operations.recover(task)), Effect.flatMap(effect))
    )

  /** Where the branch starts, or that the task's own branch of before is taken up again (`null`). */
  const startOf = Effect.fnUntraced(function* (task: Task, known: boolean, base: string | undefined) {
    const project = yield* CurrentProject
    const existing = yield* git.resolve(project.path, `refs/heads/${task.id}`)
    if (Option.isSome(existing)) {
      if (!known)
        return yield* new BranchTaken({
          id: task.id,
          branch: task.id,
          reason: "is there already and calm did not make it"
        })
      if (base !== undefined)
        return yield* new BranchTaken({
          id: task.id,
          branch: task.id,
          reason: "is there already with its own commits, so --base does not apply"
        })
      return { start: existing.value, resumed: true }
    }
    if (base === undefined) return { start: yield* finder.baseTip, resumed: false }
    const start = yield* git.resolve(project.path, base)
    return Option.isSome(start)
      ? { start: start.value, resumed: false }
      : yield* new RevisionNotFound({ revision: base })
  })

  /** A worktree whose folder was deleted by hand is cleared away first: its record in git goes to the trash. */
  const clear = Effect.fnUntraced(function* (worktree: Tree.Worktree) {
    const project = yield* CurrentProject
    if (yield* exists(worktree.path))
      return yield* new WorktreeExists({ id: worktree.taskId, path: worktree.path, own: true })
    const removal = yield* Removal.prepare(project, worktree, "removed").pipe(
      Effect.provideService(Git, git),
      Effect.provideService(Path.Path, path),
      Effect.catchTag("RemovalRefused", (refused) => new FileFailed({ path: worktree.path, reason: refused.message }))
    )
    yield* run.remove(worktree.taskId, removal)
  })

  const installed = Effect.fnUntraced(function* (folder: string, base: Sha) {
    const project = yield* CurrentProject
    const rules = yield* rulebook.at(project.path, base)
    return yield* dependencies.install(folder, rules.config)
  })

  return Worktrees.of({
    create: Effect.fn("Worktrees.create")(
      function* (id, options = {}) {
        const project = yield* CurrentProject
        const task = yield* tasks.get(id)
        if (Phase.isFinished(task.phase)) return yield* new TaskFinished({ id: task.id, phase: task.phase })
        const created = yield* exclusively(
          task.id,
          `create the worktree of ${task.id}`,
          Effect.fnUntraced(function* (recovered: ReadonlyArray<Recovery>) {
            const before = yield* rows.find(project.id, task.id)
            // The same command was cut off before: what it had begun has just been finished.
            if (finishedEarlier(recovered, kinds.create)) return { worktree: yield* opened(task), resumed: false }
            if (Option.isSome(before) && before.value.state === "open") yield* clear(before.value)
            const at = path.join(project.path, Tree.folder, task.id)
            if (yield* exists(at)) return yield* new WorktreeExists({ id: task.id, path: at, own: false })
            const { resumed, start } = yield* startOf(task, Option.isSome(before), options.base)
            yield* run.create(task.id, {
              repo: project.path,
              task: task.id,
              path: at,
              branch: task.id,
              start,
              resumed,
              firstCommit: resumed && Option.isSome(before) ? before.value.startCommit : start,
              document:
                task.type === "feature"
                  ? { path: path.join(at, path.dirname(Document.pathOf("spec", task.id))), text: null }
                  : {
                      path: path.join(at, Document.pathOf("bug-report", task.id)),
                      text: Document.bugReportTemplate(task.id, task.title)
                    },
              trash: trash.folderOf(project, task.id)
            })
            return { worktree: yield* opened(task), resumed }
          })
        )
        const installation =
          options.setup === false ? skipped : yield* installed(created.worktree.path, yield* finder.baseTip)
        return { ...created, installation }
      },
      refine,
      Effect.catchTag("WorktreeNotFound", Effect.die)
    ),

    list: Effect.gen(function* () {
      const project = yield* CurrentProject
      const open = yield* rows.open(project.id)
      const byId = new Map((yield* tasks.list({ all: true })).map((task) => [task.id, task]))
      return yield* Effect.forEach(
        open.flatMap((worktree) => {
          const task = byId.get(worktree.taskId)
          return task === undefined ? [] : [{ ...worktree, title: task.title, phase: task.phase }]
        }),
        (worktree) => Effect.map(present(worktree.path), (there) => ({ ...worktree, present: there })),
        { concurrency: 16 }
      )
    }).pipe(refine, Effect.withSpan("Worktrees.list")),

    get: Effect.fn("Worktrees.get")((id: string) => Effect.flatMap(tasks.get(id), opened)),

    setup: Effect.fn("Worktrees.setup")(function* (id) {
      const worktree = yield* opened(yield* tasks.get(id))
      return yield* installed(worktree.path, yield* finder.baseTip)
    }),

    remove: Effect.fn("Worktrees.remove")(function* (id, reason) {
      const project = yield* CurrentProject
      const task = yield* tasks.get(id)
      const kept = yield* exclusively(
        task.id,
        `remove the worktree of ${task.id}`,
        Effect.fnUntraced(function* (recovered: ReadonlyArray<Recovery>) {
          // Cut off before and finished just now, by the same command: there is nothing left to remove.
          if (!finishedEarlier(recovered, kinds.remove)) {
            const decided = yield* Removal.prepare(project, yield* opened(task), reason).pipe(
              Effect.provideService(Git, git),
              Effect.provideService(Path.Path, path)
            )
            yield* run.remove(task.id, decided)
          }
          const latest = yield* rows.latestKept(project.id, task.id)
          return Option.isSome(latest) ? latest.value : yield* new WorktreeNotFound({ id: task.id, trashed: false })
        })
      )
      yield* trash.purge
      return {
        taskId: task.id,
        path: kept.path,
        folder: kept.folder,
        branch: kept.branch,
        head: kept.head,
        rescueRef: kept.rescueRef
      }
    }, refine),

    restore: Effect.fn("Worktrees.restore")(
      function* (id) {
        const project = yield* CurrentProject
        const task = yield* tasks.get(id)
        return yield* exclusively(
          task.id,
          `restore the worktree of ${task.id}`,
          Effect.fnUntraced(function* (recovered: ReadonlyArray<Recovery>) {
            if (finishedEarlier(recovered, kinds.restore)) {
              const worktree = yield* opened(task)
              const { branch } = yield* git.head(worktree.path)
              return { worktree, detached: Option.isNone(branch), branchRecreated: false }
            }
            const before = yield* rows.find(project.id, task.id)
            if (Option.isSome(before) && before.value.state === "open" && (yield* exists(before.value.path)))
              return yield* new WorktreeExists({ id: task.id, path: before.value.path, own: true })
            const kept = yield* rows.latestKept(project.id, task.id)
            if (Option.isNone(kept)) return yield* new NothingToRestore({ id: task.id })
            if (yield* exists(kept.value.path))
              return yield* new WorktreeExists({ id: task.id, path: kept.value.path, own: false })
            const head = yield* trash.headFor(kept.value)
            yield* run.restore(task.id, {
              repo: project.path,
              task: task.id,
              folder: kept.value.folder,
              path: kept.value.path,
              head
            })
            return { worktree: yield* opened(task), detached: head.branch === null, branchRecreated: head.recreate }
          })
        )
      },
      refine,
      Effect.catchTag("WorktreeNotFound", Effect.die)
    )
  })
})

export const layer: Layer.Layer<
  Worktrees,
  never,
  | SqlClient.SqlClient
  | Git
  | FileSystem.FileSystem
  | Path.Path
  | Events
  | Tasks
  | FactFinder
  | Rulebook
  | Locks
  | Operations
  | Dependencies
> = Layer.effect(Worktrees, make)
