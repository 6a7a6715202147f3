/**
 * Everything uncommitted of a checkout as trees and as a commit, made beside its index and files.
 *
 * Untracked repositories inside of the checkout are left out: a commit holds no more of one than a link, and nothing at
 * all of one without commits. Whoever takes the checkout away has to keep their folders.
 */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StatusEntry, Uncommitted } from "../Git.ts"
import type { Runner } from "./command.ts"
import type { makeCommits } from "./commits.ts"
import { each, misunderstood, sha, shaOption, wholeRecords } from "./decode.ts"
import { type GitError, GitFailed, lookingAt } from "./errors.ts"
import { failedOn, isMissing, locate } from "./gitDirectory.ts"
import { joined, line, lines, rawRecords, text } from "./text.ts"
import { adminOf } from "./worktrees.ts"

const operation = "save the uncommitted changes of a checkout"

/** How the name of the folder begins that a copy of an index lies in. */
const copyPrefix = "calm-index-"

/** A copy as old as this was left by a process that was killed: one is needed for seconds. */
const abandoned = Duration.toMillis("1 hour")

/** One stage of a path in conflict: `100644 <object> 2\t<path>`. */
const parseStage = (record: string) => {
  const [, mode = "", name = "", stage, path = ""] = /^(\d{6}) ([0-9a-f]+) ([123])\t([^]+)$/.exec(record) ?? []
  return Option.map(shaOption(name), (object) => ({ mode, object, stage: Number(stage), path }))
}

const TAB = 9

/** The names in a listing by the texts that they are shown as: git wants a name that is no text as it is. */
const namesIn = (listing: Uint8Array, from: (record: Uint8Array) => number): ReadonlyMap<string, Uint8Array> =>
  new Map(
    rawRecords(listing).map((record) => {
      const name = record.subarray(from(record))
      return [text(name), name]
    })
  )

/** Repositories inside of the checkout, which the status names with a slash at the end, as paths to leave out. */
const withoutNested = (entries: ReadonlyArray<StatusEntry>): ReadonlyArray<string> => {
  const nested = entries.filter((entry) => entry.state === "untracked" && entry.path.endsWith("/"))
  if (nested.length === 0) return []
  return ["--", ".", ...nested.map(({ path }) => `:(top,exclude,literal)${path.slice(0, -1)}`)]
}

