/** What tests may steer in the model of git. */
import * as Git from "@calm/git/Git"
import { describe, it } from "@effect/vitest"
import { assertEquals, assertFalse, assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { commit, layer, repo, told, world, write } from "./MemoryGitWorld.ts"

describe("the control of the model of git", () => {
  it.effect("gives a branch an upstream that a fetch moves the tracking ref to, or fails to", () =>
    Effect.gen(function* () {
      const { control, git, root, tree } = yield* world
      const ahead = yield* commit({ "a.txt": "a" }, tree)
      const branch = "refs/heads/main"
      yield* control.setUpstream(repo, branch, { tip: Option.some(ahead), known: Option.some(root) })
      yield* control.setRemoteDefaultBranch(repo, Option.some(branch))
      assertSome(yield* git.remoteDefaultBranch(repo), branch)
      const upstream = { remote: "origin", remoteRef: branch, trackingRef: "refs/remotes/origin/main" }
      assertSome(yield* git.upstream(repo, branch), upstream)
      assertSome(yield* git.resolve(repo, "origin/main"), root)
      yield* control.failFetch(repo, branch, Option.some("could not read from remote repository"))
      const error = yield* Effect.flip(git.fetch(repo, upstream))
      assertEquals(
        error,
        new Git.GitFailed({
          operation: "fetch from the remote",
          exitCode: 128,
          detail: "fatal: could not read from remote repository"
        })
      )
      assertSome(yield* git.resolve(repo, "origin/main"), root)
      yield* control.failFetch(repo, branch, Option.none())
      yield* git.fetch(repo, upstream)
      assertSome(yield* git.resolve(repo, "origin/main"), ahead)
    }).pipe(Effect.provide(layer))
  )

  it.effect("locks worktrees, and puts checkouts into the middle of an operation", () =>
    Effect.gen(function* () {
      const { control, git, tree } = yield* world
      yield* control.lockWorktree(tree)
      deepStrictEqual(
        (yield* git.worktrees(repo)).map((entry) => entry.locked),
        [false, true]
      )
      yield* control.unlockWorktree(tree)
      deepStrictEqual(
        (yield* git.worktrees(repo)).map((entry) => entry.locked),
        [false, false]
      )
      for (const operation of ["merge", "rebase", "cherry-pick", "revert", "bisect"]) {
        yield* control.setInProgress(tree, Option.some(operation))
        assertSome(yield* git.inProgress(tree), operation)
        assertNone(yield* git.inProgress(repo))
      }
      yield* control.setInProgress(tree, Option.none())
      assertNone(yield* git.inProgress(tree))
    }).pipe(Effect.provide(layer))
  )

  it.effect("says who commits and which git there is", () =>
    Effect.gen(function* () {
      const { control, git } = yield* world
      strictEqual(yield* git.version, "2.39.5")
      yield* control.setVersion(Option.some("2.30.1"))
      assertEquals(yield* Effect.flip(git.version), new Git.GitMissing({ found: "2.30.1" }))
      yield* control.setVersion(Option.none())
      assertEquals(yield* Effect.flip(git.version), new Git.GitMissing({ found: null }))
      assertSome(yield* git.userName(repo), "Memory User")
      yield* control.setUserName(Option.none())
      assertNone(yield* git.userName(repo))
      assertSome(yield* git.userEmail(repo), "memory@example.org")
      yield* control.setUserEmail(Option.none())
      assertNone(yield* git.userEmail(repo))
      yield* commit({ "a.txt": "a" })
    }).pipe(Effect.provide(layer))
  )

  it.effect("hides a file from the status, which says so", () =>
    Effect.gen(function* () {
      const { control, git, root } = yield* world
      yield* control.hide(repo, ["README.md"])
      yield* write({ "README.md": "edited\n" })
      deepStrictEqual(told(yield* git.status(repo)), ["hidden README.md"])
      assertNone(yield* git.commit({ checkout: repo, message: "Nothing", include: "all" }))
      assertSome(yield* git.resolve(repo, "HEAD"), root)
    }).pipe(Effect.provide(layer))
  )

  it.effect("switches a checkout as its user would, keeping what is not in the way", () =>
    Effect.gen(function* () {
      const { control, fs, git, root, tree } = yield* world
      const other = yield* commit({ "a.txt": "a", "README.md": "other\n" }, tree)
      yield* control.switchTo(tree, { commit: root })
      deepStrictEqual(yield* git.head(tree), { commit: Option.some(root), branch: Option.none() })
      assertFalse(yield* fs.exists(`${tree}/a.txt`))
      yield* write({ "mine.txt": "m" })
      yield* control.switchTo(repo, { branch: "refs/heads/SPEC-1" })
      assertSome((yield* git.head(repo)).commit, other)
      deepStrictEqual(told(yield* git.status(repo)), ["untracked mine.txt"])
      yield* write({ "README.md": "edited\n" })
      strictEqual((yield* Effect.flip(control.switchTo(repo, { branch: "refs/heads/main" })))._tag, "GitFailed")
      strictEqual(yield* fs.readFileString(`${repo}/README.md`), "edited\n")
    }).pipe(Effect.provide(layer))
  )
})
