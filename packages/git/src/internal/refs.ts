/** Refs of the repository, and those of its remotes. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Upstream } from "../Git.ts"
import type * as FileSystem from "@effect/platform/FileSystem"
import type { Runner } from "./command.ts"
import { isRef, misunderstood, sha, wholeLines, wholeRecords } from "./decode.ts"
import { type SyncObjects, syncRef } from "./durable.ts"
import { GitFailed, RefMoved } from "./errors.ts"
import { failedOn, locate } from "./gitDirectory.ts"
import { readRefFile } from "./refFiles.ts"
import { byText, line, text } from "./text.ts"

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

export const makeRefs = ({ inherited, run }: Runner, fs: FileSystem.FileSystem, syncObjects: SyncObjects) => {
  const refs = Traced.fn("Git.refs")(function* (repo: string, prefix: string) {
    const operation = "list refs"
    const format = "%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(refname)"
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["for-each-ref", `--format=${format}`, "--", prefix]
    })
    const found: Array<{ readonly ref: string; readonly commit: Sha }> = []
    for (const record of yield* wholeLines(operation, stdout)) {
      const [type, object = "", peeledType, peeled = "", ref = ""] = record.split("\0")
      if (!isRef(ref)) return yield* misunderstood(operation, record)
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

  const updateRef = Traced.fn("Git.updateRef")(function* (options: {
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
    // It becomes a line of what git is told to do.
    if (!isRef(ref)) return yield* new GitFailed({ operation, exitCode: null, detail: "it is no name of a ref" })
    const change = Option.match(options.to, {
      onNone: () => `delete ${ref} ${from}`,
      onSome: (to) => (from === "" ? `create ${ref} ${to}` : `update ${ref} ${to} ${from}`)
    })
    // As a transaction, since git confirms those: a branch or a rescue must not be taken for saved because nothing was said.
    const transaction = run({
      operation,
      kind: "write",
      cwd: repo,
      args: ["update-ref", "--create-reflog", "-m", options.reason, "--stdin"],
      stdin: `start\n${change}\nprepare\ncommit\n`
    }).pipe(
      Effect.map(({ stdout }) => text(stdout)),
      Effect.filterOrFail(
        (said) => said === "start: ok\nprepare: ok\ncommit: ok\n",
        (said) => misunderstood(operation, said)
      )
    )
    const { common } = yield* locate(fs, operation, repo)
    if (Option.isSome(options.to)) yield* syncObjects(common).pipe(Effect.mapError(failedOn(operation)))
    yield* transaction.pipe(
      Effect.catchTag("GitFailed", (failed) =>
        // git tells a lost race by its words alone; where the ref stands now says it for certain
        Effect.flatMap(current(operation, repo, ref), (now) =>
          Effect.fail(Option.getOrElse(now, () => "") === from ? failed : moved)
        )
      )
    )
    yield* syncRef(common, ref).pipe(Effect.mapError(failedOn(operation)))
  })

  /** The ref that another one only stands for; none where it is one itself, or there is no such. */
  const symbolic = Effect.fnUntraced(function* (operation: string, repo: string, ref: string) {
    const file = yield* locate(fs, operation, repo).pipe(
      Effect.option,
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.succeedNone,
          onSome: (place) => readRefFile(fs, place, place.common, ref)
        })
      )
    )
    if (Option.isSome(file) && file.value._tag !== "symbolic") return Option.none<string>()
    // What is behind it may be such a name, too.
    const answer = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["symbolic-ref", "--quiet", "--", ref],
      answers: [0, 1]
    })
    if (answer.exitCode !== 0) return Option.none<string>()
    const name = line(answer.stdout)
    return isRef(name) ? Option.some(name) : yield* misunderstood(operation, name)
  })

  const remoteDefaultBranch = Traced.fn("Git.remoteDefaultBranch")(function* (repo: string) {
    const prefix = "refs/remotes/origin/"
    const name = yield* symbolic("read the remote's default branch", repo, `${prefix}HEAD`)
    return Option.map(
      Option.filter(name, (ref) => ref.startsWith(prefix)),
      (ref) => `refs/heads/${ref.slice(prefix.length)}`
    )
  })

  const aliasOf = Traced.fn("Git.aliasOf")((repo: string, branch: string) =>
    symbolic(`tell whether ${branch} is another name for a branch`, repo, branch)
  )

  const upstream = Traced.fn("Git.upstream")(function* (repo: string, branch: string) {
    const operation = "read the upstream of a branch"
    const format = "%(refname)%00%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)"
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["for-each-ref", `--format=${format}`, "--", branch]
    })
    // a prefix matches too, so the name is compared
    const found = (yield* wholeLines(operation, stdout))
      .map((record) => record.split("\0"))
      .find(([ref]) => ref === branch)
    // silence must not be taken for a branch that follows none, whose remote nobody has to ask
    if (found === undefined) return yield* new GitFailed({ operation, exitCode: 0, detail: `there is no ${branch}` })
    const [, remote, remoteRef, trackingRef] = found
    const isNamed = (name: string | undefined) => name === "" || (name !== undefined && isRef(name))
    if (
      remote === undefined ||
      remoteRef === undefined ||
      trackingRef === undefined ||
      !isNamed(remoteRef) ||
      !isNamed(trackingRef)
    ) {
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
    const [own = ""] = yield* wholeRecords(operation, configured.stdout)
    const command = inherited("GIT_SSH_COMMAND") ?? own
    // a command that is not OpenSSH's does not know the option, and GIT_SSH names a program that need not be
    if (command === "" && env["GIT_SSH"] === undefined) env["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    else if (command !== "") {
      env["GIT_SSH_COMMAND"] = /^(?:\S*\/)?ssh(?:\s|$)/.test(command) ? `${command} -o BatchMode=yes` : command
    }
    return env
  })

  const fetch = Traced.fn("Git.fetch")(function* (repo: string, from: Upstream) {
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

  return { refs, updateRef, remoteDefaultBranch, aliasOf, upstream, fetch }
}
