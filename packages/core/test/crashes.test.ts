import { Counters } from "@calm/core/Counters"
import { Merges } from "@calm/core/Merges"
import { Operations } from "@calm/core/Operations"
import { Sessions } from "@calm/core/Sessions"
import { Tasks } from "@calm/core/Tasks"
import { WorktreeHealth } from "@calm/core/WorktreeHealth"
import { Worktrees } from "@calm/core/Worktrees"
import { Git } from "@calm/git/Git"
import { MemoryGitControl } from "@calm/git/MemoryGit"
import { OwnersTable } from "@calm/process/Owner"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { same, tipOf } from "./support/calm.ts"
import * as Crash from "./support/crash.ts"
import { elsewhere, owner } from "./support/process.ts"

type Everything = Layer.Layer.Success<typeof Crash.layer>

const path = `${CalmTest.repo}/.worktrees/SPEC-001`

const status = Effect.flatMap(Git, (git) => git.status(path)).pipe(
  Effect.map((entries) => entries.map((entry) => `${entry.state} ${entry.path}`))
)

/** Git and the database agree, and nothing is left open. */
const settled = Effect.gen(function* () {
  const git = yield* Git
  same(yield* Effect.flatMap(Operations, (operations) => operations.unfinished), [])
  const open = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.list)
  const known = (yield* git.worktrees(CalmTest.repo)).slice(1)
  same(
    known.map((entry) => [entry.path, entry.prunable]),
    open.map((worktree) => [worktree.path, false])
  )
  same(
    open.every((worktree) => worktree.present),
    true
  )
})

/** A worktree with a commit and every kind of uncommitted work. */
const untidy = Effect.gen(function* () {
  yield* World.featureIn("SPEC")
  yield* World.commit("SPEC-001", { "edited.js": "before", ".gitignore": "*.log\n" })
  yield* World.write(path, { "staged.js": "staged", "edited.js": "after", "untracked.js": "u", "ignored.log": "log" })
  yield* Effect.flatMap(MemoryGitControl, (control) => control.stage(path, ["staged.js"]))
})

/** All of that work is there as it was. */
const intact = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  same(yield* status, ["unstaged edited.js", "staged staged.js", "untracked untracked.js"])
  const names = ["staged.js", "edited.js", "untracked.js", "ignored.log"]
  same(yield* Effect.forEach(names, (name) => files.readFileString(`${path}/${name}`)), ["staged", "after", "u", "log"])
  same((yield* Effect.flatMap(Git, (git) => git.head(path))).branch, Option.some("refs/heads/SPEC-001"))
})

const create = Effect.flatMap(Worktrees, (worktrees) => worktrees.create("SPEC-001", { setup: false }))
const remove = Effect.flatMap(Worktrees, (worktrees) => worktrees.remove("SPEC-001", "removed"))
const restore = Effect.flatMap(Worktrees, (worktrees) => worktrees.restore("SPEC-001"))
const merge = Effect.flatMap(Merges, (merges) => merges.merge("SPEC-001"))

const save = Effect.flatMap(Sessions, (sessions) => sessions.save("Half-way.", { continues: true }))

/** The files of a commit, by name. */
const filesOf = Effect.fnUntraced(function* (name: string) {
  const git = yield* Git
  const commit = Option.getOrThrow(yield* git.resolve(CalmTest.repo, name))
  const files = yield* git.listFiles(CalmTest.repo, commit, "")
  const texts = yield* Effect.forEach(files, ({ path: file }) => git.readFile(CalmTest.repo, commit, file))
  const decode = (content: Uint8Array) => new TextDecoder().decode(content)
  return new Map(
    files.map(({ path: file }, index) => [
      file,
      Option.map(texts[index] ?? Option.none(), (text) => decode(text.content))
    ])
  )
})

