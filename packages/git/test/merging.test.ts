/** Conflicts that only a real merge finds, and remotes. */
import { describe } from "@effect/vitest"
import { assertNone, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { git, some, test } from "./realGit.ts"

const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n") + "\n"

/** Shell commands per side, since what is merged is moved and linked as a person would. */
const conflicts = (title: string, ours: string, theirs: string, expected: ReadonlyArray<string>): void =>
  test(title, ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${repo}/file.txt`, lines)
      yield* fs.writeFile(`${repo}/binary`, Uint8Array.from([0, 1, 2]))
      yield* git(repo, "add", "--all")
      yield* git(repo, "commit", "--quiet", "-m", "Start")
      yield* git(repo, "checkout", "--quiet", "-b", "other")
      const side = (commands: string) =>
        git(repo, "-c", `alias.side=!${commands} && git add -A && git commit -qm side`, "side")
      yield* side(theirs)
      yield* git(repo, "checkout", "--quiet", "main")
      yield* side(ours)
      const merged = yield* service.mergeTree({
        checkout: repo,
        ours: some(yield* service.resolve(repo, "main")),
        theirs: some(yield* service.resolve(repo, "other"))
      })
      deepStrictEqual(merged.conflicts, expected)
      deepStrictEqual(yield* service.status(repo), [])
    })
  )

describe("mergeTree", () => {
  conflicts("names all three files of a file renamed two ways", "git mv file.txt a.txt", "git mv file.txt b.txt", [
    "a.txt",
    "b.txt",
    "file.txt"
  ])
  conflicts(
    "names the file that meets a folder of its name, by its own name",
    "mkdir x && echo 1 > x/y",
    "echo 2 > x",
    ["x"]
  )
  conflicts("names a binary file that both changed", "printf 'a\\0b' > binary", "printf 'a\\0c' > binary", ["binary"])
  conflicts("names a file that one side renamed and the other deleted", "git mv file.txt a.txt", "rm file.txt", [
    "a.txt"
  ])
  conflicts("follows a rename without a conflict", "git mv file.txt a.txt", "echo more >> file.txt", [])

  test("uses the attributes of the checkout", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      const write = (name: string, content: string) => fs.writeFileString(`${repo}/${name}`, content)
      yield* write(".gitattributes", "log.txt merge=union\n")
      yield* write("log.txt", "start\n")
      yield* service.commit({ checkout: repo, message: "Start", include: "all" })
      yield* git(repo, "checkout", "--quiet", "-b", "other")
      yield* write("log.txt", "start\ntheirs\n")
      const theirs = some(yield* service.commit({ checkout: repo, message: "Theirs", include: "all" }))
      yield* git(repo, "checkout", "--quiet", "main")
      yield* write("log.txt", "start\nours\n")
      const ours = some(yield* service.commit({ checkout: repo, message: "Ours", include: "all" }))
      deepStrictEqual((yield* service.mergeTree({ checkout: repo, ours, theirs })).conflicts, [])
    }))
})

describe("fastForward", () => {
  test("names what lies ignored in an ignored folder, and loses none of it", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${repo}/.gitignore`, "build/\n")
      yield* service.commit({ checkout: repo, message: "Ignore", include: "all" })
      yield* git(repo, "checkout", "--quiet", "-b", "next")
      yield* fs.makeDirectory(`${repo}/build`)
      yield* fs.writeFileString(`${repo}/build/out`, "theirs")
      yield* git(repo, "add", "--force", "build/out")
      const to = some(yield* service.commit({ checkout: repo, message: "Built", include: "staged" }))
      yield* git(repo, "checkout", "--quiet", "main")
      yield* fs.makeDirectory(`${repo}/build`, { recursive: true })
      yield* fs.writeFileString(`${repo}/build/out`, "mine")
      yield* fs.writeFileString(`${repo}/build/kept`, "mine")
      const error = yield* Effect.flip(service.fastForward({ checkout: repo, to }))
      assertTrue(error._tag === "FastForwardRefused")
      deepStrictEqual(error.paths, ["build/out"])
      strictEqual(yield* fs.readFileString(`${repo}/build/out`), "mine")
    }))

  test("refuses a detached HEAD, which has no branch to move", ({ git: service, repo }) =>
    Effect.gen(function* () {
      const to = some(yield* service.resolve(repo, "HEAD"))
      yield* git(repo, "checkout", "--quiet", "--detach")
      strictEqual((yield* Effect.flip(service.fastForward({ checkout: repo, to })))._tag, "FastForwardRefused")
    }))

  test("a lock on the index is a failure of git, not a refusal, and changes nothing", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      const from = some(yield* service.resolve(repo, "HEAD"))
      yield* git(repo, "checkout", "--quiet", "-b", "next")
      yield* fs.writeFileString(`${repo}/new.txt`, "n")
      const to = some(yield* service.commit({ checkout: repo, message: "Next", include: "all" }))
      yield* git(repo, "checkout", "--quiet", "main")
      yield* fs.writeFileString(`${repo}/.git/index.lock`, "")
      strictEqual((yield* Effect.flip(service.fastForward({ checkout: repo, to })))._tag, "GitFailed")
      assertSome(yield* service.resolve(repo, "HEAD"), from)
    }))
})

