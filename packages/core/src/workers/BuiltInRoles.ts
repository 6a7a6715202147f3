/** The built-in role prompts: where they lie. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { folderOf } from "../internal/installed.ts"

/** The installation is incomplete: its role prompts cannot be found. */
export class RolesMissing extends TaggedError<RolesMissing>()("RolesMissing", { reason: Schema.String }) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `The package @calm/roles with the role prompts cannot be found: ${this.reason}`
  }
  get hint() {
    return "calm doctor"
  }
}

/** Where the built-in role prompts lie. */
export class BuiltInRoles extends Context.Tag("@calm/core/workers/BuiltInRoles")<
  BuiltInRoles,
  {
    /** The folder of the role files, absolute. Looked for when a role is. */
    readonly folder: Effect.Effect<string, RolesMissing>
  }
>() {}

/** The role files in a folder. */
export const layer = (folder: string): Layer.Layer<BuiltInRoles> =>
  Layer.succeed(BuiltInRoles, { folder: Effect.succeed(folder) })

/** The role files of the package `@calm/roles`, which is installed with this one. */
export const layerInstalled: Layer.Layer<BuiltInRoles> = Layer.succeed(BuiltInRoles, {
  folder: Effect.mapError(folderOf("@calm/roles/_base.md"), (reason) => new RolesMissing({ reason }))
})
