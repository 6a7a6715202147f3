/** The worktrees of a repository: listing and adding. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { WorktreeEntry } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { Runner } from "./command.ts"
import { isRef, isZero, misunderstood, shaOption, wholeRecords } from "./decode.ts"
import { folderOf, sync } from "./durable.ts"
import { type GitError, GitExists, GitFailed, type RefMoved } from "./errors.ts"
import { failedOn, kindAt, linkedFrom, locate, readLine, resolvePath } from "./gitDirectory.ts"
import { makeWorktreeFiles } from "./worktreeFiles.ts"

/** One worktree of `git worktree list --porcelain`: `worktree <path>`, then one attribute per record. */
const parseEntry = (attributes: ReadonlyArray<string>): Option.Option<WorktreeEntry> => {
  const value = (name: string) =>
    Option.fromNullable(attributes.find((each) => each.startsWith(`${name} `))).pipe(
      Option.map((each) => each.slice(name.length + 1))
    )
  const has = (name: string) => attributes.some((each) => each === name || each.startsWith(`${name} `))
  const head = value("HEAD")
  const commit = Option.flatMap(head, shaOption)
  // A bare repository has no HEAD to tell of; zeros are the one before the first commit.
  const isWhole = has("bare") || Option.isSome(commit)
  const branch = value("branch")
  const isNamed = Option.isNone(branch) || isRef(branch.value)
  return Option.map(
    Option.filter(value("worktree"), (path) => path.startsWith("/") && isWhole && isNamed),
    (path) => ({
      path,
      commit: Option.filter(commit, (name) => !isZero(name)),
      branch,
      bare: has("bare"),
      locked: has("locked"),
      prunable: has("prunable")
    })
  )
}

/** A path with its links resolved, as far as it exists: the form in which git records it. */
export const canonical = (fs: FileSystem.FileSystem, path: string): Effect.Effect<string, PlatformError> =>
  fs.realPath(path).pipe(
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound" && path.startsWith("/"),
      () => {
        const at = path.lastIndexOf("/")
        if (at === 0) return Effect.succeed(path)
        return Effect.map(canonical(fs, path.slice(0, at)), (parent) => `${parent}${path.slice(at)}`)
      }
    )
  )

/** The folders in which git keeps its records of worktrees, with the place that each says its worktree is at. */
export const adminFolders = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, common: string) {
  const all = `${common}/worktrees`
  const names = (yield* fs.exists(all)) ? yield* fs.readDirectory(all) : []
  const found: Array<{ readonly name: string; readonly place: string }> = []
  for (const name of names) {
    const file = yield* readLine(fs, `${all}/${name}/gitdir`)
    if (Option.isSome(file))
      found.push({ name, place: resolvePath(`${all}/${name}`, file.value).replace(/\/\.git$/, "") })
  }
  return found
})

/** What git keeps of the worktree at a path: the name of its folder; none when git knows of none there. */
export const adminOf = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, common: string, path: string) {
  const place = yield* canonical(fs, path)
  const all = yield* adminFolders(fs, common)
  const registered = all.find((each) => each.place === place || each.place === path)
  if (registered !== undefined) return Option.some(registered.name)
  // a worktree that was moved by hand still names its records, unless it is a copy and the original is there
  const linked = yield* linkedFrom(fs, path)
  if (Option.isNone(linked)) return Option.none<string>()
  const named = all.find((each) => linked.value.endsWith(`/worktrees/${each.name}`))
  if (named === undefined || (yield* fs.exists(named.place))) return Option.none<string>()
  return Option.some(named.name)
})

/** What adding asks of the other parts of the layer. */
interface Parts {
  readonly resolve: (repo: string, revision: string) => Effect.Effect<Option.Option<Sha>, GitError>
  readonly refs: (repo: string, prefix: string) => Effect.Effect<ReadonlyArray<{ readonly ref: string }>, GitError>
  readonly updateRef: (options: {
    readonly repo: string
    readonly ref: string
    readonly from: Option.Option<Sha>
    readonly to: Option.Option<Sha>
    readonly reason: string
  }) => Effect.Effect<void, GitError | RefMoved>
}

