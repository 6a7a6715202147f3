/**
 * Worktrees: each task's own checkout, in `.worktrees/<task>` on a branch named like the task.
 *
 * Removing one never destroys anything: see `internal/removal.ts`.
 */
import * as Document from "@calm/domain/Document"
import type { Sha, TaskId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import * as Tree from "@calm/domain/Worktree"
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
import type { CurrentActor } from "../events/CurrentActor.ts"
import { type BaseMissing, FactFinder, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { Rulebook, type RulebookError, layer as rulebookLayer } from "../gates/Rulebook.ts"
import { fileFailed } from "../operations/FileFailed.ts"
import {
  finishedEarlier,
  type OperationError,
  Operations,
  type OperationRunning,
  type OperationUnknown,
  type Recovery,
  layer as operationsLayer
} from "../operations/Operations.ts"
import { Locks, type LockTimedOut, layer as locksLayer } from "../operations/Locks.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { TaskFinished, TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { Dependencies, Installation, skipped, layer as dependenciesLayer } from "./Dependencies.ts"
import { kinds, makeOperations } from "./internal/worktreeOperations.ts"
import { lockOf } from "./internal/lockOf.ts"
import { presentIn } from "./internal/present.ts"
import * as RemovedTree from "./internal/removed.ts"
import { Removed } from "./internal/removed.ts"
import * as StartOf from "./internal/startOf.ts"
import * as TakingAway from "./internal/takingAway.ts"
import * as Trash from "./internal/trash.ts"
import * as WorktreeRows from "./internal/WorktreeRows.ts"
import {
  type BranchTaken,
  FolderUnsuitable,
  NothingToRestore,
  type RemovalRefused,
  type RevisionNotFound,
  WorktreeExists,
  WorktreeNotFound
} from "./WorktreeErrors.ts"
import { type Listed, OpenWorktrees, layer as openWorktreesLayer } from "./OpenWorktrees.ts"
import { layer as eventsLayer } from "../events/Events.ts"
import { layer as workersLayer } from "../workers/Workers.ts"

/** A worktree that was made. */
export const Created = Schema.Struct({
  worktree: Tree.Worktree,
  /** The branch was there before and was taken up again. */
  resumed: Schema.Boolean,
  installation: Installation
}).annotations({ identifier: "CreatedWorktree" })
export type Created = typeof Created.Type

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

/** The tasks' own checkouts: made, found, taken to the trash and brought back. */
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
      | FolderUnsuitable
      | BranchTaken
      | RevisionNotFound
      | BaseMissing
      | RulebookError
      | Operating,
      Acting
    >
    /** The open worktrees of the project, by task: what `OpenWorktrees` says. */
    readonly list: Effect.Effect<ReadonlyArray<Listed>, StoreError, CurrentProject>
    /** The worktree of a task, whose folder is there. Starts no program. */
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
    /**
     * Takes a worktree away into the trash; its branch stays. Of one that somebody took away by hand there is nothing
     * left to keep: it is not found, and not listed any more. With the reason `deleted` the task goes with it, hidden
     * before or not.
     */
    readonly remove: (
      task: string,
      reason: Tree.TrashReason
    ) => Effect.Effect<Removed, TaskNotFound | WorktreeNotFound | RemovalRefused | Operating, Acting>
    /**
     * Takes a task's worktree away and hides the task with it, both or neither. `hide` is asked to hide a task without a
     * worktree, before anybody can make one.
     */
    readonly removeWithTask: <E, R>(
      task: string,
      hide: Effect.Effect<Task, E, R>
    ) => Effect.Effect<
      { readonly removed: Removed | null; readonly task: Task },
      TaskNotFound | RemovalRefused | Operating | E,
      Acting | R
    >
    /** Brings the worktree that was taken away last back as it was. */
    readonly restore: (
      task: string
    ) => Effect.Effect<
      Restored,
      TaskNotFound | NothingToRestore | WorktreeExists | FolderUnsuitable | Operating,
      Acting
    >
  }
>() {}

export { lockOf }
export { Removed }

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
  const { list } = yield* OpenWorktrees
  const trash = yield* Trash.make
  const rows = WorktreeRows.make(sql)
  const taskRows = TaskRows.make(sql)
  const run = yield* makeOperations
  const startOf = yield* StartOf.make

  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))
  const present = presentIn(files)

  const opened = Effect.fnUntraced(function* (task: Task) {
    const project = yield* CurrentProject
    const worktree = yield* rows.find(project.id, task.id)
    if (Option.isSome(worktree) && worktree.value.state === "open") return worktree.value
    return yield* new WorktreeNotFound({
      id: task.id,
      trashed: Option.isSome(yield* rows.latestKept(project.id, task.id))
    })
  }, refine)

  /** The same, where its folder is there: whoever is sent to it must be able to go. */
  const standing = Effect.fnUntraced(function* (task: Task) {
    const worktree = yield* opened(task)
    if (yield* present(worktree.path)) return worktree
    return yield* new WorktreeNotFound({ id: task.id, trashed: false, folderGone: true })
  })

  const removedOf = RemovedTree.make(path, present)
  const { clear, takeAway } = yield* TakingAway.make({ opened, remove: run.remove })

  /** A task, hidden or not. */
  const storedTask = Effect.fnUntraced(function* (id: string) {
    const task = yield* taskRows.find((yield* CurrentProject).id, id)
    return Option.isSome(task) ? task.value : yield* new TaskNotFound({ id, deleted: false })
  }, refine)

  /** Takes the task's lock, settles what a dead process left behind, reads the task as it is by then, and runs. */
  const exclusively = Effect.fnUntraced(function* <A, E, R>(
    id: string,
    verb: string,
    effect: (task: Task, recovered: ReadonlyArray<Recovery>) => Effect.Effect<A, E, R>,
    find: (id: string) => Effect.Effect<Task, TaskNotFound | StoreError, CurrentProject> = tasks.get
  ) {
    const named = yield* find(id)
    yield* locks.hold(lockOf(named.id), `${verb} the worktree of ${named.id}`)
    const recovered = yield* operations.recover(named.id)
    return yield* effect(yield* find(named.id), recovered)
  }, Effect.scoped)

  /** Refuses a folder of worktrees that is no folder of the repository itself. */
  const checkFolder = Effect.gen(function* () {
    const project = yield* CurrentProject
    const folder = path.join(project.path, Tree.folder)
    if (yield* Effect.isSuccess(files.readLink(folder)))
      return yield* new FolderUnsuitable({ path: folder, found: "a symbolic link" })
    if ((yield* exists(folder)) && (yield* files.stat(folder).pipe(fileFailed(folder))).type !== "Directory")
      return yield* new FolderUnsuitable({ path: folder, found: "no folder" })
  })

  /** May the task still have a worktree? Asked in the transaction that begins making one. */
  const wanted = Effect.fnUntraced(function* (id: TaskId) {
    const { phase } = yield* tasks.get(id)
    if (Phase.isFinished(phase)) return yield* new TaskFinished({ id, phase })
  })

  const installed = Effect.fnUntraced(function* (folder: string, base: Sha) {
    const project = yield* CurrentProject
    const rules = yield* rulebook.at(project.path, base)
    return yield* dependencies.install(folder, rules.config)
  })

  return Worktrees.of({
    create: Traced.fn("Worktrees.create")(
      function* (id, options = {}) {
        const project = yield* CurrentProject
        const created = yield* exclusively(
          id,
          "create",
          Effect.fnUntraced(function* (task: Task, recovered: ReadonlyArray<Recovery>) {
            yield* wanted(task.id)
            const before = yield* rows.find(project.id, task.id)
            // The same command was cut off before: what it had begun has just been finished.
            if (finishedEarlier(recovered, kinds.create)) return { worktree: yield* opened(task), resumed: false }
            yield* checkFolder
            if (Option.isSome(before) && before.value.state === "open") yield* clear(before.value)
            const at = path.join(project.path, Tree.folder, task.id)
            if (yield* exists(at)) return yield* new WorktreeExists({ id: task.id, path: at, own: false })
            const { resumed, start } = yield* startOf(task, before, options.base)
            const creation = {
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
            }
            yield* run.create(task.id, creation, wanted(task.id))
            return { worktree: yield* opened(task), resumed }
          })
        )
        const installation =
          options.setup === false
            ? skipped("not asked for")
            : yield* installed(created.worktree.path, yield* finder.baseTip)
        return { ...created, installation }
      },
      refine,
      Effect.catchTag("WorktreeNotFound", Effect.die)
    ),

    list,

    get: Traced.fn("Worktrees.get")((id: string) => Effect.flatMap(tasks.get(id), standing)),

    setup: Traced.fn("Worktrees.setup")(function* (id) {
      const worktree = yield* standing(yield* tasks.get(id))
      return yield* installed(worktree.path, yield* finder.baseTip)
    }),

    remove: Traced.fn("Worktrees.remove")(function* (id, reason) {
      const find = reason === "deleted" ? storedTask : tasks.get
      const removed = yield* exclusively(id, "remove", (task, recovered) => takeAway(task, reason, recovered), find)
      yield* trash.purge
      return yield* removedOf(removed)
    }, refine),

    removeWithTask: Traced.fn("Worktrees.removeWithTask")(function* (id, hide) {
      const done = yield* exclusively(
        id,
        "remove",
        Effect.fnUntraced(function* (task: Task, recovered: ReadonlyArray<Recovery>) {
          // Hidden just now by what had been cut off, it is what was asked for.
          if (!finishedEarlier(recovered, kinds.remove)) yield* tasks.get(task.id)
          const removed = yield* takeAway(task, "deleted", recovered).pipe(
            refine,
            Effect.flatMap(removedOf),
            Effect.catchTag("WorktreeNotFound", () => Effect.succeed(null))
          )
          const stored = yield* storedTask(task.id)
          return { removed, task: stored.deletedAt === null ? yield* hide : stored }
        }),
        storedTask
      ).pipe(refine)
      yield* trash.purge
      return done
    }),

    restore: Traced.fn("Worktrees.restore")(
      function* (id) {
        const project = yield* CurrentProject
        return yield* exclusively(
          id,
          "restore",
          Effect.fnUntraced(function* (task: Task, recovered: ReadonlyArray<Recovery>) {
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
            yield* checkFolder
            const head = yield* trash.headFor(kept.value)
            const { folder, path: at } = kept.value
            const restoration = { repo: project.path, task: task.id, folder, path: at, head }
            yield* run.restore(task.id, restoration, Effect.asVoid(tasks.get(task.id)))
            return { worktree: yield* opened(task), detached: head.branch === null, branchRecreated: head.recreate }
          })
        )
      },
      refine,
      Effect.catchTag("WorktreeNotFound", Effect.die)
    )
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(Worktrees, make, [
  eventsLayer,
  tasksLayer,
  factFinderLayer,
  rulebookLayer,
  locksLayer,
  operationsLayer,
  dependenciesLayer,
  openWorktreesLayer,
  workersLayer
])
