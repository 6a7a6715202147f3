/** The main job for real, from the first phase to the last. */
import { CurrentProject } from "@calm/core/CurrentProject"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, soundness } from "./support/calm.ts"

/** What must be true of the repository once a task is in. */
const checkMerged = Effect.fnUntraced(function* (id: string, files: ReadonlyArray<string>) {
  const { world, worktrees } = yield* calm
  const { commonDir } = yield* CurrentProject
  const { git, repo } = world
  const [subject, ...parents] = (yield* git(repo, "log", "-1", "--format=%s%n%p", "main")).split(/\n| /).slice(-3)
  assert.isDefined(subject)
  assert.strictEqual(parents.length, 2, "the merge has two parents")
  assert.strictEqual(yield* git(repo, "status", "--porcelain"), "")
  for (const file of files) assert.isTrue(Fs.existsSync(Path.join(repo, file)), `${file} is in the main checkout`)
  assert.deepStrictEqual(yield* worktrees.list, [])
  assert.isFalse(Fs.existsSync(Path.join(repo, ".worktrees", id)))
  const [kept, ...others] = Fs.readdirSync(Path.join(commonDir, "calm", "trash"))
  assert.deepStrictEqual(others, [])
  for (const file of files)
    assert.isTrue(Fs.existsSync(Path.join(commonDir, "calm", "trash", kept ?? "", "tree", file)))
  assert.strictEqual(yield* git(repo, "branch", "--list", id), "", "the branch is gone")
  assert.strictEqual(yield* soundness, "")
})

it.scopedLive("a feature goes from SPEC to DONE, and its code is in main by one merge commit", () =>
  Effect.gen(function* () {
    const task = yield* World.featureIn("DONE")
    assert.strictEqual(task.phase, "DONE")
    yield* checkMerged("SPEC-001", ["src/SPEC-001.js", "test/SPEC-001.test.js", "changelog.d/SPEC-001.md"])
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive(
  "a bug goes from REPORTED to DONE in a folder with spaces, quotes, a dollar and letters beyond ASCII",
  () =>
    Effect.gen(function* () {
      const task = yield* World.bugIn("DONE")
      assert.strictEqual(task.phase, "DONE")
      yield* checkMerged("BUG-001", ["src/BUG-001.js", "test/BUG-001.test.js", "bug_reports/BUG-001.md"])
    }).pipe(Effect.provide(RealWorld.layer({ name: `Größe "ünï" 'x' $(touch pwned) 日本 🎉` })))
)
