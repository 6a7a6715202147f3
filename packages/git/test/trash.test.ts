/** Trash and restoration after a crash at each point, and what must never be moved. */
import * as Git from "@calm/git/Git"
import { describe } from "@effect/vitest"
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
import { layerOf } from "@calm/process/Environment"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Context from "effect/Context"
import { environment, git, some, test } from "./realGit.ts"

type World = {
  readonly folder: string
  readonly repo: string
  readonly fs: FileSystem.FileSystem
  readonly git: Context.Tag.Service<typeof Git.Git>
}

const head = { branch: "refs/heads/SPEC-1" }

/** A worktree with staged, changed, untracked and ignored files, and what git says of it. */
const busy = Effect.fnUntraced(function* ({ folder, fs, git: service, repo }: World) {
  const root = some(yield* service.resolve(repo, "HEAD"))
  const path = `${folder}/SPEC-1`
  yield* service.addWorktree({ repo, path, branch: "SPEC-1", start: Option.some(root) })
  yield* fs.writeFileString(`${path}/staged.txt`, "1")
  yield* git(path, "add", "staged.txt")
  yield* fs.writeFileString(`${path}/staged.txt`, "2")
  yield* fs.writeFileString(`${path}/README.md`, "edited\n")
  yield* fs.writeFileString(`${path}/new.txt`, "n")
  const raw = git(path, "status", "--porcelain=v2", "--branch", "--ignored")
  return {
    path,
    raw,
    before: yield* raw,
    commit: root,
    trash: `${repo}/.git/calm/trash/one`,
    records: `${repo}/.git/worktrees/SPEC-1`
  }
})

