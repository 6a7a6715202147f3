/**
 * Repositories inside of a worktree. A commit keeps no more of one than a link, and no ref of the project keeps anything
 * of it: its folder is all there is.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/**
 * The first folder below `tree` with a `.git` of its own; `null` without one. The `.git` of `tree` itself does not count,
 * nor does a submodule: its `.git` is a file that names a folder below git's own `modules`.
 *
 * Links are not followed. It looks level by level, each folder once, and stops at the first; what cannot be looked into
 * fails.
 */
export const find = Effect.fnUntraced(function* (tree: string) {
  const files = yield* FileSystem.FileSystem

  const isFolder = Effect.fnUntraced(function* (at: string) {
    if (yield* Effect.isSuccess(files.readLink(at))) return false
    return (yield* files.stat(at)).type === "Directory"
  })
  const isSubmodule = Effect.fnUntraced(function* (dot: string) {
    if (yield* isFolder(dot)) return false
    return /^gitdir: .*\/modules\//.test(yield* files.readFileString(dot))
  })

  let level: ReadonlyArray<string> = [tree]
  while (level.length > 0) {
    const below: Array<string> = []
    for (const folder of level) {
      const names = yield* files.readDirectory(folder)
      if (folder !== tree && names.includes(".git") && !(yield* isSubmodule(`${folder}/.git`))) return folder
      const paths = names.filter((name) => name !== ".git").map((name) => `${folder}/${name}`)
      below.push(...(yield* Effect.filter(paths, isFolder, { concurrency: 16 })))
    }
    level = below
  }
  return null
})
