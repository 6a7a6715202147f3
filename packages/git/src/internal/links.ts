/** Whether a worktree's folder and git's record of it name each other, and making them do so. */
import * as Traced from "@calm/domain/Traced"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { GitFailed } from "./errors.ts"
import { failedOn, kindAt, linkedFrom, locate, readLine, resolvePath } from "./gitDirectory.ts"
import { adminOf, canonical } from "./worktrees.ts"

export const makeLinks = (fs: FileSystem.FileSystem) => {
  /** The record that belongs to a worktree's folder, and what both should say; none where there is nothing to tie. */
  const ends = Effect.fnUntraced(function* (operation: string, repo: string, path: string) {
    const { common } = yield* locate(fs, operation, repo)
    return yield* Effect.gen(function* () {
      if ((yield* kindAt(fs, path)) !== "folder") return Option.none()
      const linked = yield* linkedFrom(fs, path)
      const admin = yield* adminOf(fs, common, path)
      if (Option.isNone(admin)) return Option.none()
      // Without a `.git` that names anything the record says which folder is its own, unless that is a repository.
      if (Option.isNone(linked) && (yield* kindAt(fs, `${path}/.git`)) === "folder") return Option.none()
      const record = `${yield* canonical(fs, common)}/worktrees/${admin.value}`
      const place = `${yield* canonical(fs, path)}/.git`
      // Git can be asked to write it from where the record stands.
      const named = Option.map(yield* readLine(fs, `${record}/gitdir`), (text) => resolvePath(record, text))
      return Option.some({
        record,
        place,
        folderNamesRecord: Option.isSome(linked) && (yield* canonical(fs, linked.value)) === record,
        recordNamesFolder: Option.contains(named, place) || Option.contains(named, `${path}/.git`)
      })
    }).pipe(Effect.mapError(failedOn(operation)))
  })

  const worktreeLink = Traced.fn("Git.worktreeLink")(function* (repo: string, path: string) {
    const found = yield* ends("tell how a worktree is linked", repo, path)
    if (Option.isNone(found)) return "lost" as const
    return found.value.folderNamesRecord && found.value.recordNamesFolder ? ("intact" as const) : ("broken" as const)
  })

  const relinkWorktree = Traced.fn("Git.relinkWorktree")(function* (options: {
    readonly repo: string
    readonly path: string
  }) {
    const { path, repo } = options
    const operation = `link the worktree ${path}`
    const found = yield* ends(operation, repo, path)
    if (Option.isNone(found))
      return yield* new GitFailed({ operation, exitCode: null, detail: "git has no record of it" })
    const { folderNamesRecord, place, record, recordNamesFolder } = found.value
    yield* Effect.gen(function* () {
      if (!recordNamesFolder) yield* fs.writeFileString(`${record}/gitdir`, `${place}\n`)
      if (!folderNamesRecord) yield* fs.writeFileString(`${path}/.git`, `gitdir: ${record}\n`)
    }).pipe(Effect.mapError(failedOn(operation)))
  })

  return { worktreeLink, relinkWorktree }
}