describe("trash", () => {
  test("a move that was cut off after git's records is completed, and comes back whole", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, records, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.fs.rename(`${trash}/tree`, path)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      assertFalse(yield* w.fs.exists(path))
      assertFalse(yield* w.fs.exists(records))
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* raw, before)
      assertFalse(yield* w.fs.exists(trash))
    }))

  test("a move that was cut off before anything moved is completed", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, records, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.fs.rename(`${trash}/tree`, path)
      yield* w.fs.rename(`${trash}/admin`, records)
      strictEqual(yield* raw, before)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      assertFalse(yield* w.fs.exists(path))
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* raw, before)
    }))

  test("a move that was cut off can be taken back instead", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.fs.rename(`${trash}/tree`, path)
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* raw, before)
      assertFalse(yield* w.fs.exists(trash))
    }))

  test("a folder without records whose move was cut off stays where it is, and so does all around it", (w) =>
    Effect.gen(function* () {
      const path = `${w.repo}/.worktrees/half`
      const folder = `${w.folder}/trash`
      yield* w.fs.makeDirectory(path, { recursive: true })
      yield* w.fs.writeFileString(`${path}/a.txt`, "a")
      yield* w.git.trashWorktree({ repo: w.repo, path, folder })
      yield* w.fs.rename(`${folder}/tree`, path)
      yield* w.git.untrashWorktree({ repo: w.repo, folder, path, head })
      strictEqual(yield* w.fs.readFileString(`${path}/a.txt`), "a")
      assertFalse(yield* w.fs.exists(folder))
      deepStrictEqual(yield* w.git.status(w.repo), [{ path: ".worktrees/half/a.txt", state: "untracked" }])
    }))

  test("a restoration that was cut off after the files is completed", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, records, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const origin = yield* w.fs.readFileString(`${trash}/origin.json`)
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      yield* w.fs.makeDirectory(trash, { recursive: true })
      yield* w.fs.rename(records, `${trash}/admin`)
      const begun = origin.replace(
        '"restoring": null',
        `"restoring": { "path": ${JSON.stringify(path)}, "admin": "SPEC-1" }`
      )
      yield* w.fs.writeFileString(`${trash}/origin.json`, begun)
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* raw, before)
    }))

  test("a second worktree at the same place is not swept away by completing the first move again", (w) =>
    Effect.gen(function* () {
      const { path, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      yield* w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-1", start: Option.none() })
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      deepStrictEqual(yield* w.git.status(path), [])
      assertSome((yield* w.git.head(path)).branch, "refs/heads/SPEC-1")
    }))

  test("a worktree whose folder is gone comes back with its committed files", (w) =>
    Effect.gen(function* () {
      const { path, trash } = yield* busy(w)
      yield* w.fs.remove(path, { recursive: true })
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      assertFalse(yield* w.fs.exists(`${w.repo}/.git/worktrees/SPEC-1`))
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* w.fs.readFileString(`${path}/README.md`), "hello\n")
      strictEqual(yield* w.fs.readFileString(`${path}/staged.txt`), "1")
    }))

  test("a worktree whose records are gone comes back as a worktree of its branch", (w) =>
    Effect.gen(function* () {
      const { path, records, trash } = yield* busy(w)
      yield* w.fs.remove(records, { recursive: true })
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      strictEqual(yield* w.fs.readFileString(`${trash}/tree/new.txt`), "n")
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      assertSome((yield* w.git.head(path)).branch, "refs/heads/SPEC-1")
      deepStrictEqual(
        (yield* w.git.status(path)).map((e) => `${e.state} ${e.path}`),
        ["unstaged README.md", "untracked new.txt", "untracked staged.txt"]
      )
    }))

  test("a folder that never became a worktree is moved too", (w) =>
    Effect.gen(function* () {
      const path = `${w.folder}/half`
      yield* w.fs.makeDirectory(path)
      yield* w.fs.writeFileString(`${path}/a.txt`, "a")
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: `${w.folder}/trash` })
      strictEqual(yield* w.fs.readFileString(`${w.folder}/trash/tree/a.txt`), "a")
    }))

  test("a worktree that was moved by hand is found by its .git file; a copy is not taken for the original", (w) =>
    Effect.gen(function* () {
      const { path, records, trash } = yield* busy(w)
      const copy = `${w.folder}/copy`
      yield* w.fs.copy(path, copy)
      yield* w.git.trashWorktree({ repo: w.repo, path: copy, folder: `${w.folder}/trash-copy` })
      assertTrue(yield* w.fs.exists(records))
      const moved = `${w.folder}/moved`
      yield* w.fs.rename(path, moved)
      yield* w.git.trashWorktree({ repo: w.repo, path: moved, folder: trash })
      assertFalse(yield* w.fs.exists(records))
      assertTrue(yield* w.fs.exists(`${trash}/admin/index`))
    }))

  test("the main checkout, another repository, its worktree and an empty place are refused and left alone", (w) =>
    Effect.gen(function* () {
      const other = `${w.folder}/other`
      yield* git(w.folder, "clone", "--quiet", w.repo, other)
      yield* git(other, "worktree", "add", "--quiet", "-b", "x", `${w.folder}/theirs`)
      for (const path of [w.repo, other, `${w.folder}/theirs`, `${w.folder}/nothing`]) {
        const folder = `${w.folder}/trash`
        const error = yield* Effect.flip(w.git.trashWorktree({ repo: w.repo, path, folder }))
        strictEqual(error._tag, "GitFailed")
        assertFalse(yield* w.fs.exists(folder))
      }
      assertTrue(yield* w.fs.exists(`${w.folder}/theirs/README.md`))
    }))

  test("a trash on another file system is refused, and the worktree is as it was", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, records, trash } = yield* busy(w)
      const crossDevice = (method: string, at: string) =>
        new SystemError({ module: "FileSystem", method, reason: "Unknown", description: "EXDEV", pathOrDescriptor: at })
      const fs = {
        ...w.fs,
        rename: (from: string, to: string) => (from === path ? crossDevice("rename", from) : w.fs.rename(from, to))
      }
      const split = Git.layer.pipe(
        Layer.provide(Layer.succeed(FileSystem.FileSystem, fs)),
        Layer.provide(layerOf(environment({})))
      )
      const error = yield* Effect.flatMap(Git.Git, (service) =>
        Effect.flip(service.trashWorktree({ repo: w.repo, path, folder: trash }))
      ).pipe(Effect.provide(split))
      strictEqual(error._tag, "GitFailed")
      strictEqual(yield* raw, before)
      assertTrue(yield* w.fs.exists(records))
      assertFalse(yield* w.fs.exists(trash))
    }))

  test("records of a name that is taken meanwhile get the next one", (w) =>
    Effect.gen(function* () {
      const { before, path, raw, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const other = `${w.folder}/deep/SPEC-1`
      yield* w.git.addWorktree({
        repo: w.repo,
        path: other,
        branch: "SPEC-2",
        start: Option.some(some(yield* w.git.resolve(w.repo, "main")))
      })
      yield* w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })
      strictEqual(yield* raw, before)
      deepStrictEqual(yield* w.git.status(other), [])
      strictEqual(yield* git(w.repo, "worktree", "prune", "--verbose"), "")
    }))

  test("a lost place of another worktree is not taken", (w) =>
    Effect.gen(function* () {
      const { path, trash } = yield* busy(w)
      yield* w.git.trashWorktree({ repo: w.repo, path, folder: trash })
      const start = Option.some(some(yield* w.git.resolve(w.repo, "main")))
      yield* w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-2", start })
      yield* w.fs.remove(path, { recursive: true })
      assertEquals(
        yield* Effect.flip(w.git.untrashWorktree({ repo: w.repo, folder: trash, path, head })),
        new Git.GitExists({ what: "worktree", name: path })
      )
      assertEquals(
        yield* Effect.flip(w.git.addWorktree({ repo: w.repo, path, branch: "SPEC-3", start })),
        new Git.GitExists({ what: "worktree", name: path })
      )
      assertNone(yield* w.git.resolve(w.repo, "refs/heads/SPEC-3"))
    }))
})

