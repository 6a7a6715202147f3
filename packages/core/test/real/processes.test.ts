/** Several processes at once, and processes that are killed in the middle of something. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Operations } from "@calm/core/Operations"
import { mergesSinceDocs, mergesSinceE2e } from "@calm/domain/Counter"
import { TaskId } from "@calm/domain/Ids"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, edit, reviewed, soundness, started, stateOf, withoutScripts } from "./support/calm.ts"
import type { Stop } from "./support/child.ts"
import { bundle, start } from "./support/children.ts"

it.scopedLive(
  "two processes that merge at the same moment both land, one after the other, five times over",
  () =>
    Effect.gen(function* () {
      const { counters, tasks, world } = yield* calm
      const { git, repo } = world
      const child = yield* bundle
      for (let round = 1; round <= 5; round++) {
        const pair = [`SPEC-${round}01`, `SPEC-${round}02`]
        yield* Effect.forEach(pair, (id) => reviewed(id))
        const before = yield* commitOf("main")
        const children = yield* Effect.forEach(pair, (task) => start(child, { command: "merge", task, stop: null }), {
          concurrency: 2
        })
        yield* Effect.forEach(children, (one) => one.ready)
        yield* Effect.forEach(children, (one) => one.go, { concurrency: 2 })
        const ends = yield* Effect.forEach(children, (one) => one.ended, { concurrency: 2 })
        for (const end of ends) assert.deepStrictEqual(end, { code: 0, signal: null, stderr: "" })

        assert.strictEqual(yield* commitOf("main~2"), before, "two merges, in a row")
        for (const id of pair) {
          assert.strictEqual((yield* tasks.get(id)).phase, "VERIFY")
          assert.strictEqual(yield* git(repo, "show", `main:src/${id}.js`), World.codeOf(id)[`src/${id}.js`]?.trim())
          assert.isTrue(Fs.existsSync(Path.join(repo, `src/${id}.js`)))
        }
        assert.strictEqual((yield* counters.get(mergesSinceE2e)).value, 2 * round)
        assert.strictEqual((yield* counters.get(mergesSinceDocs)).value, 2 * round)
        assert.strictEqual(yield* git(repo, "status", "--porcelain"), "")
      }
      assert.strictEqual(yield* soundness, "")
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  60_000
)

/** Runs a command in a process of its own that stops at a point, and kills it there. */
const crash = Effect.fnUntraced(function* (
  child: string,
  command: "create" | "remove" | "restore" | "merge",
  task: string,
  stop: Stop
) {
  const running = yield* start(child, { command, task, stop })
  yield* running.ready
  yield* running.go
  yield* running.stopped
  yield* running.kill
  assert.strictEqual((yield* running.ended).signal, "SIGKILL")
})

const at = (call: Stop["call"], when: Stop["when"], nth = 1): Stop => ({ call, when, nth })
const nameOf = ({ call, nth, when }: Stop) => `${when} ${call} ${nth}`

/** Nothing is left open, and the repository is sound. */
const settled = Effect.gen(function* () {
  const operations = yield* Operations
  assert.deepStrictEqual(yield* operations.unfinished, [])
  assert.strictEqual(yield* soundness, "")
})

/** Git was killed while it filled the worktree: as it leaves it then. */
const halfMade = Effect.fnUntraced(function* (task: string) {
  const { commonDir, path } = yield* CurrentProject
  const admin = Path.join(commonDir, "worktrees", task)
  edit(admin, "locked", "initializing\n")
  Fs.rmSync(Path.join(admin, "index"))
  Fs.rmSync(Path.join(path, ".worktrees", task, "src"), { recursive: true })
})

