/** What the tests over the real things have at hand. */
import { Counters } from "@calm/core/Counters"
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { Projects } from "@calm/core/Projects"
import { Reviews } from "@calm/core/Reviews"
import type { MoveRefused } from "@calm/core/MoveRefused"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Worktrees } from "@calm/core/Worktrees"
import { pathOf } from "@calm/domain/Document"
import { Reason, TaskId, Title } from "@calm/domain/Ids"
import { exitCodes } from "@calm/domain/Problem"
import { unmet, type Verdict } from "@calm/domain/Verdict"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** The services, and the world's own tools. */
export const calm = Effect.all({
  counters: Counters,
  gates: Gates,
  merges: Merges,
  projects: Projects,
  reviews: Reviews,
  tasks: Tasks,
  transitions: Transitions,
  world: RealWorld.RealWorld,
  worktrees: Worktrees
})

/** A task with a worktree. Gives the worktree's folder. */
export const started = Effect.fnUntraced(function* (id: string, title = `The task ${id}`) {
  const { tasks, worktrees } = yield* calm
  const type = id.startsWith("BUG") ? "bug" : "feature"
  yield* tasks.create({ id: TaskId.make(id), type, title: Title.make(title), specId: null, blockedBy: [] })
  const { worktree } = yield* worktrees.create(id, { setup: false })
  return worktree.path
})

/** Puts a task into a phase past its gates: what a test is about begins there. */
export const put = Effect.fnUntraced(function* (id: string, phase: string) {
  const { tasks } = yield* calm
  yield* tasks.update(id, { override: { phase, reason: Reason.make("the test begins here") } })
})

/** Gates that ask for reviews and run nothing: for tests that are not about checks. */
export const withoutScripts = {
  ".calm/gates.json": JSON.stringify({
    version: 1,
    gates: [
      { type: "feature", from: "IMPLEMENT", to: "CODE_REVIEW", mode: "replace", checks: [] },
      { type: "feature", from: "TEST", to: "INTEGRATE", mode: "replace", checks: [] }
    ]
  })
}

type Files = Readonly<Record<string, string>>

/** A feature that can be merged but for its checks: code and changelog committed and reviewed. Gives its worktree. */
export const reviewed = Effect.fnUntraced(function* (id: string, files: Files = World.codeOf(id), title?: string) {
  const worktree = yield* started(id, title)
  yield* World.commit(id, { ...files, [pathOf("changelog", id)]: `${id} is in.\n` })
  yield* World.approveTwice(id, "code")
  yield* put(id, "INTEGRATE")
  return worktree
})

/** A feature that can be merged, its checks run. Gives its worktree. */
export const ready = Effect.fnUntraced(function* (id: string, files?: Files, title?: string) {
  const worktree = yield* reviewed(id, files, title)
  yield* Effect.flatMap(Gates, (gates) => gates.check(id, null))
  return worktree
})

/** A refusal: its exit code, and the reason of each condition that is not met. */
export interface Refusal {
  readonly exit: number
  readonly reasons: Readonly<Record<string, string>>
  readonly hints: Readonly<Record<string, string | null>>
}

const refusalOf = (category: MoveRefused["category"], outcomes: Verdict["outcomes"]): Refusal => ({
  exit: exitCodes[category],
  reasons: Object.fromEntries(outcomes.map((outcome) => [outcome.check, outcome.summary])),
  hints: Object.fromEntries(outcomes.map((outcome) => [outcome.check, outcome.hint]))
})

/** The refusal that an action must end with. */
export const refused = <A, E extends { readonly _tag: string }, R>(
  action: Effect.Effect<A, E | MoveRefused, R>
): Effect.Effect<Refusal, A | E, R> =>
  Effect.flatMap(Effect.flip(action), (error) =>
    isRefusal(error) ? Effect.succeed(refusalOf(error.category, error.outcomes)) : Effect.fail<A | E>(error)
  )

const isRefusal = <E extends { readonly _tag: string }>(error: E | MoveRefused): error is MoveRefused =>
  error._tag === "MoveRefused"

/** What a verdict lacks. */
export const lacks = (verdict: Verdict): Refusal =>
  refusalOf(verdict.unmet ?? "refused", verdict.passed ? [] : unmet(verdict))

/** The names of the conditions in the way. */
export const names = (refusal: Refusal): ReadonlyArray<string> => Object.keys(refusal.reasons).sort()

/** The outcome of one check. */
export const outcome = (verdict: Verdict, check: string) => verdict.outcomes.find((one) => one.check === check)

/** Every file of a folder with its bytes, links with their targets; without `.git` and `.worktrees`. */
export const filesOf = (folder: string): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  const visit = (inner: string) => {
    for (const entry of Fs.readdirSync(Path.join(folder, inner), { withFileTypes: true })) {
      const name = Path.join(inner, entry.name)
      if (name === ".git" || name === ".worktrees") continue
      if (entry.isDirectory()) visit(name)
      else if (entry.isSymbolicLink()) found[name] = `-> ${Fs.readlinkSync(Path.join(folder, name))}`
      else found[name] = Fs.readFileSync(Path.join(folder, name)).toString("latin1")
    }
  }
  visit("")
  return found
}

/** Everything of a checkout that calm could disturb: refs, HEAD, index, status and files. */
export const stateOf = Effect.fnUntraced(function* (checkout: string) {
  const { git } = yield* RealWorld.RealWorld
  const own = yield* git(checkout, "rev-parse", "--absolute-git-dir")
  // First of all: git itself may refresh it.
  const index = Fs.readFileSync(Path.join(own, "index")).toString("base64")
  return {
    index,
    head: Fs.readFileSync(Path.join(own, "HEAD"), "utf8"),
    refs: yield* git(checkout, "for-each-ref"),
    status: yield* git(checkout, "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ignored", "-z"),
    files: filesOf(checkout)
  }
})

/** Writes a file as somebody's editor would; makes its folders. */
export const edit = (folder: string, name: string, text: string): void => {
  Fs.mkdirSync(Path.dirname(Path.join(folder, name)), { recursive: true })
  Fs.writeFileSync(Path.join(folder, name), text)
}

/** The commit a revision names. */
export const commitOf = (revision: string) =>
  Effect.flatMap(RealWorld.RealWorld, ({ git, repo }) => git(repo, "rev-parse", "--verify", revision))

/** What the repository's own check finds wrong: nothing, or the test fails. */
export const soundness = Effect.flatMap(RealWorld.RealWorld, ({ git, repo }) =>
  git(repo, "fsck", "--full", "--no-dangling", "--no-progress")
)
