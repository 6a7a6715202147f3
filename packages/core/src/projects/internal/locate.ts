/** Finds the repository around a folder by its files alone. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** A repository: its main checkout and git's common folder, both absolute and with links resolved. */
export interface Location {
  readonly checkout: string
  readonly commonDir: string
}

const read = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(file)).pipe(
    Effect.map((text) => Option.some(text.trim())),
    Effect.catchAll(() => Effect.succeedNone)
  )

const kindOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.stat(file)).pipe(
    Effect.map((info) => info.type),
    Effect.catchAll(() => Effect.succeed("missing" as const))
  )

/** Walks up from a folder to the first `.git`, and follows `gitdir` and `commondir` to the main checkout. */
export const locate = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  let at = yield* files.realPath(folder).pipe(Effect.catchAll(() => Effect.succeed(path.resolve(folder))))
  for (;;) {
    const dotGit = path.join(at, ".git")
    const kind = yield* kindOf(dotGit)
    if (kind === "Directory" && (yield* kindOf(path.join(dotGit, "HEAD"))) === "File")
      return Option.some<Location>({ checkout: at, commonDir: dotGit })
    if (kind === "File") {
      const gitDir = Option.flatMap(yield* read(dotGit), (text) =>
        Option.fromNullable(/^gitdir: (.+)$/m.exec(text)?.[1]).pipe(Option.map((target) => path.resolve(at, target)))
      )
      if (Option.isNone(gitDir)) return Option.none<Location>()
      const common = yield* read(path.join(gitDir.value, "commondir"))
      // Without a commondir this is a main checkout whose git folder lies elsewhere (a submodule, `--separate-git-dir`).
      if (Option.isNone(common)) return Option.some<Location>({ checkout: at, commonDir: gitDir.value })
      const commonDir = path.resolve(gitDir.value, common.value)
      if (path.basename(commonDir) === ".git")
        return Option.some<Location>({ checkout: path.dirname(commonDir), commonDir })
      const configured = Option.flatMap(yield* read(path.join(commonDir, "config")), (text) =>
        Option.fromNullable(/^\s*worktree\s*=\s*(.+)$/m.exec(text)?.[1])
      )
      return Option.map(configured, (checkout): Location => ({
        checkout: path.resolve(commonDir, checkout),
        commonDir
      }))
    }
    const parent = path.dirname(at)
    if (parent === at) return Option.none<Location>()
    at = parent
  }
})
