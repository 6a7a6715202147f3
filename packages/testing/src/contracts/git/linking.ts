/** Contract of the links between worktrees and git's records of them, which moving things by hand breaks. */
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { some, type Test, told, type World } from "./world.ts"

/** A repository with two worktrees inside, one of them with an uncommitted file, moved as a whole. */
const moved = Effect.fnUntraced(function* <E>(w: World<E>) {
  for (const branch of ["SPEC-1", "SPEC-2"])
    yield* w.git.addWorktree({ repo: w.repo, path: `${w.repo}/trees/${branch}`, branch, start: Option.some(w.root) })
  yield* w.write(`${w.repo}/trees/SPEC-1`, { "mine.txt": "m" })
  const repo = `${w.folder}/elsewhere`
  yield* w.fs.rename(w.repo, repo)
  return { repo, one: `${repo}/trees/SPEC-1`, two: `${repo}/trees/SPEC-2` }
})

export const linkingTests = (test: Test): void => {
  test("a branch is seen while it is there, packed away or not, and no longer once it is deleted", (w) =>
    Effect.gen(function* () {
      yield* w.worktree("SPEC-1", w.root)
      deepStrictEqual(yield* w.git.branchSeen(w.repo, "SPEC-1"), Option.some(true))
      deepStrictEqual(yield* w.git.branchSeen(w.repo, "SPEC-"), Option.some(false))
      yield* w.git.updateRef({
        repo: w.repo,
        ref: "refs/heads/SPEC-1",
        from: Option.some(w.root),
        to: Option.none(),
        reason: "gone"
      })
      deepStrictEqual(yield* w.git.branchSeen(w.repo, "SPEC-1"), Option.some(false))
    }))

  test("a worktree that nobody moved is linked, and linking it again changes nothing", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      strictEqual(yield* w.git.worktreeLink(w.repo, path), "intact")
      const before = yield* w.read(path, ".git")
      yield* w.git.relinkWorktree({ repo: w.repo, path })
      strictEqual(yield* w.read(path, ".git"), before)
    }))

  test("moving the repository breaks the links of its worktrees; linking mends the one that is named and no other", (w) =>
    Effect.gen(function* () {
      const { one, repo, two } = yield* moved(w)
      strictEqual(yield* w.git.worktreeLink(repo, one), "broken")
      strictEqual((yield* Effect.flip(w.git.status(one)))._tag, "GitFailed")
      yield* w.git.relinkWorktree({ repo, path: one })
      strictEqual(yield* w.git.worktreeLink(repo, one), "intact")
      deepStrictEqual(told(yield* w.git.status(one)), ["untracked mine.txt"])
      assertTrue((yield* w.git.worktrees(repo)).some((entry) => entry.path === one && !entry.prunable))
      strictEqual(yield* w.git.worktreeLink(repo, two), "broken")
    }))

  test("a worktree that was moved by hand is linked at its new place", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      const place = `${w.folder}/SPEC-1-moved`
      yield* w.fs.rename(path, place)
      strictEqual(yield* w.git.worktreeLink(w.repo, path), "lost")
      strictEqual(yield* w.git.worktreeLink(w.repo, place), "broken")
      yield* w.git.relinkWorktree({ repo: w.repo, path: place })
      deepStrictEqual(yield* w.git.status(place), [])
    }))

  test("a worktree that lost its .git file is linked again, with what is uncommitted in it", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      yield* w.write(path, { "mine.txt": "mine" })
      yield* w.fs.remove(`${path}/.git`)
      strictEqual(yield* w.git.worktreeLink(w.repo, path), "broken")
      yield* w.git.relinkWorktree({ repo: w.repo, path })
      strictEqual(yield* w.git.worktreeLink(w.repo, path), "intact")
      deepStrictEqual(told(yield* w.git.status(path)), ["untracked mine.txt"])
    }))

  test("a plain folder, a copy of a worktree and a worktree that git forgot are lost, and linking them fails", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      const copy = `${w.folder}/copy`
      yield* w.fs.copy(path, copy)
      yield* w.write(`${w.folder}/plain`, { "a.txt": "a" })
      const forgotten = yield* w.worktree("SPEC-2", w.root)
      yield* w.fs.remove(`${w.repo}/.git/worktrees/SPEC-2`, { recursive: true })
      for (const place of [copy, `${w.folder}/plain`, forgotten, `${w.folder}/nothing`]) {
        strictEqual(yield* w.git.worktreeLink(w.repo, place), "lost", place)
        strictEqual((yield* Effect.flip(w.git.relinkWorktree({ repo: w.repo, path: place })))._tag, "GitFailed", place)
      }
      strictEqual(yield* w.git.worktreeLink(w.repo, path), "intact")
    }))

  test("a commit tells when it was made, to the second", (w) =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const before = Math.floor((yield* clock.currentTimeMillis) / 1000) * 1000
      const commit = yield* w.commit(w.repo, { "a.txt": "a" })
      const made = yield* w.git.committedAt(w.repo, commit)
      assertTrue(made >= before && made <= (yield* clock.currentTimeMillis) && made % 1000 === 0)
      const branch = some(yield* w.git.resolve(w.repo, "main"), "main")
      strictEqual(yield* w.git.committedAt(w.repo, branch), made)
    }))
}
