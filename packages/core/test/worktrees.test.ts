import { Worktrees } from "@calm/core/Worktrees"
import { bugReportTemplate } from "@calm/domain/Document"
import { ScriptedProcesses } from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { elsewhere } from "./support/process.ts"
import { because, calm, failure, lived, same, tipOf, trail } from "./support/calm.ts"

const main = "refs/heads/main"
const at = (path: string) => `${CalmTest.repo}/.worktrees/${path}`

/** The status of a checkout in short. */
const status = (checkout: string) =>
  Effect.flatMap(calm, ({ git }) => git.status(checkout)).pipe(
    Effect.map((entries) => entries.map(({ path, state }) => `${state} ${path}`))
  )

describe("creating a worktree", () => {
  it.effect("makes branch, folder and the folder of documents, and leaves the main checkout clean", () =>
    Effect.gen(function* () {
      const { files, git, project, worktrees } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      const { installation, resumed, worktree } = yield* worktrees.create("SPEC-001")
      same([worktree.path, worktree.branch, resumed], [at("SPEC-001"), "SPEC-001", false])
      same(installation.status, "nothing to install")
      same(worktree.startCommit, yield* tipOf("main"))
      assert.isTrue(yield* files.exists(`${worktree.path}/planning_docs/SPEC-001`))
      same(yield* files.readFileString(at(".gitignore")), "*\n")
      same(yield* status(CalmTest.repo), [])
      same((yield* git.head(project.path)).branch, Option.some(main))
      same(yield* worktrees.get("SPEC-001"), worktree)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("lays the report template for a bug, which is not committed and counts for nothing", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* calm
      yield* World.planned("bug", "BUG-001")
      const { worktree } = yield* worktrees.create("BUG-001", { setup: false })
      const report = "bug_reports/BUG-001.md"
      same(yield* files.readFileString(`${worktree.path}/${report}`), bugReportTemplate("BUG-001", "The task BUG-001"))
      same(yield* status(worktree.path), [`untracked ${report}`])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("starts from another revision on demand; the base stays what it is", () =>
    Effect.gen(function* () {
      const { gates, project, worktrees } = yield* calm
      const old = yield* tipOf("main")
      yield* World.commitIn(CalmTest.repo, { "later.js": "later" })
      yield* World.planned("feature", "SPEC-001")
      const { worktree } = yield* worktrees.create("SPEC-001", { base: old })
      same([yield* tipOf("SPEC-001"), worktree.startCommit, project.baseBranch], [old, old, "main"])
      const { verdict } = yield* gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW")
      assert.strictEqual(verdict.outcomes.at(-1)?.status, "failed")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("refuses a revision that does not exist, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const { files, git, operations, worktrees } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      for (const base of ["nope", "--help", "main..other", ""]) {
        const error = yield* failure(worktrees.create("SPEC-001", { base }), "RevisionNotFound")
        same(error.category, "validation")
      }
      assert.isFalse(yield* files.exists(at("SPEC-001")))
      same(yield* git.refs(CalmTest.repo, "refs/heads/"), [{ ref: main, commit: yield* tipOf("main") }])
      same(yield* operations.unfinished, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves a branch of that name alone that calm did not make", () =>
    Effect.gen(function* () {
      const { git, worktrees } = yield* calm
      const commit = yield* tipOf("main")
      const ref = { repo: CalmTest.repo, ref: "refs/heads/SPEC-001", reason: "a person's own" }
      yield* git.updateRef({ ...ref, from: Option.none(), to: Option.some(commit) })
      yield* World.planned("feature", "SPEC-001")
      same((yield* failure(worktrees.create("SPEC-001"), "BranchTaken")).category, "conflict")
      same(yield* tipOf("SPEC-001"), commit)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("takes the task's own earlier branch up again with its commits, and not with another start", () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const commit = yield* World.commit("SPEC-001", { "half.js": "done" })
      const first = yield* worktrees.get("SPEC-001")
      yield* worktrees.remove("SPEC-001", "removed")
      yield* failure(worktrees.create("SPEC-001", { base: "main" }), "BranchTaken")
      const { resumed, worktree } = yield* worktrees.create("SPEC-001", { setup: false })
      same([resumed, yield* tipOf("SPEC-001"), worktree.startCommit], [true, commit, first.startCommit])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("refuses where there is one already, or where something else lies", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      same((yield* failure(worktrees.create("SPEC-001"), "WorktreeExists")).own, true)
      yield* World.write(at("SPEC-002"), { "mine.txt": "a person's own" })
      yield* World.planned("feature", "SPEC-002")
      const error = yield* failure(worktrees.create("SPEC-002"), "WorktreeExists")
      same([error.category, error.own], ["conflict", false])
      same(yield* files.readFileString(at("SPEC-002/mine.txt")), "a person's own")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("refuses for a finished task", () =>
    Effect.gen(function* () {
      const { tasks, worktrees } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* tasks.cancel("SPEC-001", because("not wanted"))
      same((yield* failure(worktrees.create("SPEC-001"), "TaskFinished")).category, "refused")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("makes it anew with its commits where its folder was deleted by hand", () =>
    Effect.gen(function* () {
      const { files, git, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const commit = yield* World.commit("SPEC-001", { "half.js": "done" })
      yield* files.remove(at("SPEC-001"), { recursive: true })
      same(
        (yield* worktrees.list).map(({ present }) => present),
        [false]
      )
      const { resumed } = yield* worktrees.create("SPEC-001", { setup: false })
      same([resumed, yield* tipOf("SPEC-001")], [true, commit])
      same(yield* files.readFileString(at("SPEC-001/half.js")), "done")
      same(
        (yield* git.worktrees(CalmTest.repo)).map(({ path, prunable }) => [path, prunable]),
        [
          [CalmTest.repo, false],
          [at("SPEC-001"), false]
        ]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("keeps the worktree when its preparation fails, and tells of it", () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      yield* World.commitIn(CalmTest.repo, { ".calm/project.json": '{"setup":["make","ready"]}' })
      yield* World.planned("feature", "SPEC-001")
      const { installation } = yield* worktrees.create("SPEC-001")
      same([installation.status, installation.commands], ["failed", ["make ready"]])
      const processes = yield* ScriptedProcesses
      same(
        (yield* processes.requests).map(({ args, cwd, program }) => [program, args, cwd]),
        [["make", ["ready"], at("SPEC-001")]]
      )
      same((yield* worktrees.setup("SPEC-001")).status, "failed")
      yield* World.planned("feature", "SPEC-002")
      same((yield* worktrees.create("SPEC-002", { setup: false })).installation.status, "skipped")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

/** A worktree with all kinds of uncommitted work. */
const untidy = Effect.gen(function* () {
  const world = yield* calm
  yield* World.featureIn("SPEC")
  const head = yield* World.commit("SPEC-001", { "committed.js": "c", "edited.js": "before", ".gitignore": "*.log\n" })
  const path = at("SPEC-001")
  yield* World.write(path, { "staged.js": "staged", "edited.js": "after", "untracked.js": "u", "ignored.log": "log" })
  yield* world.control.stage(path, ["staged.js"])
  const before = yield* status(path)
  /** Is all the work there as it was? */
  const intact = Effect.gen(function* () {
    same(yield* status(path), before)
    const texts = ["staged.js", "edited.js", "untracked.js", "ignored.log"].map((name) =>
      world.files.readFileString(`${path}/${name}`)
    )
    same(yield* Effect.all(texts), ["staged", "after", "u", "log"])
  })
  return { ...world, before, head, intact, path }
})

describe("removing a worktree", () => {
  it.effect("loses nothing: staged, unstaged and untracked work is under a ref, and all comes back as it was", () =>
    Effect.gen(function* () {
      const { before, files, git, head, intact, path, worktrees } = yield* untidy
      same(before, ["unstaged edited.js", "staged staged.js", "untracked untracked.js"])
      const removed = yield* worktrees.remove("SPEC-001", "removed")
      assert.isFalse(yield* files.exists(path))
      same([removed.head, removed.branch], [head, "SPEC-001"])
      assert.include(removed.folder, `${CalmTest.repo}/.git/calm/trash/SPEC-001-`)
      const rescued = Option.getOrThrow(yield* git.resolve(CalmTest.repo, removed.rescueRef ?? ""))
      const kept = (yield* git.listFiles(CalmTest.repo, rescued, "")).map((entry) => entry.path)
      for (const name of ["staged.js", "edited.js", "untracked.js"]) assert.include(kept, name)
      same(yield* tipOf("SPEC-001"), head)
      same(yield* worktrees.list, [])
      same((yield* failure(worktrees.get("SPEC-001"), "WorktreeNotFound")).hint, "calm worktree restore SPEC-001")
      const restored = yield* worktrees.restore("SPEC-001")
      same([restored.detached, restored.branchRecreated], [false, false])
      yield* intact
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a clean one there is nothing to rescue, and its head is kept all the same", () =>
    Effect.gen(function* () {
      const { git, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const head = yield* World.commit("SPEC-001", { "a.js": "a" })
      same((yield* worktrees.remove("SPEC-001", "removed")).rescueRef, null)
      same(
        (yield* git.refs(CalmTest.repo, "refs/calm/rescue/")).map(({ commit }) => commit),
        [head]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("refuses one that is locked in git, and changes nothing", () =>
    Effect.gen(function* () {
      const { control, git, intact, path, worktrees } = yield* untidy
      yield* control.lockWorktree(path)
      const error = yield* failure(worktrees.remove("SPEC-001", "removed"), "RemovalRefused")
      same([error.category, error.reason], ["refused", "locked"])
      yield* intact
      same(yield* git.refs(CalmTest.repo, "refs/calm/"), [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is refused to whoever stands inside of it: no command works in the trash", () =>
    Effect.gen(function* () {
      const { intact, path } = yield* untidy
      const removed = Effect.flatMap(Worktrees, (worktrees) => worktrees.remove("SPEC-001", "removed"))
      for (const cwd of [path, `${path}/src/deep`]) {
        const error = yield* failure(removed.pipe(elsewhere({ cwd })), "RemovalRefused")
        same([error.category, error.reason, error.hint], ["refused", "called from inside", `cd ${CalmTest.repo}`])
        yield* intact
      }
      yield* removed.pipe(elsewhere({ cwd: `${path}2` }))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("twice is an error the second time, which says where it is", () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      yield* worktrees.remove("SPEC-001", "removed")
      const error = yield* failure(worktrees.remove("SPEC-001", "removed"), "WorktreeNotFound")
      same([error.category, error.trashed], ["not_found", true])
      yield* World.planned("feature", "SPEC-002")
      same((yield* failure(worktrees.remove("SPEC-002", "removed"), "WorktreeNotFound")).trashed, false)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of two fibers at once, one removes it and the other finds none", () =>
    Effect.gen(function* () {
      const { intact, worktrees } = yield* untidy
      const remove = Effect.either(worktrees.remove("SPEC-001", "removed"))
      const both = yield* Effect.fork(Effect.all([remove, remove], { concurrency: "unbounded" }))
      yield* TestClock.adjust("5 seconds")
      same((yield* both).map((outcome) => outcome._tag).sort(), ["Left", "Right"])
      yield* worktrees.restore("SPEC-001")
      yield* intact
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("restoring a worktree", () => {
  it.effect("detaches HEAD where the branch has moved on, and touches neither branch nor work", () =>
    Effect.gen(function* () {
      const { git, head, intact, path, worktrees } = yield* untidy
      yield* worktrees.remove("SPEC-001", "removed")
      const later = yield* World.commitIn(CalmTest.repo, { "later.js": "later" })
      const ref = { repo: CalmTest.repo, ref: "refs/heads/SPEC-001", reason: "moved on" }
      yield* git.updateRef({ ...ref, from: Option.some(head), to: Option.some(later) })
      const { detached } = yield* worktrees.restore("SPEC-001")
      same(detached, true)
      same(yield* git.head(path), { branch: Option.none(), commit: Option.some(head) })
      same(yield* tipOf("SPEC-001"), later)
      yield* intact
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("makes a branch again that has vanished", () =>
    Effect.gen(function* () {
      const { git, head, intact, worktrees } = yield* untidy
      yield* worktrees.remove("SPEC-001", "removed")
      const ref = { repo: CalmTest.repo, ref: "refs/heads/SPEC-001", reason: "deleted" }
      yield* git.updateRef({ ...ref, from: Option.some(head), to: Option.none() })
      const { branchRecreated, detached } = yield* worktrees.restore("SPEC-001")
      same([branchRecreated, detached, yield* tipOf("SPEC-001")], [true, false, head])
      yield* intact
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("brings back the last one first, and refuses over one that is there", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      yield* World.write(at("SPEC-001"), { "first.txt": "1" })
      yield* worktrees.remove("SPEC-001", "removed")
      yield* TestClock.adjust("1 minute")
      yield* worktrees.create("SPEC-001", { setup: false })
      yield* World.write(at("SPEC-001"), { "second.txt": "2" })
      same((yield* failure(worktrees.restore("SPEC-001"), "WorktreeExists")).own, true)
      yield* worktrees.remove("SPEC-001", "removed")
      yield* worktrees.restore("SPEC-001")
      assert.isTrue(yield* files.exists(at("SPEC-001/second.txt")))
      yield* TestClock.adjust("1 minute")
      yield* worktrees.remove("SPEC-001", "removed")
      yield* World.write(at("SPEC-001"), { "mine.txt": "in the way" })
      same((yield* failure(worktrees.restore("SPEC-001"), "WorktreeExists")).own, false)
      same(yield* files.readFileString(at("SPEC-001/mine.txt")), "in the way")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of nothing is an error", () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      same((yield* failure(worktrees.restore("SPEC-001"), "NothingToRestore")).category, "not_found")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the trash", () => {
  it.effect("keeps a worktree for seven days; what was rescued under a ref stays after that", () =>
    Effect.gen(function* () {
      const { files, git, worktrees } = yield* untidy
      yield* World.featureIn("SPEC", "SPEC-002")
      const removed = yield* worktrees.remove("SPEC-001", "removed")
      const another = (id: string) => World.featureIn("SPEC", id).pipe(Effect.andThen(worktrees.remove(id, "removed")))
      yield* lived(7)
      yield* another("SPEC-003")
      assert.isTrue(yield* files.exists(removed.folder))
      yield* TestClock.adjust("1 millis")
      yield* another("SPEC-004")
      assert.isFalse(yield* files.exists(removed.folder))
      same((yield* trail).filter((kind) => kind === "worktree.purged").length, 1)
      assert.isTrue(Option.isSome(yield* git.resolve(CalmTest.repo, removed.rescueRef ?? "")))
      same((yield* failure(worktrees.restore("SPEC-001"), "NothingToRestore")).hint, "calm worktree create SPEC-001")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("throws nothing away for a clock that is set on by a year: a week of use must have passed", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* untidy
      const { folder } = yield* worktrees.remove("SPEC-001", "removed")
      const another = (id: string) => World.featureIn("SPEC", id).pipe(Effect.andThen(worktrees.remove(id, "removed")))
      yield* TestClock.adjust("365 days")
      yield* another("SPEC-002")
      yield* lived(5)
      yield* another("SPEC-003")
      assert.isTrue(yield* files.exists(folder))
      yield* lived(1)
      yield* another("SPEC-004")
      assert.isFalse(yield* files.exists(folder))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("does not throw away what was restored in time", () =>
    Effect.gen(function* () {
      const { intact, worktrees } = yield* untidy
      yield* worktrees.remove("SPEC-001", "removed")
      yield* worktrees.restore("SPEC-001")
      yield* lived(8)
      yield* World.featureIn("SPEC", "SPEC-002")
      yield* worktrees.remove("SPEC-002", "removed")
      yield* intact
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
