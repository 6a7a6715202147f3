/** The trash: where removed worktrees are kept, what HEAD one gets when it comes back, and when it is thrown away. */
import { daysInTrash } from "@calm/domain/HomeSettings"
import type { TaskId } from "@calm/domain/Ids"
import type { Project } from "@calm/domain/Project"
import * as Tree from "@calm/domain/Worktree"
import { Git } from "@calm/git/Git"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { atomicallyIn } from "../../internal/atomically.ts"
import { Events } from "../../events/Events.ts"
import { Home } from "../../home/Home.ts"
import { now } from "../../internal/now.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import { Locks } from "../../operations/Locks.ts"
import { Operations } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import { lockOf } from "./lockOf.ts"
import * as NestedRepository from "./nestedRepository.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const home = yield* Home
  const atomically = atomicallyIn(sql)
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const events = yield* Events
  const locks = yield* Locks
  const operations = yield* Operations
  const rows = WorktreeRows.make(sql)
  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))

  /** Has it stood unchanged since before that time? What is not there has. */
  const isOlder = Effect.fnUntraced(function* (folder: string, before: DateTime.Utc) {
    if (!(yield* exists(folder))) return true
    const { mtime } = yield* files.stat(folder).pipe(fileFailed(folder))
    return Option.exists(mtime, (date) => date.getTime() < DateTime.toEpochMillis(before))
  })

  /** Throws one away under its task's lock. What is in use, or cannot be had back from git, stays. */
  const purgeOne = Effect.fnUntraced(
    function* (listed: Tree.TrashedWorktree, before: DateTime.Utc) {
      const project = yield* CurrentProject
      const { folder, taskId } = listed
      if (!(yield* locks.holdIfFree(lockOf(taskId), `empty the trash of ${taskId}`))) return
      // It may have been restored, or be half restored, since it was listed.
      const current = yield* rows.trashed(project.id, listed.seq)
      if (Option.isNone(current) || current.value.state === "restored") return
      if ((yield* operations.unfinished).some((operation) => operation.taskId === taskId)) return
      if (current.value.state === "kept") {
        if (!(yield* isOlder(folder, before))) return
        if ((yield* rows.daysOfUse(project.id, taskId)) < Tree.keptDays) return
        const tree = path.join(folder, "tree")
        const nested = (yield* exists(tree)) ? yield* NestedRepository.find(tree).pipe(fileFailed(tree)) : null
        if (nested !== null)
          return yield* Effect.logDebug(`${folder} stays in the trash: ${nested} is a repository of its own`)
        // The row first: what is half deleted must not be offered for restoring.
        yield* atomically(
          Effect.andThen(
            rows.setTrashState(project.id, folder, "purged"),
            events.append("worktree.purged", taskId, { folder, trashedAt: listed.trashedAt, at: yield* now })
          )
        )
      }
      yield* files.remove(folder, { recursive: true, force: true }).pipe(fileFailed(folder))
    },
    Effect.scoped,
    Effect.provideService(FileSystem.FileSystem, files)
  )

  /** The names in the project's trash. */
  const names = Effect.fnUntraced(function* (trash: string) {
    return new Set((yield* exists(trash)) ? yield* files.readDirectory(trash).pipe(fileFailed(trash)) : [])
  })

  return {
    /** The folder of the trash for a worktree taken away now; a name that was not used before. */
    folderOf: (project: Project, task: TaskId) => path.join(project.commonDir, "calm", "trash", task),

    /** On its branch, when that is where it was or is gone; else detached at the commit it had. */
    headFor: Effect.fnUntraced(function* (kept: Tree.TrashedWorktree) {
      const { path: repo } = yield* CurrentProject
      if (kept.branch === null) return { branch: null, commit: kept.head, recreate: false }
      const ref = `refs/heads/${kept.branch}`
      const now = yield* git.resolve(repo, ref)
      const inUse = (yield* git.worktrees(repo)).some((entry) => Option.contains(entry.branch, ref))
      // Without a head it was on a branch that had no commit yet, which no ref tells of.
      const same = Option.isNone(now) || now.value === kept.head
      return same && !inUse
        ? { branch: kept.branch, commit: kept.head, recreate: kept.head !== null && Option.isNone(now) }
        : { branch: null, commit: kept.head, recreate: false }
    }),

    /**
     * Throws away what has been in the trash for longer than it is kept. What was rescued under refs stays, and so does a
     * worktree with a repository inside, for good: nothing else holds that. A task whose lock somebody has is left for
     * the next time.
     *
     * The machine's clock may be wrong, so it is asked thrice: the time that was noted and the folder's own must both be
     * past, and calm must have been used on as many days since. A clock that is set on by a year, a database that was
     * brought from elsewhere, a file system with a clock of its own: they keep things longer, not shorter.
     */
    purge: Effect.gen(function* () {
      const project = yield* CurrentProject
      const before = DateTime.subtract(yield* DateTime.now, { days: daysInTrash(home.config) })
      const kept = yield* rows.kept(project.id)
      const end = DateTime.formatIso(before)
      const due = kept.filter(({ trashedAt }) => trashedAt < end)
      // One that is marked as thrown away and is there still was cut off in the middle.
      const strange = yield* names(path.join(project.commonDir, "calm", "trash"))
      for (const { folder } of kept) strange.delete(path.basename(folder))
      const purged = strange.size === 0 ? [] : yield* rows.purged(project.id)
      const cutOff = purged.filter(({ folder }) => strange.has(path.basename(folder)))
      yield* Effect.forEach([...due, ...cutOff], (one) => tolerantly(purgeOne(one, before)), { discard: true })
    }).pipe(refine, tolerantly)
  }
})

/** What was asked for is done: that the trash could not be emptied is told, and tried again the next time. */
const tolerantly = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchAll(effect, (error) => Effect.logWarning(`the trash could not be emptied: ${error.message}`))
