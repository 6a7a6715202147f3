/** Everything of a repository that could be lost, as it is at one moment; for comparing before with after. */
import Database from "better-sqlite3"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

const run = (cwd: string, args: ReadonlyArray<string>, variables: NodeJS.ProcessEnv = {}): string =>
  ChildProcess.execFileSync("git", ["--no-optional-locks", "-c", "core.quotePath=true", ...args], {
    cwd,
    encoding: "latin1",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      GIT_DIR: undefined,
      GIT_WORK_TREE: undefined,
      GIT_GRAFT_FILE: "/dev/null",
      GIT_NO_REPLACE_OBJECTS: "1",
      ...variables
    }
  }).trim()

/** Git without locks of its own, over the real history: looking changes nothing. Names may be any bytes. */
export const git = (cwd: string, ...args: ReadonlyArray<string>): string => run(cwd, args)

/** What an index of a repository has, wherever it lies: an entry each, as git lists them. */
export const indexAt = (repo: string, file: string): ReadonlyArray<string> =>
  run(repo, ["ls-files", "--stage", "-v", "-z"], { GIT_INDEX_FILE: file })
    .split("\0")
    .filter((entry) => entry !== "")

const slash = Buffer.from("/")
const leftOut = new Set([".git", ".worktrees"])

/**
 * Every file below a folder with its bytes, links with their targets, empty folders too; names are latin1, so that any
 * byte is told apart. Without `.git` and `.worktrees` at the top, or with everything where `all`.
 */
export const filesOf = (folder: string, all = false): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  const visit = (inner: Buffer) => {
    const here = Buffer.concat([Buffer.from(folder), slash, inner])
    const entries = Fs.readdirSync(here, { withFileTypes: true, encoding: "buffer" })
    if (entries.length === 0) found[`${inner.toString("latin1")}/`] = ""
    for (const entry of entries) {
      const name = inner.length === 0 ? entry.name : Buffer.concat([inner, slash, entry.name])
      const key = name.toString("latin1")
      const path = Buffer.concat([Buffer.from(folder), slash, name])
      if (!all && leftOut.has(key)) continue
      if (entry.isDirectory()) visit(name)
      else if (entry.isSymbolicLink()) found[key] = `-> ${Fs.readlinkSync(path, "latin1")}`
      else if (entry.isFile()) found[key] = Fs.readFileSync(path).toString("latin1")
      else found[key] = "neither file nor folder"
    }
  }
  visit(Buffer.alloc(0))
  return found
}

const own = (checkout: string) => git(checkout, "rev-parse", "--absolute-git-dir")

/** A checkout: HEAD, index, status and files. */
export const stateOf = (checkout: string) => {
  const records = own(checkout)
  const index = Path.join(records, "index")
  return {
    index: Fs.existsSync(index) ? git(checkout, "ls-files", "--stage", "-v", "-z") : null,
    head: Fs.readFileSync(Path.join(records, "HEAD"), "utf8"),
    status: git(checkout, "status", "--porcelain=v2", "--branch", "--ignored", "--untracked-files=all", "-z"),
    files: filesOf(checkout)
  }
}

/** Every ref but calm's own rescue refs, with what it points to. */
export const refsOf = (repo: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    git(repo, "for-each-ref", "--format=%(refname) %(objectname)")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("refs/calm/"))
      .map((line): [string, string] => {
        const space = line.lastIndexOf(" ")
        return [line.slice(0, space), line.slice(space + 1)]
      })
  )

/** What git's own check finds wrong with a repository; nothing in a sound one. */
export const unsound = (repo: string): string => {
  const { status, stderr, stdout } = ChildProcess.spawnSync(
    "git",
    ["fsck", "--full", "--no-dangling", "--no-progress"],
    { cwd: repo, encoding: "utf8" }
  )
  return status === 0 ? "" : `${stdout}${stderr}`
}

/** What SQLite's own check finds wrong with a database; nothing in a sound one. */
export const damaged = (database: string): string => {
  const connection = new Database(database, { readonly: true, fileMustExist: true })
  try {
    const rows = connection.pragma("integrity_check", { simple: false })
    const broken = connection.pragma("foreign_key_check")
    const said = JSON.stringify([rows, broken])
    return said === JSON.stringify([[{ integrity_check: "ok" }], []]) ? "" : said
  } finally {
    connection.close()
  }
}

/** Everything that lies somewhere in the worktrees, the trash, and the trees of all refs of calm, as texts. */
export const kept = (repo: string): ReadonlySet<string> => {
  const folders = [".worktrees", ".git/calm/trash"].map((name) => Path.join(repo, name)).filter(Fs.existsSync)
  const contents = new Set(folders.flatMap((folder) => Object.values(filesOf(folder, true))))
  for (const ref of git(repo, "for-each-ref", "--format=%(refname)", "refs/calm/").split("\n"))
    if (ref !== "")
      for (const line of git(
        repo,
        "rev-list",
        "--objects",
        "--no-object-names",
        "--filter=object:type=blob",
        ref
      ).split("\n"))
        if (/^[0-9a-f]{40}$/.test(line) && git(repo, "cat-file", "-t", line) === "blob")
          contents.add(ChildProcess.execFileSync("git", ["cat-file", "blob", line], { cwd: repo, encoding: "latin1" }))
  return contents
}
