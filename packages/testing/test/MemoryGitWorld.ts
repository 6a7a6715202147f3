/** A repository in memory to test in. */
import * as Git from "@calm/git/Git"
import * as MemoryGit from "@calm/git/MemoryGit"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as MemoryFileSystem from "../src/MemoryFileSystem.ts"

export const layer = Layer.provideMerge(MemoryGit.layer, MemoryFileSystem.layer)

export const repo = "/home/me/repo"

export const write = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>, checkout: string = repo) {
  const fs = yield* FileSystem.FileSystem
  for (const [path, content] of Object.entries(files)) {
    const at = `${checkout}/${path}`
    yield* fs.makeDirectory(at.slice(0, at.lastIndexOf("/")), { recursive: true })
    yield* fs.writeFileString(at, content)
  }
})

export const commit = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>, checkout: string = repo) {
  const git = yield* Git.Git
  yield* write(files, checkout)
  return Option.getOrThrow(yield* git.commit({ checkout, message: "A change", include: "all" }))
})

/** A repository of one commit, and a worktree of it on a branch. */
export const world = Effect.gen(function* () {
  const git = yield* Git.Git
  const fs = yield* FileSystem.FileSystem
  const control = yield* MemoryGit.MemoryGitControl
  yield* git.init(repo, "main")
  const root = yield* commit({ "README.md": "hello\n", ".gitignore": ".worktrees/\n" })
  const tree = `${repo}/.worktrees/SPEC-1`
  yield* git.addWorktree({ repo, path: tree, branch: "SPEC-1", start: Option.some(root) })
  return { git, fs, control, root, tree }
})

export const told = (entries: ReadonlyArray<Git.StatusEntry>): ReadonlyArray<string> =>
  entries.map((entry) => `${entry.state} ${entry.path}`)
