/** The trash: where removed worktrees are kept, what HEAD one gets when it comes back, and when it is thrown away. */
import { type TaskId, Time } from "@calm/domain/Ids"
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
import { now } from "../../internal/now.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const atomically = atomicallyIn(sql)
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const events = yield* Events
  const rows = WorktreeRows.make(sql)

  return {
    /** The folder of the trash for a worktree taken away now; a name that was not used before. */
    folderOf: (project: Project, task: TaskId) => path.join(project.commonDir, "calm", "trash", task),

    /** On its branch, when that is where it was or is gone; else detached at the commit it had. */
    headFor: Effect.fnUntraced(function* (kept: Tree.TrashedWorktree) {
      const { path: repo } = yield* CurrentProject
      if (kept.branch === null || kept.head === null) return { branch: null, commit: kept.head, recreate: false }
      const ref = `refs/heads/${kept.branch}`
      const now = yield* git.resolve(repo, ref)
      const inUse = (yield* git.worktrees(repo)).some((entry) => Option.contains(entry.branch, ref))
      const same = Option.isNone(now) || now.value === kept.head
      return same && !inUse
        ? { branch: kept.branch, commit: kept.head, recreate: Option.isNone(now) }
        : { branch: null, commit: kept.head, recreate: false }
    }),

    /** Throws away what has been in the trash for longer than it is kept. What was rescued under refs stays. */
    purge: Effect.gen(function* () {
      const project = yield* CurrentProject
      const before = Time.make(DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days: Tree.keptDays })))
      for (const old of yield* rows.keptBefore(project.id, before)) {
        yield* files.remove(old.folder, { recursive: true, force: true }).pipe(fileFailed(old.folder))
        yield* atomically(
          Effect.andThen(
            rows.setTrashState(project.id, old.folder, "purged"),
            events.append("worktree.purged", old.taskId, {
              folder: old.folder,
              trashedAt: old.trashedAt,
              at: yield* now
            })
          )
        )
      }
    }).pipe(
      refine,
      // What was asked for is done: that the trash could not be emptied is told, and tried again the next time.
      Effect.catchAll((error) => Effect.logWarning(`the trash could not be emptied: ${error.message}`))
    )
  }
})
