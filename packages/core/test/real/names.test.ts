/** Names that a shell, or a careless parser, would trip over. */
import { pathOf } from "@calm/domain/Document"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, edit, filesOf, lacks, names, ready, refused, soundness } from "./support/calm.ts"

const odd = [
  "src/with space.js",
  `src/quotes ' and ".js`,
  "src/$(touch pwned-1)",
  "src/`touch pwned-2`",
  "src/; touch pwned-3;",
  "src/| tee pwned-4",
  "src/two\nlines\ttab.txt",
  "src/back\\slash",
  "src/*",
  "src/🎉 日本語.txt",
  "src/e\u0301.txt",
  "--output=pwned-5",
  "-rf",
  ":(exclude)src",
  "HEAD",
  "main",
  "SPEC-001",
  "src/trailing "
]
const title = `$(touch pwned-6) \`touch pwned-7\` "double" 'single' 🎉 ; touch pwned-8 %s \\n --force`
/** A text as `filesOf` gives it. */
const bytes = (text: string) => Buffer.from(text).toString("latin1")
const contents = Object.fromEntries(odd.map((name) => [name, `${JSON.stringify(name)}\n`]))

it.scopedLive(
  "files and titles with spaces, quotes, shell words, newlines and emoji are merged as they are, and nothing is run",
  () =>
    Effect.gen(function* () {
      const { gates, merges, world } = yield* calm
      const { folder, git, repo } = world
      const worktree = yield* ready("SPEC-001", { ...World.codeOf("SPEC-001"), ...contents }, title)
      const { verdict } = yield* gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW", { fresh: true })
      assert.deepStrictEqual(names(lacks(verdict)), [])

      edit(worktree, "two\nlines", "untracked\n")
      assert.include((yield* refused(merges.merge("SPEC-001"))).reasons["worktree"], "two\nlines")
      Fs.rmSync(Path.join(worktree, "two\nlines"))

      const { merge } = yield* merges.merge("SPEC-001")
      assert.include(yield* git(repo, "log", "-1", "--format=%B", merge.commit), title)
      const merged = filesOf(repo)
      for (const [name, text] of Object.entries(contents)) assert.strictEqual(merged[name], bytes(text), name)
      assert.strictEqual(yield* git(repo, "status", "--porcelain"), "")
      const everything = Fs.readdirSync(folder, { recursive: true }).map(String)
      assert.deepStrictEqual(
        everything.filter((name) => /^pwned-\d$/.test(Path.basename(name))),
        []
      )
      assert.strictEqual(yield* soundness, "")
    }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("the change of one byte in a file of any name voids the results, and a conflict in one is named", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    const name = "src/two\nlines $(touch pwned).txt"
    yield* ready("SPEC-001", { [name]: "mine\n" })
    assert.isTrue((yield* merges.check("SPEC-001")).verdict.passed)
    yield* World.commitIn(world.repo, { [name]: "theirs\n" })
    const check = yield* merges.check("SPEC-001")
    assert.deepStrictEqual(check.conflicts, [name])
    assert.deepStrictEqual(names(lacks(check.verdict)), ["conflicts"])
    yield* World.commit("SPEC-001", { [name]: "Mine\n" })
    assert.includeMembers([...names(lacks((yield* merges.check("SPEC-001")).verdict))], ["tests", "code reviews"])
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive("documents are found whatever the user's settings for paths and patterns are", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    yield* world.git(world.repo, "config", "core.quotePath", "true")
    yield* world.git(world.repo, "config", "core.ignoreCase", "true")
    yield* world.git(world.repo, "config", "diff.renames", "copies")
    yield* world.git(world.repo, "config", "diff.external", "false")
    yield* world.git(world.repo, "config", "status.showUntrackedFiles", "no")
    const worktree = yield* ready("SPEC-001", { "src/Ä.js": "export const name = 1\n" })
    assert.isTrue(Fs.existsSync(Path.join(worktree, pathOf("changelog", "SPEC-001"))))
    edit(worktree, "überall.txt", "untracked\n")
    assert.include((yield* refused(merges.merge("SPEC-001"))).reasons["worktree"], "überall.txt")
    Fs.rmSync(Path.join(worktree, "überall.txt"))
    yield* merges.merge("SPEC-001")
  }).pipe(Effect.provide(RealWorld.layer()))
)
