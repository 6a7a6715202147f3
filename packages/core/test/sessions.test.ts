import { Backups } from "@calm/core/Backups"
import type { CurrentActor } from "@calm/core/CurrentActor"
import type { CurrentProject } from "@calm/core/CurrentProject"
import { Locks } from "@calm/core/Locks"
import { make as makeSessions, Sessions } from "@calm/core/Sessions"
import { Workers } from "@calm/core/Workers"
import { maxHandoff } from "@calm/domain/Session"
import { MemoryGitControl } from "@calm/git/MemoryGit"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { asWorker, because, calm, same, tipOf, told } from "./support/calm.ts"

const pathOf = (task: string) => `${CalmTest.repo}/.worktrees/${task}`
const path = pathOf("SPEC-001")

const save = (handoff = "# Where we are\n\nHalf-way.\n", options: { continues?: boolean; autoCommit?: boolean } = {}) =>
  Effect.flatMap(Sessions, (sessions) => sessions.save(handoff, options))

const statusOf = (at: string) =>
  Effect.flatMap(calm, ({ git }) => git.status(at)).pipe(
    Effect.map((entries) => entries.map((entry) => `${entry.state} ${entry.path}`))
  )

/** A worktree in SPEC with something staged, changed after that, changed and new. */
const untidy = Effect.fnUntraced(function* (task = "SPEC-001") {
  yield* World.featureIn("SPEC", task)
  const at = pathOf(task)
  yield* World.commit(task, { "edited.js": "before", ".gitignore": "*.log\n" })
  yield* World.write(at, { "staged.js": "staged", "both.js": "staged" })
  yield* Effect.flatMap(MemoryGitControl, (control) => control.stage(at, ["staged.js", "both.js"]))
  yield* World.write(at, { "both.js": "later", "edited.js": "after", "new.js": "new", "ignored.log": "log" })
})

/** The files of a commit that differ from those of another, with what they hold. */
const brought = Effect.fnUntraced(function* (from: string, to: string) {
  const { git } = yield* calm
  const [a, b] = yield* Effect.forEach([from, to], (name) =>
    Effect.map(git.resolve(CalmTest.repo, name), Option.getOrThrow)
  )
  if (a === undefined || b === undefined) return []
  return yield* Effect.forEach(yield* git.changes(CalmTest.repo, a, b), ({ path: name }) =>
    Effect.map(git.readFile(CalmTest.repo, b, name), (file) => [
      name,
      Option.match(file, { onNone: () => null, onSome: ({ content }) => new TextDecoder().decode(content) })
    ])
  )
})

const subjects = Effect.fnUntraced(function* (from: string, to: string) {
  const { git } = yield* calm
  const [a, b] = yield* Effect.forEach([from, to], (name) =>
    Effect.map(git.resolve(CalmTest.repo, name), Option.getOrThrow)
  )
  return a === undefined || b === undefined
    ? []
    : (yield* git.commitsBetween(CalmTest.repo, a, b, 10)).map(({ subject }) => subject)
})

