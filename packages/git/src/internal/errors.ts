/** The errors of the Git port; `Git.ts` gives them out. They stand here so that the parts of the layer can fail with them. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** There is no git on this machine, or one older than 2.38. */
export class GitMissing extends TaggedError<GitMissing>()("GitMissing", {
  /** The version found; `null` when git is not there at all. */
  found: Schema.NullOr(Schema.String)
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return this.found === null
      ? "git was not found on this machine"
      : `git ${this.found} is too old: calm needs 2.38 or newer`
  }
  get hint() {
    return "git --version"
  }
}

/** The lock file of git's that was in the way. */
const lockOf = (detail: string): string | undefined => /Unable to create '(.+\.lock)': File exists/.exec(detail)?.[1]

/** Git failed in a way that has no better name. */
export class GitFailed extends TaggedError<GitFailed>()("GitFailed", {
  /** What was asked, in words: `read the status of a checkout`. */
  operation: Schema.String,
  exitCode: Schema.NullOr(Schema.Int),
  /** The last lines of git's own message. */
  detail: Schema.String,
  /** The checkout that could not be looked at, where that is it: git itself tells more of it. */
  checkout: Schema.optional(Schema.String)
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    const [first = "", second = ""] = this.detail.split("\n")
    const told = first.endsWith(":") ? `${first} ${second.trim()}` : first
    const lock = lockOf(this.detail)
    const whose =
      lock === undefined ? "" : " Another git is at work there; one that was killed leaves it: then remove it"
    return `git could not ${this.operation}${told === "" ? "" : `: ${told}${whose}`}`
  }
  get hint() {
    const lock = lockOf(this.detail)
    if (lock !== undefined) return commandLine("ls", "-l", "--", lock)
    const foreign = /^detected dubious ownership in repository at '(.+)'$/m.exec(this.detail)?.[1]
    if (foreign !== undefined) return commandLine("git", "config", "--global", "--add", "safe.directory", foreign)
    return this.checkout === undefined ? "calm doctor" : commandLine("git", "-C", this.checkout, "status")
  }
}

/** Says which checkout it is that could not be looked at. */
export const lookingAt = <A, E, R>(
  effect: Effect.Effect<A, E | GitFailed, R>,
  checkout: string
): Effect.Effect<A, E | GitFailed, R> =>
  Effect.mapError(effect, (error) =>
    error instanceof GitFailed
      ? new GitFailed({ operation: error.operation, exitCode: error.exitCode, detail: error.detail, checkout })
      : error
  )

/** Git took longer than its deadline. */
export class GitTimedOut extends TaggedError<GitTimedOut>()("GitTimedOut", {
  operation: Schema.String,
  /** Milliseconds. */
  deadline: Schema.Number
}) {
  get category() {
    return "timeout" as const
  }
  override get message() {
    return `git did not ${this.operation} within ${this.deadline / 1000} s`
  }
  get hint() {
    return "calm doctor"
  }
}

/** A ref was not where the caller saw it last: somebody moved it meanwhile. Nothing was changed. */
export class RefMoved extends TaggedError<RefMoved>()("RefMoved", {
  ref: Schema.String,
  expected: Schema.NullOr(Schema.String)
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `${this.ref} moved meanwhile`
  }
  get hint() {
    return commandLine("git", "show-ref", "--", this.ref)
  }
}

/** A checkout cannot be fast-forwarded without losing or hiding something. Nothing was changed. */
export class FastForwardRefused extends TaggedError<FastForwardRefused>()("FastForwardRefused", {
  checkout: Schema.String,
  /** The paths in the way, where git names them. */
  paths: Schema.Array(Schema.String),
  detail: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return this.paths.length === 0
      ? `${this.checkout} cannot be fast-forwarded: ${this.detail}`
      : `${this.checkout} cannot be fast-forwarded without losing changes to ${this.paths.join(", ")}`
  }
  get hint() {
    return commandLine("git", "-C", this.checkout, "status")
  }
}

/** A folder, branch or worktree of that name is already there. Nothing was changed. */
export class GitExists extends TaggedError<GitExists>()("GitExists", {
  what: Schema.Literal("branch", "path", "worktree"),
  name: Schema.String,
  /** The name that it leaves no room for, where that is another one: beside `a/b` there can be no branch `a`. */
  wanted: Schema.optional(Schema.String)
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    const room = this.wanted === undefined ? "" : `, which leaves no room for one named ${this.wanted}`
    return `The ${this.what} ${this.name} already exists${room}`
  }
  get hint() {
    return this.what === "path"
      ? commandLine("ls", "-ld", "--", this.name)
      : this.what === "branch"
        ? commandLine("git", "branch", "--list", this.name)
        : "git worktree list"
  }
}

/** What any git call may fail with. */
export type GitError = GitMissing | GitFailed | GitTimedOut
