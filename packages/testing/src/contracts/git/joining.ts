/** Contract of merging in the object database and of fast-forwarding a checkout. */
import { assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { some, type Test, told, type World } from "./world.ts"

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Two branches from one start: `ours` in the main checkout, `theirs` in a worktree. Paths set to null are removed. */
type Files = Readonly<Record<string, string | null>>

const apply = Effect.fnUntraced(function* <E>(w: World<E>, checkout: string, files: Files) {
  for (const [path, content] of Object.entries(files)) {
    yield* content === null ? w.remove(checkout, path) : w.write(checkout, { [path]: content })
  }
  return yield* w.commit(checkout, {})
})

const diverge = Effect.fnUntraced(function* <E>(w: World<E>, start: Files, ours: Files, theirs: Files) {
  const base = yield* apply(w, w.repo, { ...start, "start.txt": "start" })
  const other = yield* w.worktree("SPEC-1", base)
  return { ours: yield* apply(w, w.repo, ours), theirs: yield* apply(w, other, theirs) }
})

const lines = (...changed: ReadonlyArray<readonly [number, string]>): string =>
  Array.from({ length: 30 }, (_, i) => changed.find(([n]) => n === i)?.[1] ?? `line ${i}`).join("\n") + "\n"

export const joiningTests = (test: Test): void => {
  const conflicts = (title: string, start: Files, ours: Files, theirs: Files, expected: ReadonlyArray<string>): void =>
    test(title, (w) =>
      Effect.gen(function* () {
        const sides = yield* diverge(w, start, ours, theirs)
        const refs = yield* w.git.refs(w.repo, "refs/")
        const merged = yield* w.git.mergeTree({ checkout: w.repo, ...sides })
        deepStrictEqual(merged.conflicts, expected)
        deepStrictEqual(yield* w.git.refs(w.repo, "refs/"), refs)
        deepStrictEqual(yield* w.git.status(w.repo), [])
      })
    )

  test("mergeTree joins changes of different files and of different lines of one file", (w) =>
    Effect.gen(function* () {
      const sides = yield* diverge(
        w,
        { "shared.txt": lines() },
        { "shared.txt": lines([1, "ours"]), "ours.txt": "o" },
        { "shared.txt": lines([28, "theirs"]), "theirs.txt": "t" }
      )
      const merged = yield* w.git.mergeTree({ checkout: w.repo, ...sides })
      deepStrictEqual(merged.conflicts, [])
      const commit = yield* w.git.commitTree({
        repo: w.repo,
        tree: merged.tree,
        parents: [sides.ours, sides.theirs],
        message: "Merge"
      })
      strictEqual(
        text(some(yield* w.git.readFile(w.repo, commit, "shared.txt"), "file").content),
        lines([1, "ours"], [28, "theirs"])
      )
      deepStrictEqual(
        (yield* w.git.changes(w.repo, sides.ours, commit)).map((c) => `${c.status} ${c.path}`),
        ["M shared.txt", "A theirs.txt"]
      )
    }))

  test("mergeTree of what is already merged is the tree of ours", (w) =>
    Effect.gen(function* () {
      const tip = yield* w.commit(w.repo, { "a.txt": "a" })
      const merged = yield* w.git.mergeTree({ checkout: w.repo, ours: tip, theirs: w.root })
      deepStrictEqual(merged.conflicts, [])
      const made = yield* w.git.commitTree({ repo: w.repo, tree: merged.tree, parents: [tip], message: "Same" })
      deepStrictEqual(yield* w.git.changes(w.repo, tip, made), [])
    }))

  test("mergeTree of unrelated histories fails and is not taken for a clean merge", (w) =>
    Effect.gen(function* () {
      const { tree } = yield* w.git.mergeTree({ checkout: w.repo, ours: w.root, theirs: w.root })
      const island = yield* w.git.commitTree({ repo: w.repo, tree, parents: [], message: "An island" })
      const error = yield* Effect.flip(w.git.mergeTree({ checkout: w.repo, ours: w.root, theirs: island }))
      strictEqual(error._tag, "GitFailed")
    }))

  conflicts(
    "mergeTree names the file whose same lines both changed, and no other",
    { "shared.txt": lines(), "other.txt": lines() },
    { "shared.txt": lines([5, "ours"]), "other.txt": lines([2, "ours"]) },
    { "shared.txt": lines([5, "theirs"]) },
    ["shared.txt"]
  )
  conflicts(
    "mergeTree names a file that one side changed and the other deleted",
    { "shared.txt": lines() },
    { "shared.txt": lines([5, "ours"]) },
    { "shared.txt": null },
    ["shared.txt"]
  )
  conflicts(
    "mergeTree names a file that both added with different contents",
    {},
    { "both.txt": "ours\n" },
    { "both.txt": "theirs\n" },
    ["both.txt"]
  )
  conflicts(
    "mergeTree finds no conflict where both added the same",
    {},
    { "a.txt": "same\n" },
    { "a.txt": "same\n" },
    []
  )
  conflicts(
    "mergeTree lists several conflicts sorted, with odd names",
    { "b b.txt": "0\n", "ä\n.txt": "0\n", "-a": "0\n" },
    { "b b.txt": "1\n", "ä\n.txt": "1\n", "-a": "1\n" },
    { "b b.txt": "2\n", "ä\n.txt": "2\n", "-a": "2\n" },
    ["-a", "b b.txt", "ä\n.txt"]
  )

  const ahead = Effect.fnUntraced(function* <E>(w: World<E>, files: Files) {
    const other = yield* w.worktree("SPEC-1", some(yield* w.git.resolve(w.repo, "HEAD"), "HEAD"))
    return yield* apply(w, other, files)
  })

  test("fastForward moves branch, index and files of the checkout", (w) =>
    Effect.gen(function* () {
      yield* w.commit(w.repo, { "gone.txt": "g" })
      const to = yield* ahead(w, { "README.md": "new\n", "dir/added.txt": "a", "gone.txt": null })
      yield* w.git.fastForward({ checkout: w.repo, to })
      assertSome(yield* w.git.resolve(w.repo, "refs/heads/main"), to)
      assertSome((yield* w.git.head(w.repo)).branch, "refs/heads/main")
      strictEqual(yield* w.read(w.repo, "README.md"), "new\n")
      strictEqual(yield* w.read(w.repo, "dir/added.txt"), "a")
      strictEqual(yield* w.exists(w.repo, "gone.txt"), false)
      deepStrictEqual(yield* w.git.status(w.repo), [])
    }))

  test("fastForward to where the checkout is does nothing", (w) =>
    Effect.gen(function* () {
      yield* w.write(w.repo, { "README.md": "edited\n" })
      yield* w.git.fastForward({ checkout: w.repo, to: w.root })
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), w.root)
      strictEqual(yield* w.read(w.repo, "README.md"), "edited\n")
    }))

  test("fastForward keeps staged, changed, untracked and ignored files that it does not write", (w) =>
    Effect.gen(function* () {
      yield* w.commit(w.repo, { "mine.txt": "0", "staged.txt": "0" })
      const to = yield* ahead(w, { "README.md": "new\n" })
      yield* w.write(w.repo, { "staged.txt": "1" })
      yield* w.stage(w.repo, "staged.txt")
      yield* w.write(w.repo, { "mine.txt": "1", "new.txt": "n", "ignored.txt": "i" })
      const before = told(yield* w.git.status(w.repo))
      yield* w.git.fastForward({ checkout: w.repo, to })
      deepStrictEqual(told(yield* w.git.status(w.repo)), before)
      strictEqual(yield* w.read(w.repo, "mine.txt"), "1")
      strictEqual(yield* w.read(w.repo, "staged.txt"), "1")
      strictEqual(yield* w.read(w.repo, "ignored.txt"), "i")
      strictEqual(yield* w.read(w.repo, "README.md"), "new\n")
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), to)
    }))

  const refused = (
    title: string,
    theirs: Files,
    prepare: (w: World<unknown>) => Effect.Effect<void, unknown>,
    paths: ReadonlyArray<string>
  ): void =>
    test(title, (w) =>
      Effect.gen(function* () {
        const start = yield* w.commit(w.repo, { "a.txt": "0\n", "b.txt": "0\n" })
        const to = yield* ahead(w, theirs)
        yield* prepare(w)
        const before = told(yield* w.git.status(w.repo))
        const contents = yield* Effect.forEach(paths, (path) => w.read(w.repo, path))
        const error = yield* Effect.flip(w.git.fastForward({ checkout: w.repo, to }))
        assertTrue(error._tag === "FastForwardRefused")
        deepStrictEqual(error.paths, paths)
        strictEqual(error.checkout, w.repo)
        assertSome(yield* w.git.resolve(w.repo, "HEAD"), start)
        deepStrictEqual(told(yield* w.git.status(w.repo)), before)
        deepStrictEqual(yield* Effect.forEach(paths, (path) => w.read(w.repo, path)), contents)
      })
    )

  refused(
    "fastForward refuses where a file it writes is changed, naming each such file and no other",
    { "a.txt": "1\n", "b.txt": "1\n", "README.md": "new\n" },
    (w) => w.write(w.repo, { "a.txt": "mine\n", "b.txt": "mine\n" }),
    ["a.txt", "b.txt"]
  )
  refused(
    "fastForward refuses where a file it deletes is changed",
    { "a.txt": null },
    (w) => w.write(w.repo, { "a.txt": "mine\n" }),
    ["a.txt"]
  )
  refused(
    "fastForward refuses where a file it writes is staged",
    { "a.txt": "1\n" },
    (w) => Effect.zipRight(w.write(w.repo, { "a.txt": "mine\n" }), w.stage(w.repo, "a.txt")),
    ["a.txt"]
  )
  refused(
    "fastForward refuses where a file it adds lies there untracked",
    { "dir/new.txt": "theirs\n" },
    (w) => w.write(w.repo, { "dir/new.txt": "mine\n" }),
    ["dir/new.txt"]
  )
  refused(
    "fastForward refuses where a file it adds lies there ignored",
    { ".gitignore": "build/\n", "ignored.txt": "theirs\n" },
    (w) => w.write(w.repo, { "ignored.txt": "mine\n" }),
    ["ignored.txt"]
  )
  refused(
    "fastForward refuses where a folder it needs is an untracked file",
    { "dir/new.txt": "theirs\n" },
    (w) => w.write(w.repo, { dir: "mine\n" }),
    ["dir"]
  )

  test("fastForward refuses a commit that does not contain HEAD", (w) =>
    Effect.gen(function* () {
      const sides = yield* diverge(w, {}, { "a.txt": "a" }, { "b.txt": "b" })
      const error = yield* Effect.flip(w.git.fastForward({ checkout: w.repo, to: sides.theirs }))
      assertTrue(error._tag === "FastForwardRefused")
      deepStrictEqual(error.paths, [])
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), sides.ours)
      const back = yield* Effect.flip(w.git.fastForward({ checkout: w.repo, to: w.root }))
      assertTrue(back._tag === "FastForwardRefused")
      assertSome(yield* w.git.resolve(w.repo, "HEAD"), sides.ours)
    }))
}
