/** A file or folder of the repository could not be read or written. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isFull, platformReason } from "../internal/platformReason.ts"

/** A file or folder cannot be read, written, moved or removed. */
export class FileFailed extends TaggedError<FileFailed>()("FileFailed", {
  path: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return isFull(this.reason) ? ("unavailable" as const) : ("permission" as const)
  }
  override get message() {
    return `${this.path} cannot be used: ${this.reason}`
  }
  get hint() {
    // The file itself may not be there, and neither may the folder that it was to lie in.
    return isFull(this.reason) ? "df -h" : commandLine("ls", "-ld", this.path)
  }
}

/** Turns the platform's errors into ours, naming the path that was meant. */
export const fileFailed =
  (path: string) =>
  <A, R>(effect: Effect.Effect<A, PlatformError, R>): Effect.Effect<A, FileFailed, R> =>
    Effect.mapError(effect, (error) => new FileFailed({ path, reason: platformReason(error) }))
