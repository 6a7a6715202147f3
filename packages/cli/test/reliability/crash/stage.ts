/** A world in which a command is run again and again: kept under a name, and put back as it was, at the same place. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"

export const make = Effect.gen(function* () {
  const world = yield* World.make
  const saved = yield* World.folder
  const copy = (from: string, to: string) =>
    Effect.sync(() => {
      // `base` itself stays, since it belongs to the world.
      Fs.mkdirSync(to, { recursive: true })
      for (const name of Fs.readdirSync(to)) Fs.rmSync(Path.join(to, name), { recursive: true, force: true })
      ChildProcess.execFileSync("cp", ["-a", `${from}/.`, to])
    })
  return {
    ...world,
    /** Runs command lines that must succeed. */
    done: Effect.fnUntraced(function* (...lines: ReadonlyArray<string>) {
      for (const line of lines) {
        const { error, exitCode } = yield* world.line(line)
        if (exitCode !== 0) return yield* Effect.die(new Error(`calm ${line}: ${error?.message}`))
      }
    }),
    /** Keeps the world as it is under a name. */
    save: (name: string) => copy(world.base, Path.join(saved, name)),
    /** Makes the world what it was when it was saved. */
    load: (name: string) => copy(Path.join(saved, name), world.base)
  }
})

export type Stage = Effect.Effect.Success<typeof make>

/** Writes files; their folders are made. */
export const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    Fs.mkdirSync(Path.dirname(Path.join(folder, name)), { recursive: true })
    Fs.writeFileSync(Path.join(folder, name), text)
  }
}

const settings = {
  setup: ["sh", "./setup.sh"],
  gates: {
    tests: ["sh", "./check.sh"],
    linter: ["sh", "./check.sh"],
    types: ["sh", "./check.sh"],
    fullTests: ["sh", "./check.sh"]
  }
}

/** Uncommitted work of every kind, each with a content of its own. */
export const uncommitted = (tree: string, whose: string): void => {
  write(tree, { "staged.txt": `${whose}: staged, and then\n`, "both.txt": `${whose}: staged as it was\n` })
  World.git(tree, "add", "staged.txt", "both.txt")
  write(tree, {
    "README.md": `${whose}: changed\n`,
    "both.txt": `${whose}: changed after it was staged\n`,
    "new one.txt": `${whose}: untracked\n`,
    "precious.log": `${whose}: ignored\n`
  })
}

/**
 * What all worlds have: a project with two tasks, the user's own changes in the main checkout, and SPEC-002, a task that
 * nobody touches, with uncommitted work in its worktree.
 */
export const furnish = Effect.fnUntraced(function* (stage: Stage) {
  const { done, repo, worktree } = stage
  World.commit(repo, {
    ".calm/project.json": JSON.stringify(settings),
    ".gitignore": "*.log\n",
    "README.md": "# Greetings\n",
    "setup.sh": "echo made by the set-up >prepared.log\n"
  })
  yield* done("init", "task create SPEC-001 Greet", "task create SPEC-002 Bow", "worktree create SPEC-002 --no-setup")
  World.commit(worktree("SPEC-002"), { "bow.txt": "a bow\n" })
  write(worktree("SPEC-002"), {
    "README.md": "SPEC-002: changed\n",
    "plan.txt": "SPEC-002: untracked\n",
    "x.log": "SPEC-002: ignored\n"
  })
  write(repo, { "mine.txt": "the user's, staged\n" })
  World.git(repo, "add", "mine.txt")
  write(repo, {
    "README.md": "# The user's own greetings\n",
    "draft.txt": "the user's, untracked\n",
    "user.log": "the user's, ignored\n"
  })
})
