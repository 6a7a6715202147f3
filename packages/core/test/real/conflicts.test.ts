/** Merges that cannot go through leave everything as it was; those that can leave the user's own changes alone. */
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, commitOf, edit, names, reviewed, refused, stateOf, withoutScripts } from "./support/calm.ts"

const mine = `export const hello = "Hello" // mine\n`
const theirs = `export const hello = "Hello" // theirs\n`

/** What the user is in the middle of: staged, changed once more, and new. */
const dirty = Effect.gen(function* () {
  const { git, repo } = yield* RealWorld.RealWorld
  edit(repo, "README.md", "# Greetings, staged\n")
  edit(repo, "staged.txt", "staged\n")
  yield* git(repo, "add", "README.md", "staged.txt")
  edit(repo, "README.md", "# Greetings, staged and then changed\n")
  edit(repo, "untracked.txt", "untracked\n")
  edit(repo, "debug.log", "ignored\n")
})

const situations = {
  "a clean checkout of main": Effect.void,
  "a main checkout with staged, unstaged, untracked and ignored files": dirty,
  "a main checkout that is on another branch, with changes there": Effect.gen(function* () {
    const { git, repo } = yield* RealWorld.RealWorld
    yield* git(repo, "switch", "--quiet", "--create", "elsewhere")
    yield* World.commitIn(repo, { "elsewhere.txt": "elsewhere\n" })
    yield* dirty
  })
}

