/** Finding a worktree that somebody moved by hand within the folder of worktrees. Runs no program, and changes nothing. */
import type { Project } from "@calm/domain/Project"
import * as Tree from "@calm/domain/Worktree"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Where git's record, which the worktree in a folder names, says that it is; none for what is no worktree. */
export const formerPlace = Effect.fnUntraced(function* (commonDir: string, folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (file: string) => Effect.option(files.readFileString(file))
  const link = Option.flatMapNullable(
    yield* read(path.join(folder, ".git")),
    (text) => /^gitdir: (.+)$/m.exec(text)?.[1]
  )
  if (Option.isNone(link)) return Option.none<string>()
  const record = path.join(commonDir, "worktrees", path.basename(link.value.trim()))
  return Option.map(yield* read(path.join(record, "gitdir")), (text) => path.dirname(path.resolve(record, text.trim())))
})

/** Where the worktree is that was at a place, which is empty now; none where it is nowhere in the folder of worktrees. */
export const movedFrom = Effect.fnUntraced(function* (project: Project, at: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(project.path, Tree.folder)
  const names = yield* Effect.catchAll(files.readDirectory(folder), () => Effect.succeed([]))
  const places = names.map((name) => path.join(folder, name)).filter((place) => place !== at)
  return yield* Effect.findFirst(places, (place) =>
    Effect.map(formerPlace(project.commonDir, place), Option.contains(at))
  )
})
