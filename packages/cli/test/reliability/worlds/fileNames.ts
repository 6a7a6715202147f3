/** Worlds of file names that are no ordinary ones. */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { World } from "./engine.ts"
import { commitAll, repository, write } from "./ready.ts"

/** Names that a shell, a careless parser or a text would trip over. */
const odd = [
  "with space",
  " leading and trailing ",
  "two\nlines",
  "tab\there",
  "-rf",
  "--force",
  ":(exclude)src",
  "!important",
  "#comment",
  "quote \" and '",
  "back\\slash",
  "*",
  "é",
  "e\u0301"
]
/** Bytes that are no UTF-8; as latin1 texts. */
const bytes = ["\xff\xfe", "caf\xe9", "\xc3", "a\xed\xa0\x80b"]

const pathOf = (folder: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")])
const writeBytes = (folder: string, name: string, text: string): void => Fs.writeFileSync(pathOf(folder, name), text)
/** Git with names that are no UTF-8, which come on stdin. */
const gitBytes = (folder: string, names: ReadonlyArray<string>, ...args: ReadonlyArray<string>): void =>
  void ChildProcess.execFileSync("git", [...args], {
    cwd: folder,
    input: Buffer.from(names.map((name) => `${name}\0`).join(""), "latin1"),
    stdio: ["pipe", "ignore", "pipe"]
  })
const stage = (folder: string, names: ReadonlyArray<string>) =>
  gitBytes(folder, names, "update-index", "--add", "-z", "--stdin")
const all = (folder: string, ...states: ReadonlyArray<string>) => {
  for (const state of states) {
    for (const name of odd) write(folder, `${state}/${name}`, `${state} ${name}\n`)
    for (const name of bytes) writeBytes(folder, `${state}/${name}`, `${state} ${name}\n`)
  }
}
export const worlds: ReadonlyArray<World> = [
  {
    name: "odd names committed on the branch",
    work: ({ tree }) => {
      for (const name of odd) write(tree, `committed/${name}`, `committed ${name}\n`)
      commitAll(tree)
    }
  },
  {
    name: "names that are no UTF-8 committed on the branch",
    work: ({ tree }) => {
      Fs.mkdirSync(Path.join(tree, "committed"))
      for (const name of bytes) writeBytes(tree, `committed/${name}`, `committed ${name}\n`)
      commitAll(tree)
    }
  },
  {
    name: "odd names and bytes in main, untracked and staged",
    make: ({ repo }) => {
      for (const state of ["untracked", "staged"]) Fs.mkdirSync(Path.join(repo, state))
      all(repo, "untracked", "staged")
      git(repo, "add", "--", "staged")
    }
  },
  {
    name: "bytes in main where the merge puts a file",
    work: ({ tree }) => {
      writeBytes(tree, "caf\xe9", "from the branch\n")
      commitAll(tree)
    },
    make: ({ repo }) => writeBytes(repo, "caf\xe9", "in the way\n"),
    expected: { merge: [6, /caf/] }
  },
  {
    name: "odd names and bytes in the worktree, untracked, staged and hidden",
    make: ({ tree }) => {
      for (const state of ["untracked", "staged", "hidden", "skipped"]) Fs.mkdirSync(Path.join(tree, state))
      all(tree, "untracked", "staged", "hidden", "skipped")
      git(tree, "add", "--", "staged", "hidden", "skipped")
      for (const [state, option] of [
        ["hidden", "--assume-unchanged"],
        ["skipped", "--skip-worktree"]
      ] as const) {
        const names = [...odd.map((name) => Buffer.from(name).toString("latin1")), ...bytes].map(
          (name) => `${state}/${name}`
        )
        stage(tree, names)
        gitBytes(tree, names, "update-index", option, "-z", "--stdin")
        for (const name of names) writeBytes(tree, name, `changed ${name}\n`)
      }
    },
    expected: { merge: 7 }
  },
  {
    name: "an untracked repository whose name is no UTF-8 in the worktree",
    make: ({ tree }) => {
      repository(Path.join(tree, "inner"))
      Fs.renameSync(Path.join(tree, "inner"), pathOf(tree, "inn\xe9r"))
    },
    expected: { merge: 7 }
  },
  {
    name: "a file renamed in its case alone, on the branch and uncommitted",
    work: ({ tree }) => {
      git(tree, "mv", "notes.txt", "Notes.txt")
      git(tree, "commit", "--quiet", "--message", "Case")
    },
    make: ({ repo, tree }) => {
      write(repo, "Notes.md", "in main\n")
      git(tree, "mv", "run.sh", "Run.sh")
    },
    expected: { merge: [7, /Run\.sh/] }
  }
]
