/** A fast-forward that was cut off in the middle: a disk that ran full, a git that was killed. */
import type * as Git from "@calm/git/Git"
import type * as FileSystem from "@effect/platform/FileSystem"
import { describe } from "@effect/vitest"
import { assertFalse, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { git, some, test } from "./realGit.ts"

interface World {
  readonly fs: FileSystem.FileSystem
  readonly git: Context.Tag.Service<typeof Git.Git>
  readonly repo: string
}

const old = { "a.txt": "old a\n", "b.txt": "old b\n", "gone.txt": "gone\n", "z.txt": "old z\n" }
const young = {
  "a.txt": "young a\n",
  "b.txt": "young b\n",
  "new/one.txt": "one\n",
  "new/two.txt": "two\n",
  "z.txt": "young z\n"
}

/** A checkout of the old files, and the commit of the young ones. */
const diverged = Effect.fnUntraced(function* ({ fs, git: service, repo }: World) {
  const write = (files: Readonly<Record<string, string>>) =>
    Effect.forEach(Object.entries(files), ([name, text]) => fs.writeFileString(`${repo}/${name}`, text))
  yield* write({ ...old, ".gitattributes": "z.txt filter=picky\n" })
  const from = some(yield* service.commit({ checkout: repo, message: "Old", include: "all" }))
  yield* git(repo, "checkout", "--quiet", "-b", "other")
  yield* fs.makeDirectory(`${repo}/new`)
  yield* write(young)
  yield* fs.remove(`${repo}/gone.txt`)
  const to = some(yield* service.commit({ checkout: repo, message: "Young", include: "all" }))
  yield* git(repo, "checkout", "--quiet", "main")
  yield* fs.writeFileString(`${repo}/own.txt`, "somebody's own\n")
  return { from, to, write }
})

describe("unwind", () => {
  test("where git fails after it has written some files, all are as before, and the next try succeeds", (world) =>
    Effect.gen(function* () {
      const { fs, git: service, repo } = world
      const { from, to } = yield* diverged(world)
      const before = yield* service.status(repo)
      yield* git(repo, "config", "filter.picky.required", "true")
      yield* git(repo, "config", "filter.picky.clean", "cat")
      // It works when it is tried, and not any more by then.
      yield* git(repo, "config", "filter.picky.smudge", "test ! -e .git/tried && touch .git/tried && cat")
      strictEqual((yield* Effect.flip(service.fastForward({ checkout: repo, to })))._tag, "GitFailed")
      assertSome(yield* service.resolve(repo, "HEAD"), from)
      deepStrictEqual(yield* service.status(repo), before)
      assertFalse(yield* fs.exists(`${repo}/new`))
      yield* git(repo, "config", "--unset", "filter.picky.smudge")
      yield* git(repo, "config", "--unset", "filter.picky.required")
      yield* service.fastForward({ checkout: repo, to })
      assertSome(yield* service.resolve(repo, "HEAD"), to)
      strictEqual(yield* fs.readFileString(`${repo}/own.txt`), "somebody's own\n")
    }))

  test("a filter that would fail stops it before anything is touched", (world) =>
    Effect.gen(function* () {
      const { fs, git: service, repo } = world
      const { to } = yield* diverged(world)
      // What is older than the index git does not look into.
      yield* fs.utimes(`${repo}/z.txt`, 1, 1)
      yield* git(repo, "update-index", "--refresh")
      yield* git(repo, "config", "filter.picky.required", "true")
      yield* git(repo, "config", "filter.picky.process", "/nowhere/picky")
      const inode = (name: string) => Effect.map(fs.stat(`${repo}/${name}`), ({ ino }) => ino)
      const files = yield* Effect.forEach(Object.keys(old), inode)
      const failed = yield* Effect.flip(service.fastForward({ checkout: repo, to }))
      strictEqual(/picky/.test(failed.message), true)
      deepStrictEqual(yield* Effect.forEach(Object.keys(old), inode), files)
      assertFalse(yield* fs.exists(`${repo}/new`))
    }))

  test("a file that a filter made comes back byte for byte, though the filter works no more", (world) =>
    Effect.gen(function* () {
      const { fs, git: service, repo } = world
      const { to } = yield* diverged(world)
      yield* git(repo, "config", "filter.picky.required", "true")
      yield* git(repo, "config", "filter.picky.clean", "tr A-Z a-z")
      yield* git(repo, "config", "filter.picky.smudge", "test ! -e .git/tried && touch .git/tried && cat")
      // As another filter had made it.
      yield* fs.writeFileString(`${repo}/z.txt`, "OLD Z\n")
      yield* git(repo, "add", "z.txt")
      deepStrictEqual(yield* service.status(repo), [{ path: "own.txt", state: "untracked" }])
      strictEqual((yield* Effect.flip(service.fastForward({ checkout: repo, to })))._tag, "GitFailed")
      deepStrictEqual(yield* service.status(repo), [{ path: "own.txt", state: "untracked" }])
      deepStrictEqual(yield* Effect.forEach(Object.keys(old), (name) => fs.readFileString(`${repo}/${name}`)), [
        "old a\n",
        "old b\n",
        "gone\n",
        "OLD Z\n"
      ])
      assertFalse(yield* fs.exists(`${repo}/new`))
      assertFalse(yield* fs.exists(`${repo}/.git/calm-fast-forward-kept`))
    }))

  test("a file in place of an old folder and a folder in place of an old file are taken back", (world) =>
    Effect.gen(function* () {
      const { fs, git: service, repo } = world
      yield* fs.makeDirectory(`${repo}/folder`)
      yield* fs.writeFileString(`${repo}/folder/deep.txt`, "deep\n")
      yield* fs.writeFileString(`${repo}/file`, "file\n")
      const from = some(yield* service.commit({ checkout: repo, message: "Old", include: "all" }))
      const young = Effect.gen(function* () {
        yield* fs.remove(`${repo}/folder`, { recursive: true })
        yield* fs.remove(`${repo}/file`)
        yield* fs.makeDirectory(`${repo}/file`)
        yield* fs.writeFileString(`${repo}/file/deep.txt`, "young\n")
        yield* fs.writeFileString(`${repo}/folder`, "young\n")
      })
      yield* git(repo, "checkout", "--quiet", "-b", "other")
      yield* young
      const to = some(yield* service.commit({ checkout: repo, message: "Young", include: "all" }))
      yield* git(repo, "checkout", "--quiet", "main")
      for (const withIndex of [false, true]) {
        yield* fs.writeFileString(`${repo}/.git/calm-fast-forward`, `${from} ${to}\n`)
        yield* young
        if (withIndex) yield* git(repo, "read-tree", to)
        yield* service.unwind(repo)
        deepStrictEqual(yield* service.status(repo), [])
        strictEqual(yield* fs.readFileString(`${repo}/folder/deep.txt`), "deep\n")
      }
    }))

  for (const withIndex of [false, true])
    test(`takes back what a killed git has written${withIndex ? ", the index too" : ""}, and leaves what was changed since`, (world) =>
      Effect.gen(function* () {
        const { fs, git: service, repo } = world
        const { from, to, write } = yield* diverged(world)
        const before = yield* service.status(repo)
        yield* fs.writeFileString(`${repo}/.git/calm-fast-forward`, `${from} ${to}\n`)
        yield* fs.makeDirectory(`${repo}/new`)
        if (withIndex) {
          yield* git(repo, "read-tree", to)
          yield* write(young)
        } else {
          // Whole, cut off, not begun, and taken away to be written.
          yield* write({ "a.txt": "young a\n", "new/one.txt": "on", "new/two.txt": "" })
          yield* fs.remove(`${repo}/b.txt`)
        }
        yield* fs.remove(`${repo}/gone.txt`)
        yield* service.unwind(repo)
        deepStrictEqual(yield* service.status(repo), before)
        deepStrictEqual(
          yield* Effect.forEach(Object.keys(old), (name) => fs.readFileString(`${repo}/${name}`)),
          Object.values(old)
        )
        assertFalse(yield* fs.exists(`${repo}/new`))
        // There is nothing to take back any more: what stands there now is somebody's.
        yield* write({ "a.txt": "young a\n" })
        yield* service.unwind(repo)
        strictEqual(yield* fs.readFileString(`${repo}/a.txt`), "young a\n")
      }))

  test("leaves what people have written since, and where HEAD has moved on everything", (world) =>
    Effect.gen(function* () {
      const { fs, git: service, repo } = world
      const { from, to, write } = yield* diverged(world)
      yield* fs.writeFileString(`${repo}/.git/calm-fast-forward`, `${from} ${to}\n`)
      yield* write({ "a.txt": "mine\n", "b.txt": "young" })
      yield* service.unwind(repo)
      strictEqual(yield* fs.readFileString(`${repo}/a.txt`), "mine\n")
      strictEqual(yield* fs.readFileString(`${repo}/b.txt`), "old b\n")
      yield* fs.writeFileString(`${repo}/.git/calm-fast-forward`, `${to} ${from}\n`)
      yield* write({ "b.txt": "" })
      yield* service.unwind(repo)
      strictEqual(yield* fs.readFileString(`${repo}/b.txt`), "")
      assertFalse(yield* fs.exists(`${repo}/.git/calm-fast-forward`))
    }))
})
