/** What a trash folder says of the worktree in it. */
import type * as FileSystem from "@effect/platform/FileSystem"
import { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { GitFailed } from "./errors.ts"
import { sync } from "./durable.ts"
import { failedOn, readLine } from "./gitDirectory.ts"

/** Written before anything is moved, so that a move that was cut off can be completed or taken back. */
export const Origin = Schema.Struct({
  version: Schema.Literal(1),
  /** Where the worktree was. */
  path: Schema.String,
  /** The name of git's records of it, below `worktrees/`; `null` when it had none. */
  admin: Schema.NullOr(Schema.String),
  /** Its folder was there. */
  tree: Schema.Boolean,
  /** The commit that its HEAD had; `null` when it had none. */
  commit: Schema.NullOr(Sha),
  /** Set when bringing it back has begun. */
  restoring: Schema.NullOr(Schema.Struct({ path: Schema.String, admin: Schema.String }))
})
export type Origin = typeof Origin.Type

const Stored = Schema.parseJson(Origin, { space: 2 })
const file = (folder: string): string => `${folder}/origin.json`
const draft = (folder: string): string => `${file(folder)}.new`

/** What the folder says; none when it says nothing. */
export const readOrigin = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, operation: string, folder: string) {
  const content = yield* readLine(fs, file(folder)).pipe(Effect.mapError(failedOn(operation)))
  if (Option.isNone(content)) return Option.none<Origin>()
  return Option.some(
    yield* Schema.decode(Stored)(content.value).pipe(
      Effect.mapError(() => new GitFailed({ operation, exitCode: null, detail: `${file(folder)} is damaged` }))
    )
  )
})

/** Written beside and renamed: a crash leaves the old content or the new. */
export const writeOrigin = Effect.fnUntraced(function* (
  fs: FileSystem.FileSystem,
  operation: string,
  folder: string,
  origin: Origin
) {
  const content = yield* Schema.encode(Stored)(origin).pipe(
    Effect.mapError((error) => new GitFailed({ operation, exitCode: null, detail: error.message }))
  )
  yield* fs
    .writeFileString(draft(folder), `${content}\n`)
    .pipe(
      Effect.zipRight(sync([draft(folder)])),
      Effect.zipRight(fs.rename(draft(folder), file(folder))),
      Effect.mapError(failedOn(operation))
    )
})

/** Is nothing in the folder? A draft of our notes is nothing: who wrote it was cut off before anything was moved. */
export const isUnused = (fs: FileSystem.FileSystem, folder: string) =>
  Effect.map(fs.readDirectory(folder), (names) => names.every((name) => `${folder}/${name}` === draft(folder)))

/** Removes the folder when nothing but our own notes are in it. */
export const removeOrigin = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, folder: string) {
  yield* fs.remove(file(folder), { force: true })
  yield* fs.remove(draft(folder), { force: true })
  if ((yield* fs.readDirectory(folder)).length === 0) yield* fs.remove(folder, { recursive: true })
})
