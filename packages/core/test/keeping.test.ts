/** A worktree that somebody meddled with by hand, or that two commands want at once: nothing of it is lost. */
import { Deletion } from "@calm/core/Deletion"
import { Locks } from "@calm/core/Locks"
import { Operations } from "@calm/core/Operations"
import { Worktrees } from "@calm/core/Worktrees"
import { Git } from "@calm/git/Git"
import { OwnersTable } from "@calm/process/Owner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { because, calm, failure, lived, same, tipOf, trail } from "./support/calm.ts"
import * as Crash from "./support/crash.ts"
import { elsewhere, owner } from "./support/process.ts"

type Everything = Layer.Layer.Success<typeof Crash.layer>

const folder = `${CalmTest.repo}/.worktrees`
const at = (path: string) => `${folder}/${path}`
const admin = (task: string) => `${CalmTest.repo}/.git/worktrees/${task}`
const trash = `${CalmTest.repo}/.git/calm/trash`

const create = Effect.flatMap(Worktrees, (worktrees) => worktrees.create("SPEC-001", { setup: false }))
const remove = (task: string) => Effect.flatMap(Worktrees, (worktrees) => worktrees.remove(task, "removed"))
const restore = Effect.flatMap(Worktrees, (worktrees) => worktrees.restore("SPEC-001"))

/** Something of another task is removed: the trash is emptied of what is due. */
const purge = (task: string) => Effect.andThen(World.featureIn("SPEC", task), remove(task))

/** As `git worktree remove --force` leaves it: neither folder nor record. */
const removedByHand = Effect.fnUntraced(function* (task: string) {
  const files = yield* FileSystem.FileSystem
  yield* files.remove(at(task), { recursive: true })
  yield* files.remove(admin(task), { recursive: true })
})

/** A branch set by somebody who is not calm. */
const setBranch = Effect.fnUntraced(function* (branch: string, commit: string) {
  const git = yield* Git
  const { repo } = CalmTest
  const ref = `refs/heads/${branch}`
  const to = yield* git.resolve(repo, commit)
  yield* git.updateRef({ repo, ref, from: yield* git.resolve(repo, ref), to, reason: "by hand" })
})

/** Another process takes the lock of a task and keeps it until it is interrupted. */
const lockedBy = Effect.fnUntraced(function* (pid: number, task: string) {
  const taken = yield* Deferred.make<void>()
  yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(pid), "alive"))
  const holder = yield* Effect.flatMap(Locks, (locks) => locks.hold(`worktree ${task}`, "something long")).pipe(
    Effect.andThen(Deferred.succeed(taken, undefined)),
    Effect.andThen(Effect.never),
    Effect.scoped,
    elsewhere({ pid }),
    Effect.fork
  )
  yield* Deferred.await(taken)
  return holder
})

const dead = (pid: number) => Effect.flatMap(OwnersTable, (owners) => owners.set(owner(pid), "dead"))

/** A worktree with uncommitted work, removed eight days ago. */
const due = Effect.gen(function* () {
  yield* World.featureIn("SPEC")
  yield* World.write(at("SPEC-001"), { "work.js": "hours of work" })
  const removed = yield* remove("SPEC-001")
  yield* lived(8)
  return removed
})

const intact = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  same(yield* files.readFileString(at("SPEC-001/work.js")), "hours of work")
  same((yield* Effect.flatMap(Git, (git) => git.status(at("SPEC-001")))).length, 1)
})

/** Cuts off before each change in turn, each time in a new world; gives how many there are. */
const everywhere = (cut: (change: number) => Effect.Effect<boolean, unknown, Everything>) =>
  Effect.gen(function* () {
    let change = 0
    while (yield* Effect.provide(cut(change), Crash.layer)) change += 1
    return change
  })

