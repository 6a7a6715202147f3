/** `config.json` in calm's home folder. */
import { TaggedError } from "@calm/domain/TaggedError"
import { empty } from "@calm/domain/HomeSettings"
import * as Traced from "@calm/domain/Traced"
import { Typed } from "@calm/domain/Typed"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { named, showing } from "../home/Home.ts"
import { orAbsent } from "../internal/absent.ts"
import { platformReason } from "../internal/platformReason.ts"
import type { ConfigInvalid } from "./ConfigFile.ts"

/** Its name. */
export const name = "config.json"

/** It is there and cannot be read. Nothing is taken for set then: it may make gates stricter. */
export class HomeFileUnreadable extends TaggedError<HomeFileUnreadable>()("HomeFileUnreadable", {
  path: Typed,
  reason: Schema.String
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    return `${named(this.path)} cannot be read: ${this.reason}`
  }
  get hint() {
    return showing(this.path)
  }
}

/** What the user sets for all projects; nothing where there is no such file. */
export const read = Traced.fn("HomeFile.read")(function* (home: string) {
  const files = yield* FileSystem.FileSystem
  const file = (yield* Path.Path).join(home, name)
  const text = yield* files.readFileString(file).pipe(
    orAbsent(file),
    // Where the file cannot even be looked at, it is the folder that is shut.
    Effect.catchAll((error) =>
      // A looped link can be seen as a link alone.
      Effect.flatMap(Effect.isSuccess(Effect.orElse(files.stat(file), () => files.readLink(file))), (seen) =>
        Effect.fail(new HomeFileUnreadable({ path: seen ? file : home, reason: platformReason(error) }))
      )
    )
  )
  if (Option.isNone(text)) return empty
  // Most users have none, and need not wait for what reads one.
  const [{ HomeConfig }, { decode }] = yield* Effect.promise(() =>
    Promise.all([import("@calm/domain/HomeConfig"), import("./ConfigFile.ts")])
  )
  return yield* decode(HomeConfig, text.value, file, null)
})

/** What can be wrong with it. */
export type HomeFileError = ConfigInvalid | HomeFileUnreadable
