/** States of a checkout that only a real git can have. */
import * as Git from "@calm/git/Git"
import { describe } from "@effect/vitest"
import { assertFalse, assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { git, noting, some, test } from "./realGit.ts"

const told = (entries: ReadonlyArray<{ readonly state: string; readonly path: string }>) =>
  entries.map((entry) => `${entry.state} ${entry.path}`)

/** Two commits that change the same line of README.md: `main` at one, `other` at the other. */
const conflict = Effect.fnUntraced(function* (repo: string, write: (content: string) => Effect.Effect<void, unknown>) {
  yield* git(repo, "checkout", "--quiet", "-b", "other")
  yield* write("theirs\n")
  yield* git(repo, "commit", "--quiet", "-am", "Theirs")
  yield* git(repo, "checkout", "--quiet", "main")
  yield* write("ours\n")
  yield* git(repo, "commit", "--quiet", "-am", "Ours")
})

describe("status", () => {
  test("of many files is written by several processes, and is whole", ({ folder, fs, repo }) => {
    const started: Array<string> = []
    return Effect.gen(function* () {
      const service = yield* Git.Git
      const names = Array.from({ length: 300 }, (_, at) => `${at}.txt`)
      yield* Effect.forEach(names, (name) => fs.writeFileString(`${repo}/${name}`, name), { discard: true })
      const start = yield* service.commit({ checkout: repo, message: "Many", include: "all" })
      yield* git(repo, "config", "checkout.workers", "1")
      const path = `${folder}/other`
      yield* service.addWorktree({ repo, path, branch: "other", start })
      deepStrictEqual(yield* service.status(path), [])
      deepStrictEqual(yield* fs.readFileString(`${path}/299.txt`), "299.txt")
      const adding = started.find((each) => each.includes(" worktree add ")) ?? ""
      assertTrue(adding.includes("-c checkout.workers=8 "))
      assertFalse(started.some((each) => / status .*checkout\.workers/.test(each)))
    }).pipe(Effect.provide(noting(started)))
  })

  test("a path that git was told not to look at is hidden", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      for (const name of ["assumed.txt", "skipped.txt", "absent.txt"]) yield* fs.writeFileString(`${repo}/${name}`, "0")
      yield* service.commit({ checkout: repo, message: "Files", include: "all" })
      yield* git(repo, "update-index", "--assume-unchanged", "assumed.txt")
      yield* git(repo, "update-index", "--skip-worktree", "skipped.txt", "absent.txt")
      yield* fs.remove(`${repo}/absent.txt`)
      yield* fs.writeFileString(`${repo}/assumed.txt`, "1")
      yield* fs.writeFileString(`${repo}/skipped.txt`, "1")
      deepStrictEqual(told(yield* service.status(repo)), ["hidden assumed.txt", "hidden skipped.txt"])
    }))

  test("what is hidden is in the snapshot, and a file left out of the checkout is not deleted by it", ({
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      for (const name of ["assumed.txt", "skipped.txt", "absent.txt"]) yield* fs.writeFileString(`${repo}/${name}`, "0")
      const tip = some(yield* service.commit({ checkout: repo, message: "Files", include: "all" }))
      yield* git(repo, "update-index", "--assume-unchanged", "assumed.txt")
      yield* git(repo, "update-index", "--skip-worktree", "skipped.txt", "absent.txt")
      assertNone(yield* service.snapshot(repo, "Nothing changed"))
      yield* fs.remove(`${repo}/absent.txt`)
      yield* fs.writeFileString(`${repo}/assumed.txt`, "1")
      yield* fs.writeFileString(`${repo}/skipped.txt`, "1")
      const rescue = some(yield* service.snapshot(repo, "Rescue"))
      deepStrictEqual(
        (yield* service.changes(repo, tip, rescue)).map((c) => `${c.status} ${c.path}`),
        ["M assumed.txt", "M skipped.txt"]
      )
      strictEqual(yield* git(repo, "ls-files", "-v", "assumed.txt"), "h assumed.txt")
      deepStrictEqual(
        (yield* fs.readDirectory(`${repo}/.git`)).filter((name) => name.startsWith("calm")),
        []
      )
    }))

  test("a fast-forward does not overwrite a change that is hidden", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const root = some(yield* service.resolve(repo, "HEAD"))
      const other = `${folder}/other`
      yield* service.addWorktree({ repo, path: other, branch: "next", start: Option.some(root) })
      yield* fs.writeFileString(`${other}/README.md`, "theirs\n")
      const to = some(yield* service.commit({ checkout: other, message: "Next", include: "all" }))
      for (const bit of ["assume-unchanged", "skip-worktree"]) {
        yield* git(repo, "update-index", `--${bit}`, "README.md")
        yield* fs.writeFileString(`${repo}/README.md`, "mine\n")
        const error = yield* Effect.flip(service.fastForward({ checkout: repo, to }))
        assertTrue(error._tag === "FastForwardRefused")
        deepStrictEqual(error.paths, ["README.md"])
        strictEqual(yield* fs.readFileString(`${repo}/README.md`), "mine\n")
        yield* git(repo, "update-index", `--no-${bit}`, "README.md")
      }
    }))

  test("a path that is not UTF-8 shows its bytes, beside ones that are", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      // the name cannot be given through the file system service, which speaks UTF-8
      yield* fs.writeFileString(`${repo}/ü.txt`, "u")
      yield* git(repo, "add", "ü.txt")
      const blob = yield* git(repo, "hash-object", "-w", "README.md")
      yield* fs.writeFile(
        `${repo}/../index-info`,
        Uint8Array.from([
          ...new TextEncoder().encode(`100644 ${blob}\tcaf`),
          0xe9,
          0,
          ...new TextEncoder().encode(`100644 ${blob}\tna\u00efve`),
          0
        ])
      )
      yield* git(repo, "-c", `alias.feed=!git update-index --add -z --index-info < '${repo}/../index-info'`, "feed")
      const tip = some(yield* service.commit({ checkout: repo, message: "Latin", include: "staged" }))
      deepStrictEqual(
        (yield* service.listFiles(repo, tip, "")).map((e) => e.path),
        ["README.md", "caf\\xe9", "naïve", "ü.txt"]
      )
      deepStrictEqual(told(yield* service.status(repo)), ["unstaged caf\\xe9", "unstaged naïve"])
    }))

  test("a submodule with changes inside counts, whatever its settings say", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const inner = `${folder}/inner`
      yield* git(folder, "clone", "--quiet", repo, inner)
      yield* git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub")
      yield* git(repo, "config", "submodule.sub.ignore", "all")
      yield* git(repo, "config", "diff.ignoreSubmodules", "all")
      yield* service.commit({ checkout: repo, message: "Submodule", include: "all" })
      deepStrictEqual(yield* service.status(repo), [])
      yield* fs.writeFileString(`${repo}/sub/README.md`, "changed\n")
      deepStrictEqual(told(yield* service.status(repo)), ["unstaged sub"])
      yield* git(`${repo}/sub`, "commit", "--quiet", "-am", "Inside")
      deepStrictEqual(told(yield* service.status(repo)), ["unstaged sub"])
    }))

  test("a file that becomes executable, and a link that changes its target, count", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      yield* fs.symlink("README.md", `${repo}/link`)
      yield* service.commit({ checkout: repo, message: "Link", include: "all" })
      yield* fs.chmod(`${repo}/README.md`, 0o755)
      yield* fs.remove(`${repo}/link`)
      yield* fs.symlink("nowhere", `${repo}/link`)
      deepStrictEqual(told(yield* service.status(repo)), ["unstaged README.md", "unstaged link"])
    }))
})