describe("saving a session", () => {
  it.effect("commits what is staged and keeps the rest under a ref, so that nothing hangs on the working files", () =>
    Effect.gen(function* () {
      yield* untidy()
      const before = yield* tipOf("SPEC-001")
      const saved = yield* save()
      const id = saved.session.id
      const after = yield* tipOf("SPEC-001")
      const rescueRef = `refs/calm/rescue/SPEC-001/${id}`
      same(saved.worktrees, [{ taskId: "SPEC-001", branch: "SPEC-001", commit: after, rescueRef }])
      same([saved.clean, saved.unsaved], [[], []])
      same(yield* subjects(before, after), ["WIP SPEC-001: The task SPEC-001"])
      same(yield* brought(before, after), [
        ["both.js", "staged"],
        ["staged.js", "staged"]
      ])
      same(yield* brought(after, rescueRef), [
        ["both.js", "later"],
        ["edited.js", "after"],
        ["new.js", "new"]
      ])
      same(yield* statusOf(path), ["unstaged both.js", "unstaged edited.js", "untracked new.js"])
      const files = yield* FileSystem.FileSystem
      same(yield* files.readFileString(`${path}/both.js`), "later")
      same(yield* files.readFileString(`${path}/ignored.log`), "log")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says that the WIP commit outdates what was checked and reviewed, for an agent would rely on it", () =>
    Effect.gen(function* () {
      yield* untidy()
      const { notices } = yield* save()
      same(notices.length, 1)
      assert.match(notices[0] ?? "", /^SPEC-001: the WIP commit .* counts no longer/)
      same((yield* save()).notices, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("without commits keeps what is staged under the ref, too, and moves no branch", () =>
    Effect.gen(function* () {
      yield* untidy()
      const before = yield* statusOf(path)
      const tip = yield* tipOf("SPEC-001")
      const { session, worktrees } = yield* save("Half-way.", { autoCommit: false })
      const rescueRef = `refs/calm/rescue/SPEC-001/${session.id}`
      same(worktrees, [{ taskId: "SPEC-001", branch: "SPEC-001", commit: null, rescueRef }])
      same(yield* tipOf("SPEC-001"), tip)
      same(yield* statusOf(path), before)
      same(yield* subjects("SPEC-001", rescueRef), [
        "Uncommitted work of SPEC-001",
        "Index of: Uncommitted work of SPEC-001"
      ])
      same(yield* brought("SPEC-001", `${rescueRef}^2`), [
        ["both.js", "staged"],
        ["staged.js", "staged"]
      ])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("keeps no ref where everything was staged, and none of a clean worktree", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      yield* World.featureIn("SPEC", "SPEC-002")
      yield* World.write(path, { "staged.js": "staged" })
      yield* Effect.flatMap(MemoryGitControl, (control) => control.stage(path, ["staged.js"]))
      const { clean, worktrees } = yield* save()
      same(worktrees, [{ taskId: "SPEC-001", branch: "SPEC-001", commit: yield* tipOf("SPEC-001"), rescueRef: null }])
      same(clean, ["SPEC-002"])
      const { git } = yield* calm
      same(yield* git.refs(CalmTest.repo, "refs/calm/"), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "does not commit in the middle of a merge or on another branch: it keeps what is staged under the ref",
    () =>
      Effect.gen(function* () {
        yield* untidy("SPEC-001")
        yield* untidy("SPEC-002")
        yield* untidy("SPEC-003")
        const { control, git } = yield* calm
        yield* control.setInProgress(path, Option.some("merge"))
        const head = yield* tipOf("SPEC-002")
        yield* control.switchTo(pathOf("SPEC-002"), { commit: head })
        const other = "refs/heads/other"
        const [from, to] = [Option.none(), Option.some(yield* tipOf("SPEC-003"))]
        yield* git.updateRef({ repo: CalmTest.repo, ref: other, from, to, reason: "test" })
        yield* control.switchTo(pathOf("SPEC-003"), { branch: other })
        const { notices, worktrees } = yield* save()
        same(
          worktrees.map(({ branch, commit, rescueRef }) => [branch, commit, rescueRef === null]),
          [
            ["SPEC-001", null, false],
            [null, null, false],
            ["other", null, false]
          ]
        )
        same(
          notices.map((notice) => notice.replace(/^.*: /, "")),
          [
            "it is in the middle of a merge",
            "it is on a detached HEAD instead of SPEC-002",
            "it is on other instead of SPEC-003"
          ]
        )
        same(yield* git.resolve(CalmTest.repo, other), to)
        assert.include(yield* statusOf(path), "staged staged.js")
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of a repository inside of a worktree, of which a commit can hold nothing", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      const { git } = yield* calm
      yield* World.write(path, { "vendor/lib/a.js": "a", "new.js": "new" })
      yield* git.init(`${path}/vendor/lib`, "main")
      const { notices } = yield* save()
      same(notices, ["SPEC-001: vendor/lib/ is a repository of its own, and nothing of it was kept"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("stores the hand-over although a worktree cannot be kept, and claims nothing of that one", () =>
    Effect.gen(function* () {
      yield* untidy("SPEC-001")
      yield* untidy("SPEC-002")
      yield* World.featureIn("SPEC", "SPEC-003")
      const { files } = yield* calm
      const locks = yield* Locks
      const before = yield* statusOf(path)
      yield* files.remove(pathOf("SPEC-003"), { recursive: true })
      const saving = yield* locks.hold("worktree SPEC-001", "install").pipe(
        Effect.zipRight(
          Effect.gen(function* () {
            const fiber = yield* Effect.fork(save("Half-way.", { continues: true }))
            yield* TestClock.adjust("1 minute")
            return yield* Fiber.join(fiber)
          })
        ),
        Effect.scoped
      )
      same(
        saving.worktrees.map(({ taskId }) => taskId),
        ["SPEC-002"]
      )
      same(
        saving.unsaved.map(({ hint, taskId }) => [taskId, hint]),
        [
          ["SPEC-001", "calm status"],
          ["SPEC-003", "calm worktree create SPEC-003"]
        ]
      )
      assert.include(saving.unsaved[0]?.reason, "install")
      same(yield* statusOf(path), before)
      const sessions = yield* Sessions
      const stored = yield* sessions.get(saving.session.id)
      same(stored.handoff, "Half-way.")
      same(
        stored.worktrees.map(({ taskId }) => taskId),
        ["SPEC-002"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("does not commit for a session that a restored backup took away before the worktree's turn", () =>
    Effect.gen(function* () {
      yield* untidy()
      const { operations } = yield* calm
      const backups = yield* Backups
      const locks = yield* Locks
      const here = yield* Effect.context<CurrentProject | CurrentActor>()
      const { name } = yield* backups.create()
      const restoring = backups.restore(name).pipe(
        Effect.provide(here),
        Effect.catchAll((error) => Effect.die(error))
      )
      const sessions = yield* Effect.provideService(makeSessions, Locks, {
        ...locks,
        hold: (...lock) => Effect.zipRight(restoring, locks.hold(...lock))
      })
      const [tip, before] = [yield* tipOf("SPEC-001"), yield* statusOf(path)]
      const { unsaved } = yield* sessions.save("Half-way.")
      same(
        unsaved.map(({ hint, taskId }) => [taskId, hint]),
        [["SPEC-001", "calm session list"]]
      )
      same([yield* tipOf("SPEC-001"), yield* statusOf(path)], [tip, before])
      same(yield* operations.unfinished, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says of a finished task's worktree whose folder is gone how to clear it away, not how to make it", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      const { files, tasks } = yield* calm
      yield* tasks.cancel("SPEC-001", because("not wanted"))
      yield* files.remove(path, { recursive: true })
      same(
        (yield* save()).unsaved.map(({ hint }) => hint),
        ["calm worktree remove SPEC-001"]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("twice at once saves both: the later one finds what the earlier one left", () =>
    Effect.gen(function* () {
      yield* untidy()
      const tip = yield* tipOf("SPEC-001")
      const both = yield* Effect.fork(Effect.all([save("One."), save("Two.")], { concurrency: 2 }))
      yield* TestClock.adjust("1 minute")
      const saved = yield* Fiber.join(both)
      same(
        saved.map(({ unsaved }) => unsaved),
        [[], []]
      )
      same(saved.flatMap(({ worktrees }) => worktrees).filter(({ commit }) => commit !== null).length, 1)
      same((yield* subjects(tip, "SPEC-001")).length, 1)
      const sessions = yield* Sessions
      same(new Set((yield* sessions.list(10)).map(({ summary }) => summary)), new Set(["One.", "Two."]))
      const { operations } = yield* calm
      same(yield* operations.unfinished, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("ends the active workers in the same transaction, and the trail tells of all of it", () =>
    Effect.gen(function* () {
      yield* untidy()
      const { events } = yield* calm
      const workers = yield* Workers
      const { worker } = yield* workers.start("SPEC-001", "backend")
      const { endedWorkers, session } = yield* save("Half-way.", { continues: true }).pipe(asWorker(worker.id))
      same(endedWorkers, [worker.id])
      same((yield* workers.get(worker.id)).status, "session_ended")
      const [kept, saved, ended] = yield* events.list({ limit: 3 })
      same([kept?.kind, kept?.taskId, kept?.data["session"]], ["worktree.saved", "SPEC-001", session.id])
      same(saved?.kind, "session.saved")
      same(saved?.data, { session: session.id, continues: true, endedWorkers: [worker.id] })
      same([ended?.kind, saved?.actor], ["worker.session_ended", worker.id])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("refuses a hand-over that says nothing, is no text or has no end, and stores nothing", () =>
    Effect.gen(function* () {
      yield* untidy()
      const before = yield* statusOf(path)
      for (const [text, tag] of [
        ["", "HandoffEmpty"],
        [" \n\t\n", "HandoffEmpty"],
        ["a\u0000b", "HandoffNotText"],
        ["half \ud83d", "HandoffNotText"],
        ["x".repeat(maxHandoff + 1), "HandoffTooLarge"],
        ["é".repeat(maxHandoff / 2 + 1), "HandoffTooLarge"]
      ] as const)
        same(yield* told(save(text)), { tag, category: "validation", hint: "calm session save --help" })
      const sessions = yield* Sessions
      same(yield* sessions.list(10), [])
      same(yield* statusOf(path), before)
      same((yield* save("é".repeat(maxHandoff / 2))).session.summary.length, 120)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