/** What is staged in `untidy` is committed, once; all else is kept; sessions claim nothing else. */
const saved = Effect.gen(function* () {
  const git = yield* Git
  const sessions = yield* Sessions
  same(yield* status, ["unstaged edited.js", "untracked untracked.js"])
  const tip = yield* tipOf("SPEC-001")
  const since = yield* git.commitsBetween(CalmTest.repo, yield* tipOf("main"), tip, 10)
  same(
    since.map(({ subject }) => subject),
    ["WIP SPEC-001: The task SPEC-001", "A change"]
  )
  const kept = (yield* Effect.forEach(yield* sessions.list(10), ({ id }) => sessions.get(id))).flatMap(
    (session) => session.worktrees
  )
  same(
    kept.flatMap(({ commit }) => commit ?? []),
    [tip]
  )
  const refs = kept.flatMap(({ rescueRef }) => rescueRef ?? [])
  same(
    [...refs].sort(),
    (yield* git.refs(CalmTest.repo, "refs/calm/rescue/")).map(({ ref }) => ref)
  )
  for (const ref of refs) {
    const files = yield* filesOf(ref)
    same([files.get("edited.js"), files.get("untracked.js")], [Option.some("after"), Option.some("u")])
  }
  same((yield* sessions.pending).session?.summary, "Half-way.")
})

const mergeable = Effect.gen(function* () {
  yield* World.featureIn("INTEGRATE")
  yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
})

/** An outcome that is one of these failures, or a success. */
const allowing =
  (...tags: ReadonlyArray<string>) =>
  <A, E extends { readonly _tag: string; readonly message: string }, R>(command: Effect.Effect<A, E, R>) =>
    Effect.matchEffect(command, {
      onFailure: (error) => (tags.includes(error._tag) ? Effect.void : Effect.die(error)),
      onSuccess: () => Effect.void
    })

/** A failure of calm's own. */
type Told = { readonly _tag: string; readonly message: string }

interface Case {
  readonly kind: string
  readonly world: Effect.Effect<unknown, Told, Everything>
  readonly command: Effect.Effect<unknown, Told, Everything>
  /** What the next process does, and what must be true then. */
  readonly next: Effect.Effect<unknown, Told, Everything>
}

const cases: ReadonlyArray<Case> = [
  {
    kind: "create worktree",
    world: World.planned("feature", "SPEC-001"),
    command: create,
    next: Effect.gen(function* () {
      yield* create.pipe(allowing("WorktreeExists"))
      yield* settled
      same([yield* status, yield* tipOf("SPEC-001")], [[], yield* tipOf("main")])
      yield* World.commit("SPEC-001", { "a.js": "a" })
    })
  },
  {
    kind: "remove worktree",
    world: untidy,
    command: remove,
    next: Effect.gen(function* () {
      yield* TestClock.adjust("1 minute")
      yield* remove.pipe(allowing("WorktreeNotFound"))
      yield* settled
      yield* restore
      yield* settled
      yield* intact
    })
  },
  {
    kind: "restore worktree",
    world: Effect.andThen(untidy, remove),
    command: restore,
    next: Effect.gen(function* () {
      yield* restore.pipe(allowing("WorktreeExists"))
      yield* settled
      yield* intact
    })
  },
  {
    kind: "save session",
    world: untidy,
    command: save,
    next: Effect.gen(function* () {
      yield* TestClock.adjust("1 minute")
      yield* save
      yield* settled
      yield* saved
    })
  },
  {
    kind: "merge",
    world: mergeable,
    command: merge,
    next: Effect.gen(function* () {
      yield* TestClock.adjust("1 minute")
      yield* merge.pipe(allowing("MoveRefused"))
      yield* settled
      const git = yield* Git
      const { task, transitions } = yield* Effect.flatMap(Tasks, (tasks) => tasks.details("SPEC-001"))
      same([task.phase, transitions.filter((move) => move.kind === "merge").length], ["VERIFY", 1])
      const counters = yield* Effect.flatMap(Counters, (all) => all.list)
      same(
        counters.map(({ value }) => value),
        [0, 1, 1]
      )
      same(
        [yield* git.status(CalmTest.repo), yield* git.resolve(CalmTest.repo, "refs/heads/SPEC-001")],
        [[], Option.none()]
      )
      same((yield* World.advance("SPEC-001")).phase, "DONE")
    })
  }
]

