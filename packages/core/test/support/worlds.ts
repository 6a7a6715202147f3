/** Worlds that several test files begin with. */
import { Gates } from "@calm/core/Gates"
import { repo, ScriptedChecks } from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as Effect from "effect/Effect"
import { calm, failure, lacking, named, same, tipOf } from "./calm.ts"

/** The worktree of SPEC-001. */
export const worktree = `${repo}/.worktrees/SPEC-001`

/** The gate with the script checks. */
export const gate = "IMPLEMENT-CODE_REVIEW"

/** A feature in IMPLEMENT whose worktree has code and a test. */
export const implemented = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("IMPLEMENT")
  yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
  return { ...world, path: worktree, check: Effect.flatMap(Gates, (gates) => gates.check("SPEC-001", gate)) }
})

/** The scripts that an effect runs. */
export const runs = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const checks = yield* ScriptedChecks
    const before = (yield* checks.ran).length
    yield* effect
    return (yield* checks.ran).slice(before).sort()
  })

/** What `runs` gives when every script is run. */
export const everyScript = ["linter", "tests", "todos", "types"]

/** A feature that may be merged, and all that a refused merge must leave as it is. */
export const mergeable = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("INTEGRATE")
  const head = yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
  const state = Effect.gen(function* () {
    return {
      main: yield* tipOf("main"),
      branch: yield* tipOf("SPEC-001"),
      checkout: yield* world.git.head(repo),
      status: yield* world.git.status(repo),
      task: yield* world.tasks.details("SPEC-001"),
      worktrees: (yield* world.git.worktrees(repo)).map(({ path }) => path),
      counters: (yield* world.counters.list).map(({ value }) => value),
      operations: yield* world.operations.unfinished
    }
  })
  /** The merge must be refused, with nothing changed, and `check` must say the same. */
  const refused = Effect.gen(function* () {
    const before = yield* state
    const { verdict } = yield* world.merges.check("SPEC-001")
    const error = yield* failure(world.merges.merge("SPEC-001"), "MoveRefused")
    same(yield* state, before)
    same([named(error), error.category], [lacking(verdict), verdict.unmet])
    return error
  })
  return { ...world, head, refused, state }
})
