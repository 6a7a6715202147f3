/**
 * Taking a worktree away without losing anything: what is uncommitted is saved under a ref, then the worktree goes to the
 * trash whole. The steps are shared by removal, by merging and by deleting a task.
 */
import { Sha, TaskId, type Time } from "@calm/domain/Ids"
import type { Project } from "@calm/domain/Project"
import { TrashReason, type Worktree } from "@calm/domain/Worktree"
import { Git } from "@calm/git/Git"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Events } from "../../events/Events.ts"
import { now } from "../../internal/now.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import type { Step } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as TaskRows from "../../tasks/internal/TaskRows.ts"
import { RemovalRefused } from "../WorktreeErrors.ts"
import { movedFrom } from "./moved.ts"
import * as Rescue from "./rescue.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

/** A removal, decided. */
export const Removal = Schema.Struct({
  repo: Schema.String,
  task: TaskId,
  path: Schema.String,
  /** Where it goes. */
  folder: Schema.String,
  branch: Schema.NullOr(Schema.String),
  head: Schema.NullOr(Sha),
  /** A commit of everything uncommitted, and the ref that keeps it; without any, the head is kept. */
  rescue: Schema.NullOr(Schema.Struct({ ref: Schema.String, commit: Sha, uncommitted: Schema.Boolean })),
  reason: TrashReason
})
export type Removal = typeof Removal.Type

/**
 * Are neither the folder nor git's record of it there any more? Then somebody took the worktree away by hand, and there is
 * nothing to put away: its row is closed with `close` of `parts`.
 */
export const isGone = Effect.fnUntraced(function* (project: Project, worktree: Worktree) {
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  if (yield* files.exists(worktree.path).pipe(fileFailed(worktree.path))) return false
  return !(yield* git.worktrees(project.path)).some((entry) => entry.path === worktree.path)
})

/**
 * Decides a removal: refuses what may not be removed, and saves what is uncommitted as a commit (not yet under a ref). One
 * that git has no record of is refused: what is in it could not be saved.
 */
