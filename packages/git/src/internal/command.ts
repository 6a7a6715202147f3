/** Running git: the one place that knows its program name, its environment, its settings and its deadlines. */
import { Environment } from "@calm/process/Environment"
import { type Conversation, type ProcessError, type ProgramEnded, ProcessRunner } from "@calm/process/ProcessRunner"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { misunderstood } from "./decode.ts"
import { type GitError, GitFailed, GitMissing, GitTimedOut } from "./errors.ts"
import { line, text } from "./text.ts"

/** Milliseconds that each class of command may take. */
const deadlines = {
  /** Asks something. */
  read: 30_000,
  /** Makes objects, moves refs, writes an index. */
  write: 120_000,
  /** Writes the files of a checkout. */
  checkout: 600_000,
  /** Talks to a remote. */
  network: 120_000
}

/** Files and listings are wanted whole; the runner's default would cut the middle out of a large one. */
const maxOutput = 256 * 1024 * 1024

/**
 * Settings that would otherwise let the user's configuration run programs, ask questions or bend an answer. Hooks are
 * off everywhere: what calm does must not depend on them, and the user's own git still runs them.
 */
const settings = [
  "core.hooksPath=/dev/null",
  "core.quotePath=false",
  "core.fsmonitor=false",
  "core.safecrlf=false",
  // a branch named HEAD would leave it open which one is checked out
  "core.warnAmbiguousRefs=false",
  "core.askPass=",
  "diff.orderFile=/dev/null",
  "commit.gpgSign=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.writeCommitGraph=false",
  "i18n.commitEncoding=UTF-8",
  "i18n.logOutputEncoding=UTF-8",
  "status.relativePaths=false",
  "submodule.recurse=false",
  // without it git makes up a name from the system's user, or fails, depending on the machine
  "user.useConfigOnly=true"
].flatMap((setting) => ["-c", setting])

/**
 * What git writes for calm is on disk before it says so; by itself git leaves objects and refs to the system's memory for
 * up to half a minute. Files of a checkout are not among it.
 */
const durable = ["core.fsync=all", "core.fsyncMethod=fsync"].flatMap((setting) => ["-c", setting])

/** Of many files git writes some side by side. It does not for fewer than it finds worth the processes. */
const parallel = ["-c", "checkout.workers=8"]

/** Set for each command, over everything that begins with GIT_ being unset. */
const fixed = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  GCM_INTERACTIVE: "never",
  SSH_ASKPASS: undefined,
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PAGER: "cat",
  GIT_EDITOR: "true",
  GIT_LITERAL_PATHSPECS: "1",
  // a replaced object would be judged in place of the one that is merged
  GIT_NO_REPLACE_OBJECTS: "1",
  // and a grafted history in place of the real one
  GIT_GRAFT_FILE: "/dev/null"
}

/** How the detail of a git that a signal ended begins. */
export const endedBy = "ended by"

export interface Ask {
  /** In words, for errors: `read the status of a checkout`. */
  readonly operation: string
  readonly kind: keyof typeof deadlines
  readonly cwd: string
  readonly args: ReadonlyArray<string>
  readonly stdin?: string | Uint8Array | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Exit codes that are answers; default 0 alone. */
  readonly answers?: ReadonlyArray<number> | undefined
  /** It leaves nothing where it fails, and may be tried again. What only reads always may. */
  readonly repeatable?: boolean | undefined
}

export interface Answer {
  readonly exitCode: number
  readonly stdout: Uint8Array
  /** What it warned of. */
  readonly stderr: Uint8Array
}

/** A git that answers one question after the other. */
export interface Answering {
  /** `operation`: in words, for errors. */
  readonly ask: (operation: string, ...question: Parameters<Conversation["ask"]>) => Effect.Effect<Uint8Array, GitError>
}

export interface Runner {
  /** Git's version; fails with GitMissing below 2.38. */
  readonly version: Effect.Effect<string, GitError>
  /** Runs git and fails unless it answers. */
  readonly run: (ask: Ask) => Effect.Effect<Answer, GitError>
  /** Starts a git that can be asked until the scope ends; it only reads. */
  readonly converse: (ask: Pick<Ask, "operation" | "cwd" | "args">) => Effect.Effect<Answering, GitError, Scope.Scope>
  /** A variable of the inherited environment, for the few that mean how to reach a remote. */
  readonly inherited: (name: string) => string | undefined
}

/** Git's own message without its advice, from the first line that names a fault. */
const detailOf = (stderr: string): string => {
  const all = stderr
    .split("\n")
    .map((each) => each.trimEnd())
    .filter((each) => each !== "" && !each.startsWith("hint:"))
  const fault = all.findIndex((each) => /^(?:fatal|error): /.test(each))
  return all
    .slice(Math.max(fault, 0))
    .slice(0, 20)
    .join("\n")
    .replace(/^(?:fatal|error): /, "")
}

const parent = (path: string): string => path.slice(0, Math.max(path.replace(/\/+$/, "").lastIndexOf("/"), 1))

