import { CurrentProject } from "@calm/core/CurrentProject"
import { Locks } from "@calm/core/Locks"
import { Worktrees } from "@calm/core/Worktrees"
import { memorySelf, OwnersTable, type Liveness } from "@calm/process/Owner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { calm, failure, same } from "./support/calm.ts"
import { doctor } from "./support/doctor.ts"
import { elsewhere, owner } from "./support/process.ts"

const consider = (pid: number, liveness: Liveness) =>
  Effect.flatMap(OwnersTable, (owners) => owners.set(owner(pid), liveness))

/** Another process takes a lock of the project and keeps it. */
const heldBy = (pid: number, name: string) =>
  Effect.gen(function* () {
    const taken = yield* Deferred.make<void>()
    const holder = yield* Effect.flatMap(Locks, (locks) => locks.hold(name, "something long")).pipe(
      Effect.andThen(Deferred.succeed(taken, undefined)),
      Effect.andThen(Effect.never),
      Effect.scoped,
      elsewhere({ pid }),
      Effect.fork
    )
    yield* Deferred.await(taken)
    return holder
  })

const remove = Effect.flatMap(Worktrees, (worktrees) => worktrees.remove("SPEC-001", "removed"))
const create = Effect.flatMap(Worktrees, (worktrees) => worktrees.create("SPEC-001", { setup: false }))

