/** Taking the worktree of a task away, under its lock. */
import type { Task } from "@calm/domain/Task"
import type { TrashReason, Worktree } from "@calm/domain/Worktree"
import { Git } from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import type { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CurrentActor } from "../../events/CurrentActor.ts"
import { atomicallyIn } from "../../internal/atomically.ts"
import { FileFailed, fileFailed } from "../../operations/FileFailed.ts"
import { finishedEarlier, type OperationError, type Recovery } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import { RemovalRefused, WorktreeExists, WorktreeNotFound } from "../WorktreeErrors.ts"
import { Workers } from "../../workers/Workers.ts"
import { movedFrom } from "./moved.ts"
import * as Removal from "./removal.ts"
import { kinds } from "./worktreeOperations.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

/** What taking away asks of the service. */
interface Parts {
  readonly opened: (task: Task) => Effect.Effect<Worktree, WorktreeNotFound | StoreError, CurrentProject>
  readonly remove: <E = never>(
    task: Worktree["taskId"],
    removal: Removal.Removal,
    guard?: Effect.Effect<void, E, CurrentProject>
  ) => Effect.Effect<void, OperationError | E, CurrentProject | CurrentActor>
}

export const make = Effect.fnUntraced(function* ({ opened, remove }: Parts) {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { cwd } = yield* Environment
  const workers = yield* Workers
  const rows = WorktreeRows.make(sql)
  const atomically = atomicallyIn(sql)
  const { close } = yield* Removal.parts
  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))

  const isGone = Effect.fnUntraced(
    function* (worktree: Worktree) {
      return yield* Removal.isGone(yield* CurrentProject, worktree)
    },
    Effect.provideService(Git, git),
    Effect.provideService(FileSystem.FileSystem, files)
  )

  const prepare = Effect.fnUntraced(
    function* (worktree: Worktree, reason: TrashReason) {
      const project = yield* CurrentProject
      const refuse = (why: RemovalRefused["reason"]) =>
        new RemovalRefused({ id: worktree.taskId, path: worktree.path, mainCheckout: project.path, reason: why })
      // Whoever stands in it would be left in the trash, where no command works.
      if (`${cwd}${path.sep}`.startsWith(worktree.path + path.sep)) return yield* refuse("called from inside")
      return yield* Removal.prepare(project, worktree, reason)
    },
    Effect.provideService(Git, git),
    Effect.provideService(FileSystem.FileSystem, files),
    Effect.provideService(Path.Path, path)
  )

  /** Refuses while a worker is active on the task: it would be left without its files. */
  const idle = Effect.fnUntraced(function* ({ path: at, taskId }: Worktree) {
    const project = yield* CurrentProject
    const active = (yield* workers.activeOn(taskId)).map(({ id }) => id)
    if (active.length > 0)
      return yield* new RemovalRefused({
        id: taskId,
        path: at,
        mainCheckout: project.path,
        reason: "active worker",
        workers: active
      })
  })

  /** Refuses what git was told to move: it is not at its place, and not gone either. */
  const settled = Effect.fnUntraced(function* ({ branch, path: at, taskId }: Worktree) {
    const project = yield* CurrentProject
    const elsewhere = (yield* git.worktrees(project.path)).find(
      (entry) => Option.contains(entry.branch, `refs/heads/${branch}`) && entry.path !== project.path && !entry.prunable
    )
    if (elsewhere !== undefined)
      return yield* new RemovalRefused({
        id: taskId,
        path: at,
        mainCheckout: project.path,
        reason: "moved",
        movedTo: elsewhere.path
      })
  })

  /** To who wants a worktree away, another one is of no use. */
  const unwanted = ({ id, trashed }: WorktreeNotFound) => new WorktreeNotFound({ id, trashed, unwanted: true })

  return {
    /** A worktree whose folder was deleted by hand is cleared away first: its record in git, if any, goes to the trash. */
    clear: Effect.fnUntraced(
      function* (worktree: Worktree) {
        const found = { id: worktree.taskId, path: worktree.path, own: true }
        if (yield* exists(worktree.path)) return yield* new WorktreeExists(found)
        const movedTo = yield* movedFrom(yield* CurrentProject, worktree.path)
        if (Option.isSome(movedTo)) return yield* new WorktreeExists({ ...found, movedTo: movedTo.value })
        if (yield* isGone(worktree)) return
        const removal = yield* prepare(worktree, "removed").pipe(
          Effect.catchTag(
            "RemovalRefused",
            (refused) => new FileFailed({ path: worktree.path, reason: refused.message })
          )
        )
        yield* remove(worktree.taskId, removal)
      },
      Effect.provideService(FileSystem.FileSystem, files),
      Effect.provideService(Path.Path, path)
    ),

    /** Takes the worktree away. Gives what is kept of it. */
    takeAway: Effect.fnUntraced(function* (task: Task, reason: TrashReason, recovered: ReadonlyArray<Recovery>) {
      const project = yield* CurrentProject
      // Cut off before and finished just now, by the same command: there is nothing left to remove.
      if (!finishedEarlier(recovered, kinds.remove)) {
        const worktree = yield* opened(task).pipe(Effect.catchTag("WorktreeNotFound", unwanted))
        if (yield* isGone(worktree)) {
          yield* settled(worktree)
          yield* atomically(close(worktree, reason))
          const trashed = Option.isSome(yield* rows.latestKept(project.id, task.id))
          return yield* new WorktreeNotFound({ id: task.id, trashed, unwanted: true })
        }
        // Asked again in the transaction that begins it; before, so that nothing is saved for a removal that is refused.
        yield* idle(worktree)
        yield* remove(task.id, yield* prepare(worktree, reason), idle(worktree))
      }
      const latest = yield* rows.latestKept(project.id, task.id)
      return Option.isSome(latest)
        ? latest.value
        : yield* new WorktreeNotFound({ id: task.id, trashed: false, unwanted: true })
    })
  }
})
