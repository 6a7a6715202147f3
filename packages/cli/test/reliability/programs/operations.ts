/** What calm does with git, in the small project of `worlds/ready.ts`: each is tried with a git that lies once. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import type { Place } from "../worlds/ready.ts"
import { write } from "../worlds/ready.ts"

export interface Operation {
  readonly name: string
  /** The state of the project that it begins with. */
  readonly from: "begun" | "ready"
  /** Makes the place ready for it. */
  readonly make?: ((place: Place) => void) | undefined
  /** Commands that come before. */
  readonly before?: ReadonlyArray<string> | undefined
  readonly line: string
  /** Is it done? Asked after it was tried once more with a git that is well. */
  readonly holds: (place: Place) => boolean
  /** It must not be done: the honest answer is no. */
  readonly never?: true
}

/** Everything that can be uncommitted. */
const dirty = ({ tree }: Place): void => {
  write(tree, "src/words.txt", "staged\n")
  World.git(tree, "add", "src/words.txt")
  write(tree, "src/words.txt", "unstaged\n")
  write(tree, "new file.txt", "untracked\n")
  write(tree, "ignored.log", "ignored\n")
}

const there = ({ tree }: Place): boolean => Fs.existsSync(Path.join(tree, "README.md"))
const merges = ({ repo }: Place): number => Number(World.git(repo, "rev-list", "--merges", "--count", "main"))
const always = (): boolean => true

export const operations: ReadonlyArray<Operation> = [
  {
    name: "create",
    from: "ready",
    line: "worktree create SPEC-002 --no-setup",
    holds: ({ repo }) => Fs.existsSync(Path.join(repo, ".worktrees/SPEC-002/README.md"))
  },
  { name: "remove", from: "ready", make: dirty, line: "worktree remove SPEC-001", holds: (place) => !there(place) },
  {
    name: "restore",
    from: "ready",
    make: dirty,
    before: ["worktree remove SPEC-001"],
    line: "worktree restore SPEC-001",
    holds: there
  },
  {
    name: "merge",
    from: "ready",
    line: "worktree merge SPEC-001 --skip-sync",
    holds: (place) => merges(place) === 1 && Fs.existsSync(Path.join(place.repo, "src/one.txt"))
  },
  {
    name: "merge without evidence",
    from: "begun",
    line: "worktree merge SPEC-001 --skip-sync",
    holds: (place) => merges(place) === 0,
    never: true
  },
  { name: "session save", from: "ready", make: dirty, line: "session save", holds: always },
  {
    name: "gate check of a dirty worktree",
    from: "begun",
    make: dirty,
    line: "gate check SPEC-001 IMPLEMENT-CODE_REVIEW --fresh",
    holds: always,
    never: true
  },
  { name: "gate check", from: "begun", line: "gate check SPEC-001 TEST-INTEGRATE --fresh", holds: always },
  { name: "review", from: "ready", line: "review record SPEC-001 code approved --by cid", holds: always },
  { name: "task delete", from: "ready", make: dirty, line: "task delete SPEC-001", holds: (place) => !there(place) },
  { name: "health --fix", from: "ready", make: dirty, line: "worktree health --fix", holds: there },
  { name: "doctor --fix", from: "ready", make: dirty, line: "doctor --fix", holds: there },
  { name: "explain", from: "ready", line: "explain SPEC-001", holds: always }
]
