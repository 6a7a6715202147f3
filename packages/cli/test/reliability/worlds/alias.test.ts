/** A base that is only another name for a branch: a symbolic ref, as one leaves it behind that renames `main`. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { git } from "../support/checkout.ts"

const alias = (repo: string, to: string): void => void git(repo, "symbolic-ref", "refs/heads/main", to)

it.scopedLive(
  "the base is the branch itself, and one that has become another name for it is set right by init",
  () =>
    Effect.gen(function* () {
      const world = yield* World.make
      const repo = Path.join(world.base, "aliased")
      git(world.base, "init", "--quiet", "--initial-branch=trunk", repo)
      git(repo, "commit", "--quiet", "--allow-empty", "--message", "Start")
      alias(repo, "refs/heads/trunk")
      const bases: Array<unknown> = []
      const answer = Effect.fnUntraced(function* (line: string) {
        const { data, error, exitCode } = yield* world.line(line, { cwd: repo })
        bases.push(exitCode === 0 ? data : [exitCode, error?.hint])
      })
      yield* answer("init")
      // Turned round: what calm has on record is another name now.
      git(repo, "symbolic-ref", "--delete", "refs/heads/main")
      git(repo, "branch", "--move", "trunk", "main")
      git(repo, "symbolic-ref", "refs/heads/trunk", "refs/heads/main")
      yield* answer("task create SPEC-001 One")
      yield* answer("worktree create SPEC-001 --no-setup")
      yield* answer("init")
      yield* answer("worktree create SPEC-001 --no-setup")
      // Behind it there is no branch that a merge could go to.
      git(repo, "switch", "--quiet", "--create", "other")
      git(repo, "update-ref", "refs/remotes/origin/main", "other")
      git(repo, "branch", "--quiet", "-D", "main")
      alias(repo, "refs/remotes/origin/main")
      yield* answer("worktree merge SPEC-001")
      yield* answer("init")
      const base = (found: unknown) =>
        /"baseBranch":"[^"]*"|"formerBase":(?:null|"[^"]*")/g[Symbol.match](JSON.stringify(found))
      assert.deepStrictEqual(
        bases.map((found) => (Array.isArray(found) ? found : base(found))),
        [
          ['"baseBranch":"trunk"', '"formerBase":null'],
          null,
          [8, "calm init"],
          ['"baseBranch":"main"', '"formerBase":"trunk"'],
          null,
          [8, "git symbolic-ref refs/heads/main"],
          ['"baseBranch":"main"', '"formerBase":null']
        ]
      )
    }),
  120_000
)
