/** Backups in memory: what is kept, what comes back, and who may. What files and processes do is tested on real ones. */
import * as BackupsModule from "@calm/core/Backups"
import { Backups } from "@calm/core/Backups"
import type { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { NewBackupName } from "@calm/domain/Backup"
import { CounterName } from "@calm/domain/Ids"
import { Owners, OwnersTable } from "@calm/process/Owner"
import { Copies } from "@calm/sql/Copies"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import { doctor, notWell } from "./support/doctor.ts"
import { asWorker, calm, failure, same, told, trail } from "./support/calm.ts"

const named = (text: string) => NewBackupName.make(text)
const merges = CounterName.make("merges_since_e2e")

/** A backup `monday`, made when the counter was 1; it is 2 now. */
const world = Effect.gen(function* () {
  const all = yield* calm
  const backups = yield* Backups
  yield* all.counters.increment(merges)
  yield* backups.create(named("monday"))
  yield* all.counters.increment(merges)
  return { ...all, backups, value: Effect.map(all.counters.get(merges), ({ value }) => value) }
})

const namesOf = Effect.flatMap(Backups, ({ list }) => Effect.map(list, (all) => all.map(({ name }) => name)))

/** A process that somebody has in the middle of something. */
const stranger = { host: "elsewhere", bootId: "b", pidNamespace: "n", pid: 7, startTime: "1" }

const operation = (owner: object) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { project } = yield* calm
    yield* sql`
      INSERT INTO operations (project_id, id, kind, task_id, state, steps, payload, owner, started_at, updated_at)
      VALUES (${project.id}, 'o', 'merge', 'SPEC-001', 'running', '[]', '{}', ${JSON.stringify(owner)}, '2025-01-01T00:00:00.000Z', '')`
  })

