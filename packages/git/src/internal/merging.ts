/** Merging in the object database, and fast-forwarding a checkout. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Change, Head, MergedTree } from "../Git.ts"
import { endedBy, type Runner } from "./command.ts"
import { misunderstood, sha, wholeRecords } from "./decode.ts"
import { FastForwardRefused, type GitError, GitFailed, lookingAt } from "./errors.ts"
import { type SyncObjects, syncRef } from "./durable.ts"
import { makeFilters } from "./filters.ts"
import { failedOn, kindAt, locate } from "./gitDirectory.ts"
import { meet } from "./meeting.ts"
import type { Told } from "./status.ts"
import { byText } from "./text.ts"
import { makeUnwind } from "./unwind.ts"

/** Was git ended, rather than that it failed? It has ended by now, and all that it had started. */
const wasKilled = (error: GitError): boolean =>
  error._tag === "GitTimedOut" || (error._tag === "GitFailed" && error.detail.startsWith(endedBy))

/** What the fast-forward asks of the other parts of the layer. */
interface Parts {
  readonly head: (checkout: string) => Effect.Effect<Head, GitError>
  readonly isAncestor: (repo: string, ancestor: Sha, descendant: Sha) => Effect.Effect<boolean, GitError>
  readonly changes: (repo: string, from: Sha, to: Sha) => Effect.Effect<ReadonlyArray<Change>, GitError>
  readonly everything: (
    operation: string,
    checkout: string,
    within?: ReadonlyArray<string>
  ) => Effect.Effect<Told, GitError>
  readonly inProgress: (checkout: string) => Effect.Effect<Option.Option<string>, GitError>
  readonly syncObjects: SyncObjects
}