/** `git version 2.39.5 (Apple Git-154)` → `2.39.5`; none of what is no version of git's. */
const versionIn = (said: string): { readonly text: string; readonly supported: boolean } | undefined => {
  const found = /^git version ((\d+)\.(\d+)(?:\.\d+)*)/.exec(said)
  if (found === null) return undefined
  const major = Number(found[2])
  const minor = Number(found[3])
  return { text: found[1] ?? "", supported: major > 2 || (major === 2 && minor >= 38) }
}

/** What git exits with where it does not know a command or an option: it may be too old for it. */
const unknownUsage = 129

/**
 * Git writes its record of a worktree file by file. Another git that looks at all of them meanwhile finds the file empty that
 * says where the repository is, and gives up.
 */
const metHalfMade = (error: GitError): boolean =>
  error._tag === "GitFailed" &&
  /^failed to read .*worktrees\/[^/]+\/commondir: (?:Success|Undefined error: 0)$/m.test(error.detail)

/** A record is made in milliseconds; one whose git was killed stays as it is. */
const momentsLater = Schedule.spaced("50 millis").pipe(Schedule.jittered, Schedule.upTo("3 seconds"))

const renamed =
  (operation: string) =>
  (error: ProcessError | ProgramEnded): GitError => {
    switch (error._tag) {
      case "ProgramMissing":
        return new GitMissing({ found: null })
      case "ProgramTimedOut":
        return new GitTimedOut({ operation, deadline: error.deadline })
      case "ProgramFailedToRun":
        return new GitFailed({ operation, exitCode: null, detail: error.reason })
      case "ProgramEnded":
        return new GitFailed({
          operation,
          exitCode: error.exitCode,
          detail: error.exitCode === null ? `${endedBy} ${error.signal ?? "a signal"}` : detailOf(error.tail)
        })
    }
  }

export const makeRunner = Effect.gen(function* () {
  const runner = yield* ProcessRunner
  const { variables } = yield* Environment
  const unset = Object.fromEntries(
    Object.keys(variables)
      .filter((name) => /^GIT_/i.test(name))
      .map((name) => [name, undefined])
  )

  const programOf = (ask: Pick<Ask, "kind" | "cwd" | "args" | "env">) => ({
    program: "git",
    args: [
      "--no-pager",
      ...settings,
      ...(ask.kind === "read" ? [] : durable),
      ...(ask.kind === "checkout" ? parallel : []),
      ...ask.args
    ],
    cwd: ask.cwd,
    // a folder that is not a checkout must not be taken for part of the one around it
    env: { ...unset, ...fixed, GIT_CEILING_DIRECTORIES: parent(ask.cwd), ...ask.env },
    deadline: deadlines[ask.kind],
    maxOutput
  })

  const started: Runner["run"] = Effect.fnUntraced(function* (ask) {
    const { operation } = ask
    const exit = yield* runner.run({ ...programOf(ask), stdin: ask.stdin }).pipe(Effect.mapError(renamed(operation)))
    if (exit.exitCode === null) {
      return yield* new GitFailed({ operation, exitCode: null, detail: `${endedBy} ${exit.signal ?? "a signal"}` })
    }
    if (!(ask.answers ?? [0]).includes(exit.exitCode)) {
      return yield* new GitFailed({ operation, exitCode: exit.exitCode, detail: detailOf(text(exit.stderr)) })
    }
    if (exit.truncated) {
      return yield* new GitFailed({ operation, exitCode: exit.exitCode, detail: "its answer is too long to be kept" })
    }
    return { exitCode: exit.exitCode, stdout: exit.stdout, stderr: exit.stderr }
  })

  const version = Effect.gen(function* () {
    const operation = "tell its version"
    const said = line((yield* started({ operation, kind: "read", cwd: "/", args: ["version"] })).stdout)
    const found = versionIn(said)
    if (found === undefined) return yield* misunderstood(operation, said)
    return found.supported ? found.text : yield* new GitMissing({ found: found.text })
  })

  /** A git that is too old is told as that. Nobody asks for its version where all goes well. */
  const unlessTooOld = <A, R>(effect: Effect.Effect<A, GitError, R>): Effect.Effect<A, GitError, R> =>
    Effect.tapError(effect, (error) =>
      error._tag === "GitFailed" && error.exitCode === unknownUsage ? version : Effect.void
    )

  const result: Runner = {
    version,
    run: (ask) =>
      unlessTooOld(
        ask.kind === "read" || ask.repeatable === true
          ? Effect.retry(started(ask), { schedule: momentsLater, while: metHalfMade })
          : started(ask)
      ),
    converse: ({ operation, ...ask }) =>
      runner.converse(programOf({ ...ask, kind: "read" })).pipe(
        Effect.mapError(renamed(operation)),
        Effect.map((conversation) => ({
          ask: (about, question, lengthOf) =>
            conversation.ask(question, lengthOf).pipe(Effect.mapError(renamed(about)), unlessTooOld)
        }))
      ),
    inherited: (name) => variables[name]
  }
  return result
})