/** Says at which change it was cut off when what comes after it fails. */
const during = (at: number) =>
  Effect.tapErrorCause(() => Effect.sync(() => console.error(`cut off before change ${at}`)))

/** Cuts a command off before each of its changes in turn, each time in a new world; gives how many there are. */
const everywhere = (cut: (at: number) => Effect.Effect<boolean, unknown, Everything>) =>
  Effect.gen(function* () {
    let at = 0
    while (yield* Effect.provide(cut(at), Crash.layer)) at += 1
    return at
  })

describe("a crash at any step", () => {
  for (const { command, kind, next, world } of cases)
    it.effect(`of "${kind}": the next command rolls it forward or back, and nothing is lost`, () =>
      Effect.gen(function* () {
        const changes = yield* everywhere((at) =>
          Effect.gen(function* () {
            yield* world
            const steps = yield* Crash.Steps
            const outcome = yield* steps.crash(at, elsewhere({ pid: 2 })(command))
            yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(2), "dead"))
            yield* elsewhere({ pid: 3 })(next).pipe(during(at))
            return outcome === "crashed"
          })
        )
        assert.isAbove(changes, 3)
      })
    )
})

describe("mending the worktree of a deleted task", () => {
  it.effect("cut off at any step leaves the task deleted, and the worktree there or in the trash", () =>
    Effect.gen(function* () {
      const fix = Effect.flatMap(WorktreeHealth, (health) => health.fix)
      const changes = yield* everywhere((at) =>
        Effect.gen(function* () {
          yield* untidy
          const tasks = yield* Tasks
          yield* tasks.hide("SPEC-001")
          const steps = yield* Crash.Steps
          const outcome = yield* steps.crash(at, elsewhere({ pid: 2 })(fix))
          yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(2), "dead"))
          same((yield* Effect.flip(tasks.get("SPEC-001")))._tag, "TaskNotFound")
          yield* TestClock.adjust("1 minute")
          // As the doctor does: what was cut off first, then the worktrees.
          const settle = Effect.flatMap(Operations, (operations) => operations.recover(null))
          yield* elsewhere({ pid: 3 })(Effect.andThen(settle, fix)).pipe(during(at))
          yield* settled
          yield* tasks.restore("SPEC-001")
          yield* restore
          yield* intact
          return outcome === "crashed"
        })
      )
      assert.isAbove(changes, 3)
    })
  )
})

describe("the same command after a crash", () => {
  it.effect("tells of the merge that it finishes, so that an agent need not find out why it was refused", () =>
    Effect.gen(function* () {
      let finished = 0
      yield* everywhere((at) =>
        Effect.gen(function* () {
          yield* mergeable
          const steps = yield* Crash.Steps
          const outcome = yield* steps.crash(at, elsewhere({ pid: 2 })(merge))
          yield* Effect.flatMap(OwnersTable, (owners) => owners.set(owner(2), "dead"))
          const cutOff = yield* Effect.flatMap(Operations, (operations) => operations.unfinished)
          if (cutOff.length > 0) {
            const merged = yield* elsewhere({ pid: 3 })(merge).pipe(during(at))
            same([merged.phase, merged.merge.commit], ["VERIFY", yield* tipOf("main")])
            if (merged.notices.includes("this merge was cut off earlier, and was finished now")) finished += 1
          }
          return outcome === "crashed"
        })
      )
      assert.isAbove(finished, 1)
    })
  )
})

describe("an interruption at any step", () => {
  for (const { command, kind, next, world } of cases)
    it.effect(`of "${kind}" leaves nothing half done: the command settles itself`, () =>
      Effect.gen(function* () {
        const changes = yield* everywhere((at) =>
          Effect.gen(function* () {
            yield* world
            const steps = yield* Crash.Steps
            const outcome = yield* steps.interrupt(at, command)
            yield* Effect.andThen(settled, next).pipe(during(at))
            return outcome === "interrupted"
          })
        )
        assert.isAbove(changes, 2)
      })
    )
})
