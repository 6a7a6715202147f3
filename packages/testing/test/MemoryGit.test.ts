/** The model of git in memory, where it goes beyond the contract: its likeness to git. */
import * as Git from "@calm/git/Git"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { commit, layer, repo, told, world, write } from "./MemoryGitWorld.ts"

describe("the model of git", () => {
  it.effect("gives blobs, trees and commits the names that git gives them", () =>
    Effect.gen(function* () {
      const git = yield* Git.Git
      const fs = yield* FileSystem.FileSystem
      yield* git.init(repo, "main")
      yield* write({ "README.md": "hello\n", "src/deep/a.txt": "a", "src-x/b": "x", "src.txt": "y", "src/run": "#!" })
      yield* fs.chmod(`${repo}/src/run`, 0o755)
      yield* fs.symlink("README.md", `${repo}/link`)
      const made = Option.getOrThrow(yield* git.commit({ checkout: repo, message: "First", include: "all" }))
      // made by git 2.39 of the same files, user and time
      strictEqual(made, "06cd5a985e4220d35b60b454c3bffed6bc2fd27f")
      deepStrictEqual(
        (yield* git.listFolder(repo, made, "")).map((entry) => `${entry.mode} ${entry.object} ${entry.path}`),
        [
          "100644 ce013625030ba8dba906f756967f9e9ca394464a README.md",
          "120000 42061c01a1c70097d1e4579f29a5adf40abdec95 link",
          "040000 5a7d317d89548fd24f9a1df99f8b8ef32ccd9959 src",
          "040000 da981995a0f17908b3f6795c1e0c28a7e96b8a11 src-x",
          "100644 e25f1814e51579d5f55c0f1fe0135ddb28a47f4a src.txt"
        ]
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("dates commits by the Effect clock, so that the same change at another time is another commit", () =>
    Effect.gen(function* () {
      const { git, root } = yield* world
      const tree = (yield* git.mergeTree({ checkout: repo, ours: root, theirs: root })).tree
      const make = git.commitTree({ repo, tree, parents: [root], message: "Same" })
      const first = yield* make
      strictEqual(yield* make, first)
      yield* TestClock.adjust("1 second")
      assertFalse((yield* make) === first)
    }).pipe(Effect.provide(layer))
  )

  it.effect("leaves the files by which a checkout's repository is found without git", () =>
    Effect.gen(function* () {
      const { fs, tree } = yield* world
      const admin = `${repo}/.git/worktrees/SPEC-1`
      strictEqual((yield* fs.stat(`${repo}/.git`)).type, "Directory")
      strictEqual(yield* fs.readFileString(`${repo}/.git/HEAD`), "ref: refs/heads/main\n")
      strictEqual(yield* fs.readFileString(`${tree}/.git`), `gitdir: ${admin}\n`)
      strictEqual(yield* fs.readFileString(`${admin}/gitdir`), `${tree}/.git\n`)
      strictEqual(yield* fs.readFileString(`${admin}/commondir`), "../..\n")
      strictEqual(yield* fs.readFileString(`${admin}/HEAD`), "ref: refs/heads/SPEC-1\n")
    }).pipe(Effect.provide(layer))
  )

  it.effect("fails for a checkout that is gone instead of answering for the repository around it", () =>
    Effect.gen(function* () {
      const { fs, git, tree } = yield* world
      yield* fs.remove(tree, { recursive: true })
      strictEqual((yield* Effect.flip(git.status(tree)))._tag, "GitFailed")
    }).pipe(Effect.provide(layer))
  )

  it.effect("knows a repository again that was moved, and tells a copy from it", () =>
    Effect.gen(function* () {
      const { fs, git, root } = yield* world
      yield* fs.rename(repo, "/home/me/moved")
      assertSome(yield* git.resolve("/home/me/moved", "main"), root)
      yield* fs.copy("/home/me/moved", "/home/me/copy")
      const next = yield* commit({ "a.txt": "a" }, "/home/me/copy")
      assertSome(yield* git.resolve("/home/me/copy", "main"), next)
      assertSome(yield* git.resolve("/home/me/moved", "main"), root)
      deepStrictEqual(yield* git.status("/home/me/moved"), [])
    }).pipe(Effect.provide(layer))
  )

  it.effect("resolves ancestors of a revision, and tags before branches", () =>
    Effect.gen(function* () {
      const { git, root } = yield* world
      const one = yield* commit({ "a.txt": "1" })
      const two = yield* commit({ "a.txt": "2" })
      for (const revision of ["HEAD~2", "main^^", "HEAD^{commit}~1^", "@~2^0", `${two}~2`]) {
        assertSome(yield* git.resolve(repo, revision), root)
      }
      assertNone(yield* git.resolve(repo, "HEAD~3"))
      assertNone(yield* git.resolve(repo, "HEAD^2"))
      yield* git.updateRef({ repo, ref: "refs/tags/main", from: Option.none(), to: Option.some(one), reason: "test" })
      assertSome(yield* git.resolve(repo, "main"), one)
    }).pipe(Effect.provide(layer))
  )

  it.effect("refuses refs with bad names and refs in the place of others' folders", () =>
    Effect.gen(function* () {
      const { git, root } = yield* world
      const make = (ref: string) =>
        git.updateRef({ repo, ref, from: Option.none(), to: Option.some(root), reason: "test" })
      for (const ref of ["main", "refs/heads/a..b", "refs/heads/a b", "refs/heads/x.lock", "refs/heads/main/below"]) {
        strictEqual((yield* Effect.flip(make(ref)))._tag, "GitFailed", ref)
      }
      deepStrictEqual(
        (yield* git.refs(repo, "refs")).map(({ ref }) => ref),
        ["refs/heads/SPEC-1", "refs/heads/main"]
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("sees a new executable bit, a file that became a link, and a folder of another repository", () =>
    Effect.gen(function* () {
      const { fs, git, root } = yield* world
      yield* commit({ run: "#!", plain: "x" })
      yield* fs.chmod(`${repo}/run`, 0o755)
      yield* fs.remove(`${repo}/plain`)
      yield* fs.symlink("nowhere", `${repo}/plain`)
      yield* git.init(`${repo}/inner`, "main")
      deepStrictEqual(told(yield* git.status(repo)), ["untracked inner/", "unstaged plain", "unstaged run"])
      yield* fs.remove(`${repo}/inner`, { recursive: true })
      const made = yield* commit({})
      deepStrictEqual(
        (yield* git.changes(repo, root, made)).map((change) => `${change.newMode} ${change.path}`),
        ["120000 plain", "100755 run"]
      )
    }).pipe(Effect.provide(layer))
  )

  const ignores = (title: string, files: Readonly<Record<string, string>>, expected: ReadonlyArray<string>): void =>
    it.effect(`ignores ${title}`, () =>
      Effect.gen(function* () {
        const git = yield* Git.Git
        yield* git.init(repo, "main")
        yield* write(files)
        deepStrictEqual(
          (yield* git.status(repo)).map((entry) => entry.path),
          expected
        )
      }).pipe(Effect.provide(layer))
    )

  ignores("all of a folder whose ignore file says *, that file too", { "x/.gitignore": "*\n", "x/a/b": "", y: "" }, [
    "y"
  ])
  ignores(
    "names at any depth, and folders only where the pattern ends in a slash",
    { ".gitignore": "# comment\nnode_modules/\n*.log\n", "a/node_modules/b": "", "a/x.log": "", "b/node_modules": "" },
    [".gitignore", "b/node_modules"]
  )
  ignores(
    "patterns with a slash from the ignore file's folder only",
    {
      "a/.gitignore": "/top\nsub/*.txt\n**/deep\n",
      "a/top": "",
      "a/b/top": "",
      "a/sub/x.txt": "",
      "a/b/sub/x.txt": "",
      "a/b/deep": ""
    },
    ["a/.gitignore", "a/b/sub/x.txt", "a/b/top"]
  )
  ignores(
    "not what a later or an inner rule takes back",
    { ".gitignore": "*.txt\n!keep.txt\n", "keep.txt": "", "no.txt": "", "in/.gitignore": "!no.txt\n", "in/no.txt": "" },
    [".gitignore", "in/.gitignore", "in/no.txt", "keep.txt"]
  )
  ignores("what info/exclude names", { ".git/info/exclude": "secret\n", secret: "", open: "" }, ["open"])

  const merges = (
    title: string,
    sides: { readonly base: string; readonly ours: string; readonly theirs: string },
    expected: { readonly conflict: boolean; readonly text?: string }
  ): void =>
    it.effect(`merges ${title}`, () =>
      Effect.gen(function* () {
        const { git, tree } = yield* world
        const base = yield* commit({ file: sides.base })
        yield* git.fastForward({ checkout: tree, to: base })
        const ours = yield* commit({ file: sides.ours, o: "" })
        const theirs = yield* commit({ file: sides.theirs, t: "" }, tree)
        const merged = yield* git.mergeTree({ checkout: tree, ours, theirs })
        deepStrictEqual(merged.conflicts, expected.conflict ? ["file"] : [])
        const made = yield* git.commitTree({ repo, tree: merged.tree, parents: [ours, theirs], message: "Merge" })
        const content = Option.getOrThrow(yield* git.readFile(repo, made, "file")).content
        if (expected.text !== undefined) strictEqual(new TextDecoder().decode(content), expected.text)
      }).pipe(Effect.provide(layer))
    )

  merges(
    "insertions and deletions in different places",
    { base: "1\n2\n3\n4\n5\n6\n", ours: "0\n1\n2\n3\n4\n5\n6\n", theirs: "1\n2\n3\n5\n6\n7\n" },
    { conflict: false, text: "0\n1\n2\n3\n5\n6\n7\n" }
  )
  merges(
    "the same change on both sides once",
    { base: "1\n2\n3\n", ours: "1\nx\n3\n", theirs: "1\nx\n3\n" },
    { conflict: false, text: "1\nx\n3\n" }
  )
  merges(
    "changes of neighbouring lines as a conflict, with both between markers",
    { base: "1\n2\n3\n4\n", ours: "1\nx\n3\n4\n", theirs: "1\n2\ny\n4\n" },
    { conflict: true }
  )
  merges(
    "a changed last line without a line end",
    { base: "1\n2\n3\n4", ours: "0\n2\n3\n4", theirs: "1\n2\n3\n5" },
    { conflict: false, text: "0\n2\n3\n5" }
  )
  merges(
    "binary files that both changed as a conflict",
    { base: "\0\n2\n", ours: "\0\n3\n", theirs: "\0\n2\n4\n" },
    { conflict: true }
  )

  it.effect("finds a conflict where one side made a folder of the other's new file", () =>
    Effect.gen(function* () {
      const { git, tree } = yield* world
      const ours = yield* commit({ thing: "file" })
      const theirs = yield* commit({ "thing/inner": "file" }, tree)
      deepStrictEqual((yield* git.mergeTree({ checkout: repo, ours, theirs })).conflicts, ["thing"])
    }).pipe(Effect.provide(layer))
  )

  it.effect("fast-forwards a file into a folder and back, and refuses where something untracked lies in it", () =>
    Effect.gen(function* () {
      const { fs, git, tree } = yield* world
      const file = yield* commit({ thing: "file" }, tree)
      yield* fs.remove(`${tree}/thing`)
      const folder = yield* commit({ "thing/inner": "file" }, tree)
      yield* fs.remove(`${tree}/thing`, { recursive: true })
      const back = yield* commit({ thing: "again" }, tree)
      yield* git.fastForward({ checkout: repo, to: file })
      yield* git.fastForward({ checkout: repo, to: folder })
      strictEqual(yield* fs.readFileString(`${repo}/thing/inner`), "file")
      yield* write({ "thing/mine": "m" })
      const error = yield* Effect.flip(git.fastForward({ checkout: repo, to: back }))
      assertTrue(error._tag === "FastForwardRefused")
      deepStrictEqual(error.paths, ["thing/mine"])
      yield* fs.remove(`${repo}/thing/mine`)
      yield* git.fastForward({ checkout: repo, to: back })
      strictEqual(yield* fs.readFileString(`${repo}/thing`), "again")
      deepStrictEqual(yield* git.status(repo), [])
    }).pipe(Effect.provide(layer))
  )

  it.effect("removes the folders that a fast-forward empties and keeps those with something in them", () =>
    Effect.gen(function* () {
      const { fs, git, tree } = yield* world
      const there = yield* commit({ "a/b/c": "1", "d/e": "1" }, tree)
      yield* git.fastForward({ checkout: repo, to: there })
      yield* write({ "d/mine": "m" })
      yield* fs.remove(`${tree}/a`, { recursive: true })
      yield* fs.remove(`${tree}/d`, { recursive: true })
      yield* git.fastForward({ checkout: repo, to: yield* commit({}, tree) })
      assertFalse(yield* fs.exists(`${repo}/a`))
      strictEqual(yield* fs.readFileString(`${repo}/d/mine`), "m")
    }).pipe(Effect.provide(layer))
  )

  it.effect("completes a move to the trash that was cut off between its two halves", () =>
    Effect.gen(function* () {
      const { fs, git, tree } = yield* world
      yield* write({ "new.txt": "n" }, tree)
      const folder = `${repo}/.git/calm/trash/one`
      yield* git.trashWorktree({ repo, path: tree, folder })
      // as a crash would leave it: the git folder has gone, the files have not
      yield* fs.rename(`${folder}/tree`, tree)
      deepStrictEqual(yield* git.trashWorktree({ repo, path: tree, folder }), { folder })
      assertFalse(yield* fs.exists(tree))
      yield* git.untrashWorktree({ repo, folder, path: tree, head: { branch: "refs/heads/SPEC-1" } })
      deepStrictEqual(told(yield* git.status(tree)), ["untracked new.txt"])
      assertFalse(yield* fs.exists(folder))
    }).pipe(Effect.provide(layer))
  )

  it.effect(
    "takes a half-made worktree to the trash: a folder that git does not know, or a record without folder",
    () =>
      Effect.gen(function* () {
        const { fs, git, tree } = yield* world
        yield* write({ x: "x" }, `${repo}/.worktrees/half`)
        yield* git.trashWorktree({ repo, path: `${repo}/.worktrees/half`, folder: "/home/me/trash/half" })
        strictEqual(yield* fs.readFileString("/home/me/trash/half/tree/x"), "x")
        yield* fs.remove(tree, { recursive: true })
        yield* git.trashWorktree({ repo, path: tree, folder: "/home/me/trash/gone" })
        strictEqual((yield* git.worktrees(repo)).length, 1)
        yield* git.untrashWorktree({
          repo,
          folder: "/home/me/trash/gone",
          path: tree,
          head: { branch: "refs/heads/SPEC-1" }
        })
        strictEqual(yield* fs.readFileString(`${tree}/README.md`), "hello\n")
        deepStrictEqual(yield* git.status(tree), [])
      }).pipe(Effect.provide(layer))
  )

  it.effect("detaches a restored worktree whose branch has moved or is checked out elsewhere", () =>
    Effect.gen(function* () {
      const { git, root, tree } = yield* world
      const folder = "/home/me/trash/one"
      const head = { branch: "refs/heads/SPEC-1" }
      yield* git.trashWorktree({ repo, path: tree, folder })
      const next = yield* commit({ "a.txt": "a" })
      yield* git.updateRef({ repo, ref: head.branch, from: Option.some(root), to: Option.some(next), reason: "test" })
      yield* git.untrashWorktree({ repo, folder, path: tree, head })
      deepStrictEqual(yield* git.head(tree), { commit: Option.some(root), branch: Option.none() })
      deepStrictEqual(yield* git.status(tree), [])
    }).pipe(Effect.provide(layer))
  )

  it.effect("never moves the main checkout to the trash", () =>
    Effect.gen(function* () {
      const { fs, git } = yield* world
      strictEqual((yield* Effect.flip(git.trashWorktree({ repo, path: repo, folder: "/home/me/t" })))._tag, "GitFailed")
      assertTrue(yield* fs.exists(`${repo}/README.md`))
    }).pipe(Effect.provide(layer))
  )
})
