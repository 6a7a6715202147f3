import { CounterValue, mergesSinceE2e } from "@calm/domain/Counter"
import { ScriptedProcesses } from "@calm/process/ProcessRunner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { because, calm, failure, named, same, tipOf, told } from "./support/calm.ts"
import { mergeable, worktree } from "./support/worlds.ts"

const main = "refs/heads/main"
describe("a merge", () => {
  it.effect("moves the base once, by a merge commit of the judged head, and puts everything away", () =>
    Effect.gen(function* () {
      const { counters, files, git, head, merges, tasks, worktrees } = yield* mergeable
      const before = yield* tipOf("main")
      const merged = yield* merges.merge("SPEC-001")
      const tip = yield* tipOf("main")
      same([merged.merge.commit, merged.merge.head, merged.merge.baseBefore], [tip, head, before])
      same(yield* git.firstParent(CalmTest.repo, tip), Option.some(before))
      same((yield* git.commitsBetween(CalmTest.repo, before, tip, 1))[0]?.subject, "Merge SPEC-001: The task SPEC-001")
      same([merged.phase, (yield* tasks.get("SPEC-001")).phase, merged.alreadyInBase], ["VERIFY", "VERIFY", false])
      const last = (yield* tasks.details("SPEC-001")).transitions.at(-1)
      same([last?.from, last?.to, last?.kind, last?.commit, last?.actor], ["INTEGRATE", "VERIFY", "merge", head, "me"])
      same(
        (yield* counters.list).map(({ value }) => value),
        [0, 1, 1]
      )
      // Where main is checked out, the files went with it, and nothing is left half done.
      same(
        [yield* git.status(CalmTest.repo), yield* git.head(CalmTest.repo)],
        [[], { branch: Option.some(main), commit: Option.some(tip) }]
      )
      assert.isTrue(yield* files.exists(`${CalmTest.repo}/src/SPEC-001.js`))
      same([merged.branchDeleted, yield* git.resolve(CalmTest.repo, "refs/heads/SPEC-001")], [true, Option.none()])
      same([yield* worktrees.list, yield* files.exists(worktree)], [[], false])
      assert.isTrue(yield* files.exists(merged.trash ?? ""))
      same([merged.notices, merged.unseen], [[], []])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("keeps ignored files of the worktree in the trash, from where it can be restored", () =>
    Effect.gen(function* () {
      const { files, head, merges, worktrees } = yield* mergeable
      yield* World.write(CalmTest.repo, { ".git/info/exclude": "*.log\n" })
      yield* World.write(worktree, { "debug.log": "hours of work" })
      yield* merges.merge("SPEC-001")
      const restored = yield* worktrees.restore("SPEC-001")
      same([restored.branchRecreated, yield* tipOf("SPEC-001")], [true, head])
      same(yield* files.readFileString(`${worktree}/debug.log`), "hours of work")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("does not take in a commit that was made after the last review", () =>
    Effect.gen(function* () {
      const { git, merges } = yield* mergeable
      const late = yield* World.commit("SPEC-001", { "src/late.js": "nobody saw this" })
      yield* failure(merges.merge("SPEC-001"), "MoveRefused")
      assert.isFalse(yield* git.isAncestor(CalmTest.repo, late, yield* tipOf("main")))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("needs no worktree: what was judged is the branch's head", () =>
    Effect.gen(function* () {
      const { git, head, merges, worktrees } = yield* mergeable
      yield* worktrees.remove("SPEC-001", "removed")
      const { branchDeleted, trash } = yield* merges.merge("SPEC-001")
      same([branchDeleted, trash], [true, null])
      assert.isTrue(yield* git.isAncestor(CalmTest.repo, head, yield* tipOf("main")))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves a main checkout on another branch as it is, with its unfinished work, and moves main", () =>
    Effect.gen(function* () {
      const { control, files, git, head, merges } = yield* mergeable
      const ref = { repo: CalmTest.repo, ref: "refs/heads/mine", reason: "a person's own" }
      yield* git.updateRef({ ...ref, from: Option.none(), to: Option.some(yield* tipOf("main")) })
      yield* control.switchTo(CalmTest.repo, { branch: "refs/heads/mine" })
      yield* World.write(CalmTest.repo, { "README.md": "half a sentence", "src/SPEC-001.js": "mine" })
      const before = [yield* git.status(CalmTest.repo), yield* git.head(CalmTest.repo)]
      yield* merges.merge("SPEC-001")
      same([yield* git.status(CalmTest.repo), yield* git.head(CalmTest.repo)], before)
      same(yield* files.readFileString(`${CalmTest.repo}/src/SPEC-001.js`), "mine")
      assert.isTrue(yield* git.isAncestor(CalmTest.repo, head, yield* tipOf("main")))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("goes past files that are dirty elsewhere in the checkout of main, and leaves them so", () =>
    Effect.gen(function* () {
      const { files, git, merges } = yield* mergeable
      yield* World.write(CalmTest.repo, { "README.md": "half a sentence", "notes.txt": "mine" })
      yield* merges.merge("SPEC-001")
      same(
        (yield* git.status(CalmTest.repo)).map(({ path, state }) => `${state} ${path}`),
        ["unstaged README.md", "untracked notes.txt"]
      )
      same(yield* files.readFileString(`${CalmTest.repo}/README.md`), "half a sentence")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of two tasks, one after the other, lands both, and tells what the second's results have not seen", () =>
    Effect.gen(function* () {
      const { files, merges } = yield* mergeable
      yield* World.featureIn("INTEGRATE", "SPEC-002")
      yield* World.commitDocument("SPEC-002", "changelog", "It is in.\n")
      yield* merges.merge("SPEC-001")
      const { unseen } = yield* merges.merge("SPEC-002")
      same(unseen[0]?.subject, "Merge SPEC-001: The task SPEC-001")
      for (const file of ["src/SPEC-001.js", "src/SPEC-002.js"])
        assert.isTrue(yield* files.exists(`${CalmTest.repo}/${file}`))
      for (const id of ["SPEC-001", "SPEC-002"]) same((yield* World.advance(id)).phase, "DONE")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a branch that somebody merged by hand records it as merged and moves nothing", () =>
    Effect.gen(function* () {
      const { git, head, merges, tasks } = yield* mergeable
      const ours = yield* tipOf("main")
      const { tree } = yield* git.mergeTree({ checkout: CalmTest.repo, ours, theirs: head })
      const byHand = yield* git.commitTree({ repo: CalmTest.repo, tree, parents: [ours, head], message: "By hand" })
      yield* git.fastForward({ checkout: CalmTest.repo, to: byHand })
      const later = yield* World.commitIn(CalmTest.repo, { "later.js": "later" })
      const { alreadyInBase, merge } = yield* merges.merge("SPEC-001")
      same([alreadyInBase, merge.commit, yield* tipOf("main")], [true, byHand, later])
      same((yield* tasks.get("SPEC-001")).phase, "VERIFY")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a branch that main was fast-forwarded to is judged by the code it brought, too", () =>
    Effect.gen(function* () {
      const { git, head, merges } = yield* mergeable
      yield* git.fastForward({ checkout: CalmTest.repo, to: head })
      const { alreadyInBase, merge } = yield* merges.merge("SPEC-001")
      same([alreadyInBase, merge.commit], [true, head])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("notices at twelve merges that end-to-end tests and documentation are due", () =>
    Effect.gen(function* () {
      const { counters, merges } = yield* mergeable
      yield* counters.set(mergesSinceE2e, CounterValue.make(11))
      const { notices } = yield* merges.merge("SPEC-001")
      same(notices, ["merges_since_e2e is 12: it is due (calm counter reset merges_since_e2e afterwards)"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("installs dependencies where a lock file came in and main is checked out clean, unless told not to", () =>
    Effect.gen(function* () {
      const { merges, worktrees } = yield* calm
      const locked = Effect.fnUntraced(function* (id: string, skipSync: boolean) {
        yield* World.featureIn("IMPLEMENT", id)
        yield* World.commit(id, { ...World.codeOf(id), "package-lock.json": `{"of":"${id}"}` })
        for (const _ of ["CODE_REVIEW", "TEST", "INTEGRATE"]) yield* World.advance(id)
        yield* World.commitDocument(id, "changelog", "It is in.\n")
        return yield* merges.merge(id, { skipSync })
      })
      same((yield* locked("SPEC-001", true)).installation, { status: "skipped", commands: [], detail: "not asked for" })
      const { installation, notices, phase } = yield* locked("SPEC-002", false)
      // npm is not scripted: that it is missing is told, and the merge stands.
      same([installation.status, phase, notices.length], ["failed", "VERIFY", 1])
      const processes = yield* ScriptedProcesses
      same((yield* processes.requests).at(-1)?.cwd, CalmTest.repo)
      same(yield* worktrees.list, [])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leaves a worktree that is locked in git where it is, with its branch, and says so", () =>
    Effect.gen(function* () {
      const { control, git, head, merges } = yield* mergeable
      yield* control.lockWorktree(worktree)
      const { branchDeleted, notices, trash } = yield* merges.merge("SPEC-001")
      const stays = `the worktree stays: The worktree ${worktree} is locked in git`
      same(
        [branchDeleted, trash, notices],
        [false, null, [stays, "the branch SPEC-001 moved on or is in use, and stays"]]
      )
      same(yield* git.resolve(CalmTest.repo, "refs/heads/SPEC-001"), Option.some(head))
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("after a merge", () => {
  it.effect("it is told where the uncommitted work of a worktree lies that was removed before", () =>
    Effect.gen(function* () {
      const { merges, worktrees } = yield* mergeable
      yield* World.write(worktree, { "forgotten.js": "1" })
      const { rescueRef } = yield* worktrees.remove("SPEC-001", "removed")
      const { notices } = yield* merges.merge("SPEC-001")
      same(notices, [`uncommitted work of an earlier worktree is not in the merge; it is kept as ${rescueRef ?? "?"}`])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("VERIFY is not left when the merge is no longer in the base", () =>
    Effect.gen(function* () {
      const { control, git, merges, transitions } = yield* mergeable
      const before = yield* tipOf("main")
      const { merge } = yield* merges.merge("SPEC-001")
      yield* control.switchTo(CalmTest.repo, { commit: before })
      const ref = { repo: CalmTest.repo, ref: main, reason: "reset" }
      yield* git.updateRef({ ...ref, from: Option.some(merge.commit), to: Option.some(before) })
      const error = yield* failure(World.advance("SPEC-001"), "MoveRefused")
      same(named(error), ["merge in base"])
      assert.include(error.outcomes[0]?.summary, "no longer in the base")
      const refused = yield* failure(transitions.transition("SPEC-001", { to: "DONE" }), "MoveRefused")
      same(named(refused), ["merge in base", "attested"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a task that nobody merged cannot be done, whatever phase it was put into", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* tasks.update("SPEC-001", { override: { phase: "VERIFY", reason: because("in a hurry") } })
      same(named(yield* failure(World.advance("SPEC-001"), "MoveRefused")), ["merge in base"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("merging again is refused, for the phase", () =>
    Effect.gen(function* () {
      const { merges } = yield* mergeable
      yield* merges.merge("SPEC-001")
      const again = yield* failure(merges.merge("SPEC-001"), "MoveRefused")
      assert.include(named(again), "phase")
      same((yield* told(merges.merge("SPEC-404"))).category, "not_found")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
