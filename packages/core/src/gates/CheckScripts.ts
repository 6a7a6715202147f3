/** The built-in check scripts: where they lie, and a digest of what they are. */
import { TaggedError } from "@calm/domain/TaggedError"
import type { Digest } from "@calm/domain/Ids"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { digest } from "../internal/digest.ts"
import { folderOf } from "../internal/installed.ts"

/** The installation is incomplete: its check scripts cannot be read. */
export class ScriptsMissing extends TaggedError<ScriptsMissing>()("ScriptsMissing", {
  folder: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `The check scripts in ${this.folder} cannot be read: ${this.reason}`
  }
  get hint() {
    return "calm doctor"
  }
}

/** Where the built-in check scripts lie, and a digest of what they are. */
export class CheckScripts extends Context.Tag("@calm/core/gates/CheckScripts")<
  CheckScripts,
  {
    /** The folder of the scripts, absolute. */
    readonly folder: string
    /** Changes when any script changes. */
    readonly digest: Effect.Effect<Digest, ScriptsMissing>
  }
>() {}

/** The scripts in a folder. */
export const layer = (folder: string): Layer.Layer<CheckScripts, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    CheckScripts,
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const compute = Effect.gen(function* () {
        const names = yield* files.readDirectory(folder, { recursive: true })
        const scripts = names
          .filter((name) => /\.(?:mjs|cjs|js|py)$/.test(name) && !/^(?:test|node_modules|dist)[/\\]/.test(name))
          .sort()
        const contents = yield* Effect.forEach(scripts, (name) => files.readFileString(path.join(folder, name)), {
          concurrency: 8
        })
        return digest(scripts.flatMap((name, index) => [name, contents[index] ?? ""]))
      }).pipe(Effect.mapError((error) => new ScriptsMissing({ folder, reason: error.message })))
      return CheckScripts.of({ folder, digest: yield* Effect.cached(compute) })
    })
  )

/** The scripts of the package `@calm/gates`, which is installed with this one. */
export const layerInstalled: Layer.Layer<CheckScripts, ScriptsMissing, FileSystem.FileSystem | Path.Path> =
  Layer.unwrapEffect(
    folderOf("@calm/gates/table.json").pipe(
      Effect.map(layer),
      Effect.mapError((reason) => new ScriptsMissing({ folder: "@calm/gates", reason }))
    )
  )

/** Scripts that exist by name only, for tests with scripted processes. */
export const layerMemory: Layer.Layer<CheckScripts> = Layer.succeed(CheckScripts, {
  folder: "/gates",
  digest: Effect.sync(() => digest(["gates"]))
})
