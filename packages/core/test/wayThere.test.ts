/** A hint that names a worktree leads to it, whatever became of it; and what stands in the way is named. */
import * as Home from "@calm/core/Home"
import * as HomeFile from "@calm/core/HomeFile"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { TaskId } from "@calm/domain/Ids"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { because, calm, failure, note, same, tipOf, told } from "./support/calm.ts"

const place = `${CalmTest.repo}/.worktrees/SPEC-001`

/** The hints of what is missing for the move ahead. */
const hints = Effect.gen(function* () {
  const { explain } = yield* calm
  const { moves } = yield* explain.explain("SPEC-001")
  return [...new Set(moves[0]?.verdict?.outcomes.flatMap(({ hint, unmet }) => (unmet === null ? [] : [hint])))]
})

const branchDeleted = Effect.gen(function* () {
  const { git } = yield* calm
  yield* git.updateRef({
    repo: CalmTest.repo,
    ref: "refs/heads/SPEC-001",
    from: Option.some(yield* tipOf("SPEC-001")),
    to: Option.none(),
    reason: "by hand"
  })
})

describe("the hint to a worktree", () => {
  it.effect("follows it: there, in the trash, and with its folder gone", () =>
    Effect.gen(function* () {
      const { files, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      assert.include(yield* hints, "calm worktree path SPEC-001")
      yield* worktrees.remove("SPEC-001", "removed")
      same((yield* hints)[0], "calm worktree restore SPEC-001")
      yield* worktrees.restore("SPEC-001")
      yield* TestClock.adjust("1 minute")
      yield* files.remove(place, { recursive: true })
      same((yield* hints)[0], "calm worktree create SPEC-001")
      const error = yield* failure(worktrees.get("SPEC-001"), "WorktreeNotFound")
      same([error.folderGone, error.hint], [true, "calm worktree create SPEC-001"])
      same((yield* worktrees.remove("SPEC-001", "removed")).filesKept, false)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of one whose branch is gone makes the branch again, and status tells of it as explain does", () =>
    Effect.gen(function* () {
      const { status } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      yield* branchDeleted
      const [hint] = yield* hints
      assert.match(hint ?? "", /^git -C \S+ update-ref refs\/heads\/SPEC-001 /)
      const [seen] = yield* status.worktrees
      same([seen?.branchThere, seen?.findings.map(({ code }) => code)], [false, ["branch_missing"]])
      same(seen?.findings[0]?.hint, hint)
      same((yield* status.health).level, "ATTENTION")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("what is to be known besides", () => {
  it.effect("a result without details is told which option is missing", () =>
    Effect.gen(function* () {
      const { transitions } = yield* calm
      yield* World.featureIn("VERIFY")
      const summary = (wish: object) =>
        Effect.map(
          failure(transitions.transition("SPEC-001", { to: "DONE", ...wish }), "MoveRefused"),
          ({ outcomes }) => outcomes.map((one) => one.summary).join()
        )
      assert.include(yield* summary({ gateResult: "pass" }), "--gate-details is missing")
      assert.include(yield* summary({ gateResult: "pass", gateDetails: note(" ") }), "--gate-details is missing")
      assert.notInclude(yield* summary({}), "--gate-details")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("the tasks that are waited for in vain are named", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* World.planned("feature", "SPEC-002")
      yield* tasks.update("SPEC-001", { blockedBy: [TaskId.make("SPEC-002")] })
      same(yield* tasks.deadBlockers("SPEC-001"), [])
      yield* tasks.cancel("SPEC-002", because("not needed"))
      same(yield* tasks.deadBlockers("SPEC-001"), ["SPEC-002"])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the home folder", () => {
  const home = "/home/me/shared"
  const prepare = Effect.flatMap(Home.Home, (made) => made.prepare).pipe(Effect.provide(Home.layer({ path: home })))
  const mode = Effect.flatMap(FileSystem.FileSystem, (files) => files.stat(home)).pipe(
    Effect.map((info) => info.mode & 0o777)
  )

  it.effect("that is shut is named itself, and no second home is offered in its place", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* files.makeDirectory(home, { recursive: true, mode: 0o700 })
      const denied = (at: string) =>
        new PlatformError.SystemError({
          module: "FileSystem",
          method: "access",
          reason: "PermissionDenied",
          pathOrDescriptor: at
        })
      const shut: FileSystem.FileSystem = {
        ...files,
        exists: (at) => (at.startsWith(`${home}/`) ? denied(at) : files.exists(at)),
        readFileString: denied,
        readLink: denied,
        stat: (at) => (at.startsWith(`${home}/`) ? denied(at) : files.stat(at))
      }
      const blindly = Effect.provideService(FileSystem.FileSystem, shut)
      const expected = { category: "permission", hint: `ls -ld ${home}` }
      same(yield* told(blindly(HomeFile.read(home))), { tag: "HomeFileUnreadable", ...expected })
      same(yield* told(blindly(prepare)), { tag: "HomeUnusable", ...expected })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("that was open is closed, but not where others keep things in it", () =>
    Effect.gen(function* () {
      const { files } = yield* calm
      yield* files.makeDirectory(home, { recursive: true, mode: 0o755 })
      yield* files.writeFileString(`${home}/theirs.txt`, "theirs")
      yield* prepare
      same(yield* mode, 0o755)
      yield* files.remove(`${home}/theirs.txt`)
      yield* prepare
      same(yield* mode, 0o700)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
