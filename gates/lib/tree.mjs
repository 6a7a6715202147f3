/** The files of a commit, read through git: the same question can be asked of the base without a checkout. */
import { commitOf, git } from "./git.mjs"

const leftOut = new Set([
  "node_modules",
  "vendor",
  "third_party",
  "fixtures",
  "testdata",
  "examples",
  ".worktrees",
  "dist",
  "target"
])

/** Not the project's own code: dependencies, build results, test material, hidden folders. @param {string} file */
const isLeftOut = (file) =>
  file
    .split("/")
    .slice(0, -1)
    .some((folder) => leftOut.has(folder) || folder.startsWith("."))

/** @param {string} folder @param {string} file */
const isUnder = (folder, file) => folder === "" || file.startsWith(`${folder}/`)

/** @param {string} folder @param {string} name */
export const joined = (folder, name) => (folder === "" ? name : `${folder}/${name}`)

/** @param {string} file */
export const folderName = (file) => (file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "")

/** The folder and all above it, up to the root. @param {string} dir @returns {Array<string>} */
export const upwards = (dir) => (dir === "" ? [""] : [dir, ...upwards(folderName(dir))])

/** @param {string} file */
export const baseName = (file) => file.slice(file.lastIndexOf("/") + 1)

export class Tree {
  /** @param {string} worktree @param {string} commit @param {Map<string, string>} blobs */
  constructor(worktree, commit, blobs) {
    this.worktree = worktree
    this.commit = commit
    this.blobs = blobs
  }

  /** @param {string} file */
  has(file) {
    return this.blobs.has(file)
  }

  /** The project's own files at or below a folder. @param {string} folder */
  own(folder) {
    return [...this.blobs.keys()].filter((file) => isUnder(folder, file) && !isLeftOut(file))
  }

  /** Text of a file, `null` where there is none. @param {string} file */
  read(file) {
    const blob = this.blobs.get(file)
    return blob === undefined ? null : git(this.worktree, ["cat-file", "blob", blob]).stdout.toString("utf8")
  }

  /** The project's own files below a folder with a line that matches. @param {string} folder @param {string} pattern */
  grep(folder, pattern) {
    const where = folder === "" ? [] : [`:(literal)${folder}`]
    return git(this.worktree, ["grep", "-l", "-z", "-I", "-E", "-e", pattern, this.commit, "--", ...where], [0, 1])
      .stdout.toString("utf8")
      .split("\0")
      .filter(Boolean)
      .map((line) => line.slice(this.commit.length + 1))
      .filter((file) => !isLeftOut(file))
  }
}

/** @param {string} worktree @param {string} ref @returns {Tree} */
export const readTree = (worktree, ref) => {
  const commit = commitOf(worktree, ref)
  /** @type {Map<string, string>} */
  const blobs = new Map()
  for (const entry of git(worktree, ["ls-tree", "-r", "-z", "--full-tree", commit])
    .stdout.toString("utf8")
    .split("\0")) {
    const tab = entry.indexOf("\t")
    const [mode, , blob] = entry.slice(0, tab).split(" ")
    // Symbolic links and submodules are not files of this tree.
    if (tab > 0 && blob !== undefined && mode?.startsWith("100")) blobs.set(entry.slice(tab + 1), blob)
  }
  return new Tree(worktree, commit, blobs)
}
