/**
 * Bringing a trashed worktree back.
 *
 * Everything is prepared inside the trash folder; then the files are moved, then git's records: for the same reason as in
 * `trash.ts`, and so that git never sees the worktree in between.
 */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { WorktreeEntry } from "../Git.ts"
import type { Runner } from "./command.ts"
import { folderOf, sync } from "./durable.ts"
import { type GitError, GitExists, GitFailed } from "./errors.ts"
import { failedOn, kindAt, linkedFrom, locate, readLine } from "./gitDirectory.ts"
import { type Origin, readOrigin, removeOrigin, writeOrigin } from "./origin.ts"
import { adminFolders, adminOf, canonical } from "./worktrees.ts"

const operation = "bring a worktree back from the trash"
const failed = failedOn(operation)
const refuse = (detail: string): GitFailed => new GitFailed({ operation, exitCode: null, detail })

/** What HEAD is to be: a branch, or a commit. */
type Wanted = { readonly branch: string } | { readonly commit: Sha }

/** What bringing back asks of the other parts of the layer. */
interface Parts {
  readonly resolve: (repo: string, revision: string) => Effect.Effect<Option.Option<Sha>, GitError>
  readonly worktrees: (repo: string) => Effect.Effect<ReadonlyArray<WorktreeEntry>, GitError>
}

const parent = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 1))

