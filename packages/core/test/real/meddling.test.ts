/** What others do between the moment a merge is judged and the moment the base moves. */
import { Reason } from "@calm/domain/Ids"
import type { Git } from "@calm/git/Git"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, names, refused, reviewed, withoutScripts } from "./support/calm.ts"

/** A world in which something happens once, after a merge was judged and before it is made. */
const worldWith = (meddle: () => Effect.Effect<void>) => {
  let done = false
  const once = Effect.suspend(() => {
    if (done) return Effect.void
    done = true
    return meddle()
  })
  return RealWorld.layer({
    files: withoutScripts,
    git: (real: Context.Tag.Service<typeof Git>) => ({
      ...real,
      commitTree: (options: Parameters<typeof real.commitTree>[0]) => Effect.zipLeft(real.commitTree(options), once)
    })
  })
}

/** Something to do in the middle, told once the world is there. */
const later = () => {
  let what: Effect.Effect<void> = Effect.void
  return {
    meddle: () => what,
    plan: <E, R>(effect: Effect.Effect<unknown, E, R>) =>
      Effect.map(Effect.context<R>(), (context) => {
        what = effect.pipe(Effect.provide(context), Effect.orDie, Effect.asVoid)
      })
  }
}

{
  const { meddle, plan } = later()
  it.scopedLive("another branch checked out in main's checkout is not moved in the place of main", () =>
    Effect.gen(function* () {
      const { merges, world } = yield* calm
      yield* reviewed("SPEC-001")
      const before = yield* commitOf("main")
      yield* plan(world.git(world.repo, "checkout", "-q", "-b", "other"))
      const { merge } = yield* merges.merge("SPEC-001")
      assert.strictEqual(yield* commitOf("main"), merge.commit)
      assert.strictEqual(yield* commitOf("other"), before)
      assert.strictEqual(yield* world.git(world.repo, "symbolic-ref", "--short", "HEAD"), "other")
      assert.strictEqual(yield* world.git(world.repo, "status", "--porcelain"), "")
    }).pipe(Effect.provide(worldWith(meddle)))
  )
}

{
  const { meddle, plan } = later()
  it.scopedLive("main checked out meanwhile goes along, instead of showing the merge taken back", () =>
    Effect.gen(function* () {
      const { merges, world } = yield* calm
      yield* reviewed("SPEC-001")
      yield* world.git(world.repo, "checkout", "-q", "-b", "other")
      yield* plan(world.git(world.repo, "checkout", "-q", "main"))
      const { merge } = yield* merges.merge("SPEC-001")
      assert.strictEqual(yield* commitOf("main"), merge.commit)
      assert.strictEqual(yield* world.git(world.repo, "status", "--porcelain"), "")
      assert.isTrue(Fs.existsSync(Path.join(world.repo, "src/SPEC-001.js")))
    }).pipe(Effect.provide(worldWith(meddle)))
  )
}

{
  const { meddle, plan } = later()
  it.scopedLive("a cancellation counts until the merge has begun", () =>
    Effect.gen(function* () {
      const { merges, tasks } = yield* calm
      yield* reviewed("SPEC-001")
      const before = yield* commitOf("main")
      yield* plan(tasks.cancel("SPEC-001", Reason.make("no longer wanted")))
      assert.deepStrictEqual(names(yield* refused(merges.merge("SPEC-001"))), ["phase"])
      assert.strictEqual(yield* commitOf("main"), before)
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "CANCELLED")
    }).pipe(Effect.provide(worldWith(meddle)))
  )
}

{
  const { meddle, plan } = later()
  it.scopedLive("an objection counts until the merge has begun", () =>
    Effect.gen(function* () {
      const { merges, reviews } = yield* calm
      yield* reviewed("SPEC-001")
      const before = yield* commitOf("main")
      yield* plan(reviews.record("SPEC-001", { type: "code", verdict: "changes_requested", by: World.reviewers[0] }))
      assert.deepStrictEqual(names(yield* refused(merges.merge("SPEC-001"))), ["code reviews"])
      assert.strictEqual(yield* commitOf("main"), before)
    }).pipe(Effect.provide(worldWith(meddle)))
  )
}

it.scopedLive(
  "a worktree that was taken away by hand does not keep its task from being merged, nor stays on the list",
  () =>
    Effect.gen(function* () {
      const { merges, world, worktrees } = yield* calm
      const path = yield* reviewed("SPEC-001")
      yield* world.git(world.repo, "worktree", "remove", path)
      const { merge, trash } = yield* merges.merge("SPEC-001")
      assert.strictEqual(yield* commitOf("main"), merge.commit)
      assert.strictEqual(trash, null)
      assert.deepStrictEqual(yield* worktrees.list, [])
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
