/** Whatever words somebody types, calm answers as its contract says, and touches nothing that is not its own. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import * as Grown from "./grown.ts"
import { hunt } from "./hunt.ts"
import * as Judged from "./judged.ts"
import * as Place from "./place.ts"
import { hostile, pwned } from "./words.ts"

const slack = 1_200_000

type World = Effect.Effect.Success<typeof Place.make>

/** What is done to the place, and what the watch says then that it did not say before. */
type Harm = readonly [said: ReadonlyArray<string>, harm: (place: World) => void]

/** A shell that git starts, of which Node knows nothing. */
const shellOfGit = (cwd: string): void =>
  void ChildProcess.execFileSync("git", ["-c", `alias.x=!touch ${pwned}`, "x"], { cwd, stdio: "ignore" })

const nowhere = (task: string, ...names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => `${name} of the worktree of ${task} is nowhere as it was`)

/** What hostile words could bring about: each must be seen by the watch that the lines are run under. */
const harms: Readonly<Record<string, Harm>> = {
  "a file beside the project changes": [
    ["canary is not as it was"],
    ({ base }) => Fs.writeFileSync(Path.join(base, "canary", "secret"), "read")
  ],
  "a file of the checkout changes": [
    ["checkout is not as it was"],
    ({ repo }) => Fs.writeFileSync(Path.join(repo, "check.sh"), "")
  ],
  "the home gets a strange file": [['there is "x"'], ({ home }) => Fs.writeFileSync(Path.join(home, "x"), "")],
  "a backup lies outside": [
    ['there is "x.db"'],
    ({ home }) => Fs.writeFileSync(Path.join(home, "backups", "..", "x.db"), "")
  ],
  "a branch has an odd name": [
    ['there is "-x"'],
    ({ repo }) => Fs.writeFileSync(Path.join(repo, ".git", "refs", "heads", "-x"), "")
  ],
  "another project's task changes": [
    ["rows is not as it was"],
    ({ elsewhere, sql }) =>
      sql(`UPDATE tasks SET title = 'x' WHERE project_id = (SELECT id FROM projects WHERE path = '${elsewhere}')`)
  ],
  "a shell is started": [
    ['it started ["sh","-c",":"]'],
    () => void ChildProcess.spawn("sh", ["-c", ":"], { stdio: "ignore" })
  ],
  "what is not committed in a worktree changes": [
    nowhere("SPEC-001", "precious.txt"),
    ({ worktree }) => Fs.writeFileSync(Path.join(worktree("SPEC-001"), "precious.txt"), "not Committed\n")
  ],
  "what is committed in a worktree changes": [
    nowhere("SPEC-001", "greet.js"),
    ({ worktree }) => Fs.writeFileSync(Path.join(worktree("SPEC-001"), "greet.js"), "")
  ],
  "a file comes into a worktree": [
    ["a worktree of SPEC-001 is nowhere as it was"],
    ({ worktree }) => Fs.writeFileSync(Path.join(worktree("SPEC-001"), "x"), "")
  ],
  "a worktree goes to the trash without what is not committed": [
    nowhere("BUG-001", "precious.txt"),
    ({ repo, worktree }) => {
      const folder = Path.join(repo, ".git", "calm", "trash", "BUG-001-2025-01-31T100000000Z")
      Fs.mkdirSync(folder, { recursive: true })
      Fs.renameSync(worktree("BUG-001"), Path.join(folder, "tree"))
      Fs.rmSync(Path.join(folder, "tree", "precious.txt"))
    }
  ],
  "a file lies among the worktrees": [
    ['there is "y"'],
    ({ repo }) => Fs.writeFileSync(Path.join(repo, ".worktrees", "y"), "")
  ],
  "git is shown the worktrees": [
    ["ignored is not as it was"],
    ({ repo }) => Fs.writeFileSync(Path.join(repo, ".worktrees", ".gitignore"), "")
  ],
  "a shell runs in git's own folder": [
    [`a word was run as a command: repo/.git/${pwned}`],
    ({ repo }) => shellOfGit(Path.join(repo, ".git"))
  ]
}

