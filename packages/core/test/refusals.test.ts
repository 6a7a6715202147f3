import { mergeLock } from "@calm/domain/Counter"
import { Merges } from "@calm/core/Merges"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { asWorker, because, calm, failure, lacking, named, same, tipOf, trail } from "./support/calm.ts"
import { elsewhere } from "./support/process.ts"
import { mergeable, worktree } from "./support/worlds.ts"

const main = "refs/heads/main"
describe("a merge is refused", () => {
  it.effect("from any other phase", () =>
    Effect.gen(function* () {
      const { refused, tasks } = yield* mergeable
      for (const phase of ["SPEC", "IMPLEMENT", "TEST", "VERIFY", "DONE", "CANCELLED"]) {
        yield* tasks.update("SPEC-001", { override: { phase, reason: because("a test") } })
        same(named(yield* refused), ["phase"])
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("without a changelog", () =>
    Effect.gen(function* () {
      const { merges } = yield* calm
      yield* World.featureIn("INTEGRATE")
      same(named(yield* failure(merges.merge("SPEC-001"), "MoveRefused")), ["changelog"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when tests and reviews are of earlier code, each named with the command that helps", () =>
    Effect.gen(function* () {
      const { refused } = yield* mergeable
      yield* World.commit("SPEC-001", { "src/late.js": "late" })
      const error = yield* refused
      same(named(error), ["tests", "linter", "types", "no untracked TODOs", "code reviews", "full tests"])
      same(error.hint, "calm gate check SPEC-001 IMPLEMENT-CODE_REVIEW")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when a reviewer has asked for changes after the transition", () =>
    Effect.gen(function* () {
      const { refused, reviews } = yield* mergeable
      yield* reviews.record("SPEC-001", { type: "code", verdict: "changes_requested", by: World.reviewers[0] })
      same(named(yield* refused), ["code reviews"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when a task was only put into INTEGRATE and has no evidence", () =>
    Effect.gen(function* () {
      const { merges, tasks } = yield* calm
      yield* World.featureIn("SPEC")
      yield* World.commit("SPEC-001", { ...World.codeOf("SPEC-001"), "changelog.d/SPEC-001.md": "It is in.\n" })
      yield* tasks.update("SPEC-001", { override: { phase: "INTEGRATE", reason: because("in a hurry") } })
      const error = yield* failure(merges.merge("SPEC-001"), "MoveRefused")
      same(named(error), ["tests", "linter", "types", "no untracked TODOs", "code reviews", "full tests"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("without branch and worktree", () =>
    Effect.gen(function* () {
      const { merges, tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* tasks.update("SPEC-001", { override: { phase: "INTEGRATE", reason: because("in a hurry") } })
      const { commit, verdict } = yield* merges.check("SPEC-001")
      same([commit, verdict.unmet], [null, "refused"])
      same(lacking(verdict), [
        "tests",
        "linter",
        "types",
        "no untracked TODOs",
        "code reviews",
        "full tests",
        "changelog"
      ])
      yield* failure(merges.merge("SPEC-001"), "MoveRefused")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("while something is uncommitted in the worktree: it would not be merged and could be forgotten", () =>
    Effect.gen(function* () {
      const { files, refused } = yield* mergeable
      yield* World.write(worktree, { "src/SPEC-001.js": "unfinished", "new.js": "untracked" })
      const error = yield* refused
      same([error.category, named(error)], ["refused", ["worktree"]])
      assert.include(error.outcomes[0]?.summary, "new.js, src/SPEC-001.js")
      same(yield* files.readFileString(`${worktree}/src/SPEC-001.js`), "unfinished")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("while merge_lock is up, except for a person with --force", () =>
    Effect.gen(function* () {
      const { counters, merges, refused } = yield* mergeable
      yield* counters.increment(mergeLock)
      same([named(yield* refused), (yield* refused).hint], [["merge_lock"], "calm counter reset merge_lock"])
      const asked = asWorker("backend-1")(merges.merge("SPEC-001", { force: true }))
      same((yield* failure(asked, "NotForWorkers")).category, "permission")
      yield* merges.merge("SPEC-001", { force: true })
      same((yield* counters.get(mergeLock)).value, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("and --force goes past merge_lock alone", () =>
    Effect.gen(function* () {
      const { counters, merges } = yield* mergeable
      yield* counters.increment(mergeLock)
      yield* World.commit("SPEC-001", { "src/late.js": "late" })
      yield* World.write(CalmTest.repo, { "src/SPEC-001.js": "in the way" })
      const error = yield* failure(merges.merge("SPEC-001", { force: true }), "MoveRefused")
      assert.notInclude(named(error), "merge_lock")
      for (const name of ["tests", "code reviews", "base checkout"]) assert.include(named(error), name)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("with every file in conflict listed, and nothing changed anywhere", () =>
    Effect.gen(function* () {
      const { merges, refused } = yield* mergeable
      yield* World.commitIn(CalmTest.repo, {
        "src/SPEC-001.js": "theirs",
        "test/SPEC-001.test.js": "theirs",
        "ok.js": "x"
      })
      const { conflicts } = yield* merges.check("SPEC-001")
      same(conflicts, ["src/SPEC-001.js", "test/SPEC-001.test.js"])
      const error = yield* refused
      same([error.category, named(error)], ["conflict", ["conflicts"]])
      assert.include(error.outcomes[0]?.summary, "src/SPEC-001.js, test/SPEC-001.test.js")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("from inside the worktree that it would take away, at any depth, and not from one of a like name", () =>
    Effect.gen(function* () {
      yield* mergeable
      const from = (cwd: string) =>
        Effect.flatMap(Merges, (merges) => merges.check("SPEC-001")).pipe(
          elsewhere({ cwd }),
          Effect.map(({ verdict }) => lacking(verdict))
        )
      same(yield* from(worktree), ["folder"])
      same(yield* from(`${worktree}/src/deep`), ["folder"])
      same(yield* from(`${worktree}2/src`), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when main is behind or beside its upstream, and not when it is ahead or even", () =>
    Effect.gen(function* () {
      const { control, git, merges, refused } = yield* mergeable
      const old = yield* tipOf("main")
      const ours = yield* World.commitIn(CalmTest.repo, { "ours.js": "ours" })
      const { tree } = yield* git.mergeTree({ checkout: CalmTest.repo, ours: old, theirs: ours })
      const commit = (parent: typeof ours) =>
        git.commitTree({ repo: CalmTest.repo, tree, parents: [parent], message: "Theirs" })
      const upstreamAt = (tip: typeof ours) =>
        control.setUpstream(CalmTest.repo, main, { tip: Option.some(tip), known: Option.some(old) })
      for (const tip of [old, ours]) {
        yield* upstreamAt(tip)
        assert.isTrue((yield* merges.check("SPEC-001")).verdict.passed)
      }
      for (const [tip, hint] of [
        [yield* commit(ours), `git -C ${CalmTest.repo} pull --ff-only`],
        [yield* commit(old), `git -C ${CalmTest.repo} log --oneline --left-right main...origin/main`]
      ] as const) {
        yield* upstreamAt(tip)
        const error = yield* refused
        same([error.category, named(error), error.hint], ["conflict", ["upstream"], hint])
      }
      // Not asking does not help against what is known already.
      const known = yield* failure(merges.merge("SPEC-001", { noPull: true }), "MoveRefused")
      same(named(known), ["upstream"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("where a check was skipped and main has gained the tool since; not because main has just moved on", () =>
    Effect.gen(function* () {
      const { checks, gates, merges, refused } = yield* mergeable
      yield* checks.set("linter", { exitCode: 3 })
      yield* gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW", { fresh: true })
      yield* World.commitIn(CalmTest.repo, { "other.js": "other" })
      assert.isTrue((yield* merges.check("SPEC-001")).verdict.passed)
      yield* checks.answer("linter", (request) => ({ exitCode: request.env?.["CALM_MODE"] === "detect" ? 0 : 3 }))
      same(named(yield* refused), ["linter"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when the upstream cannot be asked: that is no pass", () =>
    Effect.gen(function* () {
      const { control, merges, refused } = yield* mergeable
      const tip = Option.some(yield* tipOf("main"))
      yield* control.setUpstream(CalmTest.repo, main, { tip, known: tip })
      yield* control.failFetch(CalmTest.repo, main, Option.some("could not resolve host"))
      const error = yield* refused
      same(
        [error.category, named(error), error.hint],
        ["unavailable", ["upstream"], "calm worktree merge SPEC-001 --no-pull"]
      )
      yield* merges.merge("SPEC-001", { noPull: true })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when a file that it changes is dirty or in the way where main is checked out", () =>
    Effect.gen(function* () {
      const { files, refused } = yield* mergeable
      yield* World.write(CalmTest.repo, { "src/SPEC-001.js": "mine", "notes.txt": "not in the way" })
      const error = yield* refused
      same([error.category, named(error)], ["conflict", ["base checkout"]])
      assert.include(error.outcomes[0]?.summary, "would overwrite: src/SPEC-001.js")
      same(yield* files.readFileString(`${CalmTest.repo}/src/SPEC-001.js`), "mine")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("when a folder of main's checkout has the name of a file that comes in", () =>
    Effect.gen(function* () {
      const { refused } = yield* mergeable
      yield* World.write(CalmTest.repo, { "src/SPEC-001.js/inner.txt": "mine" })
      same(named(yield* refused), ["base checkout"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const detached of [false, true])
    it.effect(`in the middle of a rebase of main's checkout${detached ? ", where HEAD is detached" : ""}`, () =>
      Effect.gen(function* () {
        const { control, refused } = yield* mergeable
        if (detached) yield* control.switchTo(CalmTest.repo, { commit: yield* tipOf("main") })
        yield* control.setInProgress(CalmTest.repo, Option.some("rebase"))
        const error = yield* refused
        same([error.category, named(error)], ["conflict", ["base checkout"]])
        assert.include(error.outcomes[0]?.summary, "in the middle of a rebase")
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("while a blocker is unfinished", () =>
    Effect.gen(function* () {
      const { refused, tasks } = yield* mergeable
      const { id } = yield* World.planned("feature", "SPEC-002")
      yield* tasks.update("SPEC-001", { blockedBy: [id] })
      same(named(yield* refused), ["blockers"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("with all reasons at once, and the category of the first of refused, conflict, unavailable", () =>
    Effect.gen(function* () {
      const { control, counters, refused } = yield* mergeable
      const tip = Option.some(yield* tipOf("main"))
      yield* control.setUpstream(CalmTest.repo, main, { tip, known: tip })
      yield* control.failFetch(CalmTest.repo, main, Option.some("no network"))
      same((yield* refused).category, "unavailable")
      yield* World.write(CalmTest.repo, { "src/SPEC-001.js": "mine" })
      same((yield* refused).category, "conflict")
      yield* counters.increment(mergeLock)
      const error = yield* refused
      same([error.category, named(error)], ["refused", ["merge_lock", "upstream", "base checkout"]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("and leaves no trace: a refusal writes no event", () =>
    Effect.gen(function* () {
      const { counters, refused } = yield* mergeable
      yield* counters.increment(mergeLock)
      const before = yield* trail
      yield* refused
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