export const makeUntrash = ({ run }: Runner, fs: FileSystem.FileSystem, parts: Parts) => {
  const isThere = (path: string): Effect.Effect<boolean, PlatformError> =>
    Effect.map(kindAt(fs, path), (kind) => kind !== "nothing")

  /** HEAD's content. The branch only where it is still what the files and the index were made on, and is free. */
  const headOf = Effect.fnUntraced(function* (repo: string, origin: Origin, wanted: Wanted) {
    if ("commit" in wanted) return `${wanted.commit}\n`
    const now = yield* parts.resolve(repo, wanted.branch)
    const elsewhere = (yield* parts.worktrees(repo)).some((entry) => Option.contains(entry.branch, wanted.branch))
    const { commit } = origin
    const isSame = commit === null || Option.contains(now, commit)
    if (isSame && !elsewhere) return `ref: ${wanted.branch}\n`
    const detached = commit ?? Option.getOrNull(now)
    if (detached === null)
      return yield* refuse(`${wanted.branch} is checked out elsewhere and there is no commit to be at`)
    return `${detached}\n`
  })

  /** The name for git's records: the one it had, or the next that is free. */
  const freeName = Effect.fnUntraced(function* (common: string, origin: Origin) {
    const wanted = origin.admin ?? origin.path.slice(origin.path.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9._-]/g, "-")
    for (let i = 0; ; i++) {
      const name = i === 0 ? wanted : `${wanted}${i}`
      if (!(yield* isThere(`${common}/worktrees/${name}`))) return name
    }
  })

  /** Makes both halves ready in the trash folder. A half that the worktree did not have any more is made anew. */
  const prepare = Effect.fnUntraced(
    function* (folder: string, common: string, name: string, path: string, head: string) {
      yield* fs.makeDirectory(`${folder}/tree`, { recursive: true })
      yield* fs.makeDirectory(`${folder}/admin`, { recursive: true })
      yield* fs.makeDirectory(`${common}/worktrees`, { recursive: true })
      yield* fs.makeDirectory(parent(path), { recursive: true })
      const write = Effect.fnUntraced(function* (file: string, content: string) {
        const present = yield* readLine(fs, file)
        if (!Option.contains(present, content.trimEnd())) yield* fs.writeFileString(file, content)
      })
      yield* write(`${folder}/admin/HEAD`, head)
      if (!(yield* isThere(`${folder}/admin/commondir`))) yield* write(`${folder}/admin/commondir`, "../..\n")
      yield* write(`${folder}/admin/gitdir`, `${yield* canonical(fs, path)}/.git\n`)
      yield* write(`${folder}/tree/.git`, `gitdir: ${yield* canonical(fs, common)}/worktrees/${name}\n`)
    },
    Effect.mapError((error) => failed(error))
  )

  /** Fills the halves that were made anew: an index from HEAD, files from the index. */
  const fill = Effect.fnUntraced(function* (origin: Origin, path: string, records: string) {
    const isBare = !(yield* isThere(`${records}/index`).pipe(Effect.mapError(failed)))
    const git = (...args: ReadonlyArray<string>) => run({ operation, kind: "checkout", cwd: path, args })
    if (isBare && Option.isSome(yield* parts.resolve(path, "HEAD"))) yield* git("read-tree", "HEAD")
    if (!origin.tree) yield* git("checkout-index", "--all", "--quiet")
  })

  /** Was it brought back before? Then the path is a worktree that git knows. */
  const isBack = Effect.fnUntraced(
    function* (common: string, path: string) {
      const linked = yield* linkedFrom(fs, path)
      return Option.isSome(linked) && Option.isSome(yield* adminOf(fs, common, path)) && (yield* isThere(linked.value))
    },
    Effect.mapError((error) => failed(error))
  )

  /** Refuses a place that something else has. */
  const checkPlace = Effect.fnUntraced(function* (common: string, path: string) {
    const occupied = yield* isThere(path).pipe(Effect.mapError(failed))
    if (occupied) return yield* new GitExists({ what: "path", name: path })
    const place = yield* canonical(fs, path).pipe(Effect.mapError(failed))
    const others = yield* adminFolders(fs, common).pipe(Effect.mapError(failed))
    if (others.some((each) => each.place === place)) return yield* new GitExists({ what: "worktree", name: path })
  })

  /** Says where both halves go. Notes it first, so that a move that is cut off can be completed. */
  const begin = Effect.fnUntraced(function* (
    options: { readonly repo: string; readonly folder: string; readonly path: string; readonly head: Wanted },
    common: string,
    origin: Origin
  ) {
    const { folder, path } = options
    yield* checkPlace(common, path)
    const name = yield* freeName(common, origin).pipe(Effect.mapError(failed))
    const head = yield* headOf(options.repo, origin, options.head)
    const restoring = { path, admin: name }
    yield* prepare(folder, common, name, path, head)
    yield* writeOrigin(fs, operation, folder, { ...origin, restoring })
    return restoring
  })

  return Traced.fn("Git.untrashWorktree")(function* (options: {
    readonly repo: string
    readonly folder: string
    readonly path: string
    readonly head: Wanted
  }) {
    const { folder, path, repo } = options
    const { common } = yield* locate(fs, operation, repo)
    const noted = yield* readOrigin(fs, operation, folder)
    if (Option.isNone(noted)) {
      if (yield* isBack(common, path)) {
        // cut off after all but this
        if (yield* isThere(folder).pipe(Effect.mapError(failed)))
          yield* removeOrigin(fs, folder).pipe(Effect.mapError(failed))
        return
      }
      if (yield* isThere(path).pipe(Effect.mapError(failed))) return yield* new GitExists({ what: "path", name: path })
      return yield* refuse(`there is no worktree in ${folder}`)
    }
    const origin = noted.value
    const [hasTree, hasRecords] = yield* Effect.all([isThere(`${folder}/tree`), isThere(`${folder}/admin`)]).pipe(
      Effect.mapError(failed)
    )
    // a trashing that was cut off: the files never left their place
    const stayed = origin.tree && !hasTree && origin.restoring === null
    if (stayed && origin.path !== path) return yield* refuse(`the files of the worktree are still at ${origin.path}`)
    const isBegun = origin.restoring !== null && !hasTree
    const target =
      isBegun && origin.restoring !== null
        ? origin.restoring
        : stayed
          ? { path, admin: origin.admin ?? "" }
          : yield* begin(options, common, origin)
    if (target.path !== path) return yield* refuse(`the worktree is already being brought back to ${target.path}`)

    const records = `${common}/worktrees/${target.admin}`
    const isWhole = !isBegun && !stayed
    yield* Effect.gen(function* () {
      if (isWhole) yield* fs.rename(`${folder}/tree`, path)
      if (isWhole || hasRecords) yield* fs.rename(`${folder}/admin`, records)
      yield* sync([`${records}/HEAD`, `${records}/gitdir`, `${path}/.git`, folderOf(path), folderOf(records), folder])
    }).pipe(Effect.mapError(failed), Effect.uninterruptible)
    if (!stayed) yield* fill(origin, path, records)
    yield* removeOrigin(fs, folder).pipe(Effect.mapError(failed))
  })
}
