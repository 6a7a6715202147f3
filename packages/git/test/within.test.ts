/** The changes that meet some paths are the same, whether git looks at those paths or at everything. */
import * as Git from "@calm/git/Git"
import { describe } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import { meet } from "../src/internal/meeting.ts"
import { git, noting, test } from "./realGit.ts"

/** In a repository with `a/b/f`, `c/d/g`, `file` and `README.md`; whether git need look at no more than the paths. */
const worlds: Readonly<Record<string, readonly [change: string, near: boolean]>> = {
  "nothing changed": ["true", true],
  "files changed": ["echo 2 >a/b/f && echo 2 >c/d/g && git add c && echo 3 >c/d/g && rm README.md", true],
  "there are untracked files": ["echo 1 >a/b/new && mkdir -p fresh/x && echo 1 >fresh/x/y && echo 1 >fresh/z", true],
  "there are ignored files": [
    "echo 'ign*' >.git/info/exclude && mkdir -p ign a/b && echo 1 >ign/f && echo 1 >a/b/ignored",
    true
  ],
  "a file is in place of a folder": ["rm -r a && echo 1 >a", true],
  "a link is in place of a folder": ["mv a elsewhere && ln -s elsewhere a", true],
  "a folder is in place of a file": ["rm file && mkdir file && echo 1 >file/in", false],
  "a file is staged in place of a folder": [
    "git rm -rq a && echo 1 >a && git add a && rm a && mkdir -p a/b && echo 1 >a/b/f",
    false
  ],
  "a file in place of a folder is gone": ["echo 1 >fresh && git add fresh && rm fresh", false],
  "a file in place of a folder is gone from the index, too": ["git rm -q file", false],
  "a repository is in place of a folder": [
    "git init -q fresh && echo 1 >fresh/x && git -C fresh add x && git -C fresh -c user.name=a -c user.email=b commit -qm 1",
    false
  ],
  "files are hidden": [
    "git update-index --assume-unchanged a/b/f && git update-index --skip-worktree c/d/g && echo 2 >c/d/g",
    true
  ],
  "the index is split": ["git update-index --split-index && echo 2 >a/b/f", false],
  "the index has short names": ["git update-index --index-version 4 && echo 2 >a/b/f", false],
  "there is a conflict": [
    "git checkout -qb other && echo 2 >a/b/f && git commit -qam 2 && git checkout -q main && echo 3 >a/b/f && git commit -qam 3 && ! git merge -q other",
    true
  ]
}

const asked = [
  ["a/b/f"],
  ["a/b/new", "c/d/g"],
  ["a", "file/in"],
  ["fresh/x/y", "fresh/z"],
  ["fresh/x", "README.md"],
  ["ign/f", "file"],
  ["nope/x/y"]
]

describe("status within some paths", () => {
  for (const [name, [change, near]] of Object.entries(worlds))
    test(`is the same as of everything where ${name}`, ({ fs, repo }) => {
      const started: Array<string> = []
      return Effect.gen(function* () {
        const service = yield* Git.Git
        yield* git(repo, "config", "user.name", "Test")
        yield* git(repo, "config", "user.email", "test@localhost")
        for (const folder of ["a/b", "c/d"]) yield* fs.makeDirectory(`${repo}/${folder}`, { recursive: true })
        for (const file of ["a/b/f", "c/d/g", "file"]) yield* fs.writeFileString(`${repo}/${file}`, "1\n")
        yield* service.commit({ checkout: repo, message: "Files", include: "all" })
        yield* git(repo, "-c", `alias.change=!${change}`, "change")
        const all = yield* service.status(repo)
        started.length = 0
        for (const paths of asked)
          deepStrictEqual(
            yield* service.status(repo, paths),
            all.filter(({ path }) => paths.some((other) => meet(path, other))),
            paths.join(" ")
          )
        const statuses = started.filter((each) => each.includes(" status "))
        strictEqual(statuses.length, asked.length)
        strictEqual(
          statuses.every((each) => each.includes(" -- ")),
          near
        )
      }).pipe(Effect.provide(noting(started)))
    })
})
