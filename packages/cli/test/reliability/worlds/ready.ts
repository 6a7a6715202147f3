/**
 * A project with a task that only has to be merged, made once and copied for each attempt.
 *
 * Every copy lies at the same place, since git and the database note where things are.
 */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { git } from "../support/checkout.ts"

/** Where everything is. */
export interface Place {
  readonly base: string
  readonly home: string
  /** The main checkout, on `main`. */
  readonly repo: string
  /** The worktree of SPEC-001. */
  readonly tree: string
  /** Where a world may put things that are outside of the repository; what lies here is not lost. */
  readonly elsewhere: string
}

/** What the base has before any task. */
const beginning = {
  ".gitignore": "*.log\n",
  "README.md": "# Greetings\n",
  "old.txt": "old\n",
  "notes.txt": "notes\n",
  "src/words.txt": "hello\n",
  "run.sh": "echo hello\n"
}

/** What SPEC-001 changes: a file each that is new, changed and deleted, and its changelog. */
const change = {
  "README.md": "# Greetings, all\n",
  "src/one.txt": "one\n",
  "changelog.d/SPEC-001.md": "One.\n"
}

/** Writes a file; its folders are made. */
export const write = (folder: string, name: string, text: string | Buffer): void => {
  Fs.mkdirSync(Path.dirname(Path.join(folder, name)), { recursive: true })
  Fs.writeFileSync(Path.join(folder, name), text)
}

/** Commits everything. */
export const commitAll = (folder: string): void => {
  git(folder, "add", "--all")
  git(folder, "commit", "--quiet", "--message", "Work")
}

/** A repository of its own, with a commit and something uncommitted. */
export const repository = (folder: string): void => {
  Fs.mkdirSync(folder, { recursive: true })
  git(folder, "init", "--quiet", "--initial-branch=main")
  write(folder, "inner.txt", "inner\n")
  commitAll(folder)
  write(folder, "uncommitted.txt", `uncommitted in ${Path.basename(folder)}\n`)
}

/** Two checks run and two reviews recorded, for the head as it is. */
export const evidence = [
  "gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
  "gate check SPEC-001 TEST-INTEGRATE",
  "review record SPEC-001 code approved --by ann",
  "review record SPEC-001 code approved --by bob"
]

/** The project, and the ways to have it anew. It is gone with the scope. */
export const make = Effect.gen(function* () {
  const world = yield* World.make
  const { base, home, repo } = world
  const saved = yield* World.folder
  const place: Place = { base, home, repo, tree: world.worktree("SPEC-001"), elsewhere: Path.join(base, "elsewhere") }

  const done = Effect.fnUntraced(function* (lines: ReadonlyArray<string>) {
    for (const line of lines) {
      const { error, exitCode } = yield* world.line(line)
      if (exitCode !== 0) return yield* Effect.die(new Error(`calm ${line}: ${error?.message}`))
    }
  })
  const copy = (from: string, to: string) =>
    Effect.sync(() => {
      Fs.rmSync(to, { recursive: true, force: true })
      // Names may be any bytes, and there are pipes and files with holes: what `cp` can copy.
      ChildProcess.execFileSync("cp", ["--archive", "--sparse=auto", from, to], { stdio: ["ignore", "ignore", "pipe"] })
    })
  /** Keeps everything as it is now, under a name. */
  const save = (name: string) => copy(base, Path.join(saved, name))
  /** Puts everything back to how it was; git notes when the copies were made, as it does after each checkout. */
  const reset = (name: string) =>
    Effect.map(copy(Path.join(saved, name), base), () => {
      for (const cwd of [repo, place.tree])
        ChildProcess.execFileSync("git", ["update-index", "-q", "--refresh"], { cwd })
    })
  const approved = done(evidence)

  Fs.mkdirSync(place.elsewhere)
  World.commit(repo, beginning)
  Fs.chmodSync(Path.join(repo, "run.sh"), 0o755)
  Fs.symlinkSync("README.md", Path.join(repo, "link"))
  World.commit(repo, {})
  yield* done([
    "init",
    "task create SPEC-001 One",
    "task create SPEC-002 Two",
    "worktree create SPEC-001 --no-setup",
    "task update SPEC-001 --phase INTEGRATE --reason Tried"
  ])
  Fs.rmSync(Path.join(place.tree, "old.txt"))
  World.commit(place.tree, change)
  yield* save("begun")
  yield* approved
  yield* save("ready")
  return { world, place, save, reset, approved }
})
export type Ready = Effect.Effect.Success<typeof make>