export const makeWorktrees = ({ run }: Runner, fs: FileSystem.FileSystem, askAll: AskAll, parts: Parts) => {
  const fromFiles = makeWorktreeFiles(fs, askAll)

  /** The worktrees in git's own words. */
  const asked = Effect.fnUntraced(function* (operation: string, repo: string) {
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["worktree", "list", "--porcelain", "-z"]
    })
    const entries: Array<WorktreeEntry> = []
    let attributes: Array<string> = []
    const said = yield* wholeRecords(operation, stdout)
    // Each is closed by an empty record, and the main checkout is always there.
    if (said.at(-1) !== "" || said[0] === "") return yield* misunderstood(operation, said.at(-1) ?? "")
    for (const record of said) {
      if (record !== "") {
        attributes.push(record)
      } else if (attributes.length > 0) {
        const entry = parseEntry(attributes)
        if (Option.isNone(entry)) return yield* misunderstood(operation, attributes.join(" "))
        entries.push(entry.value)
        attributes = []
      }
    }
    // git does not call a locked worktree prunable even if it is gone
    return yield* Effect.forEach(entries, (entry) =>
      entry.locked
        ? Effect.map(fs.exists(entry.path), (there) => ({ ...entry, prunable: !there }))
        : Effect.succeed(entry)
    ).pipe(Effect.mapError(failedOn(operation)))
  })

  const list = Effect.fnUntraced(function* (operation: string, repo: string) {
    const place = yield* Effect.option(locate(fs, operation, repo))
    const read = Option.isNone(place) ? Option.none() : yield* fromFiles(operation, repo, place.value)
    return Option.isSome(read) ? read.value : yield* asked(operation, repo)
  })

  const worktrees = Traced.fn("Git.worktrees")((repo: string) => list("list the worktrees", repo))

  const addWorktree = Traced.fn("Git.addWorktree")(function* (options: {
    readonly repo: string
    readonly path: string
    readonly branch: string
    readonly start: Option.Option<Sha>
  }) {
    const { branch, path, repo, start } = options
    const operation = `add a worktree for ${branch}`
    const ref = `refs/heads/${branch}`
    const { common } = yield* locate(fs, operation, repo)
    const before = yield* Effect.all([kindAt(fs, path), adminOf(fs, common, path)]).pipe(
      Effect.mapError(failedOn(operation))
    )
    if (before[0] !== "nothing") return yield* new GitExists({ what: "path", name: path })
    if (Option.isSome(before[1])) return yield* new GitExists({ what: "worktree", name: path })

    if (Option.isSome(start)) {
      const create = { repo, ref, from: Option.none(), to: start, reason: "branch: created for a worktree" }
      yield* parts.updateRef(create).pipe(
        Effect.catchTags({
          RefMoved: () => new GitExists({ what: "branch", name: branch }),
          GitFailed: (failed) =>
            Effect.flatMap(parts.refs(repo, `${ref}/`), ([below]) =>
              Effect.fail(
                below === undefined
                  ? failed
                  : new GitExists({ what: "branch", name: below.ref.replace(/^refs\/heads\//, ""), wanted: branch })
              )
            )
        })
      )
    } else if (Option.isNone(yield* parts.resolve(repo, ref))) {
      // git would take a tag of that name, or make a branch from a remote's
      return yield* new GitFailed({ operation, exitCode: null, detail: `there is no branch ${branch}` })
    }

    // git takes back what it made when it fails; this is for when it is killed, and for the branch
    const undo = Effect.gen(function* () {
      const admin = yield* adminOf(fs, common, path)
      yield* fs.remove(path, { recursive: true, force: true })
      if (Option.isSome(admin)) {
        yield* fs.remove(`${common}/worktrees/${admin.value}`, { recursive: true, force: true })
      }
      if (Option.isSome(start)) {
        yield* parts.updateRef({ repo, ref, from: start, to: Option.none(), reason: "branch: taken back" })
      }
    }).pipe(
      Effect.catchAll((error) => Effect.logWarning(`A half-made worktree at ${path} could not be removed`, error))
    )

    /** Adds it, and gives what git keeps of it: a git that did nothing and said so to nobody is not believed. */
    const add = Effect.gen(function* () {
      const args = ["worktree", "add", "--", path, branch]
      yield* run({ operation, kind: "checkout", cwd: repo, args, repeatable: true })
      const made = yield* Effect.all([kindAt(fs, path), adminOf(fs, common, path)]).pipe(
        Effect.mapError(failedOn(operation))
      )
      const [kind, admin] = made
      if (kind !== "folder" || Option.isNone(admin))
        return yield* new GitFailed({ operation, exitCode: 0, detail: "git made no worktree" })
      return `${common}/worktrees/${admin.value}`
    })
    const admin = yield* add.pipe(
      Effect.onExit((exit) => (Exit.isFailure(exit) ? undo : Effect.void)),
      Effect.catchTag("GitFailed", (failed) =>
        Effect.flatMap(list(operation, repo), (all) => {
          const other = all.find((entry) => Option.contains(entry.branch, ref))
          return Effect.fail(other === undefined ? failed : new GitExists({ what: "worktree", name: other.path }))
        })
      )
    )
    const records = ["HEAD", "commondir", "gitdir", "index", "ORIG_HEAD", "logs/HEAD"].map((name) => `${admin}/${name}`)
    yield* sync([...records, admin, folderOf(admin), `${path}/.git`, path, folderOf(path)]).pipe(
      Effect.mapError(failedOn(operation))
    )
  })

  return { worktrees, addWorktree }
}
