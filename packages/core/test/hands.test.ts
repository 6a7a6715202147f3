/** What follows from workers elsewhere: in reviews, merges, removals and the audit trail. */
import * as Calm from "@calm/core/Calm"
import type { CurrentActor } from "@calm/core/CurrentActor"
import type { CurrentProject } from "@calm/core/CurrentProject"
import { Deletion } from "@calm/core/Deletion"
import { Worktrees } from "@calm/core/Worktrees"
import { PersonName, WorkerId } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { asWorker, calm, failure, lacking, named, note, same, told, trail } from "./support/calm.ts"
import { mergeable } from "./support/worlds.ts"

const code = { type: "code", verdict: "approved" } as const

describe("a review by a worker", () => {
  it.effect("who was started on the task in a role that writes code is refused as an approval, by whatever name", () =>
    Effect.gen(function* () {
      const { files, reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      const { id } = yield* World.worker("SPEC-001", "backend")
      const before = yield* trail
      for (const entry of [
        { ...code, worker: id },
        { ...code, by: PersonName.make(id.toUpperCase()) }
      ]) {
        const error = yield* failure(reviews.record("SPEC-001", entry), "ImplementerApproves")
        same([error.category, error.hint], ["permission", "calm worker start SPEC-001 reviewer"])
      }
      yield* failure(asWorker(id)(reviews.record("SPEC-001", code)), "ImplementerApproves")
      // A role that says nothing of itself may write code, too.
      yield* files.makeDirectory("/home/me/.calm/roles", { recursive: true })
      yield* files.writeFileString("/home/me/.calm/roles/own.md", "Do what you like.\n")
      const free = yield* World.worker("SPEC-001", "own")
      yield* failure(reviews.record("SPEC-001", { ...code, worker: free.id }), "ImplementerApproves")
      same(
        (yield* trail).filter((kind) => kind === "review.recorded").length,
        before.filter((kind) => kind === "review.recorded").length
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("who was never started approves nothing: one could be as many reviewers as one has names", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      const approved = reviews.record("SPEC-001", { ...code, worker: WorkerId.make("W-one") })
      const error = yield* failure(approved, "WorkerNotFound")
      same([error.category, error.hint], ["not_found", "calm worker list --all"])
      yield* failure(asWorker("W-two")(reviews.record("SPEC-001", code)), "WorkerNotFound")
      same((yield* reviews.check("SPEC-001", "code")).approvals, [])
      const objection = { type: "code", verdict: "changes_requested", worker: WorkerId.make("W-one") } as const
      same((yield* reviews.record("SPEC-001", objection)).standing.state, "blocked")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("who was started on another task counts, and it is told", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      yield* World.planned("feature", "SPEC-002")
      const { id } = yield* World.worker("SPEC-002", "reviewer")
      const { notices, standing } = yield* reviews.record("SPEC-001", { ...code, worker: id })
      same([notices, standing.approvals], [[`${id} was started on SPEC-002, not on SPEC-001`], [id]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is refused of what its role may not review, whatever the verdict, and told who may", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      const { id } = yield* World.worker("SPEC-001", "spec-reviewer")
      for (const by of [id, id.toLowerCase()])
        yield* failure(reviews.record("SPEC-001", { ...code, by: PersonName.make(by) }), "ReviewNotInRole")
      const objection = { ...code, verdict: "changes_requested", worker: id } as const
      yield* failure(reviews.record("SPEC-001", objection), "ReviewNotInRole")
      same((yield* reviews.list("SPEC-001", "code")).reviews, [])
      const error = yield* failure(reviews.record("SPEC-001", { ...code, worker: id }), "ReviewNotInRole")
      same([error.category, error.may, error.hint], ["permission", ["spec"], "calm worker start SPEC-001 reviewer"])
      assert.include(error.message, "spec-reviewer, which may not review the code: it reviews spec")
      const spec = yield* reviews.record("SPEC-001", { type: "spec", verdict: "approved", worker: id })
      same([spec.review.workerId, spec.notices], [id, []])
      const reviewer = yield* World.worker("SPEC-001", "reviewer")
      same((yield* asWorker(reviewer.id)(reviews.record("SPEC-001", code))).standing.approvals, [reviewer.id])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that asks for changes is recorded however many have approved, and blocks", () =>
    Effect.gen(function* () {
      const { reviews } = yield* calm
      yield* World.featureIn("CODE_REVIEW")
      yield* World.approveTwice("SPEC-001", "code")
      const { id } = yield* World.worker("SPEC-001", "reviewer")
      const { notices, standing } = yield* reviews.record("SPEC-001", {
        type: "code",
        verdict: "changes_requested",
        worker: id
      })
      same([standing.state, notices], ["blocked", []])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("while a worker is active on a task", () => {
  it.effect("nobody else merges it: the refusal names the worker; explain and check say the same", () =>
    Effect.gen(function* () {
      const { explain, refused } = yield* mergeable
      const { id } = yield* World.worker("SPEC-001", "reviewer")
      const { outcomes } = yield* refused
      same(
        outcomes.map(({ check, hint, summary }) => [check, summary, hint]),
        [["workers", `still active: ${id}`, "calm worker list --task SPEC-001"]]
      )
      const verdict = (yield* explain.explain("SPEC-001")).moves[0]?.verdict
      same(verdict === null || verdict === undefined ? [] : lacking(verdict), ["workers"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("it may merge the task itself, and once it has ended or gone stale anybody may", () =>
    Effect.gen(function* () {
      const { explain, merges, workers } = yield* mergeable
      const first = yield* World.worker("SPEC-001", "reviewer")
      const second = yield* World.worker("SPEC-001", "reviewer")
      same(named(yield* failure(asWorker(first.id)(merges.merge("SPEC-001")), "MoveRefused")), ["workers"])
      yield* workers.complete(second.id)
      same((yield* asWorker(first.id)(explain.explain("SPEC-001"))).moves[0]?.verdict?.passed, true)
      same((yield* asWorker(first.id)(merges.check("SPEC-001"))).verdict.passed, true)
      same((yield* merges.check("SPEC-001")).verdict.passed, false)
      yield* TestClock.adjust("3 hours")
      same((yield* merges.merge("SPEC-001")).phase, "VERIFY")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("its worktree and the task stay, with all that is in them", () =>
    Effect.gen(function* () {
      const { files, tasks, workers, worktrees } = yield* calm
      const deletion = yield* Deletion
      yield* World.featureIn("IMPLEMENT")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { "half.js": "half" })
      const { id } = yield* World.worker("SPEC-001", "backend")
      const before = yield* trail
      const refusals = [
        yield* failure(worktrees.remove("SPEC-001", "removed"), "RemovalRefused"),
        yield* failure(deletion.remove("SPEC-001"), "RemovalRefused")
      ]
      for (const error of refusals) {
        same([error.reason, error.hint], ["active worker", "calm worker list --task SPEC-001"])
        assert.include(error.message, id)
      }
      // Whose worktree it is, may not pull it away from under itself either.
      yield* failure(asWorker(id)(worktrees.remove("SPEC-001", "removed")), "RemovalRefused")
      same([yield* files.readFileString(`${path}/half.js`), yield* trail], ["half", before])
      yield* workers.complete(id)
      yield* deletion.remove("SPEC-001")
      same((yield* told(tasks.get("SPEC-001"))).hint, "calm task restore SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the task is not deleted, also when it has no worktree", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const deletion = yield* Deletion
      yield* World.planned("feature", "SPEC-001")
      yield* World.worker("SPEC-001", "spec-reviewer")
      same(yield* told(deletion.remove("SPEC-001")), {
        tag: "TaskInWork",
        category: "refused",
        hint: "calm worker list --task SPEC-001"
      })
      same((yield* tasks.get("SPEC-001")).phase, "SPEC")
      yield* TestClock.adjust("3 hours")
      same((yield* deletion.remove("SPEC-001")).worktree, null)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a worker", () => {
  it.effect("does not start while the task's worktree is being taken away: it would lose its files at once", () =>
    Effect.gen(function* () {
      const { git, workers } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      const here = yield* Effect.context<CurrentProject | CurrentActor>()
      const meanwhile = yield* Deferred.make<string>()
      const start = workers.start("SPEC-001", "backend").pipe(
        Effect.match({ onFailure: ({ _tag, hint }) => `${_tag}: ${hint}`, onSuccess: () => "started" }),
        Effect.flatMap((outcome) => Deferred.succeed(meanwhile, outcome)),
        Effect.provide(here)
      )
      const slow = Layer.succeed(Git, {
        ...git,
        trashWorktree: (options) => Effect.zipRight(start, git.trashWorktree(options))
      })
      yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.remove("SPEC-001", "removed")).pipe(
        Effect.provide(Calm.services.pipe(Layer.provide(slow)))
      )
      same(yield* Deferred.await(meanwhile), "WorktreeBeingRemoved: calm worktree remove SPEC-001")
      yield* workers.start("SPEC-001", "backend")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the audit trail", () => {
  it.effect("says of everything that is done in a worker's name that it was this worker", () =>
    Effect.gen(function* () {
      const { events, gates, reviews, tasks, transitions, workers, worktrees } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const { id } = yield* World.worker("SPEC-001", "spec-reviewer")
      const before = (yield* events.list({ limit: 1 }))[0]?.seq ?? 0
      yield* asWorker(id)(
        Effect.gen(function* () {
          yield* worktrees.create("SPEC-001", { setup: false })
          yield* World.commitDocument("SPEC-001", "spec", "Greet.\n")
          yield* reviews.record("SPEC-001", { type: "spec", verdict: "changes_requested" })
          yield* tasks.update("SPEC-001", { notes: note("seen") })
          yield* transitions.transition("SPEC-001", { to: "DESIGN", gateResult: "fail" })
          yield* gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW")
          yield* workers.complete(id)
        })
      )
      const done = (yield* events.list({ limit: 100 })).filter(({ seq }) => seq > before)
      same(done.map(({ kind }) => kind).reverse(), [
        "worktree.created",
        "review.recorded",
        "task.updated",
        "task.attempted",
        "gate.checked",
        "worker.completed"
      ])
      same([...new Set(done.map(({ actor, workerId }) => `${actor} ${workerId}`))], [`${id} ${id}`])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
