/** What counts as a branch's own work, and what binds results to the code. */
import { Gates } from "@calm/core/Gates"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { calm, failure, lacking, same, tipOf } from "./support/calm.ts"
import { everyScript, implemented, runs } from "./support/worlds.ts"

/** A bug whose report is in, and its worktree. */
const investigated = Effect.gen(function* () {
  const world = yield* calm
  yield* World.bugIn("INVESTIGATED")
  const { path } = yield* world.worktrees.get("BUG-001")
  return { ...world, path }
})

const check = Effect.flatMap(Gates, (gates) => gates.check("BUG-001", "INVESTIGATED-FIXED"))

/** What the gate after the repair of the bug lacks of the work itself. */
const lacks = Effect.map(check, ({ verdict }) =>
  lacking(verdict).filter((name) => name === "regression test" || name === "code changed")
)

describe("work of the branch's own", () => {
  it.effect("is none of what others brought to main, when the branch was only brought up to it", () =>
    Effect.gen(function* () {
      const { git, reviews, tasks, worktrees } = yield* calm
      yield* World.planned("bug", "BUG-001")
      const { worktree } = yield* worktrees.create("BUG-001", { setup: false })
      const others = yield* World.commitIn(CalmTest.repo, World.codeOf("BUG-002"))
      yield* git.fastForward({ checkout: worktree.path, to: others })
      same(yield* lacks, ["regression test", "code changed"])
      const entry = { type: "bugfix", verdict: "approved", by: World.approver } as const
      yield* failure(reviews.record("BUG-001", entry), "NothingToReview")
      // Nor later, when main has moved on.
      yield* World.commitIn(CalmTest.repo, { "later.js": "later" })
      same(yield* lacks, ["regression test", "code changed"])
      same((yield* tasks.get("BUG-001")).phase, "REPORTED")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is none of a branch of others that main took in by a merge commit", () =>
    Effect.gen(function* () {
      const { git, worktrees } = yield* calm
      yield* World.planned("bug", "BUG-001")
      const { worktree } = yield* worktrees.create("BUG-001", { setup: false })
      yield* World.bugIn("REPORTED", "BUG-002")
      const others = yield* World.commit("BUG-002", World.codeOf("BUG-002"))
      const ours = yield* World.commitIn(CalmTest.repo, { "ours.js": "ours" })
      const { tree } = yield* git.mergeTree({ checkout: CalmTest.repo, ours, theirs: others })
      const to = yield* git.commitTree({ repo: CalmTest.repo, tree, parents: [ours, others], message: "Pull" })
      yield* git.fastForward({ checkout: CalmTest.repo, to })
      yield* git.fastForward({ checkout: worktree.path, to: others })
      same(yield* lacks, ["regression test", "code changed"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("stays what was reviewed, when somebody brought it to main", () =>
    Effect.gen(function* () {
      const { git } = yield* calm
      yield* World.bugIn("REVIEWED")
      yield* git.fastForward({ checkout: CalmTest.repo, to: yield* tipOf("BUG-001") })
      same(yield* lacks, [])
      yield* World.commitIn(CalmTest.repo, { "later.js": "later" })
      same(yield* lacks, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is no change of mode: neither a test nor code changed, but the reviews of before are outdated", () =>
    Effect.gen(function* () {
      yield* World.commitIn(CalmTest.repo, { "test/o.test.js": "test", "src/o.js": "code" })
      const { files, path, reviews } = yield* investigated
      for (const file of ["test/o.test.js", "src/o.js"]) yield* files.chmod(`${path}/${file}`, 0o755)
      yield* World.commit("BUG-001", {})
      same(yield* lacks, ["regression test", "code changed"])
      yield* World.commit("BUG-001", { "test/o.test.js": "a better test" })
      same(yield* lacks, [])
      yield* World.approveTwice("BUG-001", "bugfix")
      yield* files.chmod(`${path}/src/o.js`, 0o644)
      yield* World.commit("BUG-001", {})
      same((yield* reviews.check("BUG-001", "bugfix")).state, "outdated")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what the code digest leaves out", () => {
  it.effect("is no link in the place of a folder on the way to the documents", () =>
    Effect.gen(function* () {
      const config = JSON.stringify({ docFolders: ["docs/plans"] })
      yield* World.commitIn(CalmTest.repo, { ".calm/project.json": config, "docs/plans/a.md": "a", "docs/b.js": "b" })
      const { check, files, path } = yield* implemented
      yield* check
      yield* World.commit("SPEC-001", { "docs/plans/a.md": "another plan" })
      same(yield* runs(check), [])
      yield* files.remove(`${path}/docs/b.js`)
      yield* World.commit("SPEC-001", {})
      same(yield* runs(check), everyScript)
      yield* files.remove(`${path}/docs`, { recursive: true })
      yield* World.commit("SPEC-001", {})
      yield* check
      yield* files.symlink("src", `${path}/docs`)
      yield* World.commit("SPEC-001", {})
      same(yield* runs(check), everyScript)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is no file that has the name of a folder of documents: it is code", () =>
    Effect.gen(function* () {
      yield* investigated
      yield* World.commit("BUG-001", { "test/a.test.js": "test" })
      const before = yield* check
      assert.isTrue(before.verdict.passed)
      yield* World.commit("BUG-001", { planning_docs: "#!/bin/sh\n" })
      same(yield* runs(check), ["linter", "tests", "types"])
      const { verdict } = yield* check
      same(verdict.outcomes.find((outcome) => outcome.check === "code changed")?.summary, "2 files changed")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
