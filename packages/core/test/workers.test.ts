/** Workers: how they are registered, told apart, seen to be alive, and ended. */
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { TaskId, WorkerId } from "@calm/domain/Ids"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { asWorker, because, calm, failure, note, same, told, trail } from "./support/calm.ts"

/** Two tasks to work on. */
const world = Effect.gen(function* () {
  const all = yield* calm
  yield* World.planned("feature", "SPEC-001")
  yield* World.planned("feature", "SPEC-002")
  return all
})

const stranger = WorkerId.make("W-nobody")

describe("starting a worker", () => {
  it.effect("registers it as active, makes its role the task's specialist, and writes one event", () =>
    Effect.gen(function* () {
      const { events, tasks, workers } = yield* world
      const { title, worker } = yield* workers.start("spec-001", "backend")
      same(
        [worker.taskId, worker.role, worker.status, worker.endedAt, title],
        ["SPEC-001", "backend", "active", null, "Backend engineer"]
      )
      same(yield* workers.get(worker.id), worker)
      same((yield* tasks.get("SPEC-001")).specialist, "backend")
      const [event, before] = yield* events.list({ limit: 2 })
      same(
        [event?.kind, event?.taskId, event?.data],
        ["worker.started", "SPEC-001", { worker: worker.id, role: "backend" }]
      )
      same(before?.kind, "task.created")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("30 at once get ids of their own that sort by time, also within one millisecond", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      const start = Effect.map(workers.start("SPEC-001", "backend"), ({ worker }) => worker.id)
      const first = yield* Effect.replicateEffect(start, 30, { concurrency: "unbounded" })
      yield* TestClock.adjust("1 second")
      const later = yield* start
      same(new Set([...first, later]).size, 31)
      assert.isTrue(first.every((id) => id < later))
      same(
        (yield* workers.list({})).map(({ id }) => id),
        [later, ...[...first].sort().reverse()]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one after another within one millisecond, or after the clock was set back, still sorts them by time", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      yield* TestClock.adjust("1 day")
      const start = Effect.map(workers.start("SPEC-001", "backend"), ({ worker }) => worker.id)
      const within = yield* Effect.replicateEffect(start, 10)
      yield* TestClock.setTime(0)
      const ids = [...within, yield* start]
      same([...ids].sort(), ids)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of a role that does not fit the phase, of one without front matter, and of others at work", () =>
    Effect.gen(function* () {
      const { files, workers } = yield* world
      const warnings = (role: string, task = "SPEC-001") =>
        Effect.map(workers.start(task, role), (started) => started.warnings)
      same(yield* warnings("spec-reviewer"), [])
      const [unfit, others] = yield* warnings("backend")
      same(unfit, "the role backend is for IMPLEMENT, INVESTIGATED; SPEC-001 is SPEC")
      assert.match(others ?? "", /^also active on SPEC-001: W-\S+ \(spec-reviewer\)$/)
      yield* files.writeFileString("/home/me/.calm/roles/own.md", "Do what you like.\n")
      const [free] = yield* warnings("own", "SPEC-002")
      assert.include(free, "/home/me/.calm/roles/own.md) has no front matter: nothing restricts it")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is refused on a task that is finished or unknown and in an unknown role, and leaves nothing", () =>
    Effect.gen(function* () {
      const { tasks, workers } = yield* world
      yield* tasks.cancel("SPEC-002", because("moot"))
      const before = yield* trail
      same(yield* told(workers.start("SPEC-002", "backend")), {
        tag: "TaskFinished",
        category: "refused",
        hint: "calm task show SPEC-002"
      })
      same((yield* told(workers.start("SPEC-009", "nonsense"))).tag, "TaskNotFound")
      const unknown = yield* failure(workers.start("SPEC-001", "backnd"), "RoleNotFound")
      same([unknown.category, unknown.hint], ["not_found", "calm worker prompt backend"])
      assert.include(unknown.message, "there are backend, proposal-reviewer, qa, reviewer, spec-reviewer")
      same(yield* workers.list({ all: true }), [])
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a sign of life", () => {
  it.effect("is a heartbeat or an event in the worker's name; two hours without one make it stale", () =>
    Effect.gen(function* () {
      const { tasks, workers } = yield* world
      const { id } = yield* World.worker("SPEC-001", "backend")
      const status = Effect.map(workers.get(id), (worker) => worker.status)
      yield* TestClock.adjust("2 hours")
      same(yield* status, "active")
      yield* TestClock.adjust("1 second")
      same(yield* status, "stale")
      // Whoever comes back is as alive as before.
      same((yield* workers.heartbeat(id)).status, "active")
      yield* TestClock.adjust("2 hours")
      yield* asWorker(id)(tasks.update("SPEC-001", { notes: note("getting on") }))
      yield* TestClock.adjust("119 minutes")
      same(yield* status, "active")
      yield* TestClock.adjust("2 minutes")
      same(yield* status, "stale")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of another worker, or of a person, is not this one's", () =>
    Effect.gen(function* () {
      const { tasks, workers } = yield* world
      const { id } = yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("121 minutes")
      yield* tasks.update("SPEC-001", { notes: note("by me") })
      yield* asWorker("W-other")(tasks.update("SPEC-001", { notes: note("by another") }))
      same((yield* workers.get(id)).status, "stale")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves no event, so that the audit trail tells what happened and not that time went by", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      const { id } = yield* World.worker("SPEC-001", "backend")
      const before = yield* trail
      yield* workers.heartbeat(id)
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is refused of who has ended, and of who was never started", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      const { id } = yield* World.worker("SPEC-001", "backend")
      yield* workers.fail(id, because("no network"))
      const ended = yield* failure(workers.heartbeat(id), "WorkerEnded")
      same([ended.category, ended.hint], ["conflict", "calm worker start SPEC-001 backend"])
      assert.match(ended.message, /as failed: no network$/)
      for (const command of [workers.heartbeat(stranger), workers.complete(stranger), workers.fail(stranger, null)])
        same(yield* told(command), { tag: "WorkerNotFound", category: "not_found", hint: "calm worker list --all" })
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("ending a worker", () => {
  it.effect("twice in the same way is as once: no second event, and the first reason stays", () =>
    Effect.gen(function* () {
      const { events, workers } = yield* world
      const done = yield* World.worker("SPEC-001", "backend")
      const first = yield* workers.complete(done.id)
      yield* TestClock.adjust("1 minute")
      same(yield* workers.complete(done.id), first)
      const given = yield* World.worker("SPEC-001", "backend")
      yield* workers.fail(given.id, because("no network"))
      same((yield* workers.fail(given.id, because("something else"))).reason, "no network")
      const ends = (yield* events.list({ limit: 100 })).filter(({ kind }) => /completed|failed/.test(kind))
      same(
        ends.map(({ data, kind }) => [kind, data]),
        [
          ["worker.failed", { worker: given.id, role: "backend", reason: "no network" }],
          ["worker.completed", { worker: done.id, role: "backend" }]
        ]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("in another way than it has ended is a conflict, and changes nothing", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      const { id } = yield* World.worker("SPEC-001", "backend")
      const ended = yield* workers.complete(id)
      const before = yield* trail
      same((yield* failure(workers.fail(id, because("after all")), "WorkerEnded")).category, "conflict")
      same([yield* workers.get(id), yield* trail], [ended, before])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("by cleanup closes those that have been silent for so long, with an event each, and no others", () =>
    Effect.gen(function* () {
      const { events, workers } = yield* world
      const silent = yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("90 minutes")
      const alive = yield* World.worker("SPEC-001", "backend")
      same(yield* workers.cleanup(), [])
      yield* TestClock.adjust("31 minutes")
      same(
        (yield* workers.cleanup()).map(({ id, status }) => [id, status]),
        [[silent.id, "stale"]]
      )
      same(yield* workers.cleanup(), [])
      const [event] = yield* events.list({ limit: 1 })
      same([event?.kind, event?.data["lastSeenAt"]], ["worker.stale", silent.startedAt])
      same((yield* failure(workers.complete(silent.id), "WorkerEnded")).status, "stale")
      same((yield* workers.cleanup(30 * 60_000)).length, 1)
      same((yield* workers.get(alive.id)).status, "stale")
      same(yield* workers.cleanup(Number.MAX_SAFE_INTEGER), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "with a session ends every one that is left, the stale ones too, or none when the session is not saved",
    () =>
      Effect.gen(function* () {
        const { workers } = yield* world
        const sql = yield* SqlClient.SqlClient
        const stale = yield* World.worker("SPEC-001", "backend")
        yield* TestClock.adjust("3 hours")
        const active = yield* World.worker("SPEC-002", "backend")
        const done = yield* World.worker("SPEC-002", "reviewer")
        yield* workers.complete(done.id)
        yield* Effect.either(sql.withTransaction(Effect.andThen(workers.endActive, Effect.fail("not saved"))))
        same((yield* workers.list({})).length, 2)
        same([...(yield* workers.endActive)].sort(), [stale.id, active.id])
        const all = yield* workers.list({ all: true })
        same(
          all.map(({ status }) => status),
          ["completed", "session_ended", "session_ended"]
        )
        same((yield* trail).filter((kind) => kind === "worker.session_ended").length, 2)
      }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the list", () => {
  it.effect("has those that have not ended; the others when they are asked for", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      const stale = yield* World.worker("SPEC-001", "backend")
      const closed = yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("3 hours")
      yield* workers.heartbeat(stale.id)
      yield* workers.cleanup()
      yield* TestClock.adjust("3 hours")
      const active = yield* World.worker("SPEC-002", "backend")
      const done = yield* World.worker("SPEC-002", "reviewer")
      yield* workers.complete(done.id)
      const ids = (query: Parameters<typeof workers.list>[0]) =>
        Effect.map(workers.list(query), (found) => found.map(({ id }) => id))
      same(yield* ids({}), [active.id, stale.id])
      same(yield* ids({ all: true }), [done.id, active.id, closed.id, stale.id])
      same(yield* ids({ all: true, limit: 1 }), [done.id])
      same(yield* ids({ status: "stale" }), [closed.id, stale.id])
      same(yield* ids({ status: "active" }), [active.id])
      same(yield* ids({ status: "completed" }), [done.id])
      same(yield* ids({ task: "spec-001" }), [stale.id])
      same((yield* told(workers.list({ task: "SPEC-009" }))).tag, "TaskNotFound")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves out the workers of a deleted task, and has them again when it is restored", () =>
    Effect.gen(function* () {
      const { tasks, workers } = yield* world
      yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("3 hours")
      yield* tasks.hide("SPEC-001")
      same(yield* workers.list({ all: true }), [])
      yield* tasks.restore("SPEC-001")
      same((yield* workers.list({})).length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("knows the tasks that are claimed, in one query: a stale worker claims none", () =>
    Effect.gen(function* () {
      const { workers } = yield* world
      yield* World.worker("SPEC-001", "backend")
      yield* TestClock.adjust("3 hours")
      yield* World.worker("SPEC-002", "backend")
      same([...(yield* workers.claimed)], ["SPEC-002"])
      same(yield* workers.activeOn(TaskId.make("SPEC-001")), [])
      same((yield* workers.activeOn(TaskId.make("SPEC-002"))).length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
