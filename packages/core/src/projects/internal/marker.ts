/** The marker: the id of a project in the git folder of its repository, by which the repository is known again. */
import { ProjectId } from "@calm/domain/Ids"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { digest } from "../../internal/digest.ts"
import { writeDurably } from "../../internal/durably.ts"
import { randomId } from "../../internal/randomId.ts"
import { fileFailed } from "../../operations/FileFailed.ts"

/** What the marker says: an id as `randomId` makes it. */
const Marker = Schema.compose(Schema.Trim, ProjectId.pipe(Schema.pattern(/^[0-9a-f]{24}$/)))

export const make = (files: FileSystem.FileSystem, path: Path.Path) => {
  const fileOf = (commonDir: string) => path.join(commonDir, "calm", "project")

  return {
    /** The id in a repository's marker; none where there is none, or one that was cut short or overwritten. */
    read: (commonDir: string) =>
      files.readFileString(fileOf(commonDir)).pipe(
        Effect.map(Schema.decodeOption(Marker)),
        Effect.catchTag("SystemError", () => Effect.succeedNone),
        Effect.catchTag("BadArgument", () => Effect.succeedNone)
      ),

    write: (commonDir: string, id: ProjectId) =>
      Effect.gen(function* () {
        const file = fileOf(commonDir)
        const draft = `${file}.${yield* randomId}`
        yield* files.makeDirectory(path.dirname(file), { recursive: true })
        yield* writeDurably(files, draft, `${id}\n`)
        yield* files.rename(draft, file)
      }).pipe(fileFailed(fileOf(commonDir))),

    /**
     * Gives the id that a copy gets in place of the one it was copied with: the same for all who register it at this
     * moment, and another one for the next copy at its place. Asked before the marker is read, which somebody may replace.
     */
    successor: (commonDir: string) =>
      files.stat(fileOf(commonDir)).pipe(
        Effect.map(({ birthtime, ino }) => [
          Option.getOrNull(birthtime)?.toISOString() ?? "",
          `${Option.getOrNull(ino)}`
        ]),
        Effect.catchAll(() => Effect.succeed([])),
        Effect.map(
          (birth) => (original: ProjectId) => ProjectId.make(digest([original, commonDir, ...birth]).slice(0, 24))
        )
      )
  }
}
