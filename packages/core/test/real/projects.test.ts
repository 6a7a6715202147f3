/** Several repositories in one database, moved and copied. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { mergesSinceE2e } from "@calm/domain/Counter"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, lacks, names, outcome, reviewed, soundness, started, withoutScripts } from "./support/calm.ts"

/** Another repository, registered. */
const another = Effect.fnUntraced(function* (name: string) {
  const { projects, world } = yield* calm
  const folder = Path.join(world.folder, name)
  yield* world.git(world.folder, "init", "--quiet", name)
  yield* World.commitIn(folder, { ...RealWorld.files, ...withoutScripts })
  const { project } = yield* projects.register(folder)
  return project
})

it.scopedLive("two projects with a task of the same id see nothing of each other's", () =>
  Effect.gen(function* () {
    const { counters, merges, tasks, worktrees } = yield* calm
    const project = yield* CurrentProject
    const second = yield* another("second")
    const there = Effect.provideService(CurrentProject, second)
    assert.notStrictEqual(second.id, project.id)

    yield* reviewed("SPEC-001")
    assert.deepStrictEqual(yield* there(tasks.list({ all: true })), [])
    const worktree = yield* there(reviewed("SPEC-001", { "src/second.js": "export const name = 2\n" }))
    assert.isTrue(worktree.startsWith(second.path))
    yield* there(tasks.update("SPEC-001", { notes: null, touches: ["src/**"] }))
    assert.deepStrictEqual((yield* tasks.get("SPEC-001")).touches, [])

    yield* merges.merge("SPEC-001")
    assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "VERIFY")
    assert.strictEqual((yield* there(tasks.get("SPEC-001"))).phase, "INTEGRATE")
    assert.strictEqual((yield* counters.get(mergesSinceE2e)).value, 1)
    assert.strictEqual((yield* there(counters.get(mergesSinceE2e))).value, 0)
    assert.deepStrictEqual(
      (yield* there(worktrees.list)).map((one) => one.path),
      [worktree]
    )
    assert.isTrue(Fs.existsSync(worktree))
    yield* there(merges.merge("SPEC-001"))
    assert.isTrue(Fs.existsSync(Path.join(second.path, "src/second.js")))
    assert.isFalse(Fs.existsSync(Path.join(second.path, "src/SPEC-001.js")))
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("a repository is found from every folder of it and of its worktrees", () =>
  Effect.gen(function* () {
    const { projects, world } = yield* calm
    const project = yield* CurrentProject
    const worktree = yield* reviewed("SPEC-001")
    const link = Path.join(world.folder, "link")
    Fs.symlinkSync(world.repo, link)
    for (const folder of [world.repo, `${world.repo}/src`, worktree, `${worktree}/test`, link, `${link}/src`])
      assert.deepStrictEqual(yield* projects.find(folder), project, folder)
    assert.strictEqual((yield* Effect.flip(projects.find(world.folder)))._tag, "NotARepository")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("worktrees that lie behind a link are the tasks' own: checks run there", () =>
  Effect.gen(function* () {
    const { gates, world } = yield* calm
    const elsewhere = Path.join(world.folder, "elsewhere")
    const here = Path.join(world.repo, ".worktrees")
    yield* started("SPEC-001")
    yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
    // Moved to a larger disk, say; git writes down where they really are.
    Fs.renameSync(here, elsewhere)
    Fs.symlinkSync(elsewhere, here)
    yield* world.git(world.repo, "worktree", "repair", Path.join(elsewhere, "SPEC-001"))
    const { verdict } = yield* gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW")
    assert.deepStrictEqual(names(lacks(verdict)), [])
    assert.strictEqual(outcome(verdict, "tests")?.status, "passed")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("a moved repository is the same project, and its task can be merged from its new place", () =>
  Effect.gen(function* () {
    const { merges, projects, tasks, world, worktrees } = yield* calm
    const project = yield* CurrentProject
    const { folder, git, repo } = world
    yield* reviewed("SPEC-001")
    const moved = Path.join(folder, "moved")
    Fs.renameSync(repo, moved)
    const found = yield* projects.find(moved)
    assert.deepStrictEqual([found.id, found.path, found.commonDir], [project.id, moved, Path.join(moved, ".git")])
    assert.deepStrictEqual(yield* projects.list, [found])
    yield* Effect.gen(function* () {
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
      // Git itself has to be told where its worktrees are now.
      yield* git(moved, "worktree", "repair", ".worktrees/SPEC-001")
      assert.strictEqual((yield* worktrees.get("SPEC-001")).path, Path.join(moved, ".worktrees/SPEC-001"))
      yield* merges.merge("SPEC-001")
      assert.isTrue(Fs.existsSync(Path.join(moved, "src/SPEC-001.js")))
    }).pipe(Effect.provideService(CurrentProject, found))
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("a copied repository is a project of its own, and the original stays as it is", () =>
  Effect.gen(function* () {
    const { projects, tasks, world } = yield* calm
    const project = yield* CurrentProject
    const worktree = yield* reviewed("SPEC-001")
    const head = yield* commitOf("SPEC-001")
    const copy = Path.join(world.folder, "copy")
    Fs.cpSync(world.repo, copy, { recursive: true, verbatimSymlinks: true })
    assert.strictEqual((yield* Effect.flip(projects.find(copy)))._tag, "ProjectNotFound")
    const { created, project: own } = yield* projects.register(copy)
    assert.isTrue(created)
    assert.notStrictEqual(own.id, project.id)
    assert.deepStrictEqual(yield* projects.find(copy), own)
    assert.deepStrictEqual(yield* projects.find(world.repo), project)
    assert.deepStrictEqual(yield* Effect.provideService(tasks.list({ all: true }), CurrentProject, own), [])
    assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
    assert.isTrue(Fs.existsSync(worktree))
    assert.strictEqual(yield* commitOf("SPEC-001"), head)
    assert.strictEqual(yield* soundness, "")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
