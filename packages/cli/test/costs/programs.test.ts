import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { reading } from "../fixtures/reading.ts"
import * as World from "../fixtures/world.ts"
import { noting } from "./programs.ts"

/** Asked often, and answered from the database and from files alone. */
const asksNobody = (name: string): boolean => !asksGit.has(name)

/** What is asked about branches, commits and configuration of the base, which git alone knows. */
const asksGit = new Set(
  [
    ["config", "doctor", "explain", "gate list", "review check", "review list", "session next"],
    ["worker context", "worktree health", "worktree setup"]
  ].flat()
)

const spec = { "planning_docs/SPEC-001/spec.md": "It greets.\n" }
const proposal = { "planning_docs/SPEC-001/proposal.md": "Print it.\n" }
const work = { "greet.js": "print()\n", "changelog.d/SPEC-001.md": "* Greets\n" }

/** The programs of each line in the order of their names: those that run side by side start in any order. */
const told = (line: string, started: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const name of started.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1)
  const names = Array.from(counts, ([name, count]) => (count === 1 ? name : `${count} ${name}`))
  return `${line}: ${started.length === 0 ? "none" : `${started.length} (${names.join(", ")})`}`
}

/** A project whose calls are noted; `calm` gives the programs that a line started. */
const watched = Effect.gen(function* () {
  const world = yield* World.make
  const calm = Effect.fnUntraced(function* (line: string) {
    const started: Array<string> = []
    const [words = "", stdin] = line.split(" < ")
    const { error, exitCode } = yield* world.line(words, { stdin, system: noting(started) })
    assert.isUndefined(error, `${line}: ${exitCode} ${error?.message}`)
    return started
  })
  const all = (lines: ReadonlyArray<string>) =>
    Effect.forEach(lines, (line) => Effect.map(calm(line), (started) => told(line, started)))
  return {
    ...world,
    calm,
    all,
    commit: (files: Readonly<Record<string, string>>) => World.commit(world.worktree("SPEC-001"), files)
  }
})

const approved = (type: string) => ["ann", "bob"].map((by) => `review record SPEC-001 ${type} approved --by ${by}`)

describe("the programs that a command starts", () => {
  it.scopedLive(
    "are none for every command that can answer from the database",
    () =>
      Effect.gen(function* () {
        const { calm, commit } = yield* watched
        for (const line of ["init", "task create SPEC-001 Greet", "worktree create SPEC-001", "backup create first"])
          yield* calm(line)
        commit(spec)
        const found: Array<string> = []
        for (const line of [
          ...Object.entries(reading)
            .filter(([name]) => asksNobody(name))
            .map(([, line]) => line),
          "task create SPEC-002 Twice",
          "task update SPEC-002 --title Thrice",
          "worker start SPEC-002 backend",
          "task cancel SPEC-002 --reason moot",
          "counter increment merges_since_docs"
        ]) {
          const started = yield* calm(line)
          if (started.length > 0) found.push(told(line, started))
        }
        assert.deepStrictEqual(found, [])
      }),
    60_000
  )

  // Each costs milliseconds, thousands of times a day. Fewer is good: write it anew with `vitest run <this file> -u`, and
  // say in the commit why a number has grown.
  it.scopedLive(
    "are these, and as many, for the commands that need git",
    () =>
      Effect.gen(function* () {
        const { all, calm, commit, repo } = yield* watched
        const lines = [...(yield* all(["init", "init", "task create SPEC-001 Greet", "worktree create SPEC-001"]))]
        commit(spec)
        lines.push(
          ...(yield* all([
            ...Object.entries(reading)
              .filter(([name]) => asksGit.has(name) && name !== "review check")
              .map(([, line]) => line),
            "session save --continue < Half-way.",
            "session show S-",
            ...approved("spec"),
            "review check SPEC-001 spec",
            "gate approve SPEC-001 SPEC-DESIGN --by me",
            "task transition SPEC-001 DESIGN"
          ]))
        )
        commit(proposal)
        for (const line of [
          ...approved("proposal"),
          "gate approve SPEC-001 DESIGN-IMPLEMENT --by me",
          "task transition SPEC-001 IMPLEMENT"
        ])
          yield* calm(line)
        commit(work)
        lines.push(
          ...(yield* all(["gate check SPEC-001"])),
          "its evidence stands:",
          ...(yield* all(["gate check SPEC-001"]))
        )
        for (const line of [
          "task transition SPEC-001 CODE_REVIEW",
          ...approved("code"),
          "task transition SPEC-001 TEST",
          "gate check SPEC-001",
          "task transition SPEC-001 INTEGRATE"
        ])
          yield* calm(line)
        lines.push(
          ...(yield* all([
            "worktree merge SPEC-001 --check-only",
            "worktree merge SPEC-001",
            "task create SPEC-002 Again",
            "worktree create SPEC-002",
            "worktree remove SPEC-002",
            "worktree restore SPEC-002"
          ]))
        )
        assert.isTrue(Fs.existsSync(`${repo}/greet.js`))
        expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
          "
          init: 3 (git cat-file, 2 git version)
          init: 3 (git cat-file, 2 git version)
          task create SPEC-001 Greet: none
          worktree create SPEC-001: 3 (git cat-file, git update-ref, git worktree add)
          explain SPEC-001: 1 (git cat-file)
          doctor: 8 (git cat-file, 2 git config, git rev-list, 2 git rev-parse, git status, git version)
          config: 1 (git cat-file)
          gate list: 1 (git cat-file)
          worktree setup SPEC-001: 1 (git cat-file)
          worktree health: 3 (git cat-file, git rev-list, git status)
          worker context SPEC-001 backend: 1 (git cat-file)
          review list SPEC-001: 2 (git cat-file, git status)
          session next: 2 (git cat-file, git for-each-ref)
          session save --continue < Half-way.: 1 (git status)
          session show S-: none
          review record SPEC-001 spec approved --by ann: 2 (git cat-file, git status)
          review record SPEC-001 spec approved --by bob: 2 (git cat-file, git status)
          review check SPEC-001 spec: 2 (git cat-file, git status)
          gate approve SPEC-001 SPEC-DESIGN --by me: 2 (git cat-file, git status)
          task transition SPEC-001 DESIGN: 2 (git cat-file, git status)
          gate check SPEC-001: 7 (git cat-file, 2 git status, 4 node)
          its evidence stands:
          gate check SPEC-001: 2 (git cat-file, git status)
          worktree merge SPEC-001 --check-only: 5 (git cat-file, git for-each-ref, git merge-tree, 2 git status)
          worktree merge SPEC-001: 12 (git cat-file, git check-attr, git commit-tree, git for-each-ref, git merge, git merge-tree, 4 git status, 2 git update-ref)
          task create SPEC-002 Again: none
          worktree create SPEC-002: 3 (git cat-file, git update-ref, git worktree add)
          worktree remove SPEC-002: 3 (git cat-file, git status, git update-ref)
          worktree restore SPEC-002: 1 (git cat-file)
          "
        `)
      }),
    120_000
  )
})
