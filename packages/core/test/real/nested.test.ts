/** Folders that git sees otherwise than calm would like: repositories inside of a worktree, and links. */
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, edit, filesOf, started } from "./support/calm.ts"

it.scopedLive(
  "repositories inside of a worktree, with and without commits, come back from the trash as they were",
  () =>
    Effect.gen(function* () {
      const { world, worktrees } = yield* calm
      const { git, repo } = world
      const worktree = yield* started("SPEC-001")
      for (const inner of ["whole", "vendor/bare[1]"]) {
        edit(worktree, `${inner}/work.txt`, "hours of work\n")
        yield* git(worktree, "init", "--quiet", inner)
      }
      yield* git(Path.join(worktree, "whole"), "add", ".")
      yield* git(Path.join(worktree, "whole"), "commit", "--quiet", "-m", "Inner")
      edit(worktree, "vendor/notes.txt", "beside it\n")
      const before = filesOf(worktree)
      const inner = yield* git(Path.join(worktree, "whole"), "rev-parse", "HEAD")

      const { rescueRef } = yield* worktrees.remove("SPEC-001", "removed")
      const rescued = yield* git(repo, "ls-tree", "-r", "--name-only", rescueRef ?? "")
      assert.include(rescued, "vendor/notes.txt")
      assert.notInclude(rescued, "whole")

      yield* worktrees.restore("SPEC-001")
      assert.deepStrictEqual(filesOf(worktree), before)
      assert.strictEqual(yield* git(Path.join(worktree, "whole"), "rev-parse", "HEAD"), inner)
    }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a worktree on a branch without commits comes back on it", () =>
  Effect.gen(function* () {
    const { world, worktrees } = yield* calm
    const worktree = yield* started("SPEC-001")
    yield* world.git(worktree, "switch", "--quiet", "--orphan", "unborn")
    edit(worktree, "work.txt", "hours of work\n")
    yield* worktrees.remove("SPEC-001", "removed")
    yield* worktrees.restore("SPEC-001")
    assert.strictEqual(Fs.readFileSync(Path.join(worktree, "work.txt"), "utf8"), "hours of work\n")
    assert.strictEqual(yield* world.git(worktree, "symbolic-ref", "HEAD"), "refs/heads/unborn")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a folder of worktrees that became a link is left alone by remove, with the work in it", () =>
  Effect.gen(function* () {
    const { world, worktrees } = yield* calm
    const { folder, repo } = world
    const worktree = yield* started("SPEC-001")
    edit(worktree, "work.txt", "hours of work\n")
    const elsewhere = Path.join(folder, "elsewhere")
    Fs.renameSync(Path.join(repo, ".worktrees"), elsewhere)
    Fs.symlinkSync(elsewhere, Path.join(repo, ".worktrees"))
    yield* world.git(repo, "worktree", "repair", Path.join(elsewhere, "SPEC-001"))
    const refused = yield* Effect.flip(worktrees.remove("SPEC-001", "removed"))
    assert.strictEqual(refused._tag, "RemovalRefused")
    assert.strictEqual(Fs.readFileSync(Path.join(worktree, "work.txt"), "utf8"), "hours of work\n")
    assert.strictEqual((yield* Effect.flip(worktrees.create("SPEC-001", { setup: false })))._tag, "FolderUnsuitable")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive(
  "a worktree that was removed with git is made anew with its commits, or forgotten when it is removed",
  () =>
    Effect.gen(function* () {
      const { world, worktrees } = yield* calm
      const { git, repo } = world
      const worktree = yield* started("SPEC-001")
      yield* World.commit("SPEC-001", { "half.js": "done\n" })
      const commit = yield* commitOf("SPEC-001")
      yield* git(repo, "worktree", "remove", "--force", worktree)
      assert.isTrue((yield* worktrees.create("SPEC-001", { setup: false })).resumed)
      assert.strictEqual(yield* commitOf("SPEC-001"), commit)
      yield* git(repo, "worktree", "remove", "--force", worktree)
      assert.strictEqual((yield* Effect.flip(worktrees.remove("SPEC-001", "removed")))._tag, "WorktreeNotFound")
      assert.deepStrictEqual(yield* worktrees.list, [])
    }).pipe(Effect.provide(RealWorld.layer()))
)