/** The one worktree that is in the trash. */
const inTrash = ({ repo }: World): string => {
  const trash = Path.join(repo, ".git", "calm", "trash")
  const [name = "none", ...others] = Fs.readdirSync(trash).filter((each) => each !== pwned)
  assert.isEmpty(others)
  return Path.join(trash, name, "tree")
}

/** The same, once calm has moved the worktree of BUG-001 to the trash, and made another. */
const harmsAfterRemoval: Readonly<Record<string, Harm>> = {
  "a shell of git runs in a worktree": [
    ["a worktree of SPEC-001 is nowhere as it was", `a word was run as a command: repo/.worktrees/SPEC-001/${pwned}`],
    ({ worktree }) => shellOfGit(worktree("SPEC-001"))
  ],
  "a word is run in the trash": [
    [`a word was run as a command: repo/.git/calm/trash/${pwned}`],
    ({ repo }) => Fs.writeFileSync(Path.join(repo, ".git", "calm", "trash", pwned), "")
  ],
  "what is not committed is deleted in the trash": [
    nowhere("BUG-001", "precious.txt"),
    (place) => Fs.rmSync(Path.join(inTrash(place), "precious.txt"))
  ],
  "what is not committed is deleted in a worktree": [
    nowhere("SPEC-001", "precious.txt"),
    ({ worktree }) => Fs.rmSync(Path.join(worktree("SPEC-001"), "precious.txt"))
  ],
  // All that is left in it lies in the worktree that was made again, too.
  "a worktree is deleted from the trash": [
    ["a worktree of BUG-001 is nowhere as it was"],
    (place) => Fs.rmSync(inTrash(place), { recursive: true })
  ]
}

describe("the watch over command lines", () => {
  it.scopedLive(
    "sees every harm, and none in a worktree that calm takes away and brings back",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        /** One after the other in the same place; in the end the place is made anew. */
        const tryAll = Effect.fnUntraced(function* (all: Readonly<Record<string, Harm>>) {
          let known: ReadonlyArray<string> = []
          for (const [name, [said, harm]] of Object.entries(all)) {
            harm(place)
            const seen = yield* place.touched
            const fresh = seen.filter((each) => !known.includes(each))
            assert.deepStrictEqual(fresh, said, name)
            known = seen
          }
          yield* place.renew
          assert.deepStrictEqual(yield* place.touched, [])
        })
        yield* tryAll(harms)
        for (const verb of ["remove", "restore", "remove", "create"]) {
          const { error } = yield* place.json(["worktree", verb, "BUG-001"])
          assert.isUndefined(error, verb)
          assert.deepStrictEqual(yield* place.touched, [], verb)
        }
        yield* tryAll(harmsAfterRemoval)
      }),
    slack
  )
})

describe("a command line", () => {
  it.scopedLive(
    "of hostile words is answered or refused, and leaves all else as it is",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        const lines = yield* Grown.lines(place.known)
        const inputs = FastCheck.record({ line: lines, stdin: hostile })
        let count = 0
        const { losses, slowest, tried } = yield* hunt(
          inputs,
          scaled(150, 12_000),
          ({ line, stdin }) => place.calm(line, { stdin }),
          Effect.fnUntraced(function* (printed, { line }) {
            count += 1
            const faults = [
              ...(yield* Judged.faultsOf(printed, line)),
              ...(yield* place.touched),
              ...(count % 200 === 0 ? yield* place.broken : [])
            ]
            if (faults.length > 0 || count % 200 === 0) yield* place.renew
            return faults
          })
        )
        report({
          suite: "hostile",
          what: "command lines",
          tried,
          losses: losses.length,
          note: `the slowest took ${slowest.millis} ms of the processor`
        })
        assert.deepStrictEqual(losses, [])
      }),
    slack
  )
})