describe("a folder of worktrees that is not calm's", () => {
  it.effect("is refused when it is a link: git would name what is in it otherwise, and calm would not find it", () =>
    Effect.gen(function* () {
      const { files, git, operations, worktrees } = yield* calm
      yield* files.makeDirectory("/elsewhere")
      yield* files.symlink("/elsewhere", folder)
      yield* World.planned("feature", "SPEC-001")
      const error = yield* failure(create, "FolderUnsuitable")
      same([error.category, error.found, error.hint], ["conflict", "a symbolic link", `ls -ld ${folder}`])
      same(
        [yield* files.readDirectory("/elsewhere"), yield* worktrees.list, yield* operations.unfinished],
        [[], [], []]
      )
      same(yield* git.resolve(CalmTest.repo, "refs/heads/SPEC-001"), Option.none())
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is refused when it is a file", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* files.writeFileString(folder, "a person's own")
      yield* World.planned("feature", "SPEC-001")
      same((yield* failure(create, "FolderUnsuitable")).found, "no folder")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a worktree that git does not know", () => {
  for (const [what, gone] of [
    ["git's record", admin("SPEC-001")],
    ["its .git", at("SPEC-001/.git")]
  ] as const)
    it.effect(`because ${what} is gone is not removed: what is uncommitted in it could not be saved`, () =>
      Effect.gen(function* () {
        const { files, worktrees } = yield* calm
        yield* World.featureIn("SPEC")
        yield* World.write(at("SPEC-001"), { "work.js": "hours of work" })
        yield* files.remove(gone, { recursive: true })
        const error = yield* failure(remove("SPEC-001"), "RemovalRefused")
        same([error.category, error.reason, error.hint], ["refused", "unknown to git", "calm worktree health"])
        assert.include(error.message, at("SPEC-001"))
        same(yield* files.readFileString(at("SPEC-001/work.js")), "hours of work")
        same((yield* worktrees.list).length, 1)
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("is never said to be restored when there is neither branch nor commit to put it on", () =>
    Effect.gen(function* () {
      const { operations, worktrees } = yield* calm
      const sql = yield* SqlClient.SqlClient
      yield* World.featureIn("SPEC")
      yield* remove("SPEC-001")
      yield* sql`UPDATE trash SET branch = NULL, head_sha = NULL`
      assert.include((yield* failure(restore, "GitFailed")).message, "neither a branch nor a commit")
      same([yield* worktrees.list, yield* operations.unfinished], [[], []])
      same((yield* failure(worktrees.get("SPEC-001"), "WorktreeNotFound")).trashed, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a worktree that somebody removed with git", () => {
  it.effect("is made anew on the task's own branch", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* World.featureIn("SPEC")
      const commit = yield* World.commit("SPEC-001", { "half.js": "done" })
      yield* removedByHand("SPEC-001")
      const { resumed } = yield* create
      same([resumed, yield* tipOf("SPEC-001")], [true, commit])
      same(yield* files.readFileString(at("SPEC-001/half.js")), "done")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("is not found by remove, and is not listed after that; making it anew takes its branch up", () =>
    Effect.gen(function* () {
      const { status, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const commit = yield* World.commit("SPEC-001", { "half.js": "done" })
      yield* removedByHand("SPEC-001")
      const error = yield* failure(remove("SPEC-001"), "WorktreeNotFound")
      same([error.category, error.trashed, error.hint], ["not_found", false, "calm worktree list"])
      same([yield* worktrees.list, (yield* trail)[0]], [[], "worktree.removed"])
      same((yield* status.overview).health.reasons, [])
      same([(yield* create).resumed, yield* tipOf("SPEC-001")], [true, commit])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("does not stand in the way of deleting its task", () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      const deletion = yield* Deletion
      yield* World.featureIn("SPEC")
      yield* removedByHand("SPEC-001")
      same((yield* deletion.remove("SPEC-001")).worktree, null)
      same(yield* worktrees.list, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a branch of the task's name", () => {
  it.effect("that somebody made after calm had merged and deleted its own is not taken up", () =>
    Effect.gen(function* () {
      const { merges, tasks } = yield* calm
      yield* World.featureIn("INTEGRATE")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      yield* merges.merge("SPEC-001")
      yield* tasks.update("SPEC-001", { override: { phase: "IMPLEMENT", reason: because("more is wanted") } })
      yield* TestClock.adjust("1 minute")
      yield* setBranch("SPEC-001", "main")
      const error = yield* failure(create, "BranchTaken")
      same([error.category, yield* tipOf("SPEC-001")], ["conflict", yield* tipOf("main")])
      yield* setBranch("SPEC-001", "nothing")
      same((yield* create).resumed, false)
      yield* World.commit("SPEC-001", { "more.js": "more" })
      yield* remove("SPEC-001")
      same((yield* create).resumed, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that does not hold the commit of the removed worktree is not taken up; one that went on from it is", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      const head = yield* World.commit("SPEC-001", { "half.js": "done" })
      yield* remove("SPEC-001")
      yield* setBranch("SPEC-001", "main")
      assert.include((yield* failure(create, "BranchTaken")).message, head.slice(0, 10))
      yield* setBranch("SPEC-001", head)
      same((yield* create).resumed, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("commands that wait for each other", () => {
  it.effect("a worktree is not made for a task that was cancelled or deleted meanwhile", () =>
    Effect.gen(function* () {
      const { files, tasks } = yield* calm
      for (const [tag, end] of [
        ["TaskFinished", tasks.cancel("SPEC-001", because("not wanted"))],
        ["TaskNotFound", tasks.hide("SPEC-002")]
      ] as const) {
        const id = tag === "TaskFinished" ? "SPEC-001" : "SPEC-002"
        yield* World.planned("feature", id)
        const holder = yield* lockedBy(2, id)
        const waiting = yield* Effect.fork(
          failure(
            Effect.flatMap(Worktrees, (worktrees) => worktrees.create(id)),
            tag
          )
        )
        yield* TestClock.adjust("10 seconds")
        yield* end
        yield* Fiber.interrupt(holder)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(waiting)
        assert.isFalse(yield* files.exists(at(id)))
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("deleting a task hides it before a create that waits can make it another worktree", () =>
    Effect.gen(function* () {
      const { files, git, tasks } = yield* calm
      const deletion = yield* Deletion
      yield* World.featureIn("SPEC")
      const both = yield* Effect.fork(
        Effect.all([deletion.remove("SPEC-001"), Effect.flip(create)], { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(both)
      yield* failure(tasks.get("SPEC-001"), "TaskNotFound")
      same([(yield* git.worktrees(CalmTest.repo)).length, yield* files.exists(at("SPEC-001"))], [1, false])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("emptying the trash", () => {
  it.effect("does not wait for a task whose lock somebody has, and leaves what is kept of it alone", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      const { folder: kept } = yield* due
      const holder = yield* lockedBy(2, "SPEC-001")
      yield* purge("SPEC-002")
      assert.isTrue(yield* files.exists(kept))
      yield* Fiber.interrupt(holder)
      yield* purge("SPEC-003")
      assert.isFalse(yield* files.exists(kept))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("keeps what the folder's own time says is younger than the row", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      const { folder: kept } = yield* due
      yield* files.writeFileString(`${kept}/note`, "touched now")
      yield* purge("SPEC-002")
      assert.isTrue(yield* files.exists(kept))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("never throws away a worktree with a repository inside: its folder is all there is of it", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* World.featureIn("SPEC")
      yield* World.featureIn("SPEC", "SPEC-002")
      yield* World.write(at("SPEC-001"), { "vendor/own/.git/HEAD": "ref: refs/heads/main\n" })
      yield* World.write(at("SPEC-002"), { "sub/.git": `gitdir: ${CalmTest.repo}/.git/modules/sub\n` })
      const nested = yield* remove("SPEC-001")
      const submodule = yield* remove("SPEC-002")
      yield* lived(30)
      yield* purge("SPEC-003")
      same([yield* files.exists(nested.folder), yield* files.exists(submodule.folder)], [true, false])
      yield* restore
      same(yield* files.readFileString(at("SPEC-001/vendor/own/.git/HEAD")), "ref: refs/heads/main\n")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("cut off anywhere, offers for restoring only what is whole, and is done the next time", () =>
    Effect.gen(function* () {
      let purged = 0
      yield* everywhere((change) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const steps = yield* Crash.Steps
          const { folder: kept } = yield* due
          yield* World.featureIn("SPEC", "SPEC-002")
          const outcome = yield* steps.crash(change, elsewhere({ pid: 2 })(remove("SPEC-002")))
          yield* dead(2)
          const restored = yield* Effect.either(restore)
          if (restored._tag === "Right") yield* intact
          else {
            same(restored.left._tag, "NothingToRestore")
            yield* purge("SPEC-003")
            purged += 1
          }
          assert.isFalse(yield* files.exists(kept))
          return outcome === "crashed"
        })
      )
      assert.isAbove(purged, 1)
    })
  )

  it.effect("leaves alone what a restore was cut off with in the middle: it is whole after the next one", () =>
    Effect.gen(function* () {
      const changes = yield* everywhere((change) =>
        Effect.gen(function* () {
          const steps = yield* Crash.Steps
          yield* due
          yield* World.featureIn("SPEC", "SPEC-002")
          const outcome = yield* steps.crash(change, elsewhere({ pid: 2 })(restore))
          yield* dead(2)
          const isOpen = (yield* Effect.flatMap(Operations, ({ unfinished }) => unfinished)).length > 0
          if (isOpen) {
            yield* remove("SPEC-002")
            yield* restore
            yield* intact
          }
          return outcome === "crashed"
        })
      )
      assert.isAbove(changes, 4)
    })
  )

  it.effect("throws half-made worktrees away too, which are never offered for restoring", () =>
    Effect.gen(function* () {
      let undone = 0
      yield* everywhere((change) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const steps = yield* Crash.Steps
          yield* World.planned("feature", "SPEC-001")
          const outcome = yield* steps.crash(change, elsewhere({ pid: 2 })(create))
          yield* dead(2)
          yield* Effect.either(create)
          if (yield* files.exists(trash)) {
            undone += 1
            same((yield* failure(restore, "WorktreeExists")).own, true)
            yield* removedByHand("SPEC-001")
            same((yield* failure(restore, "NothingToRestore")).id, "SPEC-001")
            yield* lived(8)
            yield* purge("SPEC-002")
            same((yield* files.readDirectory(trash)).length, 1)
          }
          return outcome === "crashed"
        })
      )
      assert.isAbove(undone, 0)
    })
  )
})