describe("addWorktree", () => {
  test("takes the branch, not a tag of the same name, and no remote's branch", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const clone = `${folder}/clone`
      yield* git(repo, "branch", "remote-only")
      yield* git(folder, "clone", "--quiet", repo, clone)
      const none = yield* Effect.flip(
        service.addWorktree({ repo: clone, path: `${folder}/a`, branch: "remote-only", start: Option.none() })
      )
      strictEqual(none._tag, "GitFailed")
      yield* git(clone, "tag", "SPEC-1")
      yield* fs.writeFileString(`${clone}/new.txt`, "n")
      const tip = some(yield* service.commit({ checkout: clone, message: "Next", include: "all" }))
      const path = `${folder}/b`
      yield* service.addWorktree({ repo: clone, path, branch: "SPEC-1", start: Option.some(tip) })
      deepStrictEqual(yield* service.head(path), { commit: Option.some(tip), branch: Option.some("refs/heads/SPEC-1") })
      deepStrictEqual(yield* service.status(path), [])
      assertNone(yield* service.upstream(clone, "refs/heads/SPEC-1"))
    }))

  test("a checkout that fails takes back branch, folder and records", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${repo}/.gitattributes`, "bad.txt filter=bad\n")
      yield* fs.writeFileString(`${repo}/bad.txt`, "b")
      const start = yield* service.commit({ checkout: repo, message: "Filter", include: "all" })
      yield* git(repo, "config", "filter.bad.smudge", "false")
      yield* git(repo, "config", "filter.bad.required", "true")
      const path = `${folder}/SPEC-1`
      const error = yield* Effect.flip(service.addWorktree({ repo, path, branch: "SPEC-1", start }))
      strictEqual(error._tag, "GitFailed")
      assertFalse(yield* fs.exists(path))
      assertNone(yield* service.resolve(repo, "refs/heads/SPEC-1"))
      strictEqual((yield* service.worktrees(repo)).length, 1)
    }))

  test("an interruption in the middle of the checkout takes back branch, folder and records", ({
    folder,
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${repo}/.gitattributes`, "slow.txt filter=slow\n")
      yield* fs.writeFileString(`${repo}/slow.txt`, "s")
      const start = yield* service.commit({ checkout: repo, message: "Filter", include: "all" })
      yield* git(repo, "config", "filter.slow.smudge", `touch '${folder}/begun'; sleep 600`)
      const path = `${folder}/SPEC-1`
      const adding = yield* Effect.fork(service.addWorktree({ repo, path, branch: "SPEC-1", start }))
      yield* fs
        .exists(`${folder}/begun`)
        .pipe(Effect.repeat({ until: (begun) => begun, schedule: Schedule.spaced("10 millis") }))
      yield* Fiber.interrupt(adding)
      assertFalse(yield* fs.exists(path))
      assertNone(yield* service.resolve(repo, "refs/heads/SPEC-1"))
      strictEqual((yield* service.worktrees(repo)).length, 1)
    }))
})
