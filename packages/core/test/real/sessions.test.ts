/** Saving a session touches no working file and no index, and loses nothing when it is cut off. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Operations } from "@calm/core/Operations"
import { Sessions } from "@calm/core/Sessions"
import * as RealWorld from "@calm/testing/RealWorld"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, edit, filesOf, soundness, started, stateOf, withoutScripts } from "./support/calm.ts"
import type { Stop } from "./support/child.ts"
import { bundle, start } from "./support/children.ts"

/** Deep equality, of branded values with plain ones too. */
const same = (actual: unknown, expected: unknown) => assert.deepStrictEqual(actual, expected)

const binary = Buffer.from([0, 255, 13, 10, 0, 128]).toString("latin1")

const partly = "first\nsecond\nthird\n"

/** Work in every state that git knows, one file staged in part. */
const workIn = Effect.fnUntraced(function* (worktree: string) {
  const { git } = yield* RealWorld.RealWorld
  edit(worktree, "part.txt", partly)
  edit(worktree, "gone.txt", "g\n")
  yield* git(worktree, "add", "--all")
  yield* git(worktree, "commit", "--quiet", "--message", "Before")
  edit(worktree, "README.md", "staged\n")
  edit(worktree, "staged only.txt", "staged only\n")
  edit(worktree, "part.txt", partly.replace("first", "FIRST"))
  yield* git(worktree, "add", "README.md", "staged only.txt", "part.txt")
  yield* git(worktree, "rm", "--quiet", "--cached", "gone.txt")
  edit(worktree, "part.txt", partly.replace("first", "FIRST").replace("third", "THIRD"))
  Fs.rmSync(Path.join(worktree, "src/words.js"))
  edit(worktree, "new/deep.txt", "untracked\n")
  edit(worktree, "meant.txt", "meant to be added\n")
  yield* git(worktree, "add", "--intent-to-add", "meant.txt")
  Fs.writeFileSync(Path.join(worktree, "binary"), binary, "latin1")
  Fs.chmodSync(Path.join(worktree, "binary"), 0o755)
  Fs.symlinkSync("nowhere", Path.join(worktree, "link"))
  edit(worktree, "debug.log", "ignored\n")
})

