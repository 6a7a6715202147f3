/** The main job for real, from the first phase to the last. */
import { Merges } from "@calm/core/Merges"
import { Tasks } from "@calm/core/Tasks"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

it.scopedLive("feat", () =>
  Effect.gen(function* () {
    const t = Date.now()
    const { git, repo } = yield* RealWorld.RealWorld
    console.log("setup", Date.now() - t)
    const task = yield* World.featureIn("DONE")
    console.log("feature", Date.now() - t)
    assert.strictEqual(task.phase, "DONE")
    console.log(yield* git(repo, "log", "--oneline", "--graph"))
  }).pipe(Effect.provide(RealWorld.layer()))
)
