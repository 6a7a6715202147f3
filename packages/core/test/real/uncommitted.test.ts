/** Nothing that is not committed is lost, and nothing that is not committed counts. */
import { CurrentProject } from "@calm/core/CurrentProject"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  calm,
  commitOf,
  edit,
  lacks,
  names,
  outcome,
  ready,
  refused,
  soundness,
  started,
  stateOf
} from "./support/calm.ts"

const binary = Buffer.from([0, 255, 13, 10, 0, 128]).toString("latin1")

/** Work in every state that git knows: staged, changed after that, new, deleted, executable, linked, ignored. */
const workIn = Effect.fnUntraced(function* (worktree: string) {
  const { git } = yield* RealWorld.RealWorld
  edit(worktree, "README.md", "staged\n")
  edit(worktree, "staged only.txt", "staged only\n")
  yield* git(worktree, "add", "README.md", "staged only.txt")
  edit(worktree, "README.md", "staged, then changed\n")
  Fs.rmSync(Path.join(worktree, "src/words.js"))
  edit(worktree, "new/deep.txt", "untracked\n")
  Fs.writeFileSync(Path.join(worktree, "binary"), binary, "latin1")
  Fs.chmodSync(Path.join(worktree, "binary"), 0o755)
  Fs.symlinkSync("nowhere", Path.join(worktree, "link"))
  edit(worktree, "debug.log", "ignored\n")
})

