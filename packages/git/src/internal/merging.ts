/** Merging in the object database, and fast-forwarding a checkout. */
import type { Sha } from "@calm/domain/Ids"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Change, Head, MergedTree, StatusEntry } from "../Git.ts"
import type { Runner } from "./command.ts"
import { sha } from "./decode.ts"
import { FastForwardRefused, type GitError, GitFailed } from "./errors.ts"
import { failedOn, kindAt } from "./gitDirectory.ts"
import { byText, records } from "./text.ts"

/** Is one path the other, or a folder that it lies in? */
const meet = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

/** What the fast-forward asks of the other parts of the layer. */
interface Parts {
  readonly head: (checkout: string) => Effect.Effect<Head, GitError>
  readonly isAncestor: (repo: string, ancestor: Sha, descendant: Sha) => Effect.Effect<boolean, GitError>
  readonly changes: (repo: string, from: Sha, to: Sha) => Effect.Effect<ReadonlyArray<Change>, GitError>
  readonly status: (checkout: string) => Effect.Effect<ReadonlyArray<StatusEntry>, GitError>
  readonly ignored: (operation: string, checkout: string) => Effect.Effect<ReadonlyArray<string>, GitError>
  readonly inProgress: (checkout: string) => Effect.Effect<Option.Option<string>, GitError>
}

export const makeMerging = ({ run }: Runner, fs: FileSystem.FileSystem, parts: Parts) => {
  const mergeTree = Effect.fn("Git.mergeTree")(function* (options: {
    readonly checkout: string
    readonly ours: Sha
    readonly theirs: Sha
  }) {
    const operation = "merge two commits"
    const { ours, theirs } = options
    const args = ["merge-tree", "--write-tree", "--name-only", "-z", "--no-messages", "--end-of-options", ours, theirs]
    const answer = yield* run({ operation, kind: "write", cwd: options.checkout, args, answers: [0, 1] })
    const [tree, ...names] = records(answer.stdout)
    // exit 1 also stands for a commit that is not there, and then nothing is printed
    if (tree === undefined || (answer.exitCode === 1 && names.length === 0)) {
      return yield* new GitFailed({
        operation,
        exitCode: answer.exitCode,
        detail: `${ours} and ${theirs} cannot be merged`
      })
    }
    // a file that meets a folder of its name is moved to `<name>~<side>`
    const aside = new RegExp(`~(?:${ours}|${theirs})(?:_\\d+)?$`)
    const conflicts = [...new Set(names.map((name) => name.replace(aside, "")))].toSorted(byText)
    return { tree: yield* sha(operation, tree), conflicts } satisfies MergedTree
  })

  /** The paths of a checkout that a fast-forward over these changes would overwrite or remove, or that lie in its place. */
  const blocking = Effect.fnUntraced(function* (operation: string, checkout: string, changes: ReadonlyArray<Change>) {
    const [entries, ignored] = yield* Effect.all([parts.status(checkout), parts.ignored(operation, checkout)], {
      concurrency: 2
    })
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
    ).pipe(Effect.mapError(failedOn(operation)))
    return [...new Set([...unmerged, ...met, ...there])].toSorted(byText)
  })

  const fastForward = Effect.fn("Git.fastForward")(function* (options: {
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
    const how = [
      "--ff-only",
      "--no-autostash",
      "--no-overwrite-ignore",
      "--no-verify-signatures",
      "--no-verify",
      "--no-stat"
    ]
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
      Effect.catchTag("GitFailed", (failed) =>
        // git's list of paths cannot be parsed safely, so what is in the way is worked out again
        Effect.gen(function* () {
          const paths = yield* blocking(operation, checkout, yield* parts.changes(checkout, from, to))
          const isRefusal = paths.length > 0 || failed.detail.startsWith("Not possible to fast-forward")
          return yield* isRefusal ? refused(failed.detail.split("\n")[0] ?? "", paths) : failed
        })
      )
    )
  })

  return { mergeTree, fastForward }
}
