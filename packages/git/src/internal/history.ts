/** Commits and how they stand to each other. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommitLine, Divergence, Head } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { Runner } from "./command.ts"
import { each, isRef, misunderstood, sha, shaOption, wholeLines, wholeRecords } from "./decode.ts"
import { locate } from "./gitDirectory.ts"
import { commitOf } from "./objects.ts"
import { readHead } from "./refFiles.ts"
import { line, lines } from "./text.ts"

/** A ref's full name. */
const fullName = (operation: string, name: string) =>
  isRef(name) ? Effect.succeed(name) : Effect.fail(misunderstood(operation, name))

/** How many generations of commits are looked through before git is asked. */
const nearby = 6

export const makeHistory = ({ run }: Runner, fs: FileSystem.FileSystem, askAll: AskAll) => {
  /** Some revisions that name nothing end git like a broken repository does (128); then only the repository can tell. */
  const resolve = Traced.fn("Git.resolve")(function* (repo: string, revision: string) {
    const operation = "resolve a revision"
    if (/[\0\r\n]/.test(revision)) return Option.none<Sha>()
    const [found = Option.none()] = yield* askAll(operation, repo, [
      { want: "info", name: `${revision}^{commit}` }
    ]).pipe(
      Effect.catchIf(
        (error) => error._tag === "GitFailed" && error.exitCode === 128,
        () => Effect.as(run({ operation, kind: "read", cwd: repo, args: ["rev-parse", "--git-dir"] }), [])
      )
    )
    return Option.map(found, ({ object }) => object)
  })

  /** HEAD in git's own words. */
  const askedHead = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const args = ["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"]
    const answer = yield* run({ operation, kind: "read", cwd: checkout, args, answers: [0, 128] })
    if (answer.exitCode === 0) {
      const [commit = "", name = ""] = yield* wholeLines(operation, answer.stdout)
      const branch = name === "HEAD" ? Option.none<string>() : Option.some(yield* fullName(operation, name))
      return { commit: Option.some(yield* sha(operation, commit)), branch } satisfies Head
    }
    // a branch without commits, or no repository at all: this one tells
    const unborn = yield* run({ operation, kind: "read", cwd: checkout, args: ["symbolic-ref", "HEAD"] })
    return {
      commit: Option.none<Sha>(),
      branch: Option.some(yield* fullName(operation, line(unborn.stdout)))
    } satisfies Head
  })

  const head = Traced.fn("Git.head")(function* (checkout: string) {
    const operation = "read HEAD of a checkout"
    const place = yield* Effect.option(locate(fs, operation, checkout))
    const file = Option.isNone(place) ? Option.none() : yield* readHead(fs, place.value)
    if (Option.isNone(file)) return yield* askedHead(operation, checkout)
    const { branch, commit } = file.value
    if (Option.isSome(commit) || Option.isNone(branch)) return { branch, commit } satisfies Head
    const [packed = Option.none()] = yield* askAll(operation, checkout, [{ want: "info", name: branch.value }])
    return Option.isSome(packed)
      ? ({ branch, commit: Option.some(packed.value.object) } satisfies Head)
      : yield* askedHead(operation, checkout)
  })

  const topLevel = Traced.fn("Git.topLevel")(function* (checkout: string) {
    const operation = "tell where the files of a checkout are"
    const ask = (what: string) =>
      Effect.map(run({ operation, kind: "read", cwd: checkout, args: ["rev-parse", what] }), ({ stdout }) =>
        line(stdout)
      )
    return (yield* ask("--is-bare-repository")) === "true"
      ? Option.none<string>()
      : Option.some(yield* ask("--show-toplevel"))
  })

  const setting = Effect.fnUntraced(function* (operation: string, checkout: string, name: string) {
    const args = ["config", "-z", "--get", name]
    const answer = yield* run({ operation, kind: "read", cwd: checkout, args, answers: [0, 1] })
    const [value = ""] = yield* wholeRecords(operation, answer.stdout)
    return Option.filter(Option.some(value.trim()), (found) => found !== "")
  })

  const userName = Traced.fn("Git.userName")((checkout: string) =>
    setting("read its user's name", checkout, "user.name")
  )

  const userEmail = Traced.fn("Git.userEmail")((checkout: string) =>
    setting("read its user's address", checkout, "user.email")
  )

  /** What is known of two commits: their past does not change. Kept for the pairs that were asked about last. */
  const bases = new Map<string, Option.Option<Sha>>()
  const keptBases = 1000

  /** The one of two commits that the other holds, where it lies so near that looking for it takes less than a process. */
  const near = Effect.fnUntraced(function* (operation: string, repo: string, a: Sha, b: Sha) {
    let [fromA, fromB]: readonly [ReadonlyArray<Sha>, ReadonlyArray<Sha>] = [[a], [b]]
    for (let depth = 0; depth < nearby && fromA.length + fromB.length > 0; depth++) {
      const found = yield* askAll(
        operation,
        repo,
        [...fromA, ...fromB].map((name) => ({ want: "contents", name }))
      )
      const commits = found.map((named) => Option.flatMap(named, ({ content }) => commitOf(content)))
      // Git says what there is to say of a commit that is not there.
      if (depth === 0 && commits.some(Option.isNone)) return Option.none<Sha>()
      if (fromA.includes(b)) return Option.some(b)
      if (fromB.includes(a)) return Option.some(a)
      const parents = (some: typeof commits) => [...new Set(some.flatMap(Option.toArray).flatMap((one) => one.parents))]
      ;[fromA, fromB] = [parents(commits.slice(0, fromA.length)), parents(commits.slice(fromA.length))]
    }
    return Option.none<Sha>()
  })

  const keyOf = (repo: string, a: Sha, b: Sha): string => [repo, a, b].join("\0")

  const commonOf = Effect.fnUntraced(function* (operation: string, repo: string, a: Sha, b: Sha) {
    const known = bases.get(keyOf(repo, a, b))
    if (known !== undefined) return known
    const close = yield* near(operation, repo, a, b)
    const args = ["merge-base", "--", a, b]
    const base = Option.isSome(close)
      ? close
      : yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] }).pipe(
          Effect.flatMap(({ exitCode, stdout }) =>
            exitCode === 1 ? Effect.succeedNone : Effect.asSome(sha(operation, lines(stdout)[0] ?? ""))
          )
        )
    const [oldest] = bases.keys()
    if (bases.size >= keptBases && oldest !== undefined) bases.delete(oldest)
    bases.set(keyOf(repo, a, b), base)
    return base
  })

  const mergeBase = Traced.fn("Git.mergeBase")((repo: string, a: Sha, b: Sha) =>
    commonOf("find the common ancestor of two commits", repo, a, b)
  )

  const isAncestor = Traced.fn("Git.isAncestor")((repo: string, ancestor: Sha, descendant: Sha) =>
    Effect.map(
      commonOf("tell whether a commit contains another", repo, ancestor, descendant),
      Option.contains(ancestor)
    )
  )

  const revisions = (format: string, ...args: ReadonlyArray<string>) => [
    "rev-list",
    "--no-commit-header",
    `--format=${format}`,
    ...args
  ]

  const commitsBetween = Traced.fn("Git.commitsBetween")(function* (repo: string, from: Sha, to: Sha, limit: number) {
    const operation = "list commits"
    // Where it is known already that `from` has all of it, nothing is left to list.
    if (Option.contains(bases.get(keyOf(repo, from, to)) ?? Option.none(), to)) return []
    const args = revisions("%H %s", "--date-order", `--max-count=${limit}`, "--end-of-options", to, `^${from}`, "--")
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    return yield* each(operation, yield* wholeLines(operation, stdout), (record) => {
      const space = record.indexOf(" ")
      return Option.map(shaOption(record.slice(0, space)), (commit): CommitLine => ({
        commit,
        subject: record.slice(space + 1)
      }))
    })
  })

  /**
   * Walks from the tip along first parents for as long as they contain the commit. Git's own `--first-parent` together
   * with `--ancestry-path` knows only first-parent descendants, so a commit of a merged branch would have none.
   */
  const broughtInBy = Traced.fn("Git.broughtInBy")(function* (repo: string, commit: Sha, tip: Sha) {
    const operation = "find what brought a commit in"
    const args = revisions("%H %P", "--ancestry-path", "--end-of-options", tip, `^${commit}`, "--")
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    if (commit === tip) return Option.some(tip)
    const commits = yield* each(operation, yield* wholeLines(operation, stdout), (record) =>
      Option.all(record.trimEnd().split(" ").map(shaOption))
    )
    const firstParents = new Map(commits.map(([name = "", parent = ""]): [string, string] => [name, parent]))
    if (!firstParents.has(tip)) return Option.none<Sha>()
    let at: string = tip
    for (let parent = firstParents.get(at); parent !== undefined; parent = firstParents.get(at)) {
      if (parent === commit) return Option.some(commit)
      if (!firstParents.has(parent)) break
      at = parent
    }
    return Option.some(yield* sha(operation, at))
  })

  const firstParent = Traced.fn("Git.firstParent")(function* (repo: string, commit: Sha) {
    const operation = "read the parents of a commit"
    const args = revisions("%P", "--no-walk", "--end-of-options", commit, "--")
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    const [first = ""] = line(stdout).split(" ")
    return first === "" ? Option.none<Sha>() : Option.some(yield* sha(operation, first))
  })

  const committedAt = Traced.fn("Git.committedAt")(function* (repo: string, commit: Sha) {
    const operation = "read when a commit was made"
    const [found = Option.none()] = yield* askAll(operation, repo, [{ want: "contents", name: commit }])
    const made = Option.flatMap(found, ({ content }) => Option.flatMap(commitOf(content), ({ committed }) => committed))
    return Option.isSome(made) ? made.value * 1000 : yield* misunderstood(operation, commit)
  })

  const divergence = Traced.fn("Git.divergence")(function* (repo: string, a: Sha, b: Sha) {
    const operation = "compare two commits"
    const args = ["rev-list", "--left-right", "--count", "--end-of-options", `${a}...${b}`, "--"]
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    const counts = /^(\d{1,15})\t(\d{1,15})$/.exec(line(stdout))
    if (counts === null) return yield* misunderstood(operation, line(stdout))
    return { ahead: Number(counts[1]), behind: Number(counts[2]) } satisfies Divergence
  })

  return {
    resolve,
    head,
    topLevel,
    userName,
    userEmail,
    committedAt,
    mergeBase,
    isAncestor,
    commitsBetween,
    broughtInBy,
    firstParent,
    divergence
  }
}
