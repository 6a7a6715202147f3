/** The health of worktrees over the world in memory: what is found, what the plan is, and that mending loses nothing. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Status } from "@calm/core/Status"
import { WorktreeHealth } from "@calm/core/WorktreeHealth"
import { Workers } from "@calm/core/Workers"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { withoutSightOf } from "./support/blind.ts"
import { because, calm, same, tipOf, trail } from "./support/calm.ts"
import { elsewhere } from "./support/process.ts"

const folder = `${CalmTest.repo}/.worktrees`
const path = (task: string) => `${folder}/${task}`

const health = Effect.gen(function* () {
  const world = yield* calm
  const { check, fix } = yield* WorktreeHealth
  return { ...world, check, fix }
})

/** What is wrong, as `TASK code`, with a hint for each that can be typed. */
const findings = Effect.flatMap(WorktreeHealth, ({ check }) => check).pipe(
  Effect.map(({ worktrees }) =>
    worktrees.flatMap(({ findings: found, taskId }) =>
      found.map(({ code, hint, severity }) => {
        assert.match(hint, /^(calm|git|mv|ls) /)
        assert.notMatch(hint, /<[a-z]/)
        return `${severity} ${taskId} ${code}`
      })
    )
  )
)

const plan = Effect.flatMap(WorktreeHealth, ({ check }) => check).pipe(
  Effect.map((report) => report.plan.map(({ action, kept, taskId }) => [taskId, action, kept]))
)

