import { CounterValue } from "@calm/domain/Counter"
import { CounterName, TaskId, Time } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { asWorker, because, by, calm, note, same, told, trail } from "./support/calm.ts"

describe("the audit trail", () => {
  it.effect("every change writes exactly one event", () =>
    Effect.gen(function* () {
      const { counters, gates, merges, reviews, tasks, transitions, worktrees } = yield* calm
      /** The events that a change writes. */
      const written = <A, E, R>(change: Effect.Effect<A, E, R>) =>
        Effect.gen(function* () {
          const before = (yield* trail).length
          yield* change
          return (yield* trail).slice(0, (yield* trail).length - before)
        })
      const spec = { type: "spec", verdict: "approved", by: by("a") } as const
      same(yield* written(World.planned("feature", "SPEC-001")), ["task.created"])
      same(yield* written(worktrees.create("SPEC-001", { setup: false })), ["worktree.created"])
      yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
      same(yield* written(reviews.record("SPEC-001", spec)), ["review.recorded"])
      same(yield* written(reviews.clear("SPEC-001", null, because("x"))), ["review.cleared"])
      same(yield* written(gates.approve("SPEC-001", "SPEC-DESIGN", by("me"), null)), ["gate.approved"])
      same(yield* written(tasks.update("SPEC-001", { notes: note("x"), touches: ["src/**"], blockedBy: [] })), [
        "task.updated"
      ])
      same(yield* written(transitions.transition("SPEC-001", { to: "DESIGN", gateResult: "fail" })), ["task.attempted"])
      yield* World.approveTwice("SPEC-001", "spec")
      same(yield* written(transitions.transition("SPEC-001", { to: "DESIGN" })), ["task.transitioned"])
      same(yield* written(transitions.transition("SPEC-001", { to: "SPEC", reason: because("x") })), [
        "task.transitioned"
      ])
      yield* World.advance("SPEC-001")
      yield* World.advance("SPEC-001")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      same(yield* written(gates.check("SPEC-001", null)), ["gate.checked"])
      for (const _ of ["CODE_REVIEW", "TEST", "INTEGRATE"]) yield* World.advance("SPEC-001")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      same(yield* written(merges.merge("SPEC-001")), ["worktree.removed", "task.merged"])
      same(yield* written(worktrees.restore("SPEC-001")), ["worktree.restored"])
      yield* TestClock.adjust("1 second")
      same(yield* written(worktrees.remove("SPEC-001", "removed")), ["worktree.removed"])
      same(yield* written(tasks.hide("SPEC-001")), ["task.deleted"])
      same(yield* written(tasks.restore("SPEC-001")), ["task.restored"])
      same(yield* written(tasks.update("SPEC-001", { override: { phase: "TEST", reason: because("x") } })), [
        "task.overridden"
      ])
      same(yield* written(tasks.cancel("SPEC-001", because("x"))), ["task.cancelled"])
      same(yield* written(counters.increment(CounterName.make("merge_lock"))), ["counter.changed"])
      same(yield* written(counters.add(CounterName.make("own"), CounterValue.make(1))), ["counter.added"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a change whose event cannot be written is not made", () =>
    Effect.gen(function* () {
      const { counters, gates, reviews, tasks, transitions } = yield* calm
      yield* World.featureIn("SPEC")
      yield* World.commitDocument("SPEC-001", "spec", "Greet people.\n")
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TRIGGER no_events BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END`
      const before = yield* tasks.details("SPEC-001")
      const answers = yield* Effect.all([
        told(World.planned("feature", "SPEC-002")),
        told(tasks.update("SPEC-001", { notes: note("x") })),
        told(tasks.cancel("SPEC-001", because("x"))),
        told(tasks.hide("SPEC-001")),
        told(transitions.transition("SPEC-001", { to: "DESIGN", gateResult: "fail" })),
        told(reviews.record("SPEC-001", { type: "spec", verdict: "approved", by: by("a") })),
        told(gates.approve("SPEC-001", "SPEC-DESIGN", by("me"), null)),
        told(counters.increment(CounterName.make("merge_lock")))
      ])
      for (const answer of answers) same(answer, { tag: "StoreError", category: "database", hint: "calm doctor" })
      same(yield* tasks.details("SPEC-001"), before)
      same((yield* tasks.list({ all: true })).length, 1)
      same((yield* reviews.list("SPEC-001", null)).reviews, [])
      same((yield* counters.get(CounterName.make("merge_lock"))).value, 0)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is listed newest first, and narrowed by task, moment and number", () =>
    Effect.gen(function* () {
      const { events, tasks } = yield* calm
      yield* TestClock.setTime(new Date("2026-01-02T03:04:05.000Z").getTime())
      yield* World.planned("feature", "A")
      yield* TestClock.adjust("1 hour")
      yield* World.planned("feature", "B")
      yield* TestClock.adjust("1 hour")
      yield* tasks.update("A", { notes: note("x") })
      const all = yield* events.list({ limit: 100 })
      same(
        all.map(({ kind, taskId }) => `${kind} ${taskId}`),
        ["task.updated A", "task.created B", "task.created A", "project.registered null"]
      )
      same(
        all.map(({ seq }) => seq),
        [4, 3, 2, 1]
      )
      const of = (query: Partial<Parameters<typeof events.list>[0]>) =>
        Effect.map(events.list({ limit: 100, ...query }), (found) => found.map(({ seq }) => seq))
      same(yield* of({ task: TaskId.make("A") }), [4, 2])
      same(yield* of({ limit: 2 }), [4, 3])
      same(yield* of({ since: Time.make("2026-01-02T04:04:05.000Z") }), [4, 3])
      same(yield* of({ since: Time.make("2026-01-02T04:04:05.000Z"), limit: 1 }), [4])
      same(yield* of({ since: Time.make("2026-01-02T04:04:05.001Z"), task: TaskId.make("B") }), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says who did it, person or worker, and when", () =>
    Effect.gen(function* () {
      const { events, tasks } = yield* calm
      yield* TestClock.setTime(new Date("2026-01-02T03:04:05.678Z").getTime())
      yield* World.planned("feature", "A")
      yield* tasks.update("A", { notes: note("x") }).pipe(asWorker("backend-1"))
      const [byWorker, byPerson] = yield* events.list({ limit: 2 })
      same([byPerson?.actor, byPerson?.workerId, byPerson?.at], ["me", null, "2026-01-02T03:04:05.678Z"])
      same([byWorker?.actor, byWorker?.workerId], ["backend-1", "backend-1"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("cannot be rewritten, nor can what it tells of", () =>
    Effect.gen(function* () {
      yield* World.featureIn("DONE")
      const sql = yield* SqlClient.SqlClient
      for (const table of ["events", "transitions", "evidence", "reviews", "approvals", "merges"]) {
        assert.isTrue((yield* Effect.either(sql`DELETE FROM ${sql(table)}`))._tag === "Left", table)
        assert.isTrue((yield* Effect.either(sql`UPDATE ${sql(table)} SET seq = seq + 1`))._tag === "Left", table)
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
