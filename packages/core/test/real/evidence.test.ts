/** Evidence stands while the code it was made on stands, and what is merged is what was judged. */
import { TaskId } from "@calm/domain/Ids"
import type { Git } from "@calm/git/Git"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  calm,
  commitOf,
  edit,
  lacks,
  names,
  ready,
  refused,
  reviewed,
  soundness,
  withoutScripts
} from "./support/calm.ts"

const scripts = ["full tests", "linter", "no untracked TODOs", "tests", "types"]

it.scopedLive("a changelog voids nothing; a commit of code voids every result and every review", () =>
  Effect.gen(function* () {
    const { merges, transitions } = yield* calm
    yield* World.featureIn("INTEGRATE")
    yield* World.commitDocument("SPEC-001", "changelog", "A name.\n")
    assert.deepStrictEqual(names(lacks((yield* merges.check("SPEC-001")).verdict)), [])
    yield* World.commitDocument("SPEC-001", "changelog", "A better name.\n")
    assert.deepStrictEqual(names(lacks((yield* merges.check("SPEC-001")).verdict)), [])

    yield* World.commit("SPEC-001", { "src/SPEC-001.js": "export const name = 2\n" })
    const main = yield* commitOf("main")
    const refusal = yield* refused(merges.merge("SPEC-001"))
    assert.deepStrictEqual(names(refusal), [...scripts, "code reviews"].sort())
    assert.strictEqual(refusal.exit, 7)
    assert.strictEqual(yield* commitOf("main"), main, "the commit made after the last review is not in main")
    yield* Effect.flip(transitions.transition("SPEC-001", { to: "VERIFY" }))
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("an amended document voids its reviews and its approval, and nothing else moves the task on", () =>
  Effect.gen(function* () {
    const { transitions } = yield* calm
    yield* World.featureIn("SPEC")
    yield* World.commitDocument("SPEC-001", "spec", "Greet people by name.\n")
    yield* World.approveTwice("SPEC-001", "spec")
    yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
    yield* World.commitDocument("SPEC-001", "spec", "Greet nobody.\n")
    const refusal = yield* refused(transitions.transition("SPEC-001", { to: "DESIGN" }))
    assert.deepStrictEqual(names(refusal), ["approval", "spec reviews"])
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("taking main into the branch asks for the tests again and not for the reviews", () =>
  Effect.gen(function* () {
    const { gates, merges, world } = yield* calm
    const { git, repo } = world
    const worktree = yield* ready("SPEC-001")
    yield* World.commitIn(repo, { "src/other.js": "export const other = 1\n" })
    yield* git(worktree, "merge", "--quiet", "--no-edit", "main")
    assert.deepStrictEqual(names(lacks((yield* merges.check("SPEC-001")).verdict)), scripts)
    assert.deepStrictEqual(names(lacks((yield* gates.check("SPEC-001", null)).verdict)), [])
    yield* merges.merge("SPEC-001")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("taking main into the branch and changing something on the way asks for the reviews, too", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    const { git, repo } = world
    const worktree = yield* ready("SPEC-001")
    yield* World.commitIn(repo, { "src/other.js": "export const other = 1\n" })
    yield* git(worktree, "merge", "--quiet", "--no-commit", "--no-ff", "main")
    edit(worktree, "src/SPEC-001.js", "export const name = 'smuggled'\n")
    yield* git(worktree, "add", "--all")
    yield* git(worktree, "commit", "--quiet", "-m", "Merge main")
    assert.include(names(lacks((yield* merges.check("SPEC-001")).verdict)), "code reviews")
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("commits of main that the results have not seen are told, and do not hold the merge up", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    yield* reviewed("SPEC-001")
    yield* World.commitIn(world.repo, { "src/other.js": "export const other = 1\n" }, "Another")
    const { merge, unseen } = yield* merges.merge("SPEC-001")
    assert.deepStrictEqual(
      unseen.map((commit) => commit.subject),
      ["Another"]
    )
    assert.strictEqual(yield* commitOf(`${merge.commit}^1`), unseen[0]?.commit)
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

/** A git under which somebody commits to the branch, and writes more, while a merge is computed or made. */
const interrupted = (at: "mergeTree" | "commitTree") => (real: Context.Tag.Service<typeof Git>) => {
  const meddle = Effect.fnUntraced(function* (repo: string) {
    const checkout = repo.replace(/\/\.worktrees\/.*/, "") + "/.worktrees/SPEC-001"
    edit(checkout, "late.txt", "late\n")
    yield* real.commit({ checkout, message: "Late", include: "all" })
    edit(checkout, "later.txt", "later\n")
  })
  return {
    ...real,
    mergeTree: (options: Parameters<typeof real.mergeTree>[0]) =>
      at === "mergeTree" ? Effect.zipLeft(real.mergeTree(options), meddle(options.checkout)) : real.mergeTree(options),
    commitTree: (options: Parameters<typeof real.commitTree>[0]) =>
      at === "commitTree" ? Effect.zipLeft(real.commitTree(options), meddle(options.repo)) : real.commitTree(options)
  }
}

for (const [when, at] of [
  ["judging", "mergeTree"],
  ["judging and merging", "commitTree"]
] as const) {
  it.scopedLive(`what is committed and written during ${when} gets neither into main nor lost`, () =>
    Effect.gen(function* () {
      const { merges, world } = yield* calm
      const { git, repo } = world
      yield* reviewed("SPEC-001")
      const judged = yield* commitOf("SPEC-001")
      const { branchDeleted, merge, notices, trash } = yield* merges.merge("SPEC-001")
      assert.strictEqual(merge.head, judged)
      assert.strictEqual(yield* commitOf(`${merge.commit}^2`), judged)
      assert.strictEqual(yield* git(repo, "ls-tree", "-r", "--name-only", "main", "late.txt", "later.txt"), "")
      assert.isFalse(Fs.existsSync(Path.join(repo, "late.txt")))
      assert.isFalse(branchDeleted)
      assert.isTrue(notices.some((notice) => notice.includes("SPEC-001")))
      assert.strictEqual(
        yield* git(repo, "show", "SPEC-001:late.txt"),
        "late",
        "the late commit is still on the branch"
      )
      const [rescue] = (yield* git(repo, "for-each-ref", "--format=%(refname)", "refs/calm/rescue/SPEC-001")).split(
        "\n"
      )
      assert.strictEqual(yield* git(repo, "show", `${rescue}:later.txt`), "later")
      assert.isTrue(Fs.existsSync(Path.join(trash ?? "", "tree", "later.txt")))
      assert.strictEqual(yield* soundness, "")
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts, git: interrupted(at) })))
  )
}

it.scopedLive("a commit that comes to main between judging and merging is not lost: all is judged again on it", () =>
  Effect.gen(function* () {
    const { merges } = yield* calm
    yield* reviewed("SPEC-001")
    const { merge, unseen } = yield* merges.merge("SPEC-001")
    assert.deepStrictEqual(
      unseen.map((commit) => commit.subject),
      ["Meanwhile"]
    )
    assert.strictEqual(yield* commitOf("main^2"), merge.head)
    assert.strictEqual(
      yield* Effect.flatMap(RealWorld.RealWorld, ({ git, repo }) => git(repo, "show", "main:meanwhile.txt")),
      "!"
    )
    assert.strictEqual(yield* soundness, "")
  }).pipe(
    Effect.provide(
      RealWorld.layer({
        files: withoutScripts,
        git: (real) => {
          let times = 0
          return {
            ...real,
            commitTree: Effect.fnUntraced(function* (options) {
              const made = yield* real.commitTree(options)
              if (times++ > 0) return made
              edit(options.repo, "meanwhile.txt", "!\n")
              yield* real.commit({ checkout: options.repo, message: "Meanwhile", include: "all" })
              return made
            })
          }
        }
      })
    )
  )
)

it.scopedLive("a tag, or a branch of somebody's, of the task's name is never taken for the task's branch", () =>
  Effect.gen(function* () {
    const { tasks, world, worktrees } = yield* calm
    const { git, repo } = world
    yield* git(repo, "tag", "SPEC-001")
    yield* World.commitIn(repo, { "second.txt": "second\n" })
    const worktree = yield* reviewed("SPEC-001")
    assert.strictEqual(
      yield* git(worktree, "merge-base", "HEAD", "main"),
      yield* commitOf("main"),
      "it starts at the base, not at the tag"
    )
    yield* git(repo, "branch", "SPEC-002")
    yield* tasks.create({ ...(yield* tasks.get("SPEC-001")), id: TaskId.make("SPEC-002"), blockedBy: [] })
    assert.strictEqual((yield* Effect.flip(worktrees.create("SPEC-002")))._tag, "BranchTaken")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
