/** Whether a worktree's folder is there. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** What cannot be looked at is not gone. */
export const presentIn =
  (files: FileSystem.FileSystem) =>
  (path: string): Effect.Effect<boolean> =>
    Effect.catchAll(files.exists(path), () => Effect.succeed(true))