describe("an operation in progress", () => {
  test("a merge is told, its conflicts are unmerged, and nothing is fast-forwarded over it", ({
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      yield* conflict(repo, (content) => fs.writeFileString(`${repo}/README.md`, content))
      const other = some(yield* service.resolve(repo, "other"))
      yield* git(repo, "-c", "alias.try=!git merge other || true", "try")
      assertSome(yield* service.inProgress(repo), "merge")
      deepStrictEqual(told(yield* service.status(repo)), ["unmerged README.md"])
      const error = yield* Effect.flip(service.fastForward({ checkout: repo, to: other }))
      strictEqual(error._tag, "FastForwardRefused")
    }))

  test("a snapshot in the middle of a merge keeps the files as they are, and the conflict stays", ({
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      yield* conflict(repo, (content) => fs.writeFileString(`${repo}/README.md`, content))
      yield* git(repo, "-c", "alias.try=!git merge other || true", "try")
      yield* fs.writeFileString(`${repo}/staged.txt`, "s")
      yield* git(repo, "add", "staged.txt")
      const content = yield* fs.readFileString(`${repo}/README.md`)
      const rescue = some(yield* service.snapshot(repo, "Rescue"))
      const kept = some(yield* service.readFile(repo, rescue, "README.md"))
      strictEqual(new TextDecoder().decode(kept.content), content)
      assertTrue(content.includes("<<<<<<<"))
      const index = some(yield* service.resolve(repo, `${rescue}^2`))
      deepStrictEqual(
        (yield* service.listFiles(repo, index, "")).map((e) => e.path),
        ["README.md", "staged.txt"]
      )
      deepStrictEqual(told(yield* service.status(repo)), ["unmerged README.md", "staged staged.txt"])
      assertSome(yield* service.inProgress(repo), "merge")
    }))

  test("a rebase, a cherry-pick, a revert and a bisect are told, in a worktree too", ({
    folder,
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      yield* conflict(repo, (content) => fs.writeFileString(`${repo}/README.md`, content))
      const path = `${folder}/worktree`
      yield* service.addWorktree({ repo, path, branch: "other", start: Option.none() })
      for (const [command, name] of [
        ["rebase main", "rebase"],
        ["cherry-pick main", "cherry-pick"],
        ["revert main", "revert"]
      ] as const) {
        yield* git(path, "-c", `alias.try=!git ${command} || true`, "try")
        assertSome(yield* service.inProgress(path), name)
        yield* git(path, name, "--abort")
      }
      yield* git(path, "bisect", "start")
      assertSome(yield* service.inProgress(path), "bisect")
      assertNone(yield* service.inProgress(repo))
    }))
})

