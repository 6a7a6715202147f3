/** A base that follows a remote. */
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, lacks, names, reviewed, refused, stateOf, withoutScripts } from "./support/calm.ts"

/** A bare repository that main follows, and somebody else's clone of it. */
const remote = Effect.gen(function* () {
  const { folder, git, repo } = yield* RealWorld.RealWorld
  const bare = Path.join(folder, "remote.git")
  yield* git(folder, "clone", "--quiet", "--bare", repo, bare)
  yield* git(repo, "remote", "add", "origin", bare)
  yield* git(repo, "fetch", "--quiet", "origin")
  yield* git(repo, "branch", "--quiet", "--set-upstream-to=origin/main")
  const other = Path.join(folder, "other")
  yield* git(folder, "clone", "--quiet", bare, other)
  return { bare, other }
})

const pushed = Effect.fnUntraced(function* (other: string, name: string) {
  const { git } = yield* RealWorld.RealWorld
  yield* World.commitIn(other, { [name]: `${name}\n` })
  yield* git(other, "push", "--quiet")
})

it.scopedLive("a base even with its remote, or ahead of it, is merged into, and nothing is pushed", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    const { bare } = yield* remote
    const there = yield* world.git(bare, "rev-parse", "main")
    yield* reviewed("SPEC-001")
    yield* reviewed("SPEC-002")
    yield* merges.merge("SPEC-001")
    assert.strictEqual(yield* world.git(world.repo, "rev-list", "--count", "origin/main..main"), "2")
    yield* merges.merge("SPEC-002")
    assert.strictEqual(yield* world.git(bare, "rev-parse", "main"), there)
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive(
  "a base behind its remote or diverged from it is not merged into; one whose remote is gone only with --no-pull",
  () =>
    Effect.gen(function* () {
      const { merges, world } = yield* calm
      const { git, repo } = world
      const { bare, other } = yield* remote
      yield* reviewed("SPEC-001")
      const merge = merges.merge("SPEC-001")
      const hint = "calm worktree merge SPEC-001 --no-pull"
      const main = yield* commitOf("main")

      yield* pushed(other, "one.txt")
      const behind = yield* refused(merge)
      assert.deepStrictEqual([behind.exit, names(behind)], [6, ["upstream"]])
      assert.include(behind.reasons["upstream"], "1 commit behind origin/main")
      assert.strictEqual(behind.hints["upstream"], `git -C ${repo} pull --ff-only`)
      assert.strictEqual(yield* commitOf("main"), main)

      Fs.renameSync(bare, `${bare}.away`)
      const before = yield* stateOf(repo)
      const gone = yield* refused(merge)
      assert.deepStrictEqual([gone.exit, names(gone)], [8, ["upstream"]])
      assert.strictEqual(gone.hints["upstream"], hint)
      assert.deepStrictEqual(yield* stateOf(repo), before)
      Fs.renameSync(`${bare}.away`, bare)

      yield* World.commitIn(repo, { "two.txt": "two\n" })
      const diverged = yield* refused(merge)
      assert.strictEqual(diverged.exit, 6)
      assert.include(diverged.reasons["upstream"], "commits of its own")
      const known = yield* refused(merges.merge("SPEC-001", { noPull: true }))
      assert.deepStrictEqual(names(known), ["upstream"], "not asking does not help against what is known")

      yield* git(repo, "merge", "--quiet", "--no-edit", "origin/main")
      Fs.renameSync(bare, `${bare}.away`)
      yield* merges.merge("SPEC-001", { noPull: true })
      assert.strictEqual(yield* git(repo, "show", "main:two.txt"), "two")
      assert.include(names(lacks((yield* merges.check("SPEC-001", { noPull: true })).verdict)), "phase", "it is in")
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("a clone's base is the default branch of its remote, whatever is checked out", () =>
  Effect.gen(function* () {
    const { projects, world } = yield* calm
    const { git } = world
    const { bare, other } = yield* remote
    yield* git(bare, "branch", "--quiet", "-m", "main", "trunk")
    yield* git(world.folder, "clone", "--quiet", bare, "clone")
    const clone = Path.join(world.folder, "clone")
    yield* git(clone, "switch", "--quiet", "--create", "main")
    const { project } = yield* projects.register(clone)
    assert.strictEqual(project.baseBranch, "trunk")
    assert.strictEqual((yield* projects.register(other)).project.baseBranch, "main")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
