/** Is there nothing at a place? What is there and cannot be read is not absent: what it says would be lost in silence. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

type Files = FileSystem.FileSystem | Path.Path

/** Does this failure say so? Also where a folder on the way is a file. */
const isAbsent: (at: string, error: PlatformError) => Effect.Effect<boolean, never, Files> = Effect.fnUntraced(
  function* (at, error) {
    if (error._tag !== "SystemError") return false
    if (error.reason === "NotFound") return true
    // A folder in a file's place, a looped link, and a file on the way are one reason to the platform.
    if (error.reason !== "BadResource") return false
    const files = yield* FileSystem.FileSystem
    const parent = (yield* Path.Path).dirname(at)
    if (parent === at) return false
    return yield* files.stat(parent).pipe(
      Effect.map(({ type }) => type !== "Directory"),
      Effect.catchAll((other) => isAbsent(parent, other))
    )
  }
)

/** None where there is nothing. */
export const orAbsent =
  (at: string) =>
  <A, R>(effect: Effect.Effect<A, PlatformError, R>): Effect.Effect<Option.Option<A>, PlatformError, R | Files> =>
    Effect.catchAll(Effect.asSome(effect), (error) =>
      Effect.flatMap(isAbsent(at, error), (absent) => (absent ? Effect.succeed(Option.none<A>()) : Effect.fail(error)))
    )
