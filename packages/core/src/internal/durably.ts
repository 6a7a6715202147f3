/** Writing a small file so that its content survives a power cut once it is said to be there. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** Writes a text and waits until it is on disk. */
export const writeDurably = (
  files: FileSystem.FileSystem,
  path: string,
  text: string
): Effect.Effect<void, PlatformError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* files.open(path, { flag: "w" })
      yield* file.writeAll(new TextEncoder().encode(text))
      yield* file.sync
    })
  )
