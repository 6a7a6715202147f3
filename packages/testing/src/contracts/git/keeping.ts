/** Contract of the methods that keep work: status, commit, snapshot, refs. */
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
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { some, type Test, told } from "./world.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const keepingTests = (test: Test): void => {
  test("a fresh checkout is clean and in the middle of nothing", ({ git, repo }) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* git.status(repo), [])
      assertNone(yield* git.inProgress(repo))
    }))

  test("status tells untracked, changed and deleted files, each file of a new folder, and leaves ignored ones out", (w) =>
    Effect.gen(function* () {
      yield* w.commit(w.repo, { "gone.txt": "g" })
      yield* w.remove(w.repo, "gone.txt")
      yield* w.write(w.repo, {
        "README.md": "edited\n",
        "new/a.txt": "a",
        "new/b.txt": "b",
        "ignored.txt": "i",
        "build/x": "x"
      })
      deepStrictEqual(told(yield* w.git.status(w.repo)), [
        "unstaged README.md",
        "unstaged gone.txt",
        "untracked new/a.txt",
        "untracked new/b.txt"
      ])
    }))

  test("status within some paths tells what is one, lies in one, or stands in place of a folder on the way to one", (w) =>
    Effect.gen(function* () {
      yield* w.commit(w.repo, { "docs/a.md": "a", "docs/b.md": "b", "src/deep/c.js": "c", "gone/d.txt": "d" })
      yield* w.remove(w.repo, "gone")
      yield* w.write(w.repo, { "docs/a.md": "2", "docs/new.md": "n", "src/deep/c.js": "2", gone: "a file" })
      const within = (...paths: ReadonlyArray<string>) => Effect.map(w.git.status(w.repo, paths), told)
      deepStrictEqual(yield* within("docs/a.md"), ["unstaged docs/a.md"])
      deepStrictEqual(yield* within("docs"), ["unstaged docs/a.md", "untracked docs/new.md"])
      deepStrictEqual(yield* within("docs/a.md/below", "nope/x"), ["unstaged docs/a.md"])
      deepStrictEqual(yield* within("gone/d.txt"), ["unstaged gone/d.txt", "untracked gone"])
      deepStrictEqual(yield* within("gone/other.txt"), ["untracked gone"])
      deepStrictEqual(yield* within("docs/b.md", "src/deep/other.js", "README.md"), [])
      deepStrictEqual(yield* within(), [])
    }))

  test("a path that is staged and then edited again appears as both", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "README.md": "staged\n", "new.txt": "n" })
      yield* w.stage(w.repo, "README.md", "new.txt")
      yield* w.write(w.repo, { "README.md": "edited\n" })
      deepStrictEqual(told(yield* w.git.status(w.repo)), ["staged README.md", "staged new.txt", "unstaged README.md"])
    }))

  test("a tracked file below an ignored folder counts when it changes", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "kept/x.txt": "1" })
      yield* w.commit(w.repo, {})
      yield* w.commit(w.repo, { ".gitignore": "kept/\n" })
      yield* w.write(w.repo, { "kept/x.txt": "2", "kept/y.txt": "ignored" })
      deepStrictEqual(told(yield* w.git.status(w.repo)), ["unstaged kept/x.txt"])
    }))

  test("status of one checkout knows nothing of another", (w) =>
    Effect.gen(function* () {
      const other = yield* w.worktree("SPEC-1", w.root)
      yield* w.write(other, { "README.md": "there\n" })
      deepStrictEqual(yield* w.git.status(w.repo), [])
      deepStrictEqual(told(yield* w.git.status(other)), ["unstaged README.md"])
    }))

  test("commit of everything takes new, changed and deleted files, moves the branch and leaves the checkout clean", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "old.txt": "o" })
      const before = yield* w.commit(w.repo, {})
      yield* w.remove(w.repo, "old.txt")
      yield* w.write(w.repo, { "README.md": "edited\n", "new.txt": "n", "ignored.txt": "i" })
      const tip = some(yield* w.git.commit({ checkout: w.repo, message: "All", include: "all" }), "a commit")
      deepStrictEqual(
        (yield* w.git.listFiles(w.repo, tip, "")).map((e) => e.path),
        [".gitignore", "README.md", "new.txt"]
      )
      assertSome(yield* w.git.firstParent(w.repo, tip), before)
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/main"), tip)
      deepStrictEqual(yield* w.git.status(w.repo), [])
      assertTrue(yield* w.exists(w.repo, "ignored.txt"))
    }))

  test("commit of what is staged leaves the rest uncommitted", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "README.md": "staged\n", "other.txt": "o" })
      yield* w.stage(w.repo, "README.md")
      yield* w.write(w.repo, { "README.md": "edited\n" })
      const tip = some(yield* w.git.commit({ checkout: w.repo, message: "Staged", include: "staged" }), "a commit")
      strictEqual(text(some(yield* w.git.readFile(w.repo, tip, "README.md"), "file").content), "staged\n")
      deepStrictEqual(told(yield* w.git.status(w.repo)), ["unstaged README.md", "untracked other.txt"])
    }))

  test("commit answers none when there is nothing to commit", (w) =>
    Effect.gen(function* () {
      assertNone(yield* w.git.commit({ checkout: w.repo, message: "Nothing", include: "all" }))
      yield* w.write(w.repo, { "new.txt": "n", "README.md": "edited\n" })
      assertNone(yield* w.git.commit({ checkout: w.repo, message: "Nothing", include: "staged" }))
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), w.root)
    }))

  test("a message that git would take for a comment, an option or a scissors line is kept", (w) =>
    Effect.gen(function* () {
      const tip = yield* w.commit(w.repo, { "a.txt": "1" }, "#12 -m is kept\n\n# so is this\n")
      deepStrictEqual(yield* w.git.commitsBetween(w.repo, w.root, tip, 5), [{ commit: tip, subject: "#12 -m is kept" }])
    }))

  test("snapshot of a clean checkout is none, also with ignored files", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "ignored.txt": "i" })
      assertNone(yield* w.git.snapshot(w.repo, "Rescue"))
    }))

  test("snapshot holds staged, unstaged, untracked and deleted, and touches neither index nor files nor refs", (w) =>
    Effect.gen(function* () {
      const tip = yield* w.commit(w.repo, { "gone.txt": "g", "both.txt": "0" })
      yield* w.remove(w.repo, "gone.txt")
      yield* w.write(w.repo, { "both.txt": "1" })
      yield* w.stage(w.repo, "both.txt")
      yield* w.write(w.repo, { "both.txt": "2", "README.md": "edited\n", "new/file.txt": "n", "ignored.txt": "i" })
      const before = yield* w.git.status(w.repo)
      const refs = yield* w.git.refs(w.repo, "refs/")

      const rescue = some(yield* w.git.snapshot(w.repo, "Rescue"), "a snapshot")

      deepStrictEqual(told(yield* w.git.status(w.repo)), told(before))
      deepStrictEqual(yield* w.git.refs(w.repo, "refs/"), refs)
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), tip)
      strictEqual(yield* w.read(w.repo, "both.txt"), "2")
      const files = yield* w.git.listFiles(w.repo, rescue, "")
      deepStrictEqual(
        files.map((e) => e.path),
        [".gitignore", "README.md", "both.txt", "new/file.txt"]
      )
      strictEqual(text(some(yield* w.git.readFile(w.repo, rescue, "both.txt"), "file").content), "2")
      strictEqual(text(some(yield* w.git.readFile(w.repo, rescue, "README.md"), "file").content), "edited\n")
      assertSome(yield* w.git.firstParent(w.repo, rescue), tip)
      // the staged state is a commit of its own, the second parent
      const extra = (yield* w.git.commitsBetween(w.repo, tip, rescue, 10)).filter((line) => line.commit !== rescue)
      strictEqual(extra.length, 1)
      const index = some(Option.fromNullable(extra[0]), "a commit of the index").commit
      assertSome(yield* w.git.firstParent(w.repo, index), tip)
      strictEqual(text(some(yield* w.git.readFile(w.repo, index, "both.txt"), "file").content), "1")
      assertSome((yield* w.git.readFile(w.repo, index, "gone.txt")).pipe(Option.map((f) => text(f.content))), "g")
    }))

  test("snapshot has HEAD as its only parent when nothing is staged", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "new.txt": "n" })
      const rescue = some(yield* w.git.snapshot(w.repo, "Rescue"), "a snapshot")
      deepStrictEqual(yield* w.git.commitsBetween(w.repo, w.root, rescue, 10), [{ commit: rescue, subject: "Rescue" }])
    }))

  test("snapshot keeps what is staged and was undone in the files", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "README.md": "staged\n" })
      yield* w.stage(w.repo, "README.md")
      yield* w.write(w.repo, { "README.md": "hello\n" })
      const rescue = some(yield* w.git.snapshot(w.repo, "Rescue"), "a snapshot")
      const extra = (yield* w.git.commitsBetween(w.repo, w.root, rescue, 10)).filter((line) => line.commit !== rescue)
      const index = some(Option.fromNullable(extra[0]), "a commit of the index").commit
      strictEqual(text(some(yield* w.git.readFile(w.repo, index, "README.md"), "file").content), "staged\n")
    }))

  test("snapshotIndex keeps what is staged in a worktree whose folder is gone, and changes nothing", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      yield* w.write(path, { "new.txt": "staged\n" })
      yield* w.stage(path, "new.txt")
      yield* w.write(path, { "new.txt": "edited\n", "README.md": "edited\n" })
      yield* w.fs.remove(path, { recursive: true })
      const before = [yield* w.git.worktrees(w.repo), yield* w.git.refs(w.repo, "refs/")]
      const asked = { repo: w.repo, path, message: "Rescue" }
      const rescue = some(yield* w.git.snapshotIndex(asked), "a snapshot")
      strictEqual(text(some(yield* w.git.readFile(w.repo, rescue, "new.txt"), "file").content), "staged\n")
      strictEqual(text(some(yield* w.git.readFile(w.repo, rescue, "README.md"), "file").content), "hello\n")
      assertSome(yield* w.git.firstParent(w.repo, rescue), w.root)
      deepStrictEqual([yield* w.git.worktrees(w.repo), yield* w.git.refs(w.repo, "refs/")], before)
      assertTrue(Option.isSome(yield* w.git.snapshotIndex(asked)))
    }))

  test("snapshotIndex is none where nothing is staged, and fails where git has no record", (w) =>
    Effect.gen(function* () {
      const path = yield* w.worktree("SPEC-1", w.root)
      yield* w.write(path, { "README.md": "edited\n" })
      yield* w.fs.remove(path, { recursive: true })
      assertNone(yield* w.git.snapshotIndex({ repo: w.repo, path, message: "Rescue" }))
      const unknown = yield* Effect.flip(
        w.git.snapshotIndex({ repo: w.repo, path: `${w.folder}/unknown`, message: "Rescue" })
      )
      strictEqual(unknown._tag, "GitFailed")
    }))

  test("snapshot works before the first commit", (w) =>
    Effect.gen(function* () {
      const empty = `${w.folder}/empty`
      yield* w.git.init(empty, "main")
      assertNone(yield* w.git.snapshot(empty, "Rescue"))
      yield* w.write(empty, { "a.txt": "a" })
      const rescue = some(yield* w.git.snapshot(empty, "Rescue"), "a snapshot")
      assertNone(yield* w.git.firstParent(empty, rescue))
      deepStrictEqual(
        (yield* w.git.listFiles(empty, rescue, "")).map((e) => e.path),
        ["a.txt"]
      )
      assertNone((yield* w.git.head(empty)).commit)
    }))

  test("uncommitted gives the trees of index and files, of which commits can be made, and touches nothing", (w) =>
    Effect.gen(function* () {
      assertNone(yield* w.git.uncommitted(w.repo))
      yield* w.write(w.repo, { "README.md": "staged\n", "both.txt": "1" })
      yield* w.stage(w.repo, "README.md", "both.txt")
      yield* w.write(w.repo, { "both.txt": "2", "new.txt": "n", "ignored.txt": "i" })
      const before = yield* w.git.status(w.repo)
      const refs = yield* w.git.refs(w.repo, "refs/")
      const found = some(yield* w.git.uncommitted(w.repo), "something uncommitted")
      deepStrictEqual(told(found.entries), told(before))
      strictEqual(some(found.head, "a head").commit, w.root)
      strictEqual(found.isStaged, true)
      const wip = yield* w.git.commitTree({ repo: w.repo, tree: found.staged, parents: [w.root], message: "WIP" })
      const rest = yield* w.git.commitTree({ repo: w.repo, tree: found.files, parents: [wip], message: "Rest" })
      const paths = (changes: ReadonlyArray<{ readonly path: string }>) => changes.map(({ path }) => path)
      deepStrictEqual(paths(yield* w.git.changes(w.repo, w.root, wip)), ["README.md", "both.txt"])
      deepStrictEqual(paths(yield* w.git.changes(w.repo, wip, rest)), ["both.txt", "new.txt"])
      deepStrictEqual(told(yield* w.git.status(w.repo)), told(before))
      deepStrictEqual(yield* w.git.refs(w.repo, "refs/"), refs)
      const unstaged = `${w.folder}/other`
      yield* w.git.addWorktree({ repo: w.repo, path: unstaged, branch: "other", start: Option.some(w.root) })
      yield* w.write(unstaged, { "new.txt": "n" })
      const { head, isStaged, staged } = some(yield* w.git.uncommitted(unstaged), "something uncommitted")
      deepStrictEqual([isStaged, staged], [false, some(head, "a head").tree])
    }))

  test("moving the branch of a checkout to a commit of its index leaves nothing staged, and the rest as it was", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "README.md": "staged\n", "both.txt": "1" })
      yield* w.stage(w.repo, "README.md", "both.txt")
      yield* w.write(w.repo, { "both.txt": "2", "new.txt": "n" })
      const { staged } = some(yield* w.git.uncommitted(w.repo), "something uncommitted")
      const wip = yield* w.git.commitTree({ repo: w.repo, tree: staged, parents: [w.root], message: "WIP" })
      const [from, to] = [Option.some(w.root), Option.some(wip)]
      yield* w.git.updateRef({ repo: w.repo, ref: "refs/heads/main", from, to, reason: "test" })
      deepStrictEqual(told(yield* w.git.status(w.repo)), ["unstaged both.txt", "untracked new.txt"])
      strictEqual(yield* w.read(w.repo, "both.txt"), "2")
    }))

  test("updateRef creates, moves and deletes a ref", (w) =>
    Effect.gen(function* () {
      const ref = "refs/calm/rescue/SPEC-1/one"
      const next = yield* w.commit(w.repo, { "a.txt": "a" })
      const set = (from: Option.Option<typeof next>, to: Option.Option<typeof next>) =>
        w.git.updateRef({ repo: w.repo, ref, from, to, reason: "test" })
      yield* set(Option.none(), Option.some(w.root))
      assertSome(yield* w.git.resolve(w.repo, ref), w.root)
      yield* set(Option.some(w.root), Option.some(next))
      deepStrictEqual(yield* w.git.refs(w.repo, "refs/calm/rescue/"), [{ ref, commit: next }])
      yield* set(Option.some(next), Option.none())
      assertNone(yield* w.git.resolve(w.repo, ref))
      deepStrictEqual(yield* w.git.refs(w.repo, "refs/calm/"), [])
    }))

  test("updateRef fails with RefMoved and changes nothing when the ref is elsewhere, missing or already there", (w) =>
    Effect.gen(function* () {
      const next = yield* w.commit(w.repo, { "a.txt": "a" })
      const ref = "refs/heads/x"
      yield* w.git.updateRef({ repo: w.repo, ref, from: Option.none(), to: Option.some(w.root), reason: "test" })
      const move = (name: string, from: Option.Option<typeof next>, to: Option.Option<typeof next>) =>
        Effect.flip(w.git.updateRef({ repo: w.repo, ref: name, from, to, reason: "test" }))
      const moved = (name: string, expected: string | null) => new Git.RefMoved({ ref: name, expected })
      assertEquals(yield* move(ref, Option.some(next), Option.some(next)), moved(ref, next))
      assertEquals(yield* move(ref, Option.none(), Option.some(next)), moved(ref, null))
      assertEquals(yield* move(ref, Option.some(next), Option.none()), moved(ref, next))
      assertEquals(yield* move("refs/heads/y", Option.some(next), Option.some(next)), moved("refs/heads/y", next))
      assertEquals(yield* move("refs/heads/y", Option.some(next), Option.none()), moved("refs/heads/y", next))
      assertSome(yield* w.git.resolve(w.repo, ref), w.root)
      assertNone(yield* w.git.resolve(w.repo, "refs/heads/y"))
    }))

  test("updateRef to where the ref already is succeeds", (w) =>
    Effect.gen(function* () {
      const ref = "refs/heads/x"
      const set = (from: Option.Option<typeof w.root>) =>
        w.git.updateRef({ repo: w.repo, ref, from, to: Option.some(w.root), reason: "test" })
      yield* set(Option.none())
      yield* set(Option.some(w.root))
      assertSome(yield* w.git.resolve(w.repo, ref), w.root)
    }))

  test("refs lists what is below the prefix only, sorted", (w) =>
    Effect.gen(function* () {
      for (const ref of ["refs/calm/b", "refs/calm/a/1", "refs/calmer/x"]) {
        yield* w.git.updateRef({ repo: w.repo, ref, from: Option.none(), to: Option.some(w.root), reason: "test" })
      }
      deepStrictEqual(
        (yield* w.git.refs(w.repo, "refs/calm/")).map((entry) => entry.ref),
        ["refs/calm/a/1", "refs/calm/b"]
      )
    }))

  test("refs are shared by all worktrees of a repository", (w) =>
    Effect.gen(function* () {
      const other = yield* w.worktree("SPEC-1", w.root)
      const tip = yield* w.commit(other, { "a.txt": "a" })
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/SPEC-1"), tip)
      assertFalse(yield* w.exists(w.repo, "a.txt"))
    }))

  test("commitTree moves no ref", (w) =>
    Effect.gen(function* () {
      const { tree } = yield* w.git.mergeTree({ checkout: w.repo, ours: w.root, theirs: w.root })
      const before = yield* w.git.refs(w.repo, "refs/")
      const made = yield* w.git.commitTree({ repo: w.repo, tree, parents: [w.root], message: "Made\n\nbody" })
      deepStrictEqual(yield* w.git.refs(w.repo, "refs/"), before)
      deepStrictEqual(yield* w.git.commitsBetween(w.repo, w.root, made, 5), [{ commit: made, subject: "Made" }])
      deepStrictEqual(yield* w.git.changes(w.repo, w.root, made), [])
    }))
}
