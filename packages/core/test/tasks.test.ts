import { TaskId, Title } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { asWorker, because, calm, failure, note, same, told, trail } from "./support/calm.ts"

const id = (text: string) => TaskId.make(text)

/** A worker's row, begun at this moment. */
const worker = Effect.fnUntraced(function* (name: string, task: string, state: string) {
  const { project } = yield* calm
  const sql = yield* SqlClient.SqlClient
  const at = DateTime.formatIso(yield* DateTime.now)
  yield* sql`INSERT INTO workers (project_id, id, task_id, role, writes_code, state, started_by, started_at, heartbeat_at)
    VALUES (${project.id}, ${name}, ${task}, 'backend', 1, ${state}, 'me', ${at}, ${at})`
})

describe("creating tasks", () => {
  it.effect("under the name of the base branch, in any case, is refused: it could get no branch", () =>
    Effect.gen(function* () {
      yield* calm
      for (const id of ["main", "MAIN"]) {
        const error = yield* failure(World.planned("feature", id), "TaskIdReserved")
        same([error.category, error.hint], ["conflict", "calm task next-id SPEC"])
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a task starts in its type's first phase with nothing assumed", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const feature = yield* World.planned("feature", "SPEC-001")
      same(yield* tasks.get("SPEC-001"), feature)
      assert.deepInclude(feature, {
        phase: "SPEC",
        specialist: null,
        notes: null,
        specId: null,
        blockedBy: [],
        touches: []
      })
      assert.strictEqual((yield* World.planned("bug", "BUG-001")).phase, "REPORTED")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an id is taken once, whatever the case: two such tasks would share a folder on some file systems", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "Spec-1")
      for (const other of ["Spec-1", "SPEC-1", "spec-1"]) {
        const error = yield* failure(World.planned("bug", other), "TaskExists")
        assert.strictEqual(error.category, "conflict")
        assert.strictEqual(error.existing, "Spec-1")
      }
      assert.strictEqual((yield* tasks.get("sPEC-1")).id, "Spec-1")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the id of a deleted task stays taken, and the error says how to bring it back", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* tasks.hide("SPEC-001")
      const error = yield* failure(World.planned("feature", "spec-001"), "TaskExists")
      assert.isTrue(error.deleted)
      assert.strictEqual(error.hint, "calm task restore SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a task of an unknown spec or with an unknown blocker is not made", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const before = yield* trail
      const task = { id: id("SPEC-001"), title: Title.make("A"), type: "feature", specId: null, blockedBy: [] } as const
      const spec = yield* failure(tasks.create({ ...task, specId: id("SPEC-404") }), "TaskNotFound")
      assert.strictEqual(spec.id, "SPEC-404")
      const blocker = yield* failure(tasks.create({ ...task, blockedBy: [id("BUG-404")] }), "TaskNotFound")
      assert.strictEqual(blocker.id, "BUG-404")
      same(yield* tasks.list({ all: true }), [])
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("titles and notes with quotes, line ends and other scripts come back as they were given", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const title = Title.make(`Grüße "an" O'Brien; DROP TABLE tasks; -- 你好 🎈 %_\\`)
      yield* tasks.create({ id: id("SPEC-001"), title, type: "feature", specId: null, blockedBy: [] })
      const notes = note("one\ntwo\n\n\ttab, 'quotes' and \"more\"\r\n")
      yield* tasks.update("SPEC-001", { notes })
      const task = yield* tasks.get("SPEC-001")
      assert.strictEqual(task.title, title)
      assert.strictEqual(task.notes, notes)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("blockers of a task", () => {
  it.effect("a cycle is refused with the way round, whether short or long", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "A")
      yield* World.planned("feature", "B", ["A"])
      yield* World.planned("feature", "C", ["B"])
      const error = yield* failure(tasks.update("A", { blockedBy: [id("C")] }), "BlockerCycle")
      assert.strictEqual(error.category, "conflict")
      same(error.path, ["A", "C", "B", "A"])
      same((yield* failure(tasks.update("A", { blockedBy: [id("a")] }), "BlockerCycle")).path, ["A", "A"])
      yield* failure(World.planned("feature", "D", ["d"]), "BlockerCycle")
      same((yield* tasks.get("A")).blockedBy, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a diamond is no cycle", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "A")
      yield* World.planned("feature", "B", ["A"])
      yield* World.planned("feature", "C", ["A"])
      yield* World.planned("feature", "D", ["B", "C"])
      same((yield* tasks.get("D")).blockedBy, ["B", "C"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the same blocker named twice, or in another case, counts once and in its own spelling", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* World.planned("feature", "SPEC-002")
      yield* tasks.update("SPEC-002", { blockedBy: [id("spec-001"), id("SPEC-001"), id("Spec-001")] })
      same((yield* tasks.get("SPEC-002")).blockedBy, ["SPEC-001"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an empty list clears, and an update that does not speak of them leaves them", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "A")
      yield* World.planned("feature", "B", ["A"])
      yield* tasks.update("B", { title: Title.make("Another title") })
      same((yield* tasks.get("B")).blockedBy, ["A"])
      yield* tasks.update("B", { blockedBy: [] })
      same((yield* tasks.get("B")).blockedBy, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("listing tasks", () => {
  it.effect("finished tasks are listed only when asked for, deleted ones never", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      for (const name of ["A", "B", "C", "D"]) yield* World.planned("feature", name)
      yield* tasks.update("B", { override: { phase: "DONE", reason: because("a test") } })
      yield* tasks.cancel("C", because("a test"))
      yield* tasks.hide("D")
      const ids = (query: Parameters<typeof tasks.list>[0]) =>
        Effect.map(tasks.list(query), (all) => all.map((task) => task.id))
      same(yield* ids({}), ["A"])
      same(yield* ids({ all: true }), ["A", "B", "C"])
      same(yield* ids({ phase: "CANCELLED" }), ["C"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tasks come oldest first and can be narrowed by type, phase and number", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("bug", "Z-1")
      yield* TestClock.adjust("1 second")
      yield* World.planned("feature", "B-2")
      yield* TestClock.adjust("1 second")
      yield* World.planned("feature", "A-3", ["Z-1"])
      const all = yield* tasks.list({})
      same(
        all.map(({ blockedBy, id: name }) => [name, blockedBy]),
        [
          ["Z-1", []],
          ["B-2", []],
          ["A-3", ["Z-1"]]
        ]
      )
      same(
        (yield* tasks.list({ type: "feature", limit: 1 })).map((task) => task.id),
        ["B-2"]
      )
      same(
        (yield* tasks.list({ phase: "REPORTED" })).map((task) => task.id),
        ["Z-1"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("ready ones are open, wait for nothing, and nobody has shown life on them for two hours", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const ready = Effect.map(tasks.list({ ready: true }), (found) => found.map((task) => task.id))
      const finish = (name: string) => tasks.update(name, { override: { phase: "DONE", reason: because("a test") } })
      for (const name of ["A", "B", "C", "D", "E"]) yield* World.planned("feature", name)
      yield* World.planned("feature", "F", ["A", "B"])
      yield* World.planned("feature", "G", ["C"])
      yield* finish("A")
      yield* tasks.hide("C")
      yield* tasks.cancel("D", because("a test"))
      same(yield* ready, ["B", "E"])
      same(yield* Effect.map(tasks.list({ ready: true, limit: 1 }), (found) => found.length), 1)
      yield* finish("B")
      same(yield* ready, ["E", "F"])

      yield* worker("w1", "E", "active")
      yield* worker("w2", "F", "completed")
      same(yield* ready, ["F"])
      yield* TestClock.adjust("90 minutes")
      yield* asWorker("w1")(tasks.update("E", { notes: note("still here") }))
      yield* TestClock.adjust("90 minutes")
      same(yield* ready, ["F"])
      yield* TestClock.adjust("31 minutes")
      same(yield* ready, ["E", "F"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the next id follows the highest ever given, deleted ones included, and other names do not count", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      assert.strictEqual(yield* tasks.nextId("SPEC"), "SPEC-001")
      for (const name of ["SPEC-002", "spec-009-b", "SPEC-x", "XSPEC-50", "BUG-077"])
        yield* World.planned("feature", name)
      assert.strictEqual(yield* tasks.nextId("SPEC"), "SPEC-010")
      yield* tasks.hide("spec-009-b")
      assert.strictEqual(yield* tasks.nextId("SPEC"), "SPEC-010")
      yield* World.planned("feature", "SPEC-999")
      assert.strictEqual(yield* tasks.nextId("SPEC"), "SPEC-1000")
      assert.strictEqual(yield* tasks.nextId("BUG"), "BUG-078")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the override", () => {
  it.effect("moves a task past the gates, with its reason on record in the history and the trail", () =>
    Effect.gen(function* () {
      const { events, tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* tasks.update("SPEC-001", { override: { phase: "test", reason: because("imported from elsewhere") } })
      const { task, transitions } = yield* tasks.details("SPEC-001")
      assert.strictEqual(task.phase, "TEST")
      same(
        transitions.map(({ actor, from, kind, reason, to }) => ({ actor, from, kind, reason, to })),
        [{ actor: "me", from: "SPEC", kind: "override", reason: "imported from elsewhere", to: "TEST" }]
      )
      const [event] = yield* events.list({ limit: 1 })
      assert.strictEqual(event?.kind, "task.overridden")
      same(event?.data, { from: "SPEC", to: "TEST", reason: "imported from elsewhere" })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("exists only for phases that the type of task has", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("bug", "BUG-001")
      for (const phase of ["SPEC", "NOPE", ""]) {
        const error = yield* failure(
          tasks.update("BUG-001", { override: { phase, reason: because("a test") }, title: Title.make("Not this") }),
          "UnknownPhase"
        )
        same(error.known, Phase.phasesOf("bug"))
      }
      assert.strictEqual((yield* tasks.get("BUG-001")).title, "The task BUG-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is for people: a worker is refused and nothing of its update is stored", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const before = yield* trail
      const changes = { override: { phase: "DONE", reason: because("I am done") }, title: Title.make("Mine") }
      const error = yield* failure(tasks.update("SPEC-001", changes).pipe(asWorker("backend-1")), "NotForWorkers")
      assert.strictEqual(error.category, "permission")
      assert.strictEqual(error.worker, "backend-1")
      const { phase, title } = yield* tasks.get("SPEC-001")
      same([phase, title], ["SPEC", "The task SPEC-001"])
      same(yield* trail, before)
      // What is no override, a worker may change.
      yield* tasks.update("SPEC-001", { notes: note("seen") }).pipe(asWorker("backend-1"))
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("cancelling and deleting", () => {
  for (const type of Phase.TaskType.literals)
    it.effect(`a ${type} is cancelled from every phase but DONE, once`, () =>
      Effect.gen(function* () {
        const { tasks } = yield* calm
        for (const phase of Phase.chain(type)) {
          const task = `T-${phase}`
          yield* World.planned(type, task)
          yield* tasks.update(task, { override: { phase, reason: because("a test") } })
          const cancel = tasks.cancel(task, because("not wanted"))
          if (phase === "DONE") {
            assert.strictEqual((yield* failure(cancel, "TaskFinished")).category, "refused")
            continue
          }
          assert.strictEqual((yield* cancel).phase, "CANCELLED")
          const last = (yield* tasks.details(task)).transitions.at(-1)
          same([last?.from, last?.to, last?.kind, last?.reason], [phase, "CANCELLED", "cancel", "not wanted"])
          yield* failure(cancel, "TaskFinished")
        }
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("a cancelled task keeps worktree and branch", () =>
    Effect.gen(function* () {
      const { files, git, tasks, worktrees } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { "half.js": "done" })
      yield* tasks.cancel("SPEC-001", because("not wanted"))
      assert.strictEqual(yield* files.readFileString(`${path}/half.js`), "done")
      assert.strictEqual((yield* git.resolve(CalmTest.repo, "refs/heads/SPEC-001"))._tag, "Some")
      assert.strictEqual((yield* worktrees.list).length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a deleted task is hidden everywhere and comes back as it was, with its history", () =>
    Effect.gen(function* () {
      const { gates, reviews, status, tasks, transitions, worktrees } = yield* calm
      yield* World.featureIn("DESIGN")
      const before = yield* tasks.details("SPEC-001")
      yield* worktrees.remove("SPEC-001", "deleted")
      const answers = yield* Effect.all([
        told(tasks.get("SPEC-001")),
        told(tasks.details("SPEC-001")),
        told(tasks.update("SPEC-001", { notes: note("x") })),
        told(tasks.hide("SPEC-001")),
        told(tasks.cancel("SPEC-001", because("x"))),
        told(transitions.transition("SPEC-001", { to: "SPEC", reason: because("x") })),
        told(gates.check("SPEC-001", null)),
        told(reviews.list("SPEC-001", null)),
        told(worktrees.get("SPEC-001")),
        told(worktrees.create("SPEC-001"))
      ])
      for (const answer of answers)
        same(answer, { tag: "TaskNotFound", category: "not_found", hint: "calm task restore SPEC-001" })
      same(yield* tasks.list({ all: true }), [])
      same((yield* status.overview).tasks, [])
      yield* tasks.restore("SPEC-001")
      yield* worktrees.restore("SPEC-001")
      same(yield* tasks.details("SPEC-001"), before)
      assert.strictEqual((yield* worktrees.list).length, 1)
      assert.strictEqual((yield* failure(tasks.restore("SPEC-001"), "TaskNotDeleted")).category, "conflict")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
