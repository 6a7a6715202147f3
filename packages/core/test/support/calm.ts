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
import type { MoveRefused } from "@calm/core/MoveRefused"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Contexts } from "@calm/core/Contexts"
import { Roles } from "@calm/core/Roles"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import { CounterName, Note, PersonName, Reason, type Sha, WorkerId } from "@calm/domain/Ids"
import type { Problem } from "@calm/domain/Problem"
import { unmet, type Verdict } from "@calm/domain/Verdict"
import { Git } from "@calm/git/Git"
import { MemoryGitControl } from "@calm/git/MemoryGit"
import { repo, ScriptedChecks } from "@calm/testing/CalmTest"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"

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
  contexts: Contexts,
  roles: Roles,
  workers: Workers,
  worktrees: Worktrees
})

/** So many days go by, on each of which calm is used. */
export const lived = (days: number) =>
  Effect.gen(function* () {
    const counters = yield* Counters
    for (let day = 0; day < days; day++) {
      yield* TestClock.adjust("1 day")
      yield* counters.increment(CounterName.make("merges_since_docs"))
    }
  })

export const by = (name: string) => PersonName.make(name)
export const because = (reason: string) => Reason.make(reason)
export const note = (text: string) => Note.make(text)

/** In the name of a worker. */
export const asWorker =
  (id: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, CurrentActor, { name: id, workerId: WorkerId.make(id) })

/** The failure of an effect that must fail with this tag; any other outcome is a defect of the test. */
export const failure = <A, E extends { readonly _tag: string }, R, Tag extends E["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: Tag
): Effect.Effect<Extract<E, { readonly _tag: Tag }>, never, R> => {
  const wanted = (error: E): error is Extract<E, { readonly _tag: Tag }> => error._tag === tag
  return Effect.matchEffect(effect, {
    onFailure: (error) => (wanted(error) ? Effect.succeed(error) : Effect.die(error)),
    onSuccess: (answer) => Effect.dieMessage(`it should have failed with ${tag} and gave ${JSON.stringify(answer)}`)
  })
}

/** The conditions that a refusal names. */
export const named = (refused: MoveRefused): ReadonlyArray<string> => refused.outcomes.map((outcome) => outcome.check)

/** The names of the conditions of a verdict that are not met. */
export const lacking = (judged: Verdict): ReadonlyArray<string> => unmet(judged).map((outcome) => outcome.check)

/** What a failure is called, its exit code's category, and what it says would help. */
export const told = <A, E extends Problem, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag, category, hint }) => ({ tag: _tag, category, hint }))

/** Deep equality, of branded values with plain ones too. */
export const same = (actual: unknown, expected: unknown) => assert.deepStrictEqual(actual, expected)

/** The tip of a branch. */
export const tipOf = (branch: string) =>
  Effect.flatMap(Git, (git) => git.resolve(repo, `refs/heads/${branch}`)).pipe(
    Effect.map((tip): Sha => Option.getOrThrow(tip))
  )

/** How many events of each kind the project has. */
export const trail = Effect.flatMap(Events, (events) => events.list({ limit: 10_000 })).pipe(
  Effect.map((all) => all.map((event) => event.kind))
)