export const makeSnapshot = (
  { run }: Runner,
  fs: FileSystem.FileSystem,
  { commitObject }: Pick<ReturnType<typeof makeCommits>, "commitObject">,
  status: (checkout: string) => Effect.Effect<ReadonlyArray<StatusEntry>, GitError>
) => {
  /** Removes the copies that killed processes left. Others may remove them at the same moment. */
  const sweep = Effect.fnUntraced(function* (gitFolder: string) {
    const before = (yield* Clock.currentTimeMillis) - abandoned
    const copies = (yield* fs.readDirectory(gitFolder)).filter((name) => name.startsWith(copyPrefix))
    for (const copy of copies.map((name) => `${gitFolder}/${name}`)) {
      const made = yield* fs.stat(copy).pipe(
        Effect.map(({ mtime }) => mtime),
        Effect.catchIf(isMissing, () => Effect.succeedNone)
      )
      if (Option.exists(made, (date) => date.getTime() < before))
        yield* fs.remove(copy, { recursive: true, force: true })
    }
  })

  /**
   * A copy of the checkout's index, kept for the scope. Its time is set a little before that of the original: git looks
   * into a file only if the file is not older than the index, and a younger copy would hide changes made in between.
   */
  const copyIndex = Effect.fnUntraced(
    function* (gitFolder: string) {
      yield* sweep(gitFolder)
      const folder = yield* fs.makeTempDirectoryScoped({ directory: gitFolder, prefix: copyPrefix })
      const copy = `${folder}/index`
      if (!(yield* fs.exists(`${gitFolder}/index`))) return copy
      const { mtime } = yield* fs.stat(`${gitFolder}/index`)
      yield* fs.copyFile(`${gitFolder}/index`, copy)
      const seconds = Option.match(mtime, { onNone: () => 1, onSome: (date) => (date.getTime() - 1) / 1000 })
      yield* fs.utimes(copy, seconds, seconds)
      return copy
    },
    Effect.mapError((error) => failedOn(operation)(error))
  )

  /** HEAD's commit and tree; none before the first commit. */
  const headOf = Effect.fnUntraced(function* (cwd: string, env?: Readonly<Record<string, string>>) {
    const args = ["rev-parse", "HEAD", "HEAD^{tree}"]
    const answer = yield* run({ operation, kind: "read", cwd, args, env, answers: [0, 128] })
    if (answer.exitCode !== 0) return Option.none<{ readonly commit: Sha; readonly tree: Sha }>()
    const [commit = "", tree = ""] = lines(answer.stdout)
    return Option.some({ commit: yield* sha(operation, commit), tree: yield* sha(operation, tree) })
  })

  /** Git over a copy of the index that lies in `own`, kept for the scope. */
  const overCopy = Effect.fnUntraced(function* (own: string, cwd: string, env: Readonly<Record<string, string>>) {
    const index = yield* copyIndex(own)
    return (args: ReadonlyArray<string>, stdin?: Uint8Array) =>
      run({
        operation,
        kind: "write",
        cwd,
        args: ["-c", "core.splitIndex=false", ...args],
        // paths come on stdin; the only ones among the arguments are those to leave out
        env: { ...env, GIT_INDEX_FILE: index, GIT_LITERAL_PATHSPECS: "0" },
        stdin
      })
  })
  type Over = Effect.Effect.Success<ReturnType<typeof overCopy>>

  const writeTree = (git: Over) => Effect.flatMap(git(["write-tree"]), ({ stdout }) => sha(operation, line(stdout)))

  /** A conflict has no tree: its paths are put back to our side, so that what else is staged can be kept. */
  const settle = Effect.fnUntraced(function* (git: Over) {
    const { stdout } = yield* git(["ls-files", "--unmerged", "-z", "--full-name"])
    const stages = yield* each(operation, yield* wholeRecords(operation, stdout), parseStage)
    if (stages.length === 0) return
    const names = namesIn(stdout, (record) => record.indexOf(TAB) + 1)
    const settled = [...names].flatMap(([path, name]) => {
      const ours = stages.find((stage) => stage.path === path && stage.stage === 2)
      const removal = [`0 ${"0".repeat(stages[0]?.object.length ?? 40)}\t`, name, "\0"]
      return ours === undefined ? removal : [...removal, `${ours.mode} ${ours.object} 0\t`, name, "\0"]
    })
    yield* git(["update-index", "-z", "--index-info"], joined(settled))
  })

  /** The trees of what is staged and of what is in the files, written through a copy of the index. */
  const treesOf = Effect.fnUntraced(function* (checkout: string, entries: ReadonlyArray<StatusEntry>) {
    const { own } = yield* locate(fs, operation, checkout)
    const git = yield* overCopy(own, checkout, {})
    const has = (state: StatusEntry["state"]) => entries.some((entry) => entry.state === state)
    if (has("unmerged")) yield* settle(git)
    const staged = yield* writeTree(git)

    // in the copy the bits that hide changes are dropped
    if (has("hidden")) {
      const { stdout } = yield* git(["ls-files", "-v", "-z", "--full-name"])
      const names = namesIn(stdout, () => "h ".length)
      const hidden = entries.filter((entry) => entry.state === "hidden")
      const shown = joined(hidden.flatMap(({ path }) => [names.get(path) ?? path, "\0"]))
      for (const bit of ["--no-assume-unchanged", "--no-skip-worktree"]) {
        yield* git(["update-index", bit, "-z", "--stdin"], shown)
      }
    }
    const { stdout: said } = yield* git(["add", "--all", "--sparse", ...withoutNested(entries)])
    if (said.length > 0) return yield* misunderstood(operation, text(said))
    const files = yield* writeTree(git)
    // One that did nothing and said so to nobody is not believed.
    const isNew = ({ path, state }: StatusEntry) => state === "untracked" && !path.endsWith("/")
    if (files === staged && entries.some(isNew))
      return yield* new GitFailed({ operation, exitCode: 0, detail: "git has added no file" })
    return { staged, files }
  }, Effect.scoped)

  const uncommitted = Traced.fn("Git.uncommitted")(function* (checkout: string) {
    const entries = yield* status(checkout)
    if (entries.length === 0) return Option.none<Uncommitted>()
    const closed = entries.find((entry) => entry.state === "unreadable")
    if (closed !== undefined)
      return yield* new GitFailed({ operation, exitCode: null, detail: `${closed.path} may not be looked into` })
    const head = yield* headOf(checkout)
    const trees = yield* treesOf(checkout, entries)
    const isStaged = Option.match(head, {
      onNone: () => entries.some((entry) => entry.state === "staged"),
      onSome: ({ tree }) => tree !== trees.staged
    })
    // The status may tell of what is no difference, such as a bit that hides changes where there are none.
    return !isStaged && Option.exists(head, ({ tree }) => tree === trees.files)
      ? Option.none<Uncommitted>()
      : Option.some<Uncommitted>({ entries, head, isStaged, ...trees })
  }, lookingAt)

  const snapshot = Traced.fn("Git.snapshot")(function* (checkout: string, message: string) {
    const found = yield* uncommitted(checkout)
    if (Option.isNone(found)) return Option.none<Sha>()
    const { files, head, isStaged, staged } = found.value
    const make = (tree: Sha, parents: ReadonlyArray<Sha>, subject: string) =>
      commitObject({ operation, cwd: checkout, tree, parents, message: subject })
    const parents = Option.match(head, { onNone: () => [], onSome: ({ commit }) => [commit] })
    const index = isStaged ? [yield* make(staged, parents, `Index of: ${message}`)] : []
    return Option.some(yield* make(files, [...parents, ...index], message))
  }, lookingAt)

  const snapshotIndex = Traced.fn("Git.snapshotIndex")(function* (options: {
    readonly repo: string
    readonly path: string
    readonly message: string
  }) {
    const { message, path, repo } = options
    const { common } = yield* locate(fs, operation, repo)
    const admin = yield* adminOf(fs, common, path).pipe(Effect.mapError(failedOn(operation)))
    if (Option.isNone(admin))
      return yield* new GitFailed({ operation, exitCode: null, detail: `git has no record of a worktree at ${path}` })
    const own = `${common}/worktrees/${admin.value}`
    if (!(yield* fs.exists(`${own}/index`).pipe(Effect.mapError(failedOn(operation))))) return Option.none<Sha>()
    const env = { GIT_DIR: own }
    const tree = yield* Effect.gen(function* () {
      const git = yield* overCopy(own, repo, env)
      yield* settle(git)
      return yield* writeTree(git)
    }).pipe(Effect.scoped)
    const head = yield* headOf(repo, env)
    if (Option.exists(head, (at) => at.tree === tree)) return Option.none<Sha>()
    const parents = Option.match(head, { onNone: () => [], onSome: ({ commit }) => [commit] })
    return Option.some(yield* commitObject({ operation, cwd: repo, tree, parents, message }))
  })

  return { uncommitted, snapshot, snapshotIndex }
}