describe("a backup", () => {
  it.effect("has the name that it is given, else that of the moment, and none is made twice", () =>
    Effect.gen(function* () {
      const backups = yield* Backups
      same((yield* backups.create()).name, "1970-01-01_00-00-00")
      same((yield* backups.create()).name, "1970-01-01_00-00-00-2")
      const { kind, madeAt, problem } = yield* backups.create(named("monday"))
      same([kind, madeAt, problem], ["manual", "1970-01-01T00:00:00.000Z", null])
      const error = yield* failure(backups.create(named("monday")), "BackupExists")
      same([error.category, error.hint], ["conflict", "calm backup create"])
      same((yield* namesOf).length, 3)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that nobody has made is an error for every question about it", () =>
    Effect.gen(function* () {
      const backups = yield* Backups
      const answers = yield* Effect.all([
        told(backups.get("x")),
        told(backups.verify("x")),
        told(backups.delete("x")),
        told(backups.restore("x"))
      ])
      for (const answer of answers)
        same(answer, { tag: "BackupNotFound", category: "not_found", hint: "calm backup list" })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("made by schedule goes when there are ten newer ones; what somebody named or saved stays", () =>
    Effect.gen(function* () {
      const { backups } = yield* world
      yield* backups.restore("monday")
      const rotations = yield* Effect.replicateEffect(Effect.zipRight(TestClock.adjust("1 second"), backups.auto()), 12)
      same(
        rotations.map(({ removed }) => removed),
        [...Array.from({ length: 10 }, () => []), ["auto-1970-01-01_00-00-01"], ["auto-1970-01-01_00-00-02"]]
      )
      const names = yield* namesOf
      same(names.filter((name) => name.startsWith("auto-")).length, 10)
      assert.includeMembers([...names], ["monday", "before-restore-1970-01-01_00-00-00"])
      same((yield* backups.auto(3)).removed.length, 8)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("made by schedule stays, though the clock was set back and all others seem to be newer", () =>
    Effect.gen(function* () {
      const backups = yield* Backups
      yield* TestClock.adjust("10 days")
      yield* Effect.replicateEffect(Effect.zipRight(TestClock.adjust("1 minute"), backups.auto()), 10)
      yield* TestClock.setTime(Duration.toMillis("5 days"))
      const { backup, removed } = yield* backups.auto()
      same(removed, ["auto-1970-01-11_00-01-00"])
      same((yield* backups.get(backup.name)).name, "auto-1970-01-06_00-00-00")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that another process deletes at once is told of as that, and no safety backup is taken on trust", () =>
    Effect.gen(function* () {
      const { backups: sound, value } = yield* world
      const copies = yield* Copies
      const fleeting: typeof copies = {
        ...copies,
        create: (file, options) => Effect.tap(copies.create(file, options), () => copies.remove(file))
      }
      const backups = yield* Effect.provideService(BackupsModule.make, Copies, fleeting)
      const gone = { tag: "BackupGone", category: "conflict", hint: "calm backup list" }
      same(yield* told(backups.auto()), gone)
      same(yield* told(backups.create()), gone)
      same(yield* told(backups.restore("monday")), gone)
      same([yield* value, (yield* sound.list).length], [2, 1])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is deleted by people only, and then it is gone", () =>
    Effect.gen(function* () {
      const { backups } = yield* world
      const error = yield* failure(asWorker("w-1")(backups.delete("monday")), "NotForWorkers")
      same(error.category, "permission")
      same(yield* namesOf, ["monday"])
      yield* backups.delete("monday")
      same(yield* namesOf, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("restoring", () => {
  it.effect(
    "brings back the data, keeps what it replaces, and writes it into the log with the backup's own events",
    () =>
      Effect.gen(function* () {
        const { backups, events, value } = yield* world
        const { backup, safety } = yield* backups.restore("monday")
        same([backup.name, safety.kind], ["monday", "safety"])
        same(yield* value, 1)
        const [newest, before] = yield* events.list({ limit: 2 })
        same(
          [newest?.kind, newest?.data, newest?.actor],
          ["backup.restored", { backup: "monday", madeAt: backup.madeAt, safety: safety.name }, "me"]
        )
        same([before?.kind, before?.data["to"]], ["counter.changed", 1])
        yield* backups.restore(safety.name)
        same(yield* value, 2)
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is told of in every project of the backup", () =>
    Effect.gen(function* () {
      const { backups } = yield* world
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO projects VALUES ('other', '/other', '/other/.git', 'main', '1970-01-01T00:00:00.000Z')`
      yield* backups.create(named("two"))
      yield* backups.restore("two")
      same(yield* sql`SELECT count(*) FROM events WHERE kind = 'backup.restored'`.values, [[2]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is for people only", () =>
    Effect.gen(function* () {
      const { backups, value } = yield* world
      const before = yield* trail
      const error = yield* failure(asWorker("w-1")(backups.restore("monday")), "NotForWorkers")
      same(error.category, "permission")
      same([yield* value, yield* namesOf, yield* trail], [2, ["monday"], before])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("waits until nobody is in the middle of anything: neither alive nor possibly alive", () =>
    Effect.gen(function* () {
      const { backups, project, value } = yield* world
      const owners = yield* OwnersTable
      yield* operation(stranger)
      for (const liveness of ["unknown", "alive"] as const) {
        yield* owners.set(stranger, liveness)
        const error = yield* failure(backups.restore("monday"), "DatabaseInUse")
        same(
          [error.category, error.purpose, error.pid, error.unknown],
          ["conflict", "merge of SPEC-001", 7, liveness === "unknown"]
        )
        same(error.hint, `calm status --project ${project.path}`)
        same([yield* value, yield* namesOf], [2, ["monday"]])
      }
      yield* owners.set(stranger, "dead")
      yield* backups.restore("monday")
      same(yield* value, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is held up by a lock that somebody has, too", () =>
    Effect.gen(function* () {
      const { backups, project, value } = yield* world
      const sql = yield* SqlClient.SqlClient
      const { self } = yield* Owners
      yield* sql`INSERT INTO locks VALUES (${project.id}, 'merge', 't', ${JSON.stringify(self)}, 'merge SPEC-001', '2025-01-01T00:00:00.000Z')`
      same((yield* failure(backups.restore("monday"), "DatabaseInUse")).purpose, "merge SPEC-001")
      same(yield* value, 2)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("brings back no lock, and no operation that nobody could ever settle", () =>
    Effect.gen(function* () {
      const { backups, operations, project } = yield* world
      const sql = yield* SqlClient.SqlClient
      yield* operation(stranger)
      yield* sql`INSERT INTO locks VALUES (${project.id}, 'merge', 't', ${JSON.stringify(stranger)}, 'merge', '2025-01-01T00:00:00.000Z')`
      yield* backups.create(named("busy"))
      yield* sql`DELETE FROM locks`
      yield* sql`DELETE FROM operations`
      yield* backups.restore("busy")
      same(yield* sql`SELECT count(*) FROM locks`.values, [[0]])
      const { self } = yield* Owners
      same(
        (yield* operations.unfinished).map(({ kind, owner }) => ({ kind, owner })),
        [{ kind: "merge", owner: self }]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("worktrees", () => {
  const folder = `${CalmTest.repo}/.worktrees`
  const file = (task: string) => `${folder}/${task}/notes.txt`

  it.effect("that were removed since the backup can be restored after it, with what was uncommitted in them", () =>
    Effect.gen(function* () {
      const { backups, files, worktrees } = yield* world
      yield* World.featureIn("SPEC")
      yield* World.write(`${folder}/SPEC-001`, { "notes.txt": "mine" })
      yield* backups.create(named("before"))
      yield* worktrees.remove("SPEC-001", "removed")
      yield* backups.restore("before")
      same(yield* worktrees.list, [])
      same((yield* worktrees.restore("SPEC-001")).worktree.path, `${folder}/SPEC-001`)
      same(yield* files.readFileString(file("SPEC-001")), "mine")
      // And the other way round: what was taken out of the trash since is not in it.
      yield* TestClock.adjust("1 minute")
      yield* worktrees.remove("SPEC-001", "removed")
      yield* backups.create(named("removed"))
      yield* worktrees.restore("SPEC-001")
      yield* backups.restore("removed")
      same((yield* worktrees.get("SPEC-001")).state, "open")
      same((yield* failure(worktrees.restore("SPEC-001"), "WorktreeExists")).own, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that were made and removed since the backup come back too, and count as the task's own", () =>
    Effect.gen(function* () {
      const { backups, files, worktrees } = yield* world
      yield* World.planned("feature", "SPEC-001")
      yield* World.planned("feature", "SPEC-002")
      yield* backups.create(named("before"))
      for (const task of ["SPEC-001", "SPEC-002"]) {
        yield* worktrees.create(task)
        yield* World.write(`${folder}/${task}`, { "notes.txt": task })
      }
      yield* worktrees.remove("SPEC-001", "removed")
      yield* backups.restore("before")
      same(
        (yield* worktrees.list).map(({ taskId }) => taskId),
        ["SPEC-002"]
      )
      yield* worktrees.restore("SPEC-001")
      same(
        (yield* worktrees.list).map(({ taskId }) => taskId),
        ["SPEC-001", "SPEC-002"]
      )
      same(
        [yield* files.readFileString(file("SPEC-001")), yield* files.readFileString(file("SPEC-002"))],
        ["SPEC-001", "SPEC-002"]
      )
      same((yield* failure(worktrees.create("SPEC-002"), "WorktreeExists")).own, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a repository that was moved since are named by the place that it has", () =>
    Effect.gen(function* () {
      const { backups, project, worktrees } = yield* world
      const sql = yield* SqlClient.SqlClient
      yield* World.featureIn("SPEC")
      yield* sql`UPDATE projects SET path = '/former', common_dir = '/former/.git'`
      yield* backups.create(named("before"))
      yield* sql`UPDATE projects SET path = ${project.path}, common_dir = ${project.commonDir}`
      const { folder: kept } = yield* worktrees.remove("SPEC-001", "removed")
      yield* backups.restore("before")
      same(yield* sql`SELECT folder FROM trash`.values, [[kept.replace(CalmTest.repo, "/former")]])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a task that the backup does not know are told of by the doctor, each with a way back", () =>
    Effect.gen(function* () {
      const { backups, files, worktrees } = yield* world
      const { check } = yield* doctor
      same(notWell(yield* check), [])
      for (const task of ["SPEC-001", "SPEC-002"]) {
        yield* World.planned("feature", task)
        yield* worktrees.create(task)
      }
      const { folder: kept } = yield* worktrees.remove("SPEC-001", "removed")
      same(notWell(yield* check), [])
      yield* backups.restore("monday")
      const found = yield* check
      same(notWell(found), ["warning trash", "warning SPEC-002"])
      const hints = found.checks.flatMap(({ hint, status }) => (status === "warning" ? [hint] : []))
      const { commonDir, path } = yield* CurrentProject
      same(hints, [
        `mkdir -p ${commonDir}/worktrees && mv ${kept}/admin ${commonDir}/worktrees/SPEC-001 && mv ${kept}/tree ${folder}/SPEC-001 && git -C ${path} worktree repair`,
        `git -C ${path} worktree move ${folder}/SPEC-002 ${folder}/kept-SPEC-002 && git -C ${path} branch -m SPEC-002 SPEC-002-kept`
      ])
      // What is in the way must not be covered.
      yield* files.makeDirectory(`${folder}/SPEC-001`)
      assert.include(
        (yield* check).checks.map(({ hint }) => hint),
        `ls -A ${kept}/tree`
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that are removed while a backup is restored are not forgotten", () =>
    Effect.gen(function* () {
      const { worktrees, backups: plain } = yield* world
      const copies = yield* Copies
      yield* World.featureIn("SPEC")
      yield* plain.create(named("before"))
      const removed = yield* Ref.make(false)
      const late: typeof copies = {
        ...copies,
        restore: (at, { guard, prepare }) =>
          copies.restore(at, {
            prepare,
            guard: Effect.gen(function* () {
              if (!(yield* Ref.getAndSet(removed, true))) yield* remove
              yield* guard
            })
          })
      }
      const remove = Effect.provide(
        Effect.asVoid(Effect.either(worktrees.remove("SPEC-001", "removed"))),
        yield* Effect.context<CurrentProject | CurrentActor>()
      )
      const backups = yield* Effect.provideService(BackupsModule.make, Copies, late)
      yield* backups.restore("before")
      same(yield* worktrees.list, [])
      same((yield* worktrees.restore("SPEC-001")).worktree.state, "open")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
