/** What lies in the worktrees of a repository and in its trash. Commands move it there and back, and change none of it. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { filesOf } from "../support/checkout.ts"

/** A worktree, wherever it is. */
interface Lying {
  readonly task: string
  readonly files: Readonly<Record<string, string>>
}

/** What the name of a folder in the trash has after that of the task. */
const stamp = /-(?:undone-)?\d{4}-\d{2}-\d{2}T\w+Z$/

const isFolder = (path: string): boolean => Fs.existsSync(path) && Fs.lstatSync(path).isDirectory()

/** The folders in which worktrees lie, and where in them. */
const places = (repo: string): ReadonlyArray<string> =>
  [
    { folder: Path.join(repo, ".worktrees"), inner: "" },
    { folder: Path.join(repo, ".git", "calm", "trash"), inner: "tree" }
  ].flatMap(({ folder, inner }) =>
    Fs.existsSync(folder) ? Fs.readdirSync(folder).map((name) => Path.join(folder, name, inner)) : []
  )

/** All worktrees with every byte of theirs. */
const lying = (repo: string): ReadonlyArray<Lying> =>
  places(repo)
    .filter(isFolder)
    .map((path) => ({
      task: Path.basename(Path.basename(path) === "tree" ? Path.dirname(path) : path).replace(stamp, ""),
      files: filesOf(path, true)
    }))

/** The first list without what the second has, too; what is there twice must be there twice. */
const without = (some: ReadonlyArray<Lying>, others: ReadonlyArray<Lying>): ReadonlyArray<Lying> => {
  const left = others.map((each) => JSON.stringify(each))
  return some.filter((each) => {
    const at = left.indexOf(JSON.stringify(each))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** Watches over everything that ever lies there, from now on. */
export const watch = (repo: string) => {
  let seen = lying(repo)
  /** What is nowhere any more as it was seen before. */
  return (): ReadonlyArray<string> => {
    const now = lying(repo)
    const lost = without(seen, now).flatMap(({ files, task }) => {
      const others = now.filter((other) => other.task === task).map((other) => other.files)
      const gone = Object.keys(files).filter((name) => !others.some((other) => other[name] === files[name]))
      return gone.length > 0
        ? gone.map((name) => `${name} of the worktree of ${task} is nowhere as it was`)
        : [`a worktree of ${task} is nowhere as it was`]
    })
    seen = [...seen, ...without(now, seen)]
    return [...new Set(lost)]
  }
}
