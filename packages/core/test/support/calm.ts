/** What most tests of the domains need at hand. */
import { Counters } from "@calm/core/Counters"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Events } from "@calm/core/Events"
import { Explain } from "@calm/core/Explain"
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { Operations } from "@calm/core/Operations"
import { Projects } from "@calm/core/Projects"
import { Reviews } from "@calm/core/Reviews"
import { Status } from "@calm/core/Status"
import type { MoveRefused } from "@calm/core/TaskErrors"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Worktrees } from "@calm/core/Worktrees"
import { Note, PersonName, Reason, type Sha, WorkerId } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import { MemoryGitControl } from "@calm/git/MemoryGit"
import { repo, ScriptedChecks } from "@calm/testing/CalmTest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Every service and control of the world in memory. */
export const calm = Effect.all({
  checks: ScriptedChecks,
  control: MemoryGitControl,
  counters: Counters,
  events: Events,
  explain: Explain,
  files: FileSystem.FileSystem,
  gates: Gates,
  git: Git,
  merges: Merges,
  operations: Operations,
  project: CurrentProject,
  projects: Projects,
  reviews: Reviews,
  status: Status,
  tasks: Tasks,
  transitions: Transitions,
  worktrees: Worktrees
})

export const by = PersonName.make
export const because = Reason.make
export const note = Note.make

/** In the name of a worker. */
export const asWorker =
  (id: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, CurrentActor, { name: id, workerId: WorkerId.make(id) })

/** The failure of an effect that must fail with this tag. */
export const failure = <A, E extends { readonly _tag: string; readonly message: string }, R, Tag extends E["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: Tag
): Effect.Effect<Extract<E, { readonly _tag: Tag }>, never, R> =>
  Effect.flip(effect).pipe(
    Effect.orDie,
    Effect.filterOrDieMessage(
      (error): error is Extract<E, { readonly _tag: Tag }> => error._tag === tag,
      `the failure was not a ${tag}`
    ),
    // A failure of another kind says what it is.
    Effect.tapDefect(() => Effect.flip(effect).pipe(Effect.tap((error) => Effect.logError(error)), Effect.ignore))
  )

/** The conditions that a refusal names. */
export const named = (refused: MoveRefused): ReadonlyArray<string> => refused.outcomes.map((outcome) => outcome.check)

/** The tip of a branch. */
export const tipOf = (branch: string) =>
  Effect.flatMap(Git, (git) => git.resolve(repo, `refs/heads/${branch}`)).pipe(Effect.map((tip): Sha => Option.getOrThrow(tip)))

/** How many events of each kind the project has. */
export const trail = Effect.flatMap(Events, (events) => events.list({ limit: 10_000 })).pipe(
  Effect.map((all) => all.map((event) => event.kind))
)