it.scopedLive(
  "a process killed while it makes a worktree leaves nothing that keeps the next one from making it",
  () =>
    Effect.gen(function* () {
      const { tasks, world, worktrees } = yield* calm
      const child = yield* bundle
      yield* started("SPEC-000")
      const template = yield* tasks.get("SPEC-000")
      const points = [
        { id: "SPEC-001", stop: at("addWorktree", "before"), after: Effect.void },
        { id: "SPEC-002", stop: at("addWorktree", "after"), after: Effect.void },
        { id: "SPEC-003", stop: at("addWorktree", "after"), after: halfMade("SPEC-003") }
      ]
      for (const { after, id, stop } of points) {
        const { id: _, ...like } = template
        yield* tasks.create({ ...like, id: TaskId.make(id), blockedBy: [] })
        yield* crash(child, "create", id, stop)
        yield* after
        const { worktree } = yield* worktrees.create(id, { setup: false })
        assert.strictEqual(yield* world.git(worktree.path, "status", "--porcelain"), "", nameOf(stop))
        assert.strictEqual(yield* world.git(worktree.path, "symbolic-ref", "--short", "HEAD"), id)
        assert.strictEqual(yield* commitOf(id), yield* commitOf("main"))
        yield* World.commit(id, World.codeOf(id))
        yield* settled
      }
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  60_000
)

it.scopedLive(
  "a process killed while it removes or restores a worktree loses nothing: it comes back byte for byte",
  () =>
    Effect.gen(function* () {
      const { worktrees } = yield* calm
      const child = yield* bundle
      const points = [
        { id: "SPEC-001", command: "remove", stop: at("updateRef", "before") },
        { id: "SPEC-002", command: "remove", stop: at("updateRef", "after") },
        { id: "SPEC-003", command: "remove", stop: at("trashWorktree", "before") },
        { id: "SPEC-004", command: "remove", stop: at("trashWorktree", "after") },
        { id: "SPEC-005", command: "restore", stop: at("untrashWorktree", "before") },
        { id: "SPEC-006", command: "restore", stop: at("untrashWorktree", "after") }
      ] as const
      for (const { command, id, stop } of points) {
        const worktree = yield* started(id)
        const { git } = yield* RealWorld.RealWorld
        edit(worktree, "README.md", "staged\n")
        yield* git(worktree, "add", "README.md")
        edit(worktree, "README.md", "changed\n")
        edit(worktree, "new.txt", "untracked\n")
        edit(worktree, "debug.log", "ignored\n")
        const { files, head, index, status } = yield* stateOf(worktree)
        if (command === "restore") yield* worktrees.remove(id, "removed")
        yield* crash(child, command, id, stop)
        // Whether the next command finds it done or does it is the same to whoever calls it.
        yield* command === "remove"
          ? Effect.either(worktrees.remove(id, "removed"))
          : Effect.either(worktrees.restore(id))
        yield* settled
        if (command === "remove") {
          assert.isFalse(Fs.existsSync(worktree), nameOf(stop))
          yield* worktrees.restore(id)
        }
        const after = yield* stateOf(worktree)
        assert.deepStrictEqual(
          { files: after.files, head: after.head, index: after.index, status: after.status },
          { files, head, index, status },
          nameOf(stop)
        )
        yield* settled
      }
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  60_000
)

it.scopedLive(
  "a process killed while it merges leaves a merge that is whole or not begun; the next command sees to the rest",
  () =>
    Effect.gen(function* () {
      const { counters, merges, tasks, world, worktrees } = yield* calm
      const { git, repo } = world
      const child = yield* bundle
      const points = [
        at("commitTree", "after"),
        at("fastForward", "before"),
        at("fastForward", "after"),
        at("updateRef", "after"),
        at("trashWorktree", "before"),
        at("trashWorktree", "after"),
        at("updateRef", "before", 2),
        at("updateRef", "after", 2)
      ]
      for (const [index, stop] of points.entries()) {
        const id = `SPEC-00${index + 1}`
        yield* reviewed(id)
        const head = yield* commitOf(id)
        const before = yield* commitOf("main")
        yield* crash(child, "merge", id, stop)
        yield* Effect.either(merges.merge(id))
        yield* settled
        assert.strictEqual(yield* commitOf("main^1"), before, nameOf(stop))
        assert.strictEqual(yield* commitOf("main^2"), head)
        assert.strictEqual((yield* tasks.get(id)).phase, "VERIFY")
        assert.strictEqual((yield* counters.get(mergesSinceE2e)).value, index + 1, "counted once")
        assert.strictEqual((yield* tasks.details(id)).transitions.filter(({ kind }) => kind === "merge").length, 1)
        assert.deepStrictEqual(yield* worktrees.list, [])
        assert.strictEqual(yield* git(repo, "branch", "--list", id), "")
        assert.strictEqual(yield* git(repo, "status", "--porcelain"), "")
      }
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  90_000
)
