/** The check-up over the world in memory: what it finds, what it would do, what it does, and that twice is once. */
import { Backups } from "@calm/core/Backups"
import * as Doctor from "@calm/core/Doctor"
import { Home } from "@calm/core/Home"
import { Events } from "@calm/core/Events"
import { Locks } from "@calm/core/Locks"
import { Merges } from "@calm/core/Merges"
import { Operations } from "@calm/core/Operations"
import { Tasks } from "@calm/core/Tasks"
import { Worktrees } from "@calm/core/Worktrees"
import * as Machine from "@calm/process/Machine"
import { OwnersTable } from "@calm/process/Owner"
import { StoreError } from "@calm/sql/StoreError"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { because, calm, same, tipOf, trail } from "./support/calm.ts"
import * as Crash from "./support/crash.ts"
import { databaseFile, doctor, done, notWell, opened } from "./support/doctor.ts"
import { elsewhere, owner } from "./support/process.ts"

const home = "/home/me/.calm"

const dead = (pid: number) => Effect.flatMap(OwnersTable, (owners) => owners.set(owner(pid), "dead"))

/** A doctor of a machine that differs. */
const doctorOn = (version: string, free: Readonly<Record<string, Option.Option<number>>>) =>
  Effect.gen(function* () {
    yield* databaseFile
    const control = yield* Machine.MachineControl
    for (const [folder, bytes] of Object.entries(free)) yield* control.setFreeSpace(folder, bytes)
    return yield* Doctor.make({ folder: CalmTest.repo, services: yield* opened })
  }).pipe(Effect.provide(Machine.layerMemory(version)))

/** A doctor where the database cannot be opened. */
const doctorWithout = (error: StoreError) =>
  Effect.gen(function* () {
    yield* databaseFile
    return yield* Doctor.make({ folder: CalmTest.repo, services: Layer.fail(error) })
  }).pipe(Effect.provide(Machine.layerMemory()))

/** Mends where no backup can be made. */
const withoutRoom = (error: StoreError) =>
  Effect.gen(function* () {
    const services = yield* Effect.context<Doctor.Asked>()
    const backups = { ...Context.get(services, Backups), beforeFix: Effect.fail(error) }
    const spoilt = Layer.succeedContext(Context.add(services, Backups, backups))
    return yield* (yield* Doctor.make({ folder: CalmTest.repo, services: spoilt })).fix
  }).pipe(Effect.provide(Machine.layerMemory()))

