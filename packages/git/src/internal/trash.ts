/**
 * Moving a worktree out of the way whole.
 *
 * Git's records go first, then the files: a worktree whose files are gone but whose records stand could have those
 * pruned by any git command, and with them the index and HEAD. The `.git` file in the tree stays as it is meanwhile.
 */
import * as Traced from "@calm/domain/Traced"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Trashed } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { Runner } from "./command.ts"
import { shaOption } from "./decode.ts"
import { folderOf, sync } from "./durable.ts"
import { GitFailed } from "./errors.ts"
import { failedOn, kindAt, linkedFrom, locate } from "./gitDirectory.ts"
import { isUnused, type Origin, readOrigin, removeOrigin, writeOrigin } from "./origin.ts"
import { readHead } from "./refFiles.ts"
import { line } from "./text.ts"
import { adminOf, canonical } from "./worktrees.ts"

const operation = "move a worktree to the trash"
const failed = failedOn(operation)
const refuse = (detail: string): GitFailed => new GitFailed({ operation, exitCode: null, detail })

export const makeTrash = ({ run }: Runner, fs: FileSystem.FileSystem, askAll: AskAll) => {
  const isThere = (path: string): Effect.Effect<boolean, PlatformError> =>
    Effect.map(kindAt(fs, path), (kind) => kind !== "nothing")

  /** The commit of the HEAD that git's record of a worktree has; a half-made one may have none yet. */
  const headOf = Effect.fnUntraced(function* (repo: string, common: string, admin: string) {
    const own = `${common}/worktrees/${admin}`
    const file = yield* readHead(fs, { common, own })
    const name = Option.flatMap(file, ({ branch, commit }) => Option.orElse(commit, () => branch))
    if (Option.isSome(name)) {
      const [found = Option.none()] = yield* askAll(operation, repo, [{ want: "info", name: `${name.value}^{commit}` }])
      return Option.map(found, ({ object }) => object)
    }
    const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
    return yield* run({ operation, kind: "read", cwd: common, args, env: { GIT_DIR: own }, answers: [0, 1, 128] }).pipe(
      Effect.map(({ stdout }) => shaOption(line(stdout)))
    )
  })

  /** Notes what is about to be moved, after making sure that it is a worktree of this repository and nothing else. */
  const begin = Effect.fnUntraced(function* (repo: string, common: string, path: string, folder: string) {
    const [tree, inside, linked, admin, occupied] = yield* Effect.all([
      kindAt(fs, path),
      kindAt(fs, `${path}/.git`),
      linkedFrom(fs, path),
      adminOf(fs, common, path),
      isThere(folder)
    ]).pipe(Effect.mapError(failed))
    if (inside === "folder") return yield* refuse(`${path} is a repository of its own, not a worktree`)
    if (tree === "other") return yield* refuse(`${path} is not a folder`)
    if (tree === "nothing" && Option.isNone(admin)) return yield* refuse(`there is no worktree at ${path}`)
    if (Option.isSome(linked)) {
      const theirs = yield* canonical(fs, linked.value).pipe(Effect.mapError(failed))
      const ours = yield* canonical(fs, common).pipe(Effect.mapError(failed))
      if (!theirs.startsWith(`${ours}/worktrees/`)) return yield* refuse(`${path} is a worktree of another repository`)
    }
    if (occupied && !(yield* isUnused(fs, folder).pipe(Effect.mapError(failed)))) {
      return yield* refuse(`${folder} already exists`)
    }
    const head = Option.isNone(admin) ? Option.none() : yield* headOf(repo, common, admin.value)
    const origin: Origin = {
      version: 1,
      path,
      admin: Option.getOrNull(admin),
      tree: tree === "folder",
      commit: Option.getOrNull(head),
      restoring: null
    }
    yield* fs.makeDirectory(folder, { recursive: true }).pipe(Effect.mapError(failed))
    yield* writeOrigin(fs, operation, folder, origin)
    return origin
  })

  return Traced.fn("Git.trashWorktree")(function* (options: {
    readonly repo: string
    readonly path: string
    readonly folder: string
  }) {
    const { folder, path, repo } = options
    const { common } = yield* locate(fs, operation, repo)
    const earlier = yield* readOrigin(fs, operation, folder)
    const origin = Option.isSome(earlier) ? earlier.value : yield* begin(repo, common, path, folder)
    if (origin.path !== path) return yield* refuse(`${folder} holds the worktree of ${origin.path}`)
    const trashed: Trashed = { folder }

    const treeMoved = !origin.tree || (yield* isThere(`${folder}/tree`).pipe(Effect.mapError(failed)))
    const records = origin.admin === null ? null : `${common}/worktrees/${origin.admin}`
    const moveRecords = Effect.gen(function* () {
      // where the files have gone, so have the records: what has their name now is another worktree's
      if (records === null || (treeMoved && origin.tree) || (yield* isThere(`${folder}/admin`))) return
      if (yield* isThere(records)) yield* fs.rename(records, `${folder}/admin`)
    })
    const moveTree = Effect.gen(function* () {
      if (!treeMoved && (yield* isThere(path))) yield* fs.rename(path, `${folder}/tree`)
    })
    const settle = sync([folder, folderOf(folder), folderOf(path), ...(records === null ? [] : [folderOf(records)])])
    const takeBack = Effect.gen(function* () {
      if (records !== null && (yield* isThere(`${folder}/admin`)) && !(yield* isThere(records))) {
        yield* fs.rename(`${folder}/admin`, records)
      }
      yield* removeOrigin(fs, folder)
    })
    yield* moveRecords.pipe(
      Effect.zipRight(moveTree),
      // nothing is half moved: neither by a folder on another file system nor by one that may not be written
      Effect.catchAll((error) => Effect.zipRight(takeBack, Effect.fail(error))),
      Effect.zipRight(settle),
      Effect.mapError(failed),
      Effect.uninterruptible
    )
    return trashed
  })
}