it.scopedLive(
  "a worktree with work in it is not merged: refused for that alone, naming the file, and the work is still there",
  () =>
    Effect.gen(function* () {
      const { merges, world } = yield* calm
      const worktree = yield* ready("SPEC-001")
      const main = yield* commitOf("main")
      const left = {
        untracked: ["notes.txt", Effect.void],
        unstaged: ["README.md", Effect.void],
        staged: ["README.md", world.git(worktree, "add", "README.md")]
      } as const
      for (const [state, [file, stage]] of Object.entries(left)) {
        edit(worktree, file, `${state}\n`)
        yield* stage
        const before = yield* stateOf(worktree)
        const refusal = yield* refused(merges.merge("SPEC-001"))
        assert.deepStrictEqual([refusal.exit, names(refusal)], [7, ["worktree"]], state)
        assert.include(refusal.reasons["worktree"], file)
        assert.deepStrictEqual(yield* stateOf(worktree), before)
        assert.strictEqual(yield* commitOf("main"), main)
        yield* world.git(worktree, "reset", "--quiet", "--hard")
        yield* world.git(worktree, "clean", "--quiet", "--force", "-d")
      }
    }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("an ignored file in a worktree does not hold a merge up, and is in the trash afterwards", () =>
  Effect.gen(function* () {
    const { merges } = yield* calm
    const worktree = yield* ready("SPEC-001")
    edit(worktree, "debug.log", "hours of measuring\n")
    const { trash } = yield* merges.merge("SPEC-001")
    assert.strictEqual(Fs.readFileSync(Path.join(trash ?? "", "tree", "debug.log"), "utf8"), "hours of measuring\n")
    assert.isFalse(Fs.existsSync(worktree))
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a removed worktree keeps its work under a ref and in the trash, and comes back byte for byte", () =>
  Effect.gen(function* () {
    const { world, worktrees } = yield* calm
    const { git, repo } = world
    const worktree = yield* started("SPEC-001")
    yield* World.commit("SPEC-001", { "src/SPEC-001.js": "export const name = 1\n" })
    yield* workIn(worktree)
    const before = yield* stateOf(worktree)
    const removed = yield* worktrees.remove("SPEC-001", "removed")
    const ref = removed.rescueRef ?? ""

    assert.isFalse(Fs.existsSync(worktree))
    assert.strictEqual(yield* git(repo, "show", `${ref}:README.md`), "staged, then changed")
    assert.strictEqual(yield* git(repo, "show", `${ref}:new/deep.txt`), "untracked")
    assert.strictEqual(yield* git(repo, "show", `${ref}^2:README.md`), "staged", "the index has a commit of its own")
    assert.strictEqual(yield* git(repo, "ls-tree", "--name-only", ref, "src/words.js"), "")
    assert.match(yield* git(repo, "ls-tree", ref, "binary"), /^100755 blob/)
    assert.match(yield* git(repo, "ls-tree", ref, "link"), /^120000 blob/)
    assert.strictEqual(yield* commitOf("SPEC-001"), removed.head, "the branch stays")
    const trash = Path.join(removed.folder, "tree")
    assert.strictEqual(Fs.readFileSync(Path.join(trash, "debug.log"), "utf8"), "ignored\n")
    assert.strictEqual(yield* soundness, "")

    const restored = yield* worktrees.restore("SPEC-001")
    assert.deepStrictEqual([restored.detached, restored.branchRecreated], [false, false])
    const after = yield* stateOf(worktree)
    assert.deepStrictEqual({ ...after, refs: "" }, { ...before, refs: "" })
    assert.isTrue((Fs.statSync(Path.join(worktree, "binary")).mode & 0o100) !== 0)
    assert.strictEqual(yield* git(worktree, "show", `${ref}:README.md`), "staged, then changed", "the ref stays")
    assert.strictEqual(yield* soundness, "")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a worktree in the middle of a conflict is put away and brought back in the middle of it", () =>
  Effect.gen(function* () {
    const { world, worktrees } = yield* calm
    const { git, repo } = world
    const worktree = yield* started("SPEC-001")
    yield* World.commit("SPEC-001", { "src/words.js": "mine\n" })
    yield* World.commitIn(repo, { "src/words.js": "theirs\n" })
    yield* Effect.flip(git(worktree, "merge", "main"))
    edit(worktree, "src/words.js", "half resolved\n")
    const before = yield* stateOf(worktree)
    assert.include(before.status, "u UU")
    const { rescueRef } = yield* worktrees.remove("SPEC-001", "removed")
    assert.strictEqual(yield* git(repo, "show", `${rescueRef}:src/words.js`), "half resolved")
    yield* worktrees.restore("SPEC-001")
    const after = yield* stateOf(worktree)
    assert.deepStrictEqual({ ...after, refs: "" }, { ...before, refs: "" })
    yield* git(worktree, "add", "src/words.js")
    yield* git(worktree, "commit", "--quiet", "-m", "Resolved")
    assert.strictEqual(yield* git(worktree, "log", "-1", "--format=%p").pipe(Effect.map((p) => p.split(" ").length)), 2)
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a failing test that only an uncommitted change mends does not pass; committed, it does", () =>
  Effect.gen(function* () {
    const { gates, transitions } = yield* calm
    const worktree = yield* started("SPEC-001")
    const test = `import assert from "node:assert/strict"
import test from "node:test"
import { two } from "../src/two.js"
test("two", () => assert.equal(two, 2))
`
    yield* World.commit("SPEC-001", { "src/two.js": "export const two = 3\n", "test/two.test.js": test })
    edit(worktree, "src/two.js", "export const two = 2\n")
    const gate = "IMPLEMENT-CODE_REVIEW"
    const { verdict: dirty } = yield* gates.check("SPEC-001", gate)
    assert.strictEqual(outcome(dirty, "tests")?.status, "unavailable")
    assert.include(outcome(dirty, "tests")?.summary, "src/two.js")
    assert.strictEqual(lacks(dirty).exit, 8)

    edit(worktree, "src/two.js", "export const two = 3\n")
    const { verdict: wrong } = yield* gates.check("SPEC-001", gate)
    assert.strictEqual(outcome(wrong, "tests")?.status, "failed")
    assert.deepStrictEqual(outcome(wrong, "tests")?.evidence?.counts, { passed: 1, failed: 1, skipped: 0 })
    yield* Effect.flip(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }))

    yield* World.commit("SPEC-001", { "src/two.js": "export const two = 2\n" })
    const { verdict: mended } = yield* gates.check("SPEC-001", gate)
    assert.deepStrictEqual(names(lacks(mended)), [])
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a result does not count when the check itself changes a tracked file, or HEAD, while it runs", () =>
  Effect.gen(function* () {
    const { gates } = yield* calm
    yield* started("SPEC-001")
    const { path } = yield* Effect.flatMap(calm, ({ worktrees }) => worktrees.get("SPEC-001"))
    yield* World.commit("SPEC-001", {
      "test/meddles.test.js": `import { appendFileSync } from "node:fs"\nappendFileSync("README.md", "!")\n`
    })
    const { verdict: changed } = yield* gates.check("SPEC-001", "TEST-INTEGRATE")
    assert.strictEqual(outcome(changed, "full tests")?.status, "unavailable")
    assert.include(outcome(changed, "full tests")?.summary, "README.md")

    edit(path, "README.md", "# Greetings\n")
    yield* World.commit("SPEC-001", {
      "test/meddles.test.js": `import { execFileSync } from "node:child_process"
execFileSync("git", ["commit", "--quiet", "--allow-empty", "-m", "meddled"])
`
    })
    const { verdict: moved } = yield* gates.check("SPEC-001", "TEST-INTEGRATE")
    assert.strictEqual(outcome(moved, "full tests")?.status, "unavailable")
    assert.include(outcome(moved, "full tests")?.summary, "moved")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("the folder of worktrees does not show in the main checkout's status", () =>
  Effect.gen(function* () {
    const { path } = yield* CurrentProject
    const { git } = yield* RealWorld.RealWorld
    const worktree = yield* started("SPEC-001")
    edit(worktree, "work.txt", "work\n")
    assert.strictEqual(yield* git(path, "status", "--porcelain"), "")
  }).pipe(Effect.provide(RealWorld.layer()))
)
