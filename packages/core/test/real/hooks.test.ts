/** The user's hooks and settings are the user's: calm neither runs nor changes them. */
import * as RealWorld from "@calm/testing/RealWorld"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, edit, filesOf, ready } from "./support/calm.ts"

const hooks = [
  "applypatch-msg",
  "commit-msg",
  "fsmonitor-watchman",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "post-rewrite",
  "pre-auto-gc",
  "pre-commit",
  "pre-merge-commit",
  "prepare-commit-msg",
  "reference-transaction"
]

const places = {
  "of the repository": Effect.map(RealWorld.RealWorld, ({ repo }) => Path.join(repo, ".git/hooks")),
  "of core.hooksPath": Effect.gen(function* () {
    const { folder, git, repo } = yield* RealWorld.RealWorld
    yield* git(repo, "config", "core.hooksPath", Path.join(folder, "hooks"))
    return Path.join(folder, "hooks")
  })
}

for (const [which, place] of Object.entries(places)) {
  it.scopedLive(`no hook ${which} is run or changed by worktrees, checks, merges and the trash, nor is a setting`, () =>
    Effect.gen(function* () {
      const { merges, world, worktrees } = yield* calm
      const { folder, git, repo } = world
      const ran = Path.join(folder, "ran")
      const at = yield* place
      for (const hook of hooks) {
        edit(at, hook, `#!/bin/sh\necho ${hook} >> '${ran}'\n`)
        Fs.chmodSync(Path.join(at, hook), 0o755)
      }
      const config = Fs.readFileSync(Path.join(repo, ".git/config"), "utf8")
      const before = filesOf(at)

      yield* ready("SPEC-001")
      yield* worktrees.remove("SPEC-001", "removed")
      yield* worktrees.restore("SPEC-001")
      yield* merges.merge("SPEC-001")
      assert.isFalse(Fs.existsSync(ran))
      assert.deepStrictEqual(filesOf(at), before)
      assert.strictEqual(Fs.readFileSync(Path.join(repo, ".git/config"), "utf8"), config)
      assert.strictEqual(Fs.existsSync(Path.join(repo, ".git/info/exclude")), false, "made without a template")

      yield* git(repo, "commit", "--quiet", "--allow-empty", "-m", "By hand")
      assert.include(Fs.readFileSync(ran, "utf8"), "pre-commit", "the user's own git still runs them")
    }).pipe(Effect.provide(RealWorld.layer()))
  )
}
