/** Commits and how they stand to each other. */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommitLine, Divergence, Head } from "../Git.ts"
import type { Runner } from "./command.ts"
import { each, isRef, misunderstood, sha, shaOption, wholeLines, wholeRecords } from "./decode.ts"
import { GitMissing } from "./errors.ts"
import { line, lines, text } from "./text.ts"

/** `git version 2.39.5 (Apple Git-154)` → `2.39.5`. */
const parseVersion = (said: string): Option.Option<{ readonly text: string; readonly supported: boolean }> => {
  const found = /^git version ((\d+)\.(\d+)(?:\.\d+)*)/.exec(said)
  if (found === null) return Option.none()
  const major = Number(found[2])
  const minor = Number(found[3])
  return Option.some({ text: found[1] ?? "", supported: major > 2 || (major === 2 && minor >= 38) })
}

/** A ref's full name. */
const fullName = (operation: string, name: string) =>
  isRef(name) ? Effect.succeed(name) : Effect.fail(misunderstood(operation, name))

export const makeHistory = ({ run }: Runner) => {
  const version = Effect.gen(function* () {
    const operation = "tell its version"
    const { stdout } = yield* run({ operation, kind: "read", cwd: "/", args: ["version"] })
    const parsed = parseVersion(text(stdout))
    if (Option.isNone(parsed)) return yield* misunderstood(operation, line(stdout))
    if (!parsed.value.supported) return yield* new GitMissing({ found: parsed.value.text })
    return parsed.value.text
  }).pipe(Effect.withSpan("Git.version"))

  /** Some revisions that name nothing end like a broken repository does (128); then only the repository can tell. */
  const resolve = Effect.fn("Git.resolve")(function* (repo: string, revision: string) {
    const operation = "resolve a revision"
    if (/[\0\r\n]/.test(revision)) return Option.none<Sha>()
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]
    const answer = yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1, 128] })
    if (answer.exitCode === 0) return Option.some(yield* sha(operation, line(answer.stdout)))
    if (answer.exitCode === 128) {
      yield* run({ operation, kind: "read", cwd: repo, args: ["rev-parse", "--git-dir"] })
    }
    return Option.none<Sha>()
  })

  const head = Effect.fn("Git.head")(function* (checkout: string) {
    const operation = "read HEAD of a checkout"
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

  const topLevel = Effect.fn("Git.topLevel")(function* (checkout: string) {
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

  const userName = Effect.fn("Git.userName")((checkout: string) =>
    setting("read its user's name", checkout, "user.name")
  )

  const userEmail = Effect.fn("Git.userEmail")((checkout: string) =>
    setting("read its user's address", checkout, "user.email")
  )

  const mergeBase = Effect.fn("Git.mergeBase")(function* (repo: string, a: Sha, b: Sha) {
    const operation = "find the common ancestor of two commits"
    const args = ["merge-base", "--", a, b]
    const answer = yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] })
    return answer.exitCode === 1
      ? Option.none<Sha>()
      : Option.some(yield* sha(operation, lines(answer.stdout)[0] ?? ""))
  })

  const isAncestor = Effect.fn("Git.isAncestor")(function* (repo: string, ancestor: Sha, descendant: Sha) {
    const operation = "tell whether a commit contains another"
    const args = ["merge-base", "--is-ancestor", "--", ancestor, descendant]
    return (yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] })).exitCode === 0
  })

  const revisions = (format: string, ...args: ReadonlyArray<string>) => [
    "rev-list",
    "--no-commit-header",
    `--format=${format}`,
    ...args
  ]

  const commitsBetween = Effect.fn("Git.commitsBetween")(function* (repo: string, from: Sha, to: Sha, limit: number) {
    const operation = "list commits"
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
  const broughtInBy = Effect.fn("Git.broughtInBy")(function* (repo: string, commit: Sha, tip: Sha) {
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

  const firstParent = Effect.fn("Git.firstParent")(function* (repo: string, commit: Sha) {
    const operation = "read the parents of a commit"
    const args = revisions("%P", "--no-walk", "--end-of-options", commit, "--")
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    const [first = ""] = line(stdout).split(" ")
    return first === "" ? Option.none<Sha>() : Option.some(yield* sha(operation, first))
  })

  const committedAt = Effect.fn("Git.committedAt")(function* (repo: string, commit: Sha) {
    const operation = "read when a commit was made"
    const args = revisions("%ct", "--no-walk", "--end-of-options", commit, "--")
    const said = line((yield* run({ operation, kind: "read", cwd: repo, args })).stdout)
    return /^\d{1,12}$/.test(said) ? Number(said) * 1000 : yield* misunderstood(operation, said)
  })

  const divergence = Effect.fn("Git.divergence")(function* (repo: string, a: Sha, b: Sha) {
    const operation = "compare two commits"
    const args = ["rev-list", "--left-right", "--count", "--end-of-options", `${a}...${b}`, "--"]
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    const counts = /^(\d{1,15})\t(\d{1,15})$/.exec(line(stdout))
    if (counts === null) return yield* misunderstood(operation, line(stdout))
    return { ahead: Number(counts[1]), behind: Number(counts[2]) } satisfies Divergence
  })

  return {
    version,
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
