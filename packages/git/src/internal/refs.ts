/** Refs of the repository, and those of its remotes. */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Upstream } from "../Git.ts"
import type { Runner } from "./command.ts"
import { misunderstood, sha } from "./decode.ts"
import { RefMoved } from "./errors.ts"
import { byText, line, lines } from "./text.ts"

/** Inherited variables that say how a remote is reached; they cannot change what a repository here is taken for. */
const reaching = [
  "GIT_SSH",
  "GIT_SSH_VARIANT",
  "GIT_PROXY_COMMAND",
  "GIT_HTTP_PROXY_AUTHMETHOD",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "GIT_SSL_CERT",
  "GIT_SSL_KEY",
  "GIT_SSL_NO_VERIFY"
]

export const makeRefs = ({ inherited, run }: Runner) => {
  const refs = Effect.fn("Git.refs")(function* (repo: string, prefix: string) {
    const operation = "list refs"
    const format = "%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(refname)"
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["for-each-ref", `--format=${format}`, "--", prefix]
    })
    const found: Array<{ readonly ref: string; readonly commit: Sha }> = []
    for (const record of lines(stdout)) {
      const [type, object = "", peeledType, peeled = "", ref = ""] = record.split("\0")
      if (type === "commit") found.push({ ref, commit: yield* sha(operation, object) })
      else if (peeledType === "commit") found.push({ ref, commit: yield* sha(operation, peeled) })
    }
    return found.toSorted((a, b) => byText(a.ref, b.ref))
  })

  /** The object a ref holds now. */
  const current = Effect.fnUntraced(function* (operation: string, repo: string, ref: string) {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", ref]
    const answer = yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] })
    return answer.exitCode === 0 ? Option.some(line(answer.stdout)) : Option.none<string>()
  })

  const updateRef = Effect.fn("Git.updateRef")(function* (options: {
    readonly repo: string
    readonly ref: string
    readonly from: Option.Option<Sha>
    readonly to: Option.Option<Sha>
    readonly reason: string
  }) {
    const { ref, repo } = options
    const from = Option.getOrElse(options.from, () => "")
    const operation = Option.isNone(options.to) ? `delete ${ref}` : `move ${ref}`
    const moved = new RefMoved({ ref, expected: Option.getOrNull(options.from) })
    // git takes a deletion without an old value for one that may delete whatever is there
    if (Option.isNone(options.to) && Option.isNone(options.from)) {
      if (Option.isSome(yield* current(operation, repo, ref))) return yield* moved
      return
    }
    const args = Option.match(options.to, {
      onNone: () => ["-d", "--", ref, from],
      onSome: (to) => ["--create-reflog", "--", ref, to, from]
    })
    yield* run({ operation, kind: "write", cwd: repo, args: ["update-ref", "-m", options.reason, ...args] }).pipe(
      Effect.catchTag("GitFailed", (failed) =>
        // git tells a lost race by its words alone; where the ref stands now says it for certain
        Effect.flatMap(current(operation, repo, ref), (now) =>
          Effect.fail(Option.getOrElse(now, () => "") === from ? failed : moved)
        )
      )
    )
  })

  const remoteDefaultBranch = Effect.fn("Git.remoteDefaultBranch")(function* (repo: string) {
    const operation = "read the remote's default branch"
    const args = ["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"]
    const answer = yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] })
    const prefix = "refs/remotes/origin/"
    const name = line(answer.stdout)
    return answer.exitCode === 0 && name.startsWith(prefix)
      ? Option.some(`refs/heads/${name.slice(prefix.length)}`)
      : Option.none<string>()
  })

  const upstream = Effect.fn("Git.upstream")(function* (repo: string, branch: string) {
    const operation = "read the upstream of a branch"
    const format = "%(refname)%00%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)"
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["for-each-ref", `--format=${format}`, "--", branch]
    })
    // a prefix matches too, so the name is compared
    const found = lines(stdout)
      .map((record) => record.split("\0"))
      .find(([ref]) => ref === branch)
    if (found === undefined) return Option.none<Upstream>()
    const [, remote, remoteRef, trackingRef] = found
    if (remote === undefined || remoteRef === undefined || trackingRef === undefined) {
      return yield* misunderstood(operation, found.join(" "))
    }
    // "." is this repository: a branch that follows another one here has no remote
    return remote === "" || remote === "." || remoteRef === "" || trackingRef === ""
      ? Option.none<Upstream>()
      : Option.some<Upstream>({ remote, remoteRef, trackingRef })
  })

  /** How the user's environment reaches a remote, told never to ask. */
  const connection = Effect.fnUntraced(function* (operation: string, repo: string) {
    const env: Record<string, string> = {}
    for (const name of reaching) {
      const value = inherited(name)
      if (value !== undefined) env[name] = value
    }
    const args = ["config", "-z", "--get", "core.sshCommand"]
    const configured = yield* run({ operation, kind: "read", cwd: repo, args, answers: [0, 1] })
    const command = inherited("GIT_SSH_COMMAND") ?? line(configured.stdout).replaceAll("\0", "")
    // a command that is not OpenSSH's does not know the option, and GIT_SSH names a program that need not be
    if (command === "" && env["GIT_SSH"] === undefined) env["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    else if (command !== "") {
      env["GIT_SSH_COMMAND"] = /^(?:\S*\/)?ssh(?:\s|$)/.test(command) ? `${command} -o BatchMode=yes` : command
    }
    return env
  })

  const fetch = Effect.fn("Git.fetch")(function* (repo: string, from: Upstream) {
    const operation = `fetch ${from.remoteRef} of ${from.remote}`
    const how = ["--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head", "--refmap="]
    yield* run({
      operation,
      kind: "network",
      cwd: repo,
      args: ["fetch", ...how, "--end-of-options", from.remote, `+${from.remoteRef}:${from.trackingRef}`],
      env: yield* connection(operation, repo)
    })
  })

  return { refs, updateRef, remoteDefaultBranch, upstream, fetch }
}