it.scopedLive("a saved worktree has every file and its index byte for byte, and what was staged is committed", () =>
  Effect.gen(function* () {
    const { world } = yield* calm
    const { git, repo } = world
    const sessions = yield* Sessions
    const worktree = yield* started("SPEC-001")
    // A hook that would be in the way of every commit, and a signature that nobody can give.
    const hooks = Path.join(repo, ".git/hooks")
    for (const hook of ["pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "reference-transaction"]) {
      edit(hooks, hook, "#!/bin/sh\nexit 1\n")
    }
    yield* workIn(worktree)
    for (const hook of Fs.readdirSync(hooks)) Fs.chmodSync(Path.join(hooks, hook), 0o755)
    yield* git(repo, "config", "commit.gpgSign", "true")
    yield* git(repo, "config", "gpg.program", "false")
    const before = yield* stateOf(worktree)
    const main = yield* stateOf(repo)
    const head = yield* commitOf("SPEC-001")
    const staged = yield* git(worktree, "write-tree")

    const { session, unsaved, worktrees } = yield* sessions.save("# Half-way\n", { continues: true })

    assert.deepStrictEqual(unsaved, [])
    const [kept] = worktrees
    const rescueRef = `refs/calm/rescue/SPEC-001/${session.id}`
    same(worktrees, [{ taskId: "SPEC-001", branch: "SPEC-001", commit: kept?.commit ?? null, rescueRef }])
    const after = yield* stateOf(worktree)
    assert.deepStrictEqual(after.files, before.files)
    assert.strictEqual(after.index, before.index)
    assert.strictEqual(after.head, before.head)
    assert.strictEqual(yield* git(worktree, "write-tree"), staged)
    const { files, index } = yield* stateOf(repo)
    assert.deepStrictEqual({ files, index }, { files: main.files, index: main.index })

    assert.strictEqual(yield* commitOf("SPEC-001"), kept?.commit)
    assert.strictEqual(yield* commitOf("SPEC-001~1"), head)
    assert.strictEqual(yield* git(repo, "rev-parse", "SPEC-001^{tree}"), staged)
    assert.strictEqual(yield* git(repo, "log", "-1", "--format=%s", "SPEC-001"), "WIP SPEC-001: The task SPEC-001")
    assert.strictEqual(yield* git(worktree, "diff", "--cached", "--name-only", "--diff-filter=ACMRT"), "")
    assert.strictEqual(yield* git(repo, "show", "SPEC-001:part.txt"), partly.replace("first", "FIRST").trim())
    assert.include(yield* git(worktree, "reflog", "-1"), `session ${session.id} saved`)

    // The files as they were can be had back from the ref alone.
    Fs.rmSync(hooks, { recursive: true })
    const copy = Path.join(world.folder, "copy")
    yield* git(repo, "worktree", "add", "--quiet", "--detach", copy, rescueRef)
    const { "debug.log": ignored, ...all } = before.files
    assert.isDefined(ignored)
    assert.deepStrictEqual(filesOf(copy), all)
    assert.strictEqual(yield* soundness, "")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("a worktree in the middle of a conflict is kept as it is, and the conflict goes on", () =>
  Effect.gen(function* () {
    const { world } = yield* calm
    const { git, repo } = world
    const sessions = yield* Sessions
    const worktree = yield* started("SPEC-001")
    edit(worktree, "README.md", "ours\n")
    yield* git(worktree, "commit", "--quiet", "--all", "--message", "Ours")
    edit(repo, "README.md", "theirs\n")
    edit(repo, "theirs.txt", "theirs\n")
    yield* git(repo, "add", "--all")
    yield* git(repo, "commit", "--quiet", "--message", "Theirs")
    assert.isTrue((yield* Effect.either(git(worktree, "merge", "main")))._tag === "Left")
    const before = yield* stateOf(worktree)

    const { notices, session, worktrees } = yield* sessions.save("In the middle.")

    const rescueRef = `refs/calm/rescue/SPEC-001/${session.id}`
    same(worktrees, [{ taskId: "SPEC-001", branch: "SPEC-001", commit: null, rescueRef }])
    assert.match(notices.join("\n"), /^SPEC-001: what is staged was not committed.*in the middle of a merge$/)
    const after = yield* stateOf(worktree)
    assert.deepStrictEqual({ ...after, refs: "" }, { ...before, refs: "" })
    assert.include(yield* git(repo, "show", `${rescueRef}:README.md`), "<<<<<<<")
    assert.strictEqual(yield* git(repo, "show", `${rescueRef}^2:theirs.txt`), "theirs")
    // Settled, the merge can be ended as if nothing had been saved.
    edit(worktree, "README.md", "both\n")
    yield* git(worktree, "add", "README.md")
    yield* git(worktree, "commit", "--quiet", "--no-edit")
    assert.strictEqual(yield* commitOf("SPEC-001^2"), yield* commitOf("main"))
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

const at = (call: Stop["call"], when: Stop["when"], nth: number): Stop => ({ call, when, nth })

it.scopedLive(
  "a process killed while it saves loses nothing: the hand-over is there, and the next command sees to the worktree",
  () =>
    Effect.gen(function* () {
      const { world, worktrees } = yield* calm
      const { git, repo } = world
      const sessions = yield* Sessions
      const operations = yield* Operations
      const child = yield* bundle
      const points = [
        { id: "SPEC-001", stop: at("commitTree", "before", 1), committed: false },
        { id: "SPEC-002", stop: at("commitTree", "after", 2), committed: false },
        { id: "SPEC-003", stop: at("updateRef", "before", 1), committed: false },
        { id: "SPEC-004", stop: at("updateRef", "after", 1), committed: true },
        { id: "SPEC-005", stop: at("updateRef", "before", 2), committed: true },
        { id: "SPEC-006", stop: at("updateRef", "after", 2), committed: true }
      ] as const
      for (const { committed, id, stop } of points) {
        const told = `${stop.when} ${stop.call} ${stop.nth}`
        const worktree = yield* started(id)
        edit(worktree, "README.md", "staged\n")
        yield* git(worktree, "add", "README.md")
        edit(worktree, "README.md", "changed\n")
        edit(worktree, "new.txt", "untracked\n")
        const tip = yield* commitOf(id)
        const before = yield* stateOf(worktree)

        const running = yield* start(child, { command: "save", task: id, stop })
        yield* running.ready
        yield* running.go
        yield* running.stopped
        yield* running.kill
        assert.strictEqual((yield* running.ended).signal, "SIGKILL")

        const { session } = yield* sessions.pending
        assert.strictEqual(session?.summary, `About ${id}`, told)
        const cut = yield* stateOf(worktree)
        assert.deepStrictEqual({ files: cut.files, index: cut.index }, { files: before.files, index: before.index })
        // What a command on the task does first; doctor does the same.
        const project = yield* CurrentProject
        yield* Effect.provideService(operations.recover((yield* worktrees.get(id)).taskId), CurrentProject, project)
        assert.deepStrictEqual(yield* operations.unfinished, [])
        const stored = yield* sessions.resume(session?.id ?? "")
        const rescueRef = `refs/calm/rescue/${id}/${stored.id}`
        if (committed) {
          same(stored.worktrees, [{ taskId: id, branch: id, commit: yield* commitOf(id), rescueRef }])
          assert.strictEqual(yield* commitOf(`${id}~1`), tip, told)
          assert.strictEqual(yield* git(repo, "show", `${id}:README.md`), "staged")
          assert.strictEqual(yield* git(repo, "show", `${rescueRef}:README.md`), "changed")
          assert.strictEqual(yield* git(repo, "show", `${rescueRef}:new.txt`), "untracked")
        } else {
          assert.deepStrictEqual(stored.worktrees, [], told)
          assert.deepStrictEqual(yield* stateOf(worktree), before, told)
        }
        yield* worktrees.remove(id, "removed")
        assert.strictEqual(yield* soundness, "")
      }
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  90_000
)
