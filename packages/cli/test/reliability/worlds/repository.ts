/**
 * Worlds that bend the repository and what is around it. Each is tried in two halves, so that a merge has nothing to
 * refuse and a removal something to lose: with a worktree that is committed, and with one full of uncommitted work, whose
 * merge must be refused however the world bends what git says of it.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Surroundings } from "../../fixtures/world.ts"
import { git } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { full, sample, scaled } from "../support/scale.ts"
import { type Command, type Expected, tried, type World } from "./engine.ts"
import { type Place, write } from "./ready.ts"

/** A world to be tried in both halves. */
export interface Bend {
  readonly name: string
  readonly make: (place: Place) => void
  /** Commits in the worktree, before the checks and the reviews are recorded. */
  readonly work?: ((place: Place) => void) | undefined
  /** What is uncommitted, made in the world as it is bent; else it is the ordinary disorder, made before. */
  readonly uncommitted?: ((place: Place) => void) | undefined
  /** What the merge of that comes to, where it is not refused for every file of the ordinary disorder. */
  readonly dirty?: Expected | undefined
  readonly expected?: Partial<Readonly<Record<Command, Expected>>> | undefined
  readonly surroundings?: ((place: Place) => Surroundings) | undefined
  readonly base?: string | undefined
  readonly always?: boolean | undefined
  readonly except?: ReadonlyArray<RegExp> | undefined
}

/** What is tried in each half, but the merge of what is uncommitted; in the small size only what changes something. */
const halves: Readonly<Record<"committed" | "uncommitted", ReadonlyArray<Command>>> = {
  committed: scaled<ReadonlyArray<Command>>(["create", "merge"], ["health", "doctor", "create", "merge"]),
  uncommitted: scaled<ReadonlyArray<Command>>(["save", "remove", "restore"], ["save", "remove", "restore", "fix"])
}

/** Staged, changed since, deleted, untracked and ignored. */
export const disorder = ({ tree }: Place): void => {
  write(tree, "README.md", "# Staged\n")
  write(tree, "staged.txt", "staged\n")
  git(tree, "add", "README.md", "staged.txt")
  write(tree, "README.md", "# Staged, and changed since\n")
  Fs.rmSync(Path.join(tree, "notes.txt"))
  write(tree, "new/untracked.txt", "untracked\n")
  write(tree, "ignored.log", "ignored\n")
}

/** A merge is refused for what is uncommitted: it names these files, in their order, and no others. */
export const refusedFor = (...names: ReadonlyArray<string>): Expected => [
  7,
  new RegExp(`"uncommitted in the worktree: ${names.join(", ").replaceAll(".", "\\.")}"`)
]
const everyFile = refusedFor("README.md", "new/untracked.txt", "notes.txt", "staged.txt")

/** Both halves of each. In the small size what is uncommitted is merged only where the world bends how that looks. */
const bothHalves = (bends: ReadonlyArray<Bend>): ReadonlyArray<World> =>
  bends.flatMap(({ dirty, name, uncommitted, ...bend }): ReadonlyArray<World> => [
    { ...bend, name, only: halves.committed },
    {
      ...bend,
      name: `${name}, with uncommitted work`,
      only: full || uncommitted !== undefined ? ["merge", ...halves.uncommitted] : halves.uncommitted,
      expected: { ...bend.expected, merge: dirty ?? everyFile },
      make: (place) => {
        if (uncommitted === undefined) disorder(place)
        bend.make(place)
        uncommitted?.(place)
      }
    }
  ])

/** The test of a table; at most `most` of its worlds in the small size. */
export const nothingIsLost = (what: string, bends: ReadonlyArray<Bend>, most: number): void =>
  it.scopedLive(
    `nothing is lost and no ref moves on failure: ${what}`,
    () =>
      Effect.gen(function* () {
        const { count, faults } = yield* tried(sample(bothHalves(bends), most, ({ always }) => always === true))
        report({ suite: "worlds", what: `worlds of ${what}`, tried: count, losses: faults.length })
        assert.deepStrictEqual(faults, [])
      }),
    1_200_000
  )

/** Git where it is to stop half-way: it fails, and that is the point. */
export const stopped = (cwd: string, ...args: ReadonlyArray<string>): void => {
  const { status } = ChildProcess.spawnSync("git", [...args], {
    cwd,
    stdio: "ignore",
    env: { ...process.env, GIT_EDITOR: "true", GIT_SEQUENCE_EDITOR: "sed -i s/^pick/edit/" }
  })
  if (status === null) throw new Error(`git ${args.join(" ")} did not run`)
}

/** Writes files and commits them. */
export const commit = (cwd: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) write(cwd, name, text)
  git(cwd, "add", "--all")
  git(cwd, "commit", "--quiet", "--message", "More")
}

/** An executable shell script. */
export const script = (folder: string, name: string, body: string): void => {
  write(folder, name, `#!/bin/sh\n${body}\n`)
  Fs.chmodSync(Path.join(folder, name), 0o755)
}