describe("remotes", () => {
  test("default branch, upstream and fetch of a clone", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const clone = `${folder}/clone`
      yield* git(folder, "clone", "--quiet", repo, clone)
      assertSome(yield* service.remoteDefaultBranch(clone), "refs/heads/main")
      const upstream = some(yield* service.upstream(clone, "refs/heads/main"))
      deepStrictEqual(upstream, {
        remote: "origin",
        remoteRef: "refs/heads/main",
        trackingRef: "refs/remotes/origin/main"
      })
      yield* fs.writeFileString(`${repo}/new.txt`, "n")
      const next = some(yield* service.commit({ checkout: repo, message: "Next", include: "all" }))
      yield* git(repo, "tag", "v1")
      yield* git(repo, "branch", "unwanted")
      yield* git(clone, "config", "fetch.prune", "true")
      yield* service.fetch(clone, upstream)
      assertSome(yield* service.resolve(clone, "refs/remotes/origin/main"), next)
      assertNone(yield* service.resolve(clone, "refs/tags/v1"))
      assertNone(yield* service.resolve(clone, "refs/remotes/origin/unwanted"))
      strictEqual(yield* fs.exists(`${clone}/.git/FETCH_HEAD`), false)
      deepStrictEqual(yield* service.divergence(clone, some(yield* service.resolve(clone, "main")), next), {
        ahead: 0,
        behind: 1
      })
    }))

  test("a branch that was rewritten is fetched as it now is", ({ folder, git: service, repo }) =>
    Effect.gen(function* () {
      const clone = `${folder}/clone`
      yield* git(folder, "clone", "--quiet", repo, clone)
      yield* git(repo, "commit", "--quiet", "--amend", "-m", "Rewritten")
      yield* service.fetch(clone, some(yield* service.upstream(clone, "refs/heads/main")))
      strictEqual(some(yield* service.resolve(clone, "origin/main")), some(yield* service.resolve(repo, "main")))
    }))

  test("a remote or a branch that is gone is a failure that says so", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const clone = `${folder}/clone`
      yield* git(folder, "clone", "--quiet", repo, clone)
      const upstream = some(yield* service.upstream(clone, "refs/heads/main"))
      yield* git(repo, "branch", "--move", "main", "trunk")
      const gone = yield* Effect.flip(service.fetch(clone, upstream))
      strictEqual(
        gone.message,
        "git could not fetch refs/heads/main of origin: couldn't find remote ref refs/heads/main"
      )
      yield* fs.remove(repo, { recursive: true })
      strictEqual((yield* Effect.flip(service.fetch(clone, upstream)))._tag, "GitFailed")
    }))

  test("a branch that follows a local one has no upstream", ({ git: service, repo }) =>
    Effect.gen(function* () {
      yield* git(repo, "branch", "--track", "next", "main")
      assertNone(yield* service.upstream(repo, "refs/heads/next"))
      strictEqual((yield* Effect.flip(service.upstream(repo, "refs/heads/nope")))._tag, "GitFailed")
    }))
})