describe("worktree health", () => {
  it.effect("finds nothing wrong with worktrees at work, and tells how they stand to the base", () =>
    Effect.gen(function* () {
      const { check } = yield* health
      yield* World.featureIn("IMPLEMENT")
      yield* World.commitIn(CalmTest.repo, { "other.txt": "o" })
      yield* World.write(path("SPEC-001"), { "new.txt": "n", "README.md": "changed\n" })
      const { foreign, plan: planned, worktrees } = yield* check
      same([foreign, planned], [[], []])
      const [one] = worktrees
      same([one?.findings, one?.uncommitted, one?.untracked, one?.ahead, one?.behind], [[], 1, 1, 2, 1])
      same([one?.head, one?.present, one?.link, one?.phase], ["SPEC-001", true, "intact", "IMPLEMENT"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "a finished task's worktree goes to the trash, what is uncommitted in it under a ref; a second time nothing is done",
    () =>
      Effect.gen(function* () {
        const { fix, git, tasks, worktrees } = yield* health
        yield* World.featureIn("IMPLEMENT")
        yield* World.write(path("SPEC-001"), { "unsaved.txt": "mine\n" })
        const tip = yield* tipOf("SPEC-001")
        yield* tasks.update("SPEC-001", { override: { phase: "DONE", reason: because("a test") } })
        same(yield* findings, ["warning SPEC-001 finished", "warning SPEC-001 finished_uncommitted"])
        same(yield* plan, [["SPEC-001", "remove", null]])
        const fixed = yield* fix
        same(
          fixed.applied.map(({ action, done, taskId }) => [taskId, action, done]),
          [["SPEC-001", "remove", true]]
        )
        same([fixed.worktrees, fixed.plan, yield* worktrees.list], [[], [], []])
        const [rescued] = yield* git.refs(CalmTest.repo, "refs/calm/rescue/SPEC-001")
        const saved = yield* git.readFile(CalmTest.repo, rescued?.commit ?? tip, "unsaved.txt")
        assert.isTrue(Option.isSome(saved))
        assert.strictEqual(yield* tipOf("SPEC-001"), tip)
        const before = yield* trail
        same((yield* fix).applied, [])
        same(yield* trail, before)
        yield* worktrees.restore("SPEC-001")
        same(
          (yield* git.status(path("SPEC-001"))).map((entry) => entry.path),
          ["unsaved.txt"]
        )
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a cancelled task keeps its worktree, however long nobody commits", () =>
    Effect.gen(function* () {
      const { tasks } = yield* health
      yield* World.featureIn("SPEC")
      yield* tasks.cancel("SPEC-001", because("not wanted"))
      yield* TestClock.adjust("30 days")
      same(yield* findings, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("seven days without a commit are told of and nothing is done; six are not, nor is an old base", () =>
    Effect.gen(function* () {
      const { fix } = yield* health
      yield* TestClock.adjust("100 days")
      yield* World.featureIn("SPEC")
      yield* TestClock.adjust("6 days")
      same(yield* findings, [])
      yield* TestClock.adjust("1 day")
      same(yield* findings, ["warning SPEC-001 idle"])
      same((yield* fix).applied, [])
      yield* World.commit("SPEC-001", { "a.txt": "a" })
      same(yield* findings, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "where the folder is gone, git's record goes and the branch stays, so that the worktree can be made again",
    () =>
      Effect.gen(function* () {
        const { files, fix, git, worktrees } = yield* health
        yield* World.featureIn("DESIGN")
        const tip = yield* tipOf("SPEC-001")
        yield* files.remove(path("SPEC-001"), { recursive: true })
        same(yield* findings, ["error SPEC-001 folder_missing"])
        same(yield* plan, [["SPEC-001", "forget", null]])
        same(
          (yield* fix).applied.map(({ done }) => done),
          [true]
        )
        same((yield* git.worktrees(CalmTest.repo)).length, 1)
        same((yield* fix).applied, [])
        const { resumed } = yield* worktrees.create("SPEC-001", { setup: false })
        same([resumed, yield* tipOf("SPEC-001")], [true, tip])
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("where even git's record is gone, the row is closed", () =>
    Effect.gen(function* () {
      const { files, fix, worktrees } = yield* health
      yield* World.featureIn("SPEC")
      yield* files.remove(path("SPEC-001"), { recursive: true })
      yield* files.remove(`${CalmTest.repo}/.git/worktrees/SPEC-001`, { recursive: true })
      same(yield* plan, [["SPEC-001", "forget", null]])
      same(
        (yield* fix).applied.map(({ done }) => done),
        [true]
      )
      same([yield* worktrees.list, yield* findings, (yield* fix).applied], [[], [], []])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the worktree of a deleted task goes to the trash, and the task stays deleted", () =>
    Effect.gen(function* () {
      const { fix, tasks, worktrees } = yield* health
      yield* World.featureIn("SPEC")
      // What is left when a process dies between the two halves of deleting, the wrong way round.
      yield* tasks.hide("SPEC-001")
      same(yield* findings, ["error SPEC-001 no_task"])
      same(
        (yield* fix).applied.map(({ action, done }) => [action, done]),
        [["remove", true]]
      )
      same([yield* findings, (yield* fix).applied], [[], []])
      same((yield* Effect.flip(tasks.get("SPEC-001")))._tag, "TaskNotFound")
      yield* tasks.restore("SPEC-001")
      assert.strictEqual((yield* worktrees.restore("SPEC-001")).worktree.path, path("SPEC-001"))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "a worktree that cannot be looked at is not taken for one that is gone, and keeps no other from its verdict",
    () =>
      Effect.gen(function* () {
        const { tasks } = yield* health
        yield* World.featureIn("SPEC")
        yield* World.featureIn("SPEC", "SPEC-002")
        yield* tasks.update("SPEC-002", { override: { phase: "DONE", reason: because("a test") } })
        const blindly = withoutSightOf(path("SPEC-001"))
        same(yield* blindly(findings), ["error SPEC-001 unreadable", "warning SPEC-002 finished"])
        same(yield* blindly(plan), [["SPEC-002", "remove", null]])
        const seen = yield* blindly(Effect.flatMap(Status, (status) => status.worktrees))
        same(
          seen.map(({ findings: found }) => found.map(({ code }) => code)),
          [["unreadable"], ["finished"]]
        )
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a detached HEAD, another branch, a missing branch and a rebase half-way are told of and left alone", () =>
    Effect.gen(function* () {
      const { control, fix, git } = yield* health
      yield* World.featureIn("SPEC")
      const tip = yield* tipOf("SPEC-001")
      yield* control.switchTo(path("SPEC-001"), { commit: tip })
      same(yield* findings, ["warning SPEC-001 head_detached"])
      yield* git.updateRef({
        repo: CalmTest.repo,
        ref: "refs/heads/SPEC-001",
        from: Option.some(tip),
        to: Option.none(),
        reason: "test"
      })
      same(yield* findings, ["error SPEC-001 branch_missing"])
      yield* git.updateRef({
        repo: CalmTest.repo,
        ref: "refs/heads/mine",
        from: Option.none(),
        to: Option.some(tip),
        reason: "test"
      })
      yield* git.updateRef({
        repo: CalmTest.repo,
        ref: "refs/heads/SPEC-001",
        from: Option.none(),
        to: Option.some(tip),
        reason: "test"
      })
      yield* control.switchTo(path("SPEC-001"), { branch: "refs/heads/mine" })
      same(yield* findings, ["warning SPEC-001 head_elsewhere"])
      yield* control.setInProgress(path("SPEC-001"), Option.some("rebase"))
      same(yield* findings, ["warning SPEC-001 in_progress"])
      const before = yield* trail
      same([(yield* fix).applied, yield* trail], [[], before])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "leaves alone what is locked, what a worker is at work in and where it was called from, and says so in the plan",
    () =>
      Effect.gen(function* () {
        const { control, fix, tasks } = yield* health
        const workers = yield* Workers
        yield* World.featureIn("SPEC")
        yield* World.featureIn("SPEC", "SPEC-002")
        yield* workers.start("SPEC-002", "backend")
        for (const id of ["SPEC-001", "SPEC-002"])
          yield* tasks.update(id, { override: { phase: "DONE", reason: because("a test") } })
        yield* control.lockWorktree(path("SPEC-001"))
        same(yield* plan, [
          ["SPEC-001", "remove", "locked"],
          ["SPEC-002", "remove", "active worker"]
        ])
        const fixed = yield* fix
        same([fixed.applied, fixed.plan.length], [[], 2])
        yield* control.unlockWorktree(path("SPEC-001"))
        same(yield* elsewhere({ cwd: `${path("SPEC-001")}/src` })(plan), [
          ["SPEC-001", "remove", "called from inside"],
          ["SPEC-002", "remove", "active worker"]
        ])
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("tells of what could not be mended, and mends the rest", () =>
    Effect.gen(function* () {
      const { files, fix, git } = yield* health
      yield* World.featureIn("SPEC")
      yield* World.featureIn("SPEC", "SPEC-002")
      for (const id of ["SPEC-001", "SPEC-002"]) yield* files.remove(path(id), { recursive: true })
      // Nothing can go into the trash of the one.
      yield* files.remove(`${CalmTest.repo}/.git/worktrees/SPEC-001`, { recursive: true })
      yield* files.makeDirectory(`${CalmTest.repo}/.git/calm`, { recursive: true })
      yield* files.writeFileString(`${CalmTest.repo}/.git/calm/trash`, "in the way")
      const fixed = yield* fix
      same(
        fixed.applied.map(({ done, taskId }) => [taskId, done]),
        [
          ["SPEC-001", true],
          ["SPEC-002", false]
        ]
      )
      assert.isNotNull(fixed.applied[1]?.detail)
      same(
        fixed.worktrees.map(({ findings: found, taskId }) => [taskId, found.length]),
        [["SPEC-002", 1]]
      )
      same((yield* git.worktrees(CalmTest.repo)).length, 2)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("shows what calm did not make, and touches none of it", () =>
    Effect.gen(function* () {
      const { check, files, fix, git } = yield* health
      yield* World.featureIn("SPEC")
      const main = yield* tipOf("main")
      for (const [branch, at] of [
        ["own", path("own")],
        ["outside", "/outside"]
      ] as const)
        yield* git.addWorktree({ repo: CalmTest.repo, path: at, branch, start: Option.some(main) })
      yield* files.remove("/outside", { recursive: true })
      yield* World.write(folder, { "notes/a.txt": "a", "file.txt": "f" })
      const expected = [
        { path: "/outside", kind: "worktree", branch: "outside" },
        { path: `${folder}/file.txt`, kind: "file", branch: null },
        { path: `${folder}/notes`, kind: "folder", branch: null },
        { path: path("own"), kind: "worktree", branch: "own" }
      ]
      const { foreign, worktrees } = yield* check
      same(foreign, expected)
      same(
        worktrees.map(({ taskId }) => taskId),
        ["SPEC-001"]
      )
      same((yield* fix).foreign, expected)
      same((yield* git.worktrees(CalmTest.repo)).length, 4)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("links worktrees again after the repository was moved, with everything uncommitted in them", () =>
    Effect.gen(function* () {
      const { files, git, projects } = yield* health
      yield* World.featureIn("SPEC")
      yield* World.write(path("SPEC-001"), { "unsaved.txt": "mine\n" })
      yield* files.rename(CalmTest.repo, "/moved")
      const project = yield* projects.find("/moved")
      const inMoved = Effect.provideService(CurrentProject, project)
      same(yield* inMoved(findings), ["error SPEC-001 link_broken"])
      same(yield* inMoved(plan), [["SPEC-001", "link", null]])
      const fixed = yield* inMoved(Effect.flatMap(WorktreeHealth, ({ fix }) => fix))
      same(
        fixed.applied.map(({ done }) => done),
        [true]
      )
      same(
        (yield* git.status("/moved/.worktrees/SPEC-001")).map((entry) => entry.path),
        ["unsaved.txt"]
      )
      same([yield* inMoved(findings), fixed.foreign], [[], []])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a worktree that was moved by hand is found where it is, and the hint brings it back", () =>
    Effect.gen(function* () {
      const { check, files, fix } = yield* health
      yield* World.featureIn("SPEC")
      yield* files.rename(path("SPEC-001"), path("elsewhere"))
      same(yield* findings, ["error SPEC-001 moved"])
      const { foreign, worktrees } = yield* check
      same(foreign, [])
      same(worktrees[0]?.findings[0]?.hint, `mv ${path("elsewhere")} ${path("SPEC-001")}`)
      same((yield* fix).applied, [])
      yield* files.rename(path("elsewhere"), path("SPEC-001"))
      same(yield* findings, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a folder that git has no record of is told of and left alone: nothing in it could be saved", () =>
    Effect.gen(function* () {
      const { files, fix, tasks } = yield* health
      yield* World.featureIn("SPEC")
      yield* tasks.update("SPEC-001", { override: { phase: "DONE", reason: because("a test") } })
      yield* files.remove(`${CalmTest.repo}/.git/worktrees/SPEC-001`, { recursive: true })
      same(yield* findings, ["error SPEC-001 link_lost", "warning SPEC-001 finished"])
      same([(yield* fix).applied, yield* files.exists(path("SPEC-001"))], [[], true])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