export const prepare = Effect.fnUntraced(function* (project: Project, worktree: Worktree, reason: TrashReason) {
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const refuse = (why: RemovalRefused["reason"], movedTo: string | null = null) =>
    new RemovalRefused({ id: worktree.taskId, path: worktree.path, mainCheckout: project.path, reason: why, movedTo })
  if (worktree.path === project.path) return yield* refuse("main checkout")
  if (!worktree.path.startsWith(path.join(project.path, ".worktrees") + path.sep)) return yield* refuse("outside")
  // The link would go to the trash, and what it leads to would stay without git's record of it.
  if (yield* Effect.isSuccess(files.readLink(worktree.path))) return yield* refuse("outside")
  const entry = (yield* git.worktrees(project.path)).find((other) => other.path === worktree.path)
  if (entry === undefined) return yield* refuse("unknown to git")
  if (entry.locked) return yield* refuse("locked")
  // Where its .git is gone or names something else it is another folder to git: what is uncommitted cannot be saved.
  const there = yield* files.exists(worktree.path).pipe(fileFailed(worktree.path))
  if (there && (yield* git.worktreeLink(project.path, worktree.path)) !== "intact")
    return yield* refuse("unknown to git")
  const moved = there ? Option.none<string>() : yield* movedFrom(project, worktree.path)
  if (Option.isSome(moved)) return yield* refuse("moved", moved.value)
  const stamp = (yield* now).replaceAll(/[:.]/g, "")
  const message = `Uncommitted work of ${worktree.taskId}`
  // Of one whose folder is gone, what is staged is all that is left.
  const snapshot = entry.prunable
    ? yield* git.snapshotIndex({ repo: project.path, path: worktree.path, message })
    : yield* git.snapshot(worktree.path, message)
  const head = entry.commit
  const kept = Option.orElse(snapshot, () => head)
  const removal: Removal = {
    repo: project.path,
    task: worktree.taskId,
    path: worktree.path,
    folder: path.join(project.commonDir, "calm", "trash", `${worktree.taskId}-${stamp}`),
    branch: Option.match(entry.branch, {
      onNone: () => null,
      onSome: (ref) => ref.replace(/^refs\/heads\//, "")
    }),
    head: Option.getOrNull(head),
    rescue: Option.match(kept, {
      onNone: () => null,
      onSome: (commit) => ({
        ref: Rescue.refOf(worktree.taskId, stamp),
        commit,
        uncommitted: Option.isSome(snapshot)
      })
    }),
    reason
  }
  return removal
})

/** The parts of a removal: the ref first, then the move (until which nothing has to be taken back), then the rows. */
export const parts = Effect.gen(function* () {
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const events = yield* Events
  const sql = yield* SqlClient.SqlClient
  const rows = WorktreeRows.make(sql)
  const tasks = TaskRows.make(sql)
  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))

  const rescue = yield* Rescue.step<Removal>(({ task }) => `worktree of ${task} removed`)
  const trash: Step<Removal> = {
    name: "trash",
    done: Effect.fnUntraced(function* ({ folder, path: at, repo }) {
      if ((yield* exists(at)) || !(yield* exists(folder))) return false
      return !(yield* git.worktrees(repo)).some((entry) => entry.path === at)
    }),
    // Git's records go first: without them the files that are left are no worktree any more.
    begun: ({ folder, path: at }) =>
      Effect.all([exists(at), exists(path.join(folder, "admin"))]).pipe(Effect.map(([left, begun]) => left && begun)),
    run: Effect.fnUntraced(function* ({ folder, path: at, repo }) {
      yield* files.makeDirectory(path.dirname(folder), { recursive: true }).pipe(fileFailed(folder))
      yield* git.trashWorktree({ repo, path: at, folder })
    }),
    // Undone before anything was moved: what was noted for the move is all there is.
    undo: Effect.fnUntraced(function* ({ folder }) {
      const moved = (yield* exists(path.join(folder, "tree"))) || (yield* exists(path.join(folder, "admin")))
      if (!moved) yield* files.remove(folder, { recursive: true, force: true }).pipe(fileFailed(folder))
    })
  }
  /** Hides the task of a worktree that goes with it, unless it is hidden already. SQL only. */
  const hide = Effect.fnUntraced(function* (project: Project, id: TaskId, at: Time) {
    const task = yield* tasks.find(project.id, id)
    if (Option.isNone(task) || task.value.deletedAt !== null) return
    yield* tasks.update(project.id, { ...task.value, updatedAt: at, deletedAt: at })
    yield* events.append("task.deleted", id, { phase: task.value.phase })
  })

  /** The rows that tell of a removal. SQL only. */
  const record = Effect.fnUntraced(function* (removal: Removal) {
    const project = yield* CurrentProject
    const at = yield* now
    yield* rows.addTrash(project.id, {
      taskId: removal.task,
      folder: removal.folder,
      path: removal.path,
      branch: removal.branch,
      head: removal.head,
      rescueRef: removal.rescue?.uncommitted === true ? removal.rescue.ref : null,
      reason: removal.reason,
      state: "kept",
      trashedAt: at
    })
    yield* rows.setState(project.id, removal.task, "trashed", at)
    yield* events.append("worktree.removed", removal.task, {
      path: removal.path,
      folder: removal.folder,
      reason: removal.reason,
      rescueRef: removal.rescue?.ref ?? null
    })
    if (removal.reason === "deleted") yield* hide(project, removal.task, at)
  }, refine)

  /** The rows of a worktree that is gone: closed, with nothing in the trash. SQL only. */
  const close = Effect.fnUntraced(function* (worktree: Worktree, reason: TrashReason) {
    const project = yield* CurrentProject
    yield* rows.setState(project.id, worktree.taskId, "trashed", yield* now)
    yield* events.append("worktree.removed", worktree.taskId, {
      path: worktree.path,
      folder: null,
      reason,
      rescueRef: null
    })
  }, refine)

  return { rescue, trash, record, close }
})