for (const [where, prepare] of Object.entries(situations)) {
  it.scopedLive(
    `over ${where}, a conflict is named by its file and changes nothing, and a merge that fits goes in`,
    () =>
      Effect.gen(function* () {
        const { merges, world } = yield* calm
        const { git, repo } = world
        yield* reviewed("SPEC-001", { "src/words.js": mine })
        yield* reviewed("SPEC-002")
        yield* World.commitIn(repo, { "src/words.js": theirs })
        yield* prepare
        const before = yield* stateOf(repo)

        const refusal = yield* refused(merges.merge("SPEC-001"))
        assert.deepStrictEqual(names(refusal), ["conflicts"])
        assert.strictEqual(refusal.exit, 6)
        assert.include(refusal.reasons["conflicts"], "src/words.js")
        assert.deepStrictEqual(yield* stateOf(repo), before)

        const { merge } = yield* merges.merge("SPEC-002")
        assert.strictEqual(yield* commitOf("main"), merge.commit)
        const after = yield* stateOf(repo)
        const isOnMain = before.head === "ref: refs/heads/main\n"
        assert.strictEqual(after.head, before.head)
        assert.deepStrictEqual(
          after.files,
          isOnMain
            ? { ...before.files, ...World.codeOf("SPEC-002"), "changelog.d/SPEC-002.md": "SPEC-002 is in.\n" }
            : before.files
        )
        const dirt = (status: string) => status.split("\0").filter((line) => !line.startsWith("# branch"))
        assert.deepStrictEqual(dirt(after.status), dirt(before.status))
        if (!isOnMain) assert.strictEqual(after.index, before.index)
        assert.strictEqual(yield* git(repo, "diff", "--name-only", "main", merge.commit), "")
      }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
  )
}

/** What can lie where the merge wants to write, and how it gets there. */
const inTheWay = {
  "a changed file": { path: "src/words.js", text: "unstaged\n", stage: false },
  "a staged file": { path: "src/words.js", text: "staged\n", stage: true },
  "an untracked file": { path: "new.txt", text: "mine\n", stage: false },
  "an untracked file with the same content": { path: "new.txt", text: "new\n", stage: false },
  "an ignored file": { path: "trace.log", text: "mine\n", stage: false },
  "an untracked folder where a file goes": { path: "lib/mine.txt", text: "mine\n", stage: false },
  "an untracked file where a folder goes": { path: "deep", text: "mine\n", stage: false }
}

it.scopedLive("what the user has where the merge would write is not overwritten: refused, named and untouched", () =>
  Effect.gen(function* () {
    const { merges, tasks, world } = yield* calm
    const { git, repo } = world
    const worktree = yield* reviewed("SPEC-001", {
      "src/words.js": mine,
      "new.txt": "new\n",
      lib: "lib\n",
      "deep/er.txt": "deep\n"
    })
    edit(worktree, "trace.log", "theirs\n")
    yield* git(worktree, "add", "--force", "trace.log")
    yield* git(worktree, "commit", "--quiet", "-m", "Keep the trace")
    yield* World.approveTwice("SPEC-001", "code")

    for (const [what, { path, stage, text }] of Object.entries(inTheWay)) {
      edit(repo, path, text)
      if (stage) yield* git(repo, "add", path)
      const before = yield* stateOf(repo)
      const error = yield* Effect.flip(merges.merge("SPEC-001"))
      assert.strictEqual("category" in error ? error.category : error, "conflict", what)
      const named = "outcomes" in error ? JSON.stringify(error.outcomes) : error.message
      assert.include(named, path, what)
      assert.deepStrictEqual(yield* stateOf(repo), before, what)
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
      const asked = yield* merges.check("SPEC-001")
      assert.isFalse(asked.verdict.passed, `the question answers what the action does: ${what}`)
      yield* git(repo, "reset", "--quiet", "--hard")
      yield* git(repo, "clean", "--quiet", "--force", "-d", "-x", "--exclude=.worktrees")
    }

    yield* merges.merge("SPEC-001")
    assert.strictEqual(Fs.readFileSync(Path.join(repo, "trace.log"), "utf8"), "theirs\n")
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive("while the main checkout is in the middle of a merge, a rebase or a bisect, main is not moved", () =>
  Effect.gen(function* () {
    const { merges, world } = yield* calm
    const { git, repo } = world
    yield* reviewed("SPEC-001")
    yield* git(repo, "branch", "side")
    for (const name of ["one", "two", "three"]) yield* World.commitIn(repo, { [`${name}.txt`]: `${name}\n` })
    yield* git(repo, "switch", "--quiet", "side")
    yield* World.commitIn(repo, { "side.txt": "side\n" })
    yield* git(repo, "switch", "--quiet", "main")
    const busy = {
      merge: { begin: ["merge", "--no-ff", "--no-commit", "side"], end: ["merge", "--abort"] },
      rebase: {
        begin: ["-c", "sequence.editor=sed -i 1s/^pick/edit/", "rebase", "--interactive", "HEAD~2"],
        end: ["rebase", "--abort"]
      },
      bisect: { begin: ["bisect", "start", "HEAD", "HEAD~3"], end: ["bisect", "reset"] }
    }
    for (const [what, { begin, end }] of Object.entries(busy)) {
      yield* git(repo, ...begin)
      const before = yield* stateOf(repo)
      const refusal = yield* refused(merges.merge("SPEC-001"))
      assert.deepStrictEqual(names(refusal), ["base checkout"], what)
      assert.strictEqual(refusal.exit, 6)
      assert.include(refusal.reasons["base checkout"], `in the middle of a ${what}`)
      assert.deepStrictEqual(yield* stateOf(repo), before, what)
      yield* git(repo, ...end)
    }
    yield* merges.merge("SPEC-001")
    assert.isTrue(Fs.existsSync(Path.join(repo, "src/SPEC-001.js")))
  }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)

it.scopedLive(
  "while another git holds the main checkout's index, a merge fails and main stays; then it goes through",
  () =>
    Effect.gen(function* () {
      const { merges, tasks, world } = yield* calm
      const { repo } = world
      yield* reviewed("SPEC-001")
      const lock = Path.join(repo, ".git/index.lock")
      Fs.writeFileSync(lock, "")
      const before = yield* stateOf(repo)
      const error = yield* Effect.flip(merges.merge("SPEC-001"))
      assert.strictEqual(error._tag, "GitFailed")
      assert.include(error.message, "index.lock")
      assert.deepStrictEqual(yield* stateOf(repo), before)
      assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "INTEGRATE")
      Fs.rmSync(lock)
      yield* merges.merge("SPEC-001")
      assert.isTrue(Fs.existsSync(Path.join(repo, "src/SPEC-001.js")))
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts })))
)
