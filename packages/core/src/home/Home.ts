/** calm's own folder: the database, logs, backups and roles of all projects. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import type { HomeConfig } from "@calm/domain/HomeConfig"
import { empty } from "@calm/domain/HomeSettings"
import * as Traced from "@calm/domain/Traced"
import { beginning, Typed } from "@calm/domain/Typed"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { isFull, platformReason } from "../internal/platformReason.ts"

/** A part of the home folder in a sentence: of a path that is longer than any need be, its beginning. */
export const named = (path: string): string => (path.length > 300 ? beginning(path, 60) : path)

/** The command that shows a part of the home folder. Only a variable gives it a path that none can have. */
export const showing = (path: string): string =>
  path.length > 500 || path.includes("\0") ? "unset CALM_HOME" : commandLine("ls", "-ld", path)

/** The home folder, or a part of it, cannot be made, read or written. */
export class HomeUnusable extends TaggedError<HomeUnusable>()("HomeUnusable", {
  path: Typed,
  reason: Schema.String,
  /** Nothing is there yet: another place would do. Of one that is there, another would seem to have lost everything. */
  fresh: Schema.optionalWith(Schema.Boolean, { default: () => false })
}) {
  get category() {
    return isFull(this.reason) ? ("unavailable" as const) : ("permission" as const)
  }
  override get message() {
    return `The folder ${named(this.path)} cannot be used: ${this.reason}`
  }
  get hint() {
    if (isFull(this.reason)) return "df -h"
    return this.fresh ? `CALM_HOME="$HOME/.calm" calm init` : showing(this.path)
  }
}

/** A failure of files as one of the home folder. */
export const unusable =
  (path: string, fresh = false) =>
  (error: PlatformError): HomeUnusable =>
    new HomeUnusable({ path, reason: platformReason(error), fresh })

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
    /**
     * Makes the folders (mode 0700); does nothing where they are. A home that was there and open to others is closed to
     * them where nothing else lies in it; otherwise the doctor tells of it.
     */
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
      const own = new Set(["config.json", ...Object.keys(folders)])
      /** Closes the home to others, unless somebody else keeps things in it, or owns it. */
      const close = Effect.gen(function* () {
        const { mode } = yield* files.stat(options.path)
        if ((mode & 0o077) === 0) return
        const names = yield* files.readDirectory(options.path)
        if (names.every((name) => own.has(name) || name.startsWith("metadata.db")))
          yield* files.chmod(options.path, 0o700)
      }).pipe(Effect.catchAll((error) => Effect.logDebug(`${options.path} stays open to others: ${error.message}`)))
      const failed = (error: PlatformError) =>
        files.exists(options.path).pipe(
          Effect.catchAll(() => Effect.succeed(true)),
          Effect.flatMap((there) => Effect.fail(unusable(options.path, !there)(error)))
        )
      return Home.of({
        path: options.path,
        database: options.database ?? config.database ?? inside("metadata.db"),
        config,
        ...folders,
        prepare: Effect.forEach([options.path, ...Object.values(folders)], make, { discard: true }).pipe(
          Effect.catchAll(failed),
          Effect.zipRight(close),
          Traced.span("Home.prepare")
        )
      })
    })
  )
