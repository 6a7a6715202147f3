/** calm's own folder: the database, logs, backups and roles of all projects. */
import { empty, type HomeConfig } from "@calm/domain/HomeConfig"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { platformReason } from "../internal/platformReason.ts"

/** The home folder cannot be made or written. */
export class HomeUnusable extends Schema.TaggedError<HomeUnusable>()("HomeUnusable", {
  path: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    return `The folder ${this.path} cannot be used: ${this.reason}`
  }
  get hint() {
    return `CALM_HOME="$HOME/.calm" calm init`
  }
}

/** The folders of calm's home, which all projects share. */
export class Home extends Context.Tag("@calm/core/home/Home")<
  Home,
  {
    /** Absolute, as are the others. */
    readonly path: string
    readonly database: string
    readonly logs: string
    readonly backups: string
    readonly roles: string
    readonly cache: string
    /** What the user sets for all projects. */
    readonly config: HomeConfig
    /** Makes the folders (mode 0700); does nothing where they are. */
    readonly prepare: Effect.Effect<void, HomeUnusable>
  }
>() {}

/** A home at this path, with the database in it or at a path of its own, and what the user sets there. */
export const layer = (options: {
  readonly path: string
  readonly database?: string | undefined
  readonly config?: HomeConfig | undefined
}): Layer.Layer<Home, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    Home,
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const inside = (name: string) => path.join(options.path, name)
      const folders = {
        logs: inside("logs"),
        backups: inside("backups"),
        roles: inside("roles"),
        cache: inside("cache")
      }
      // Level by level: where a level can neither be found nor made, Node's own recursive way never ends.
      const make = (folder: string): Effect.Effect<void, PlatformError> =>
        Effect.flatMap(files.exists(folder), (there) =>
          there
            ? Effect.void
            : Effect.andThen(
                path.dirname(folder) === folder ? Effect.void : make(path.dirname(folder)),
                files.makeDirectory(folder, { mode: 0o700 })
              )
        ).pipe(
          // Another process may make it at the same moment.
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
            () => Effect.void
          )
        )
      const config = options.config ?? empty
      return Home.of({
        path: options.path,
        database: options.database ?? config.database ?? inside("metadata.db"),
        config,
        ...folders,
        prepare: Effect.forEach([options.path, ...Object.values(folders)], make, { discard: true }).pipe(
          Effect.mapError((error) => new HomeUnusable({ path: options.path, reason: platformReason(error) })),
          Effect.withSpan("Home.prepare")
        )
      })
    })
  )
