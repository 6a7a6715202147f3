/** The worktrees that are read from files are those that git lists, in whatever state they are. */
import * as Git from "@calm/git/Git"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { git, noting, some, test } from "./realGit.ts"

/** A checkout with two worktrees, one of them at a commit of its own. */
const worlds: Readonly<Record<string, string>> = {
  "as they were made": "true",
  "with refs in one file": "git pack-refs --all",
  detached: "git -C ../one switch --quiet --detach",
  locked: "git worktree lock ../one",
  "deleted by hand": "rm -r ../one",
  "deleted by hand and locked": "git worktree lock ../one && rm -r ../one",
  "without a .git": "rm ../one/.git",
  "moved by git": "git worktree move ../one ../zone",
  "moved by hand": "mv ../one ../zone",
  "on a branch with a slash": "git -C ../one switch --quiet -c a/b",
  "in a folder with an odd name": "git worktree move ../one '../o n ü\"e'",
  "beside a checkout that is detached": "git switch --quiet --detach",
  "in the middle of a rebase":
    "git -C ../one commit -q --allow-empty -m x && git -C ../one -c sequence.editor='sed -i s/^pick/edit/' rebase -q -i --keep-empty HEAD~1"
}

/** What only git can tell. */
const gits: Readonly<Record<string, string>> = {
  "on an unborn branch": "git -C ../one switch --quiet --orphan fresh",
  "on a branch that is another name":
    "git symbolic-ref refs/heads/alias refs/heads/two && git -C ../one symbolic-ref HEAD refs/heads/alias",
  "with a record that is empty": ": > .git/worktrees/one/gitdir",
  "with a HEAD that is garbage": "echo garbage > .git/worktrees/one/HEAD",
  "with a file among the records": "echo x > .git/worktrees/file",
  "beside a checkout without files": "git config core.bare true",
  "where worktrees have their own settings": "git config extensions.worktreeConfig true",
  "where a file is included": "echo '[core]\n\tbare = true' > .git/more && git config include.path more",
  "where a branch is a link":
    "cd .git/refs/heads && ln -s main linked && cd ../../../../one && git symbolic-ref HEAD refs/heads/linked"
}

const short = (entry: Git.WorktreeEntry): string =>
  [
    entry.path,
    Option.getOrElse(entry.commit, () => "none"),
    Option.getOrElse(entry.branch, () => "none"),
    ...(entry.bare ? ["bare"] : []),
    ...(entry.locked ? ["locked"] : [])
  ].join(" ")

/** What git itself lists, in the same words. */
const listed = Effect.fnUntraced(function* (repo: string) {
  const said = (yield* git(repo, "worktree", "list", "--porcelain", "-z")).split("\0\0").filter((one) => one !== "")
  return said.map((one) => {
    const records = one.split("\0")
    const value = (name: string) => records.find((record) => record.startsWith(`${name} `))?.slice(name.length + 1)
    const head = value("HEAD") ?? ""
    const isLocked = records.some((record) => record === "locked" || record.startsWith("locked "))
    const isPrunable = records.some((record) => record.startsWith("prunable"))
    return {
      told: [
        value("worktree"),
        /^0*$/.test(head) ? "none" : head,
        value("branch") ?? "none",
        ...(records.includes("bare") ? ["bare"] : []),
        ...(isLocked ? ["locked"] : [])
      ].join(" "),
      isLocked,
      isPrunable
    }
  })
})

const agrees = (started: ReadonlyArray<string>, repo: string, change: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const service = yield* Git.Git
    const start = Option.some(some(yield* service.resolve(repo, "main")))
    for (const branch of ["two", "one"])
      yield* service.addWorktree({ repo, path: `${repo}/../${branch}`, branch, start })
    yield* git(`${repo}/../one`, "commit", "--quiet", "--allow-empty", "-m", "One")
    yield* git(repo, "-c", `alias.change=!${change}`, "change")
    const before = started.length
    const entries = yield* service.worktrees(repo)
    const asked = started.slice(before)
    const expected = yield* listed(repo)
    deepStrictEqual(
      entries.map(short),
      expected.map(({ told }) => told)
    )
    for (const [index, { isLocked, isPrunable }] of expected.entries()) {
      const entry = entries[index]
      const isGone = !(yield* fs.exists(entry?.path ?? ""))
      strictEqual(entry?.prunable, isLocked ? isGone : isPrunable, entry?.path)
    }
    return asked.filter((each) => each !== "conversation")
  })

describe("the worktrees of a repository", () => {
  for (const [name, change] of Object.entries(worlds))
    test(`${name} are read from files`, ({ repo }) => {
      const started: Array<string> = []
      return Effect.provide(agrees(started, repo, change), noting(started)).pipe(
        Effect.map((asked) => deepStrictEqual(asked, []))
      )
    })
  for (const [name, change] of Object.entries(gits))
    test(`${name} are asked of git`, ({ repo }) => {
      const started: Array<string> = []
      return Effect.provide(agrees(started, repo, change), noting(started)).pipe(
        Effect.map((asked) => strictEqual(asked.length, 1))
      )
    })
})
