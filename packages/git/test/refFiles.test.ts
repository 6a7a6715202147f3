import { assertNone, assertSome, deepStrictEqual } from "@effect/vitest/utils"
import { describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readHead, readRefFile } from "../src/internal/refFiles.ts"
import { git, test } from "./realGit.ts"

/** A checkout's own folder and the common one. */
const placeOf = (repo: string) => ({ own: `${repo}/.git`, common: `${repo}/.git` })

describe("refs from files", () => {
  test("tell of HEAD and of a branch what git tells, and that there is no file of a packed one", ({ fs, repo }) =>
    Effect.gen(function* () {
      const place = placeOf(repo)
      const head = yield* git(repo, "rev-parse", "HEAD")
      const ref = yield* git(repo, "symbolic-ref", "HEAD")
      deepStrictEqual(
        Option.map(yield* readHead(fs, place), ({ branch, commit }) => [
          Option.getOrNull(branch),
          Option.getOrNull(commit)
        ]),
        Option.some([ref, head])
      )
      yield* git(repo, "pack-refs", "--all")
      assertSome(yield* readRefFile(fs, place, place.common, ref), { _tag: "nothing" })
    }))

  test("say nothing where git keeps refs in a table, whatever is asked for: only git can tell", ({ fs, repo }) =>
    Effect.gen(function* () {
      const place = placeOf(repo)
      // As git lays it out: the folder of the tables, and what keeps older gits from taking it for a repository of theirs.
      yield* fs.makeDirectory(`${repo}/.git/reftable`)
      yield* fs.writeFileString(`${repo}/.git/HEAD`, "ref: refs/heads/.invalid\n")
      yield* fs.remove(`${repo}/.git/refs`, { recursive: true })
      yield* fs.makeDirectory(`${repo}/.git/refs`)
      yield* fs.writeFileString(`${repo}/.git/refs/heads`, "this repository uses the reftable format\n")
      assertNone(yield* readHead(fs, place))
      assertNone(yield* readRefFile(fs, place, place.common, "refs/heads/main"))
      assertNone(yield* readRefFile(fs, place, place.common, "refs/calm/rescue/SPEC-001"))
    }))
})
