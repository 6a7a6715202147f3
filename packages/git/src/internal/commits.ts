/** Making commits: of a checkout, and of a tree. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Answer, Ask, Runner } from "./command.ts"
import { sha, wholeRecords } from "./decode.ts"
import type { GitError } from "./errors.ts"
import { line } from "./text.ts"

const fallback = { name: "calm", email: "calm@localhost" }

/** What `user.useConfigOnly` makes git say where nobody has told it who commits. */
const isNameless = (error: GitError): boolean =>
  error._tag === "GitFailed" &&
  /(?:Please tell me who you are|auto-detection is disabled|empty ident name|no (?:name|email) was given)/.test(
    error.detail
  )

export const makeCommits = ({ run }: Runner) => {
  /** The variables that name a committer where the configuration does not; what it does say stands. */
  const identity = Effect.fnUntraced(function* (operation: string, cwd: string) {
    const args = ["config", "-z", "--get-regexp", "^(user|author|committer)\\.(name|email)$"]
    const { stdout } = yield* run({ operation, kind: "read", cwd, args, answers: [0, 1] })
    const known = new Set(
      (yield* wholeRecords(operation, stdout))
        .filter((record) => /\n[^]*\S/.test(record))
        .map((record) => record.slice(0, record.indexOf("\n")))
    )
    const env: Record<string, string> = {}
    for (const role of ["author", "committer"] as const) {
      for (const part of ["name", "email"] as const) {
        if (!known.has(`user.${part}`) && !known.has(`${role}.${part}`)) {
          env[`GIT_${role.toUpperCase()}_${part.toUpperCase()}`] = fallback[part]
        }
      }
    }
    return env
  })

  /** Runs a command that needs a committer. Who is known is asked only after git has missed it: most have a name. */
  const runNamed = (ask: Ask): Effect.Effect<Answer, GitError> =>
    run(ask).pipe(
      Effect.catchIf(isNameless, () =>
        Effect.flatMap(identity(ask.operation, ask.cwd), (env) => run({ ...ask, env: { ...ask.env, ...env } }))
      )
    )

  const commitObject = (ask: {
    readonly operation: string
    readonly cwd: string
    readonly tree: string
    readonly parents: ReadonlyArray<string>
    readonly message: string
  }) =>
    runNamed({
      operation: ask.operation,
      kind: "write",
      cwd: ask.cwd,
      args: ["commit-tree", ...ask.parents.flatMap((parent) => ["-p", parent]), "-F", "-", ask.tree],
      stdin: ask.message
    }).pipe(Effect.flatMap(({ stdout }) => sha(ask.operation, line(stdout))))

  const commitTree = Traced.fn("Git.commitTree")(
    (options: {
      readonly repo: string
      readonly tree: Sha
      readonly parents: ReadonlyArray<Sha>
      readonly message: string
    }) => commitObject({ ...options, operation: "make a commit", cwd: options.repo })
  )

  const commit = Traced.fn("Git.commit")(function* (options: {
    readonly checkout: string
    readonly message: string
    readonly include: "all" | "staged"
  }) {
    const operation = "commit the changes of a checkout"
    const cwd = options.checkout
    if (options.include === "all") {
      yield* run({ operation, kind: "write", cwd, args: ["add", "--all", "--sparse"] })
    }
    const how = ["--quiet", "--no-verify", "--cleanup=verbatim", "--allow-empty-message", "--no-status"]
    const args = ["commit", ...how, "-F", "-"]
    const answer = yield* runNamed({ operation, kind: "write", cwd, args, stdin: options.message, answers: [0, 1] })
    if (answer.exitCode === 1) {
      // "nothing to commit" and a fault have the same exit code
      const difference = ["diff", "--cached", "--quiet", "--no-ext-diff", "--ignore-submodules=none"]
      yield* run({ operation, kind: "read", cwd, args: difference })
      return Option.none<Sha>()
    }
    const made = yield* run({ operation, kind: "read", cwd, args: ["rev-parse", "--verify", "HEAD"] })
    return Option.some(yield* sha(operation, line(made.stdout)))
  })

  return { commit, commitTree, commitObject }
}
