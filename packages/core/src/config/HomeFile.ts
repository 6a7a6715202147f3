/** `config.json` in calm's home folder. */
import { empty, HomeConfig } from "@calm/domain/HomeConfig"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { HomeUnusable } from "../home/Home.ts"
import { platformReason } from "../internal/platformReason.ts"
import { type ConfigInvalid, decode } from "./ConfigFile.ts"

/** Its name. */
export const name = "config.json"

/** What the user sets for all projects; nothing where there is no such file. */
export const read = Effect.fn("HomeFile.read")(function* (home: string) {
  const files = yield* FileSystem.FileSystem
  const file = (yield* Path.Path).join(home, name)
  const text = yield* files.readFileString(file).pipe(
    Effect.asSome,
    Effect.catchIf(
      (error) => error._tag === "SystemError" && (error.reason === "NotFound" || error.reason === "BadResource"),
      () => Effect.succeedNone
    ),
    Effect.mapError((error) => new HomeUnusable({ path: file, reason: platformReason(error) }))
  )
  if (Option.isNone(text)) return empty
  return yield* decode(HomeConfig, text.value, file, null)
})

/** What can be wrong with it. */
export type HomeFileError = ConfigInvalid | HomeUnusable
