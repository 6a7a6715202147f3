/** Contract of the methods that only read. */
import { Sha } from "@calm/domain/Ids"
import type { GitError } from "@calm/git/Git"
import {
  assertEquals,
  assertFalse,
  assertNone,
  assertSome,
  assertTrue,
  deepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { oddNames, some, type Test } from "./world.ts"

const noSuch = Sha.make("1234567890123456789012345678901234567890")
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const readingTests = (test: Test): void => {
  test("version is a number of at least 2.38", ({ git }) =>
    Effect.gen(function* () {
      const [major, minor] = (yield* git.version).split(".").map(Number)
      assertTrue(major !== undefined && minor !== undefined && (major > 2 || (major === 2 && minor >= 38)))
    }))

  test("resolve understands branches, full refs, HEAD, commits and short commits", ({ git, repo, root }) =>
    Effect.gen(function* () {
      for (const revision of ["main", "refs/heads/main", "HEAD", root, root.slice(0, 12)]) {
        assertSome(yield* git.resolve(repo, revision), root)
      }
    }))

  test("resolve answers none to what names no commit, also when it looks like an option or is empty", ({ git, repo }) =>
    Effect.gen(function* () {
      for (const revision of ["nope", "refs/heads/nope", "", "--all", "-n1", "a b", "main..main", noSuch]) {
        assertNone(yield* git.resolve(repo, revision))
      }
    }))

  test("head tells commit and branch, in the main checkout and in a worktree", ({ git, repo, root, worktree }) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* git.head(repo), { commit: Option.some(root), branch: Option.some("refs/heads/main") })
      const other = yield* worktree("SPEC-1", root)
      deepStrictEqual(yield* git.head(other), { commit: Option.some(root), branch: Option.some("refs/heads/SPEC-1") })
    }))

  test("head of a repository without commits has a branch and no commit", ({ git, folder }) =>
    Effect.gen(function* () {
      yield* git.init(`${folder}/empty`, "trunk")
      deepStrictEqual(yield* git.head(`${folder}/empty`), {
        commit: Option.none(),
        branch: Option.some("refs/heads/trunk")
      })
    }))

  test("a folder that is no repository is a failure, never an empty answer", ({ folder, fs, git }) =>
    Effect.gen(function* () {
      const plain = `${folder}/plain`
      yield* fs.makeDirectory(plain)
      const calls: ReadonlyArray<Effect.Effect<unknown, GitError>> = [
        git.resolve(plain, "HEAD"),
        git.head(plain),
        git.status(plain),
        git.refs(plain, "refs/"),
        git.worktrees(plain)
      ]
      for (const call of calls) {
        strictEqual((yield* Effect.flip(call))._tag, "GitFailed")
      }
    }))

  test("a plain folder inside a checkout is not taken for that checkout", ({ fs, git, repo, write }) =>
    Effect.gen(function* () {
      const plain = `${repo}/.worktrees/half`
      yield* fs.makeDirectory(plain, { recursive: true })
      yield* write(repo, { "README.md": "edited\n" })
      const calls: ReadonlyArray<Effect.Effect<unknown, GitError>> = [
        git.status(plain),
        git.head(plain),
        git.inProgress(plain),
        git.snapshot(plain, "Rescue"),
        git.commit({ checkout: plain, message: "Wrong", include: "all" })
      ]
      for (const call of calls) {
        strictEqual((yield* Effect.flip(call))._tag, "GitFailed")
      }
    }))

  test("a checkout has its files in its own folder, a worktree too", ({ git, repo, root, worktree }) =>
    Effect.gen(function* () {
      const other = yield* worktree("SPEC-1", root)
      assertSome(yield* git.topLevel(repo), repo)
      assertSome(yield* git.topLevel(other), other)
    }))

  test("a repository without a remote has no default branch and no upstream, and its branch is no other name for one", ({
    git,
    repo
  }) =>
    Effect.gen(function* () {
      assertNone(yield* git.remoteDefaultBranch(repo))
      assertNone(yield* git.aliasOf(repo, "refs/heads/main"))
      assertNone(yield* git.upstream(repo, "refs/heads/main"))
      strictEqual((yield* Effect.flip(git.upstream(repo, "refs/heads/nope")))._tag, "GitFailed")
    }))

  test("mergeBase, isAncestor and divergence of two branches", ({ commit, git, repo, root, worktree }) =>
    Effect.gen(function* () {
      const other = yield* worktree("SPEC-1", root)
      const a = yield* commit(repo, { "a.txt": "a" })
      const b1 = yield* commit(other, { "b.txt": "1" })
      const b2 = yield* commit(other, { "b.txt": "2" })
      assertSome(yield* git.mergeBase(repo, a, b2), root)
      assertSome(yield* git.mergeBase(repo, root, b2), root)
      assertTrue(yield* git.isAncestor(repo, root, b2))
      assertTrue(yield* git.isAncestor(repo, b1, b1))
      assertFalse(yield* git.isAncestor(repo, b2, b1))
      assertFalse(yield* git.isAncestor(repo, a, b2))
      deepStrictEqual(yield* git.divergence(repo, a, b2), { ahead: 1, behind: 2 })
      deepStrictEqual(yield* git.divergence(repo, b2, b2), { ahead: 0, behind: 0 })
    }))

  test("unrelated histories have no merge base and are not ancestors", ({ git, repo, root }) =>
    Effect.gen(function* () {
      const { tree } = yield* git.mergeTree({ checkout: repo, ours: root, theirs: root })
      const island = yield* git.commitTree({ repo, tree, parents: [], message: "An island" })
      assertNone(yield* git.mergeBase(repo, root, island))
      assertFalse(yield* git.isAncestor(repo, root, island))
      deepStrictEqual(yield* git.divergence(repo, root, island), { ahead: 1, behind: 1 })
      assertNone(yield* git.broughtInBy(repo, root, island))
    }))

  test("asking about a commit that is not there fails", ({ git, repo, root }) =>
    Effect.gen(function* () {
      const calls: ReadonlyArray<Effect.Effect<unknown, GitError>> = [
        git.mergeBase(repo, root, noSuch),
        git.isAncestor(repo, noSuch, root),
        git.listFiles(repo, noSuch, ""),
        git.changes(repo, root, noSuch),
        git.readFile(repo, noSuch, "README.md"),
        git.firstParent(repo, noSuch)
      ]
      for (const call of calls) {
        strictEqual((yield* Effect.flip(call))._tag, "GitFailed")
      }
    }))

  test("commitsBetween lists what `to` has and `from` has not, newest first, up to the limit", ({
    commit,
    git,
    repo,
    root
  }) =>
    Effect.gen(function* () {
      const one = yield* commit(repo, { "a.txt": "1" }, "One\n\nwith a body")
      const two = yield* commit(repo, { "a.txt": "2" }, 'Two: 100% "quoted" 🙂')
      deepStrictEqual(yield* git.commitsBetween(repo, root, two, 10), [
        { commit: two, subject: 'Two: 100% "quoted" 🙂' },
        { commit: one, subject: "One" }
      ])
      deepStrictEqual(yield* git.commitsBetween(repo, root, two, 1), [
        { commit: two, subject: 'Two: 100% "quoted" 🙂' }
      ])
      deepStrictEqual(yield* git.commitsBetween(repo, two, root, 10), [])
    }))

  test("firstParent is the first of several, none for a root", ({ commit, git, repo, root, worktree }) =>
    Effect.gen(function* () {
      const other = yield* worktree("SPEC-1", root)
      const a = yield* commit(repo, { "a.txt": "a" })
      const b = yield* commit(other, { "b.txt": "b" })
      const { tree } = yield* git.mergeTree({ checkout: repo, ours: a, theirs: b })
      const merge = yield* git.commitTree({ repo, tree, parents: [a, b], message: "Merge" })
      assertSome(yield* git.firstParent(repo, merge), a)
      assertSome(yield* git.firstParent(repo, b), root)
      assertNone(yield* git.firstParent(repo, root))
    }))

  test("broughtInBy names the merge, or the commit itself on the first-parent chain", ({
    commit,
    git,
    repo,
    root,
    worktree
  }) =>
    Effect.gen(function* () {
      const other = yield* worktree("SPEC-1", root)
      const a = yield* commit(repo, { "a.txt": "a" })
      const b1 = yield* commit(other, { "b.txt": "1" })
      const b2 = yield* commit(other, { "b.txt": "2" })
      const { tree } = yield* git.mergeTree({ checkout: repo, ours: a, theirs: b2 })
      const merge = yield* git.commitTree({ repo, tree, parents: [a, b2], message: "Merge" })
      const later = yield* git.commitTree({ repo, tree, parents: [merge], message: "Later" })
      assertSome(yield* git.broughtInBy(repo, b1, later), merge)
      assertSome(yield* git.broughtInBy(repo, b2, later), merge)
      assertSome(yield* git.broughtInBy(repo, b2, merge), merge)
      assertSome(yield* git.broughtInBy(repo, merge, later), merge)
      assertSome(yield* git.broughtInBy(repo, a, later), a)
      assertSome(yield* git.broughtInBy(repo, root, later), root)
      assertSome(yield* git.broughtInBy(repo, later, later), later)
      assertNone(yield* git.broughtInBy(repo, later, merge))
      assertNone(yield* git.broughtInBy(repo, b2, a))
    }))

  test("listFolder lists one folder, listFiles everything below, with full paths", ({ commit, git, repo }) =>
    Effect.gen(function* () {
      const tip = yield* commit(repo, { "docs/a.md": "a", "docs/deep/b.md": "b", "docs.md": "c", "docs-x/d.md": "d" })
      const shown = (entries: ReadonlyArray<{ kind: string; path: string }>) =>
        entries.map((e) => `${e.kind} ${e.path}`)
      deepStrictEqual(shown(yield* git.listFolder(repo, tip, "docs")), ["blob docs/a.md", "tree docs/deep"])
      deepStrictEqual(shown(yield* git.listFolder(repo, tip, "")).toSorted(), [
        "blob .gitignore",
        "blob README.md",
        "blob docs.md",
        "tree docs",
        "tree docs-x"
      ])
      deepStrictEqual(shown(yield* git.listFiles(repo, tip, "docs")), ["blob docs/a.md", "blob docs/deep/b.md"])
      strictEqual((yield* git.listFiles(repo, tip, "")).length, 6)
      deepStrictEqual(yield* git.listFolder(repo, tip, "nope"), [])
      deepStrictEqual(yield* git.listFiles(repo, tip, "nope"), [])
      deepStrictEqual(yield* git.listFolder(repo, tip, "docs.md"), [])
    }))

  test("equal contents have equal objects, and an entry tells its mode", ({ commit, git, repo }) =>
    Effect.gen(function* () {
      const tip = yield* commit(repo, { "x/a.txt": "same", "x/b.txt": "same" })
      const entries = yield* git.listFolder(repo, tip, "x")
      strictEqual(entries[0]?.object, entries[1]?.object)
      strictEqual(entries[0]?.mode, "100644")
    }))

  test("changes tells added, modified and deleted paths with their objects; a rename is both", ({
    commit,
    git,
    remove,
    repo
  }) =>
    Effect.gen(function* () {
      const from = yield* commit(repo, {
        "keep.txt": "k",
        "edit.txt": "1",
        "old name.txt": "a longer text that moves\n"
      })
      yield* remove(repo, "old name.txt")
      const to = yield* commit(repo, { "edit.txt": "2", "new name.txt": "a longer text that moves\n" })
      const changes = yield* git.changes(repo, from, to)
      deepStrictEqual(
        changes.map((c) => `${c.status} ${c.path}`),
        ["M edit.txt", "A new name.txt", "D old name.txt"]
      )
      const [edit, added, deleted] = changes
      strictEqual(edit?.oldMode, "100644")
      strictEqual(added?.newObject, deleted?.oldObject)
      strictEqual(added?.oldMode, "000000")
      strictEqual(added?.oldObject, "0".repeat(added?.newObject.length ?? 0))
      assertFalse(edit?.oldObject === edit?.newObject)
      deepStrictEqual(yield* git.changes(repo, to, to), [])
    }))

  test("readFile gives the bytes of the committed file, not of the checkout", ({ commit, fs, git, repo, write }) =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from([0, 255, 10, 13, 10, 128, 0])
      yield* fs.writeFile(`${repo}/binary`, bytes)
      const tip = yield* commit(repo, { "empty.txt": "" })
      yield* write(repo, { "README.md": "changed" })
      deepStrictEqual(some(yield* git.readFile(repo, tip, "binary"), "the file").content, bytes)
      strictEqual(text(some(yield* git.readFile(repo, tip, "README.md"), "the file").content), "hello\n")
      strictEqual(some(yield* git.readFile(repo, tip, "empty.txt"), "the file").content.length, 0)
    }))

  test("readFile answers none to a missing path and to a folder", ({ commit, git, repo }) =>
    Effect.gen(function* () {
      const tip = yield* commit(repo, { "docs/a.md": "a" })
      for (const path of ["nope", "docs", "docs/nope", "README.md/x", ""]) {
        assertNone(yield* git.readFile(repo, tip, path))
      }
    }))

  test("odd file names survive status, commit, listing, changes and reading", ({ commit, git, repo, root, write }) =>
    Effect.gen(function* () {
      const files = Object.fromEntries(oddNames.map((name) => [`odd/${name}`, name]))
      const paths = Object.keys(files).toSorted()
      yield* write(repo, files)
      deepStrictEqual((yield* git.status(repo)).map((entry) => entry.path).toSorted(), paths)
      const tip = yield* commit(repo, {})
      deepStrictEqual((yield* git.listFiles(repo, tip, "odd")).map((entry) => entry.path).toSorted(), paths)
      deepStrictEqual((yield* git.changes(repo, root, tip)).map((change) => change.path).toSorted(), paths)
      for (const [path, content] of Object.entries(files)) {
        strictEqual(text(some(yield* git.readFile(repo, tip, path), path).content), content)
      }
      assertEquals((yield* git.status(repo)).length, 0)
    }))
}
