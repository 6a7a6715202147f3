/** Contract of worktrees: adding, listing, moving to the trash and back. */
import {
  assertEquals,
  assertFalse,
  assertNone,
  assertSome,
  assertTrue,
  deepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import * as Git from "@calm/git/Git"
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { oddNames, some, type Test, told, type World } from "./world.ts"

/** A worktree with one file in every state, and the status it has. */
const busy = Effect.fnUntraced(function* <E>(w: World<E>) {
  const path = yield* w.worktree("SPEC-1", w.root)
  const commit = yield* w.commit(path, { "both.txt": "0", "gone.txt": "0", "edited.txt": "0" })
  yield* w.write(path, { "both.txt": "1", "added.txt": "1" })
  yield* w.stage(path, "both.txt", "added.txt")
  yield* w.remove(path, "gone.txt")
  yield* w.write(path, {
    "both.txt": "2",
    "edited.txt": "1",
    "new/file.txt": "n",
    "ignored.txt": "i",
    "build/out": "o",
    ...Object.fromEntries(oddNames.map((name) => [`odd/${name}`, name]))
  })
  const status = told(yield* w.git.status(path))
  return { path, commit, status, trash: `${w.folder}/trash/one` }
})

const listed = (w: World<unknown>) =>
  Effect.map(w.git.worktrees(w.repo), (entries) => entries.map((entry) => entry.path))

export const worktreeTests = (test: Test): void => {
  test("addWorktree makes a new branch at a commit, in a folder whose parents need not exist", (w) =>
    Effect.gen(function* () {
      const tip = yield* w.commit(w.repo, { "later.txt": "l" })
      const path = `${w.folder}/deep/er/SPEC-1`
      yield* w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.some(w.root) })
      deepStrictEqual(yield* w.git.head(path), {
        commit: Option.some(w.root),
        branch: Option.some("refs/heads/SPEC-1")
      })
      deepStrictEqual(yield* w.git.status(path), [])
      strictEqual(yield* w.read(path, "README.md"), "hello\n")
      assertFalse(yield* w.exists(path, "later.txt"))
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), tip)
      deepStrictEqual(yield* w.git.worktrees(w.repo), [
        {
          path: w.repo,
          commit: Option.some(tip),
          branch: Option.some("refs/heads/main"),
          bare: false,
          locked: false,
          prunable: false
        },
        {
          path,
          commit: Option.some(w.root),
          branch: Option.some("refs/heads/SPEC-1"),
          bare: false,
          locked: false,
          prunable: false
        }
      ])
    }))

  test("addWorktree takes up an existing branch, also from inside another worktree", (w) =>
    Effect.gen(function* () {
      const first = yield* w.worktree("SPEC-1", w.root)
      const tip = yield* w.commit(w.repo, { "a.txt": "a" })
      yield* w.git.updateRef({
        repo: w.repo,
        ref: "refs/heads/SPEC-2",
        from: Option.none(),
        to: Option.some(tip),
        reason: "test"
      })
      yield* w.git.addWorktree({ repo: first, path: `${w.folder}/SPEC-2`, branch: "SPEC-2", start: Option.none() })
      assertSome((yield* w.git.head(`${w.folder}/SPEC-2`)).commit, tip)
      deepStrictEqual((yield* listed(w)).toSorted(), [`${w.folder}/SPEC-1`, `${w.folder}/SPEC-2`, w.repo])
      strictEqual((yield* w.git.worktrees(first))[0]?.path, w.repo)
    }))

  test("addWorktree refuses an existing folder and leaves it and the branches alone", (w) =>
    Effect.gen(function* () {
      const path = `${w.folder}/there`
      yield* w.write(path, { "mine.txt": "m" })
      const error = yield* Effect.flip(
        w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.some(w.root) })
      )
      assertEquals(error, new Git.GitExists({ what: "path", name: path }))
      strictEqual(yield* w.read(path, "mine.txt"), "m")
      assertNone(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"))
    }))

  test("addWorktree with a start refuses an existing branch and leaves it where it is", (w) =>
    Effect.gen(function* () {
      const tip = yield* w.commit(w.repo, { "a.txt": "a" })
      yield* w.git.updateRef({
        repo: w.repo,
        ref: "refs/heads/SPEC-1",
        from: Option.none(),
        to: Option.some(tip),
        reason: "test"
      })
      const path = `${w.folder}/SPEC-1`
      const error = yield* Effect.flip(
        w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.some(w.root) })
      )
      assertEquals(error, new Git.GitExists({ what: "branch", name: "SPEC-1" }))
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"), tip)
      assertFalse(yield* w.fs.exists(path))
    }))

  test("addWorktree refuses a branch that is checked out elsewhere", (w) =>
    Effect.gen(function* () {
      const path = `${w.folder}/again`
      const error = yield* Effect.flip(w.git.addWorktree({ repo: w.repo, path, branch: "main", start: Option.none() }))
      assertEquals(error, new Git.GitExists({ what: "worktree", name: w.repo }))
      assertFalse(yield* w.fs.exists(path))
      deepStrictEqual(yield* listed(w), [w.repo])
    }))

  test("addWorktree of a missing branch or from a missing commit fails and leaves nothing behind", (w) =>
    Effect.gen(function* () {
      const path = `${w.folder}/SPEC-1`
      const noBranch = yield* Effect.flip(
        w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.none() })
      )
      strictEqual(noBranch._tag, "GitFailed")
      assertFalse(yield* w.fs.exists(path))
      assertNone(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"))
      deepStrictEqual(yield* listed(w), [w.repo])
    }))

  test("a worktree whose folder is gone is listed as prunable", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      yield* w.fs.remove(path, { recursive: true })
      deepStrictEqual(
        (yield* w.git.worktrees(w.repo)).map((entry) => [entry.path, entry.prunable]),
        [
          [w.repo, false],
          [path, true]
        ]
      )
    }))

  test("trashWorktree moves the folder with everything in it and git forgets it; the branch stays", (w) =>
    Effect.gen(function* () {
      const { commit, path, trash } = yield* busy(w)
      const trashed = yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      deepStrictEqual(trashed, { folder: trash })
      assertFalse(yield* w.fs.exists(path))
      deepStrictEqual(yield* listed(w), [w.repo])
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"), commit)
      strictEqual(yield* w.read(`${trash}/tree`, "ignored.txt"), "i")
      strictEqual(yield* w.read(`${trash}/tree`, "both.txt"), "2")
    }))

  test("a trashed worktree's place and branch can be used again", (w) =>
    Effect.gen(function* () {
      const { path, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.none() })
      deepStrictEqual(yield* w.git.status(path), [])
    }))

  test("untrashWorktree brings back staged, unstaged, untracked and ignored files, and the branch", (w) =>
    Effect.gen(function* () {
      const { commit, path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head: { branch: "refs/heads/SPEC-1" } })
      deepStrictEqual(told(yield* w.git.status(path)), status)
      deepStrictEqual(yield* w.git.head(path), {
        commit: Option.some(commit),
        branch: Option.some("refs/heads/SPEC-1")
      })
      strictEqual(yield* w.read(path, "ignored.txt"), "i")
      strictEqual(yield* w.read(path, "build/out"), "o")
      strictEqual(yield* w.read(path, "both.txt"), "2")
      deepStrictEqual(yield* listed(w), [w.repo, path])
      const tip = some(yield* w.git.commit({ checkout: path, message: "On", include: "staged" }), "a commit")
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"), tip)
    }))

  test("untrashWorktree detaches HEAD where asked, with the same files and the same status", (w) =>
    Effect.gen(function* () {
      const { commit, path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const moved = yield* w.commit(w.repo, { "x.txt": "x" })
      yield* w.git.updateRef({
        repo: w.repo,
        ref: "refs/heads/SPEC-1",
        from: Option.some(commit),
        to: Option.some(moved),
        reason: "test"
      })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head: { commit } })
      deepStrictEqual(yield* w.git.head(path), { commit: Option.some(commit), branch: Option.none() })
      deepStrictEqual(told(yield* w.git.status(path)), status)
      const here = (yield* w.git.worktrees(w.repo)).find((entry) => entry.path === path)
      assertNone(some(Option.fromNullable(here), "the worktree").branch)
    }))

  test("untrashWorktree detaches HEAD at its commit when the branch asked for has moved on", (w) =>
    Effect.gen(function* () {
      const { commit, path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const ref = "refs/heads/SPEC-1"
      const moved = yield* w.commit(w.repo, { "x.txt": "x" })
      yield* w.git.updateRef({ repo: w.repo, ref, from: Option.some(commit), to: Option.some(moved), reason: "test" })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head: { branch: ref } })
      deepStrictEqual(yield* w.git.head(path), { commit: Option.some(commit), branch: Option.none() })
      deepStrictEqual(told(yield* w.git.status(path)), status)
      assertSome(yield* w.git.resolve(w.repo, ref), moved)
    }))

  test("untrashWorktree detaches HEAD at its commit when the branch asked for is checked out elsewhere", (w) =>
    Effect.gen(function* () {
      const { commit, path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const other = `${w.folder}/other`
      yield* w.git.addWorktree({ repo: w.repo, path: other, branch: "SPEC-1", start: Option.none() })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head: { branch: "refs/heads/SPEC-1" } })
      deepStrictEqual(yield* w.git.head(path), { commit: Option.some(commit), branch: Option.none() })
      deepStrictEqual(told(yield* w.git.status(path)), status)
      assertSome((yield* w.git.head(other)).branch, "refs/heads/SPEC-1")
    }))

  test("untrashWorktree works at another path", (w) =>
    Effect.gen(function* () {
      const { path, status, trash } = yield* busy(w)
      const elsewhere = `${w.folder}/some/where/else`
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.git.untrashWorktree({
        repo: w.repo,
        folder: trash,
        path: elsewhere,
        head: { branch: "refs/heads/SPEC-1" }
      })
      deepStrictEqual(told(yield* w.git.status(elsewhere)), status)
      deepStrictEqual(yield* listed(w), [w.repo, elsewhere])
    }))

  test("trash and untrash done twice are as done once", (w) =>
    Effect.gen(function* () {
      const { path, status, trash } = yield* busy(w)
      const put = w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      deepStrictEqual(yield* put, yield* put)
      const get = w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head: { branch: "refs/heads/SPEC-1" } })
      yield* get
      yield* get
      deepStrictEqual(told(yield* w.git.status(path)), status)
    }))

  test("untrashWorktree refuses a path that is taken and leaves both alone", (w) =>
    Effect.gen(function* () {
      const { path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.write(path, { "mine.txt": "m" })
      const head = { branch: "refs/heads/SPEC-1" }
      const error = yield* Effect.flip(w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head }))
      assertEquals(error, new Git.GitExists({ what: "path", name: path }))
      strictEqual(yield* w.read(path, "mine.txt"), "m")
      yield* w.fs.remove(path, { recursive: true })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      deepStrictEqual(told(yield* w.git.status(path)), status)
    }))

  test("two worktrees of the same folder name come back from the trash side by side", (w) =>
    Effect.gen(function* () {
      const { path, status, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-2", start: Option.some(w.root) })
      const second: Sha = yield* w.commit(path, { "second.txt": "2" })
      const back = `${w.folder}/back/SPEC-1`
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path: back, head: { branch: "refs/heads/SPEC-1" } })
      deepStrictEqual(told(yield* w.git.status(back)), status)
      deepStrictEqual(yield* w.git.status(path), [])
      assertSome((yield* w.git.head(path)).commit, second)
      deepStrictEqual((yield* listed(w)).toSorted(), [path, back, w.repo].toSorted())
    }))

  test("trashWorktree of a worktree whose folder is gone makes git forget it", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      yield* w.fs.remove(path, { recursive: true })
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: `${w.folder}/trash/one` })
      deepStrictEqual(yield* listed(w), [w.repo])
      assertTrue(Option.isSome(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1")))
    }))
}
