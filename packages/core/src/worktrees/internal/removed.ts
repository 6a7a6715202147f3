/** What is told of a worktree that was taken away. */
import type * as Tree from "@calm/domain/Worktree"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A worktree that was taken away. */
export const Removed = Schema.Struct({
  taskId: Schema.String,
  path: Schema.String,
  /** Where it is kept, for seven days at least. */
  folder: Schema.String,
  /** `false`: its folder was gone already, and git's record of it is all that is kept. */
  filesKept: Schema.Boolean,
  branch: Schema.NullOr(Schema.String),
  head: Schema.NullOr(Schema.String),
  /** The ref that holds everything uncommitted; `null` when all was committed. */
  rescueRef: Schema.NullOr(Schema.String)
}).annotations({ identifier: "RemovedWorktree" })
export type Removed = typeof Removed.Type

/** Tells of one in the trash. */
export const make =
  (path: Path.Path, present: (at: string) => Effect.Effect<boolean>) =>
  ({ branch, folder, head, path: at, rescueRef, taskId }: Tree.TrashedWorktree): Effect.Effect<Removed> =>
    Effect.map(present(path.join(folder, "tree")), (filesKept) => ({
      taskId,
      path: at,
      folder,
      filesKept,
      branch,
      head,
      rescueRef
    }))