export const makeMerging = ({ run }: Runner, fs: FileSystem.FileSystem, parts: Parts) => {
  /** The files in which git hands contents to a merge driver, in the root of the checkout. */
  const temporaries = (operation: string, checkout: string) =>
    fs.readDirectory(checkout).pipe(
      Effect.map((names) => names.filter((name) => /^\.merge_file_[A-Za-z0-9]{6}$/.test(name))),
      Effect.mapError(failedOn(operation))
    )

  const removeNew = Effect.fnUntraced(function* (operation: string, checkout: string, known: ReadonlyArray<string>) {
    const left = (yield* temporaries(operation, checkout)).filter((name) => !known.includes(name))
    yield* Effect.forEach(left, (name) => fs.remove(`${checkout}/${name}`, { force: true }), { discard: true }).pipe(
      Effect.mapError(failedOn(operation))
    )
  })

  const mergeTree = Traced.fn("Git.mergeTree")(
    function* (options: { readonly checkout: string; readonly ours: Sha; readonly theirs: Sha }) {
      const operation = "merge two commits"
      const { ours, theirs } = options
      const args = [
        "merge-tree",
        "--write-tree",
        "--name-only",
        "-z",
        "--no-messages",
        "--end-of-options",
        ours,
        theirs
      ]
      const mine = yield* temporaries(operation, options.checkout)
      const answer = yield* run({ operation, kind: "write", cwd: options.checkout, args, answers: [0, 1] }).pipe(
        // a git that was killed leaves them, and the checkout would not be clean any more
        Effect.tapError((error) => (wasKilled(error) ? removeNew(operation, options.checkout, mine) : Effect.void))
      )
      const [tree, ...names] = yield* wholeRecords(operation, answer.stdout)
      // exit 1 also stands for a commit that is not there, and then nothing is printed
      if (tree === undefined || (answer.exitCode === 1 && names.length === 0)) {
        return yield* new GitFailed({
          operation,
          exitCode: answer.exitCode,
          detail: `${ours} and ${theirs} cannot be merged`
        })
      }
      if (names.includes("") || (answer.exitCode === 0 && names.length > 0)) {
        return yield* misunderstood(operation, names.join(" "))
      }
      // a file that meets a folder of its name is moved to `<name>~<side>`
      const aside = new RegExp(`~(?:${ours}|${theirs})(?:_\\d+)?$`)
      const conflicts = [...new Set(names.map((name) => name.replace(aside, "")))].toSorted(byText)
      return { tree: yield* sha(operation, tree), conflicts } satisfies MergedTree
    },
    (effect, { checkout }) => lookingAt(effect, checkout)
  )

  /** The paths of a checkout that a fast-forward over these changes would overwrite or remove, or that lie in its place. */
  const blocking = Effect.fnUntraced(function* (
    checkout: string,
    changes: ReadonlyArray<Change>,
    { entries, ignored }: Told
  ) {
    const unmerged = entries.filter((entry) => entry.state === "unmerged").map((entry) => entry.path)
    const single = [...entries.map((entry) => entry.path), ...ignored.filter((path) => !path.endsWith("/"))]
    const met = single.filter((path) => changes.some((change) => meet(path, change.path)))
    // an ignored folder is told as one: of what lies in it, what the changes would write is in the way
    const within = ignored
      .filter((path) => path.endsWith("/"))
      .flatMap((folder) =>
        changes.flatMap(({ path }) =>
          path.startsWith(folder) ? [path] : meet(path, folder.slice(0, -1)) ? [folder.slice(0, -1)] : []
        )
      )
    const there = yield* Effect.filter(within, (path) =>
      Effect.map(kindAt(fs, `${checkout}/${path}`), (kind) => kind !== "nothing")
    ).pipe(Effect.mapError(failedOn("fast-forward a checkout")))
    return [...new Set([...unmerged, ...met, ...there])].toSorted(byText)
  })

  const { begin, end, unwind } = makeUnwind({ run }, fs, parts)
  const { filtered, tryOut } = makeFilters({ run })

  const fastForward = Traced.fn("Git.fastForward")(function* (options: {
    readonly checkout: string
    readonly to: Sha
    readonly branch?: string | undefined
  }) {
    const operation = "fast-forward a checkout"
    const { checkout, to } = options
    const refused = (detail: string, paths: ReadonlyArray<string> = []) =>
      new FastForwardRefused({ checkout, paths: [...paths], detail })

    const busy = yield* parts.inProgress(checkout)
    if (Option.isSome(busy)) return yield* refused(`a ${busy.value} is in progress there`)
    const head = yield* parts.head(checkout)
    if (Option.isNone(head.branch)) return yield* refused("it is on no branch")
    if (options.branch !== undefined && head.branch.value !== options.branch)
      return yield* refused(`it is on ${head.branch.value}`)
    if (Option.isNone(head.commit)) return yield* refused("its branch has no commit yet")
    const from = head.commit.value
    if (!(yield* parts.isAncestor(checkout, from, to))) {
      return yield* refused(`${to} does not contain the commit it is at`)
    }
    const { common, own } = yield* locate(fs, operation, checkout)
    yield* unwind(checkout)
    const changes = yield* parts.changes(checkout, from, to)
    // Of what meets the changes: a conflict elsewhere git itself finds, before it writes anything.
    const paths = changes.map(({ path }) => path)
    const [near, through] = yield* Effect.all(
      [lookingAt(parts.everything(operation, checkout, paths), checkout), filtered(operation, checkout, changes)],
      { concurrency: 2 }
    )
    const inTheWay = yield* blocking(checkout, changes, near)
    if (inTheWay.length > 0) return yield* refused("", inTheWay)
    yield* tryOut(operation, checkout, through)
    yield* parts.syncObjects(common).pipe(Effect.mapError(failedOn(operation)))
    const how = [
      "--ff-only",
      "--no-autostash",
      "--no-overwrite-ignore",
      "--no-verify-signatures",
      "--no-verify",
      "--no-stat"
    ]
    const lock = `${own}/index.lock`
    const isLocked = (yield* kindAt(fs, lock).pipe(Effect.mapError(failedOn(operation)))) !== "nothing"
    yield* begin({ checkout, own, from, to, changes, filtered: through }).pipe(Effect.mapError(failedOn(operation)))
    yield* run({
      operation,
      kind: "checkout",
      cwd: checkout,
      args: ["merge", ...how, "--quiet", "--no-progress", "--end-of-options", to],
      // `branch.<name>.mergeOptions` can turn even a fast-forward into a merge of another strategy; a branch name may
      // hold a `=`, which `-c` would split at
      env: {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: `branch.${head.branch.value.replace(/^refs\/heads\//, "")}.mergeOptions`,
        GIT_CONFIG_VALUE_0: ""
      }
    }).pipe(
      // a git that was killed leaves its lock; one that was there before is another git's
      Effect.tapError((error) =>
        wasKilled(error) && !isLocked
          ? fs.remove(lock, { force: true }).pipe(Effect.mapError(failedOn(operation)))
          : Effect.void
      ),
      Effect.catchTag("GitFailed", (failed) =>
        Effect.gen(function* () {
          yield* unwind(checkout)
          // git's list of paths cannot be parsed safely, so what is in the way is worked out again
          const all = yield* lookingAt(parts.everything(operation, checkout), checkout)
          const paths = yield* blocking(checkout, changes, all)
          const isRefusal = paths.length > 0 || failed.detail.startsWith("Not possible to fast-forward")
          return yield* isRefusal ? refused(failed.detail.split("\n")[0] ?? "", paths) : failed
        })
      )
    )
    yield* end(own).pipe(Effect.mapError(failedOn(operation)))
    yield* syncRef(common, head.branch.value).pipe(Effect.mapError(failedOn(operation)))
  })

  return { mergeTree, fastForward, unwind }
}
