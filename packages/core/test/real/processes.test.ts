/** Several processes at once. */
import { mergesSinceDocs, mergesSinceE2e } from "@calm/domain/Counter"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, reviewed, soundness, withoutScripts } from "./support/calm.ts"
import { bundle, start } from "./support/children.ts"

it.scopedLive(
  "two processes that merge at the same moment both land, one after the other, five times over",
  () =>
    Effect.gen(function* () {
      const { counters, tasks, world } = yield* calm
      const { git, repo } = world
      const child = yield* bundle
      for (let round = 1; round <= 5; round++) {
        const pair = [`SPEC-${round}01`, `SPEC-${round}02`]
        yield* Effect.forEach(pair, (id) => reviewed(id))
        const before = yield* commitOf("main")
        const children = yield* Effect.forEach(pair, (task) => start(child, { command: "merge", task, stop: null }), {
          concurrency: 2
        })
        yield* Effect.forEach(children, (one) => one.ready)
        yield* Effect.forEach(children, (one) => one.go, { concurrency: 2 })
        const ends = yield* Effect.forEach(children, (one) => one.ended, { concurrency: 2 })
        for (const end of ends) assert.deepStrictEqual(end, { code: 0, signal: null, stderr: "" })

        assert.strictEqual(yield* commitOf("main~2"), before, "two merges, in a row")
        for (const id of pair) {
          assert.strictEqual((yield* tasks.get(id)).phase, "VERIFY")
          assert.strictEqual(yield* git(repo, "show", `main:src/${id}.js`), World.codeOf(id)[`src/${id}.js`]?.trim())
          assert.isTrue(Fs.existsSync(Path.join(repo, `src/${id}.js`)))
        }
        assert.strictEqual((yield* counters.get(mergesSinceE2e)).value, 2 * round)
        assert.strictEqual((yield* counters.get(mergesSinceDocs)).value, 2 * round)
        assert.strictEqual(yield* git(repo, "status", "--porcelain"), "")
      }
      assert.strictEqual(yield* soundness, "")
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  180_000
)