describe("snapshot", () => {
  test("a change in the very moment of staging, of equal size, is not overlooked", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      // one moment for file, index and change: git must look into the file, and does only if the index is not younger
      const moment = 1_600_000_000
      const write = (content: string) =>
        Effect.zipRight(fs.writeFileString(`${repo}/same.txt`, content), fs.utimes(`${repo}/same.txt`, moment, moment))
      yield* git(repo, "config", "core.trustctime", "false")
      yield* git(repo, "config", "core.checkStat", "minimal")
      yield* write("a")
      yield* git(repo, "add", "same.txt")
      yield* fs.utimes(`${repo}/.git/index`, moment, moment)
      yield* write("b")
      const rescue = some(yield* service.snapshot(repo, "Rescue"))
      strictEqual(new TextDecoder().decode(some(yield* service.readFile(repo, rescue, "same.txt")).content), "b")
    }))

  test("files outside a sparse checkout are kept as they are, and new ones there are saved", ({
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      for (const folder of ["in", "out"]) {
        yield* fs.makeDirectory(`${repo}/${folder}`)
        yield* fs.writeFileString(`${repo}/${folder}/a.txt`, "a")
      }
      const tip = some(yield* service.commit({ checkout: repo, message: "Files", include: "all" }))
      yield* git(repo, "sparse-checkout", "set", "in")
      deepStrictEqual(yield* service.status(repo), [])
      yield* fs.makeDirectory(`${repo}/out`, { recursive: true })
      yield* fs.writeFileString(`${repo}/out/new.txt`, "n")
      const rescue = some(yield* service.snapshot(repo, "Rescue"))
      deepStrictEqual(
        (yield* service.changes(repo, tip, rescue)).map((c) => `${c.status} ${c.path}`),
        ["A out/new.txt"]
      )
    }))
})

describe("links", () => {
  test("of a worktree that git wrote from where they stand, as it does when asked to, are intact", ({
    folder,
    fs,
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      const path = `${folder}/SPEC-1`
      const head = some((yield* service.head(repo)).commit)
      yield* service.addWorktree({ repo, path, branch: "SPEC-1", start: Option.some(head) })
      const record = `${repo}/.git/worktrees/SPEC-1`
      yield* fs.writeFileString(`${path}/.git`, "gitdir: ../repo/.git/worktrees/SPEC-1\n")
      yield* fs.writeFileString(`${record}/gitdir`, "../../../../SPEC-1/.git\n")
      strictEqual(yield* service.worktreeLink(repo, path), "intact")
    }))
})
