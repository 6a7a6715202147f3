/** A world in which something cannot be looked at. */
import * as Calm from "@calm/core/Calm"
import { Git, GitFailed } from "@calm/git/Git"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Runs where a folder cannot be looked into: its files and git's links alike. */
export const withoutSightOf =
  (hidden: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) => {
    const denied = new PlatformError.SystemError({
      module: "FileSystem",
      method: "access",
      reason: "PermissionDenied",
      pathOrDescriptor: hidden
    })
    const blind = Layer.merge(
      Layer.effect(
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (files) => ({
          ...files,
          exists: (at: string) => (at === hidden ? Effect.fail(denied) : files.exists(at))
        }))
      ),
      Layer.effect(
        Git,
        Effect.map(Git, (git) => ({
          ...git,
          worktreeLink: (repo: string, at: string) =>
            at === hidden
              ? new GitFailed({ operation: "tell how a worktree is linked", exitCode: null, detail: "not permitted" })
              : git.worktreeLink(repo, at)
        }))
      )
    )
    return Effect.provide(effect, Calm.services.pipe(Layer.provide(blind)))
  }