describe("a check-up", () => {
  it.effect("of a sound project says what was looked at, has nothing to mend and changes nothing", () =>
    Effect.gen(function* () {
      const { check, fix } = yield* doctor
      yield* World.featureIn("IMPLEMENT")
      const before = yield* trail
      const report = yield* check
      same([notWell(report), report.plan], [[], []])
      same(
        [...new Set(report.checks.map(({ area }) => area))],
        ["environment", "database", "project", "operations", "worktrees"]
      )
      same([(yield* fix).applied, yield* trail], [[], before])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of a git and a Node that are too old, of disks that run full, and of nobody to commit as", () =>
    Effect.gen(function* () {
      const { control } = yield* calm
      const { check } = yield* doctorOn("18.20.0", {
        [home]: Option.some(50 * 1024 ** 2),
        [CalmTest.repo]: Option.some(500 * 1024 ** 2)
      })
      yield* control.setUserName(Option.none())
      yield* control.setUserEmail(Option.none())
      same(notWell(yield* check), [
        "error node",
        "error disk of the home folder",
        "warning disk of the repository",
        "warning identity"
      ])
      yield* control.setVersion(Option.some("2.30.1"))
      assert.include(notWell(yield* check), "error git")
      const unknown = yield* doctorOn("20.19.0", { [home]: Option.none() })
      assert.include(notWell(yield* unknown.check), "unclear disk of the home folder")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("closes the home folder and the database to others, and a second time does nothing", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      const { check, fix } = yield* doctor
      yield* files.chmod(home, 0o755)
      yield* files.chmod(`${home}/metadata.db`, 0o644)
      const before = yield* check
      same(notWell(before), ["error home", "error home"])
      const fixed = yield* fix
      same(
        done(fixed),
        before.plan.map(({ what }) => what)
      )
      same([notWell(fixed), fixed.plan], [[], []])
      same([(yield* files.stat(home)).mode & 0o777, (yield* fix).applied], [0o700, []])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("finishes what a dead process had begun, and leaves alone what another is at", () =>
    Effect.gen(function* () {
      const { operations, worktrees } = yield* calm
      const sql = yield* SqlClient.SqlClient
      yield* World.planned("feature", "SPEC-001")
      yield* sql`CREATE TRIGGER full BEFORE INSERT ON worktrees BEGIN SELECT RAISE(ABORT, 'no room'); END`
      yield* Effect.flip(elsewhere({ pid: 2 })(Effect.flatMap(Worktrees, (worktrees) => worktrees.create("SPEC-001"))))
      yield* sql`DROP TRIGGER full`
      const { check, fix } = yield* doctor
      same(notWell(yield* check), ["unclear operation"])
      same((yield* fix).applied, [])
      yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(2), "alive"))
      same(notWell(yield* check), [])
      yield* dead(2)
      const before = yield* check
      same(notWell(before), ["error operation"])
      assert.include(before.checks.find(({ status }) => status === "error")?.summary, "create worktree of SPEC-001")
      const fixed = yield* fix
      same(done(fixed), ["finish or undo: create worktree of SPEC-001"])
      same([notWell(fixed), yield* operations.unfinished, (yield* worktrees.list).length], [[], [], 1])
      same((yield* fix).applied, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("settles a merge that was cut off anywhere: main has moved whole or not at all, and twice is once", () =>
    Effect.gen(function* () {
      const outcomes = new Set<string>()
      let at = 0
      const cut = Effect.gen(function* () {
        yield* World.featureIn("INTEGRATE")
        yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
        const before = yield* tipOf("main")
        const steps = yield* Crash.Steps
        const crashed = yield* steps.crash(
          at,
          elsewhere({ pid: 2 })(Effect.flatMap(Merges, (merges) => merges.merge("SPEC-001")))
        )
        yield* dead(2)
        const inThree = elsewhere({ pid: 3 })
        const { check, fix } = yield* inThree(doctor)
        const planned = (yield* inThree(check)).plan.map(({ what }) => what)
        const fixed = yield* inThree(fix)
        assert.includeMembers([...done(fixed)], planned)
        same(notWell(fixed), [])
        same((yield* inThree(fix)).applied, [])
        const { phase } = yield* Effect.flatMap(Tasks, (tasks) => tasks.get("SPEC-001"))
        same(phase, (yield* tipOf("main")) === before ? "INTEGRATE" : "VERIFY")
        for (const { data, kind } of yield* Effect.flatMap(Events, (events) => events.list({ limit: 20 })))
          if (kind === "operation.recovered") outcomes.add(String(data["outcome"]))
        return crashed === "crashed"
      })
      while (yield* Effect.provide(cut, Crash.layer)) at += 2
      same([...outcomes].toSorted(), ["finished", "undone"])
    })
  )

  it.effect("gives back the locks of processes that have ended, and no others", () =>
    Effect.gen(function* () {
      const held = yield* Deferred.make<void>()
      const holder = yield* Effect.flatMap(Locks, (locks) => locks.hold("merge", "something long")).pipe(
        Effect.andThen(Deferred.succeed(held, undefined)),
        Effect.andThen(Effect.never),
        Effect.scoped,
        elsewhere({ pid: 2 }),
        Effect.fork
      )
      yield* Deferred.await(held)
      const locks = yield* Locks
      const { check, fix } = yield* doctor
      same(notWell(yield* check), ["warning lock"])
      same([(yield* fix).applied, (yield* locks.list).length], [[], 1])
      yield* dead(2)
      same(notWell(yield* check), ["warning locks"])
      same(done(yield* fix), ["give back the locks of processes that have ended: merge"])
      same([yield* locks.list, (yield* fix).applied], [[], []])
      yield* Fiber.interrupt(holder)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("mends worktrees by the rules of removal, and tells of those that it leaves alone", () =>
    Effect.gen(function* () {
      const { control, tasks } = yield* calm
      const { check, fix } = yield* doctor
      for (const id of ["SPEC-001", "SPEC-002"]) {
        yield* World.featureIn("SPEC", id)
        yield* tasks.update(id, { override: { phase: "DONE", reason: because("a test") } })
      }
      yield* control.lockWorktree(`${CalmTest.repo}/.worktrees/SPEC-002`)
      const before = yield* check
      same(notWell(before), ["warning SPEC-001", "warning SPEC-002"])
      same(
        before.plan.map(({ kept, what }) => [what.slice(0, 8), kept]),
        [
          ["SPEC-001", null],
          ["SPEC-002", "SPEC-002: left alone: it is locked in git"]
        ]
      )
      const fixed = yield* fix
      same(
        fixed.applied.map(({ done: isDone, what }) => [what.slice(0, 8), isDone]),
        [["SPEC-001", true]]
      )
      same([notWell(fixed), (yield* fix).applied], [["warning SPEC-002"], []])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("makes one backup before it changes anything; where none can be made it changes nothing of the data", () =>
    Effect.gen(function* () {
      const { files, tasks, worktrees } = yield* calm
      const backups = yield* Backups
      const { database } = yield* Home
      const { fix } = yield* doctor
      same([(yield* fix).backup, yield* backups.list], [null, []])
      yield* World.featureIn("SPEC")
      yield* tasks.update("SPEC-001", { override: { phase: "DONE", reason: because("a test") } })
      yield* files.chmod(home, 0o755)
      const full = new StoreError({ reason: "full", path: database, detail: "" })
      const spoilt = yield* withoutRoom(full)
      same(done(spoilt), ["failed: make a backup first", `close ${home} to others`])
      same([(yield* worktrees.list).length, yield* backups.list], [1, []])
      const fixed = yield* fix
      same(
        // No automatic one has to go for it.
        (yield* backups.list).map(({ kind, name }) => `${kind} ${name}`),
        [`safety ${fixed.backup}`]
      )
      same(yield* worktrees.list, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of a base that is gone, of a configuration that cannot be read, and of a role that cannot", () =>
    Effect.gen(function* () {
      const { control, files, git } = yield* calm
      const { check } = yield* doctor
      yield* World.commitIn(CalmTest.repo, { ".calm/project.json": "{" })
      same(notWell(yield* check), ["error configuration"])
      yield* World.commitIn(CalmTest.repo, {
        ".calm/project.json": "{}",
        ".calm/gates.json": '{"version":1,"gates":7}'
      })
      same(notWell(yield* check), ["error configuration"])
      yield* World.commitIn(CalmTest.repo, { ".calm/gates.json": '{"version":1,"gates":[]}' })
      yield* files.makeDirectory(`${home}/roles`, { recursive: true })
      yield* files.writeFileString(`${home}/roles/backend.md`, "---\ntitle: [\n---\nx")
      same(notWell(yield* check), ["error roles"])
      const main = yield* tipOf("main")
      yield* control.switchTo(CalmTest.repo, { commit: main })
      yield* git.updateRef({
        repo: CalmTest.repo,
        ref: "refs/heads/main",
        from: Option.some(main),
        to: Option.none(),
        reason: "test"
      })
      assert.include(notWell(yield* check), "error base")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a check-up of what is broken", () => {
  it.effect("runs before the first init and outside of every repository, and makes nothing", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* files.remove(home, { recursive: true })
      const services = yield* opened
      const fresh = yield* Doctor.make({ folder: "/home/me", services })
      same(notWell(yield* fresh.check), ["warning home", "warning database"])
      same([(yield* fresh.fix).applied, yield* files.exists(home)], [[], false])
      yield* files.makeDirectory(home, { mode: 0o700 })
      yield* databaseFile
      same(notWell(yield* fresh.check), ["warning project"])
    }).pipe(Effect.provide(Layer.merge(CalmTest.layer, Machine.layerMemory())))
  )

  it.effect("tells of a damaged database which backup to restore, and touches it not", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      const { backups, database } = yield* Home
      const error = new StoreError({ reason: "corrupt", path: database, detail: "it does not begin like a database" })
      const { check, fix } = yield* doctorWithout(error)
      const hintOf = Effect.map(check, ({ checks }) => checks.find(({ name }) => name === "database")?.hint)
      assert.include(yield* hintOf, "calm init")
      assert.notInclude(yield* hintOf, "restore")
      yield* files.makeDirectory(backups, { recursive: true })
      const safety = "before-restore-2025-01-31_10-00-00"
      for (const [seconds, name] of [safety, "older", "newer", `${safety}-2`].entries()) {
        yield* files.writeFileString(`${backups}/${name}.db`, "")
        yield* files.utimes(`${backups}/${name}.db`, 0, 1000 + seconds)
      }
      assert.include(yield* hintOf, "calm backup restore newer --yes")
      // What was set aside the last time would be written over by a file of the same name.
      const aside = `${database.slice(0, database.lastIndexOf("/"))}/damaged`
      assert.include(yield* hintOf, `mkdir ${aside} `)
      yield* files.makeDirectory(aside)
      assert.include(yield* hintOf, `mkdir ${aside}-2 && mv ${database}* ${aside}-2 `)
      const fixed = yield* fix
      same([fixed.applied, notWell(fixed)], [[], ["error database"]])
      same(yield* files.readFileString(database), "")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves another program's database, and a newer one's, to them", () =>
    Effect.gen(function* () {
      const { database } = yield* Home
      for (const reason of ["foreign", "newer"] as const) {
        const { fix } = yield* doctorWithout(new StoreError({ reason, path: database, detail: "" }))
        const fixed = yield* fix
        same([fixed.applied, notWell(fixed)], [[], ["error database"]])
      }
      const busy = yield* doctorWithout(new StoreError({ reason: "busy", path: database, detail: "" }))
      same(notWell(yield* busy.check), ["unclear database"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of rows that refer to nothing, and of an index that is missing", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { check } = yield* doctor
      yield* World.planned("feature", "SPEC-001")
      yield* sql`PRAGMA foreign_keys = OFF`
      yield* sql`DELETE FROM tasks`
      yield* sql`INSERT INTO task_blockers (project_id, task_id, blocker_id) SELECT id, 'A', 'B' FROM projects`
      yield* sql`DROP INDEX events_by_task`
      const said = (yield* check).checks.filter(({ status }) => status === "error").map(({ summary }) => summary)
      assert.include(said.join("\n"), "events_by_task")
      assert.include(said.join("\n"), "task_blockers")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("recovering", () => {
  it.effect("keeps its hands off a task on which somebody else is at work at that moment", () =>
    Effect.gen(function* () {
      const { operations } = yield* calm
      const sql = yield* SqlClient.SqlClient
      yield* World.planned("feature", "SPEC-001")
      yield* sql`CREATE TRIGGER full BEFORE INSERT ON worktrees BEGIN SELECT RAISE(ABORT, 'no room'); END`
      yield* Effect.flip(elsewhere({ pid: 2 })(Effect.flatMap(Worktrees, (worktrees) => worktrees.create("SPEC-001"))))
      yield* sql`DROP TRIGGER full`
      yield* dead(2)
      yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(3), "alive"))
      const held = yield* Deferred.make<void>()
      const holder = yield* Effect.flatMap(Locks, (locks) => locks.hold("worktree SPEC-001", "create it")).pipe(
        Effect.andThen(Deferred.succeed(held, undefined)),
        Effect.andThen(Effect.never),
        Effect.scoped,
        elsewhere({ pid: 3 }),
        Effect.fork
      )
      yield* Deferred.await(held)
      const { fix } = yield* doctor
      const { applied } = yield* fix
      same(
        applied.map(({ detail, done: isDone }) => [isDone, detail]),
        [[false, "left to the command that is at work on the task"]]
      )
      same((yield* operations.unfinished).length, 1)
      yield* Fiber.interrupt(holder)
      yield* fix
      same(yield* Effect.flatMap(Operations, (own) => own.unfinished), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
