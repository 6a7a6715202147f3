import { assert, describe } from "@effect/vitest"
import { assertNone, assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readIndex } from "../src/internal/indexFile.ts"
import { git, some, test } from "./realGit.ts"

describe("the index of a checkout", () => {
  /** What is made of a repository with these settings, from a shell. */
  const ways = {
    "as git writes it": "true",
    "with whole names and more flags": "echo 1 >later && git add --intent-to-add later",
    "with shortened names": "git update-index --index-version 4",
    "of the other hash": "rm -rf .git && git init -q --object-format=sha256 && git add -A",
    "with names of all lengths":
      "for i in $(seq 1 200) 5000; do git update-index --add --cacheinfo 100644,$(git hash-object -w README.md),$(printf %0${i}d 1); done"
  } as const
  for (const [name, change] of Object.entries(ways))
    test(`${name} tells of no hidden file, and of one once there is one`, ({ fs, repo }) =>
      Effect.gen(function* () {
        const read = Effect.map(fs.readFile(`${repo}/.git/index`), (index) => readIndex(index, new Set()))
        yield* git(repo, "-c", `alias.change=!${change}`, "change")
        deepStrictEqual(some(yield* read), { marked: false, named: false })
        for (const bit of ["assume-unchanged", "skip-worktree"]) {
          yield* git(repo, "update-index", `--${bit}`, "README.md")
          assertTrue(some(yield* read).marked, bit)
          yield* git(repo, "update-index", `--no-${bit}`, "README.md")
          assert.isFalse(some(yield* read).marked, bit)
        }
      }))

  test("tells whether an entry has a name, and says so too where it cannot tell", ({ fs, repo }) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(`${repo}/docs`)
      yield* fs.writeFileString(`${repo}/docs/é.md`, "1")
      yield* git(repo, "add", "--all")
      const has = (...names: ReadonlyArray<string>) =>
        Effect.map(fs.readFile(`${repo}/.git/index`), (index) => some(readIndex(index, new Set(names))).named)
      assertTrue(yield* has("nope", "README.md"))
      assertTrue(yield* has("docs/é.md"))
      assert.isFalse(yield* has("docs", "EADME.md", "README", "README.mdx"))
      yield* git(repo, "update-index", "--index-version", "4")
      assertTrue(yield* has("docs"))
    }))

  test("that is split, cut off, changed or none is not understood", ({ fs, repo }) =>
    Effect.gen(function* () {
      const whole = yield* fs.readFile(`${repo}/.git/index`)
      const damaged = [
        new Uint8Array(0),
        whole.subarray(0, 11),
        whole.subarray(0, whole.length - 1),
        whole.subarray(0, 40),
        whole.map((byte, at) => (at === 3 ? 0 : byte)),
        whole.map((byte, at) => (at === 7 ? 5 : byte)),
        whole.map((byte, at) => (at === 11 ? byte + 1 : byte)),
        Uint8Array.from([...whole, 0])
      ]
      for (const index of damaged) assertNone(readIndex(index, new Set()))
      yield* git(repo, "update-index", "--split-index")
      assert.isTrue(Option.isNone(readIndex(yield* fs.readFile(`${repo}/.git/index`), new Set())))
    }))
})
