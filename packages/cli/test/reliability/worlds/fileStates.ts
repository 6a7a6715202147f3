/** Worlds of every state that git knows a file to be in, in the main checkout and in the worktree. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { World } from "./engine.ts"
import { type Place, write } from "./ready.ts"

type Bend = (folder: string, name: string) => void

const remove: Bend = (folder, name) => Fs.rmSync(Path.join(folder, name))
const edit: Bend = (folder, name) => write(folder, name, `edited ${name}\n`)
const add: Bend = (folder, name) => void git(folder, "add", "--force", "--", name)
const bit =
  (option: string): Bend =>
  (folder, name) => {
    git(folder, "update-index", option, "--", name)
    edit(folder, name)
  }

/** What can happen to a file that is tracked. */
const tracked: Readonly<Record<string, Bend>> = {
  changed: edit,
  staged: (folder, name) => {
    edit(folder, name)
    add(folder, name)
  },
  "staged, then changed": (folder, name) => {
    edit(folder, name)
    add(folder, name)
    write(folder, name, `edited twice ${name}\n`)
  },
  "staged, then put back": (folder, name) => {
    const before = Fs.readFileSync(Path.join(folder, name))
    edit(folder, name)
    add(folder, name)
    write(folder, name, before)
  },
  deleted: remove,
  "deleted and staged": (folder, name) => void git(folder, "rm", "--quiet", "--", name),
  "deleted from the index, and there": (folder, name) => {
    git(folder, "rm", "--quiet", "--cached", "--", name)
    edit(folder, name)
  },
  executable: (folder, name) => Fs.chmodSync(Path.join(folder, name), 0o755),
  "replaced by a folder": (folder, name) => {
    remove(folder, name)
    write(folder, `${name}/inside.txt`, `inside ${name}\n`)
  },
  "replaced by a link out of the repository": (folder, name) => {
    remove(folder, name)
    Fs.symlinkSync("/etc/hostname", Path.join(folder, name))
  },
  "assumed unchanged": bit("--assume-unchanged"),
  "skipped in the worktree": bit("--skip-worktree")
}

/** What can lie where nothing is tracked. */
const untracked: Readonly<Record<string, Bend>> = {
  untracked: edit,
  "staged as new": (folder, name) => {
    edit(folder, name)
    add(folder, name)
  },
  "intended to be added": (folder, name) => {
    edit(folder, name)
    git(folder, "add", "--intent-to-add", "--force", "--", name)
  },
  "an untracked folder": (folder, name) => write(folder, `${name}/inside.txt`, `inside ${name}\n`),
  "an untracked link": (folder, name) => {
    Fs.mkdirSync(Path.dirname(Path.join(folder, name)), { recursive: true })
    Fs.symlinkSync("/etc/hostname", Path.join(folder, name))
  }
}

const named = (text: string) => new RegExp(text.replaceAll(".", "\\."))

/** In the main checkout: beside what the merge changes nothing matters; in its way everything does. */
const inMain = ([state, bend]: readonly [string, Bend], inTheWay: string, beside: string): ReadonlyArray<World> => [
  { name: `${beside} in main, ${state}`, make: ({ repo }) => bend(repo, beside) },
  {
    name: `${inTheWay} in main, which the merge changes, ${state}`,
    make: ({ repo }) => bend(repo, inTheWay),
    expected: { merge: [6, named(inTheWay)] }
  }
]

const inTree = ([state, bend]: readonly [string, Bend], file: string): World => ({
  name: `${file} in the worktree, ${state}`,
  make: ({ tree }) => bend(tree, file),
  expected: { merge: [7, named(file)] }
})

/** One checkout with a file in each state; what has to be tracked is made by `many`. */
const all = (folder: string): void => {
  for (const [at, bend] of Object.values(tracked).entries()) bend(folder, `many/${at}.txt`)
  for (const [at, bend] of Object.values(untracked).entries()) bend(folder, `new/${at}.txt`)
}
const many = (folder: string): void => {
  for (const at of Object.keys(tracked).keys()) write(folder, `many/${at}.txt`, `${at}\n`)
  git(folder, "add", "--all")
  git(folder, "commit", "--quiet", "--message", "Many")
}

export const worlds: ReadonlyArray<World> = [
  { name: "nothing out of the ordinary" },
  ...Object.entries(tracked).flatMap((state) => inMain(state, "README.md", "notes.txt")),
  ...Object.entries(untracked).flatMap((state) => inMain(state, "src/one.txt", "src/other.txt")),
  {
    name: "a file that the merge deletes is changed in main",
    make: ({ repo }) => edit(repo, "old.txt"),
    expected: { merge: [6, /old\.txt/] }
  },
  {
    name: "a folder is where the merge puts a file, and a file where it puts a folder",
    make: ({ repo }) => {
      write(repo, "src/one.txt/inside.txt", "inside\n")
      write(repo, "changelog.d", "a file\n")
    },
    expected: { merge: [6, /changelog\.d/] }
  },
  ...Object.entries(tracked).map((state) => inTree(state, "notes.txt")),
  ...Object.entries(untracked).map((state) => inTree(state, "src/other.txt")),
  {
    name: "every state at once in the worktree",
    work: ({ tree }) => many(tree),
    make: ({ tree }) => all(tree),
    expected: { merge: [7, /many/] }
  },
  {
    name: "every state at once in main, and another in the worktree",
    make: ({ repo, tree }: Place) => {
      many(repo)
      all(repo)
      edit(tree, "notes.txt")
    },
    expected: { merge: [7, /notes\.txt/] }
  }
]