describe("locks", () => {
  it.effect("two that want the same one get it one after the other", () =>
    Effect.gen(function* () {
      const locks = yield* Locks
      const log = yield* Ref.make<ReadonlyArray<string>>([])
      const say = (what: string) => Ref.update(log, (said) => [...said, what])
      const work = (name: string) =>
        Effect.gen(function* () {
          yield* locks.hold("merge", name)
          yield* say(`${name} begins`)
          yield* Effect.sleep("10 seconds")
          yield* say(`${name} ends`)
        }).pipe(Effect.scoped)
      const both = yield* Effect.fork(Effect.all([work("a"), work("b")], { concurrency: "unbounded" }))
      yield* TestClock.adjust("25 seconds")
      yield* Fiber.join(both)
      same(yield* Ref.get(log), ["a begins", "a ends", "b begins", "b ends"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("different ones, and those of different projects, do not wait for each other", () =>
    Effect.gen(function* () {
      const { files, git, projects } = yield* calm
      const locks = yield* Locks
      yield* files.makeDirectory("/other")
      yield* git.init("/other", "main")
      const { project } = yield* projects.register("/other")
      yield* locks.hold("merge", "here")
      yield* locks.hold("worktree SPEC-001", "here")
      yield* locks.hold("merge", "there").pipe(Effect.provideService(CurrentProject, project))
    }).pipe(Effect.scoped, Effect.provide(CalmTest.layer))
  )

  for (const [liveness, category] of [
    ["alive", "timeout"],
    ["unknown", "conflict"]
  ] as const)
    it.effect(`one of a process that is ${liveness} is never taken away: after two minutes it is told who has it`, () =>
      Effect.gen(function* () {
        const { worktrees } = yield* calm
        yield* World.featureIn("SPEC")
        yield* consider(2, liveness)
        yield* heldBy(2, "worktree SPEC-001")
        const waiting = yield* Effect.fork(failure(remove, "LockTimedOut"))
        yield* TestClock.adjust("119 seconds")
        same((yield* waiting.status)._tag, "Suspended")
        yield* TestClock.adjust("3 seconds")
        const error = yield* Fiber.join(waiting)
        same([error.category, error.pid, error.purpose], [category, 2, "something long"])
        same((yield* worktrees.list).length, 1)
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("one of a dead process is taken over at once", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      yield* heldBy(2, "worktree SPEC-001")
      yield* consider(2, "dead")
      yield* remove
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one that its holder gives back in time is had without an error", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      yield* consider(2, "alive")
      const holder = yield* heldBy(2, "worktree SPEC-001")
      const waiting = yield* Effect.fork(remove)
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.interrupt(holder)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(waiting)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one that cannot be given back, since the disk is full, is given back as soon as it can be", () =>
    Effect.gen(function* () {
      const locks = yield* Locks
      const sql = yield* SqlClient.SqlClient
      const names = Effect.map(locks.list, (all) => all.map(({ name }) => name))
      yield* sql`CREATE TRIGGER full BEFORE DELETE ON locks BEGIN SELECT RAISE(ABORT, 'no room'); END`
      yield* Effect.scoped(locks.hold("merge", "something"))
      yield* TestClock.adjust("10 seconds")
      same(yield* names, ["merge"])
      const [left] = yield* locks.list
      // Nobody else can tell, and waits for it.
      same(left === undefined ? null : yield* locks.liveness(left), "dead")
      yield* sql`DROP TRIGGER full`
      yield* TestClock.adjust("1 second")
      same(yield* names, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an interrupted wait leaves no lock behind", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      yield* consider(2, "alive")
      const holder = yield* heldBy(2, "worktree SPEC-001")
      const waiting = yield* Effect.fork(remove)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(holder)
      const sql = yield* SqlClient.SqlClient
      same(yield* sql`SELECT name FROM locks`, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

/** A process made a worktree and could not record it: the operation stays open. */
const openedBy = Effect.fnUntraced(function* <A, E extends { readonly _tag: string }, R>(
  pid: number,
  cut: Effect.Effect<A, E, R>
) {
  const sql = yield* SqlClient.SqlClient
  yield* World.planned("feature", "SPEC-001")
  yield* sql`CREATE TRIGGER full BEFORE INSERT ON worktrees BEGIN SELECT RAISE(ABORT, 'no room'); END`
  yield* failure(cut, "StoreError")
  yield* sql`DROP TRIGGER full`
  const { operations } = yield* calm
  same(
    (yield* operations.unfinished).map(({ kind, owner: whose, taskId }) => [kind, taskId, whose.pid]),
    [["create worktree", "SPEC-001", pid]]
  )
})
const openOperation = openedBy(2, elsewhere({ pid: 2 })(create))

describe("operations that did not end", () => {
  for (const liveness of ["alive", "unknown"] as const)
    it.effect(`one of a process that is ${liveness} is left to it: the command is a conflict`, () =>
      Effect.gen(function* () {
        const { operations, status } = yield* calm
        yield* openOperation
        yield* consider(2, liveness)
        const error = yield* failure(create, "OperationRunning")
        same([error.category, error.kind, error.pid], ["conflict", "create worktree", 2])
        same((yield* operations.unfinished).length, 1)
        same((yield* status.overview).health.level, "HEALTHY")
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("one of a dead process degrades health until the next command finishes it, which is on record", () =>
    Effect.gen(function* () {
      const { events, operations, status, worktrees } = yield* calm
      yield* openOperation
      yield* consider(2, "dead")
      const { health } = yield* status.overview
      same(health.level, "DEGRADED")
      assert.include(health.reasons[0]?.summary, "create worktree of SPEC-001")
      yield* remove
      same([yield* operations.unfinished, yield* worktrees.list], [[], []])
      same(
        (yield* events.list({ limit: 3 })).map(({ data, kind }) => [kind, data["outcome"]]),
        [
          ["worktree.removed", undefined],
          ["operation.recovered", "finished"],
          ["worktree.created", undefined]
        ]
      )
      same((yield* status.overview).health.level, "HEALTHY")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one that this very process could not end is not at work: health tells of it, and the doctor ends it", () =>
    Effect.gen(function* () {
      const { operations, status } = yield* calm
      yield* openedBy(memorySelf.pid, create)
      same((yield* status.overview).health.level, "DEGRADED")
      yield* (yield* doctor).fix
      same(yield* operations.unfinished, [])
      same((yield* status.overview).health.level, "HEALTHY")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the process itself finishes its own", () =>
    Effect.gen(function* () {
      const { operations } = yield* calm
      yield* openOperation
      yield* consider(2, "alive")
      yield* elsewhere({ pid: 2 })(remove)
      same(yield* operations.unfinished, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one of another task does not hold a task up", () =>
    Effect.gen(function* () {
      yield* openOperation
      yield* consider(2, "alive")
      yield* World.featureIn("DONE", "SPEC-002")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one of a kind that this calm does not know is left alone for a newer one", () =>
    Effect.gen(function* () {
      const { operations } = yield* calm
      yield* openOperation
      yield* consider(2, "dead")
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE operations SET kind = 'teleport'`
      const error = yield* failure(remove, "OperationUnknown")
      same([error.category, error.kind], ["conflict", "teleport"])
      same((yield* operations.unfinished).length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
