/**
 * Cuts the power after each command of the main job: calm works on file systems of its own, in image files behind loop
 * devices; what has reached an image when a command has answered is all that a power cut at that moment would leave. The
 * file systems write nothing by themselves meanwhile (`commit=600`): what is there was put there by an fsync.
 *
 * A program of its own, because it mounts: `unshare --mount node powerCut.mjs work <request>`, so that no mount outlives it.
 */
import Database from "better-sqlite3"
import * as ChildProcess from "node:child_process"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Where to do it. */
export interface Request {
  /** The bundled command. */
  readonly calm: string
  /** An empty folder. */
  readonly folder: string
  /** Is calm's home on another disk than the repository? */
  readonly apart: boolean
  /** Is the power cut after every command, or only after those that change more than the database? */
  readonly each: boolean
}

/** A command that was confirmed, and what a power cut right after its answer would have taken. */
export interface Cut {
  readonly command: string
  readonly losses: ReadonlyArray<string>
}

const [, program = "", word, given = "{}"] = process.argv
const { apart, calm, each, folder }: Request = JSON.parse(given)

const disks = apart ? ["work", "home"] : ["work"]
const image = (disk: string) => Path.join(folder, `${disk}.img`)
const point = (disk: string) => Path.join(folder, disk)
const repo = Path.join(point("work"), "repo")
const home = Path.join(point(apart ? "home" : "work"), "calm")
const worktree = Path.join(repo, ".worktrees/SPEC-001")

const run = (cwd: string, name: string, args: ReadonlyArray<string>, input = ""): string =>
  ChildProcess.execFileSync(name, args, {
    cwd,
    input,
    encoding: "latin1",
    maxBuffer: 2 ** 28,
    stdio: "pipe",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], CALM_HOME: home, GIT_CONFIG_NOSYSTEM: "1" }
  }).trim()
const git = (...args: ReadonlyArray<string>) => run(repo, "git", args)

const digest = (content: string | Buffer) => createHash("sha256").update(content).digest("hex")

/** Every row of every table, as text. */
const rows = (): string => {
  const connection = new Database(Path.join(home, "metadata.db"), { readonly: true, fileMustExist: true })
  try {
    const tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all()
    return JSON.stringify(tables.map((table) => [table, connection.prepare(`SELECT * FROM "${String(table)}"`).all()]))
  } finally {
    connection.close()
  }
}

/** The base and calm's own refs, with every object that they hold. */
const history = (): string => {
  const refs = git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/main", "refs/calm/")
  const names = refs.split("\n").map((line) => line.split(" ")[0] ?? "")
  const objects = git("rev-list", "--objects", "--no-object-names", ...names)
  const contents = run(repo, "git", ["cat-file", "--batch"], `${objects}\n`)
  return `${refs}\n${digest(contents)}`
}

/** Git's records of the worktrees: without them nobody could save what is uncommitted there. */
const worktrees = (): string =>
  git("worktree", "list", "--porcelain")
    .split("\n")
    .filter((line) => !line.startsWith("HEAD "))
    .join("\n")

const backups = (): string => {
  const kept = Path.join(home, "backups")
  const names = Fs.existsSync(kept) ? Fs.readdirSync(kept).sort() : []
  // What is half made there has no name that counts.
  return names
    .filter((name) => name.endsWith(".db"))
    .map((name) => `${name} ${digest(Fs.readFileSync(Path.join(kept, name)))}`)
    .join("\n")
}

const found = () => ({ rows: rows(), history: history(), worktrees: worktrees(), backups: backups() })

/** What is found after a power cut: on copies of the images, mounted in the place of the disks. */
const after = (): void => {
  for (const disk of disks) run(folder, "mount", ["-o", "loop", `${image(disk)}.cut`, point(disk)])
  const state = found()
  // The next command works.
  run(repo, process.execPath, [calm, "status"])
  process.stdout.write(JSON.stringify(state))
}

/** Cuts the power now; gives what is lost of what is there. */
const cut = (): ReadonlyArray<string> => {
  const before = found()
  for (const disk of disks) run(folder, "cp", ["--sparse=always", image(disk), `${image(disk)}.cut`])
  try {
    const left = JSON.parse(run("/", "unshare", ["--mount", process.execPath, program, "after", given]))
    return Object.entries(before).flatMap(([name, state]) => (left[name] === state ? [] : [name]))
  } catch (error) {
    return [String(error)]
  }
}

const words =
  (line: string, input = "") =>
  (): string => {
    run(repo, process.execPath, [calm, ...line.split(" ")], input)
    return line
  }

const write = (name: string, text: string) => {
  Fs.mkdirSync(Path.dirname(Path.join(worktree, name)), { recursive: true })
  Fs.writeFileSync(Path.join(worktree, name), text)
}

/** The user's own git, which waits for nothing. */
const commit = (files: Readonly<Record<string, string>>) => (): undefined => {
  for (const [name, text] of Object.entries(files)) write(name, text)
  run(worktree, "git", ["add", "--all"])
  run(worktree, "git", ["commit", "--quiet", "--message", "Work"])
}

const edit = (): undefined => {
  write(".calm/project.json", "{}\n")
  write("new.txt", "untracked\n")
}

const takeBack = (): undefined => {
  run(worktree, "git", ["checkout", "--quiet", "--", "."])
  Fs.rmSync(Path.join(worktree, "new.txt"))
}

const code = Object.fromEntries(
  Array.from({ length: 40 }, (_, file) => [`src/part${file}.txt`, `part ${file}\n`.repeat(400)])
)

/** The main job. A step gives the command line that calm has confirmed, or nothing where it is somebody else's work. */
const job: ReadonlyArray<() => string | undefined> = [
  words("init"),
  words("task create SPEC-001 Greet"),
  words("counter increment merges_since_e2e"),
  words("worktree create SPEC-001 --no-setup"),
  commit({ "planning_docs/SPEC-001/spec.md": "# Spec\n\nIt greets.\n" }),
  words("review record SPEC-001 spec approved --by ann"),
  words("review record SPEC-001 spec approved --by bob"),
  words("gate approve SPEC-001 SPEC-DESIGN --by ann"),
  words("task transition SPEC-001 DESIGN"),
  edit,
  words("session save --continue", "Half of it is done.\n"),
  words("worktree remove SPEC-001"),
  words("worktree restore SPEC-001"),
  takeBack,
  commit({ ...code, "changelog.d/SPEC-001.md": "It greets.\n" }),
  words("task update SPEC-001 --phase INTEGRATE --reason other"),
  words("review record SPEC-001 code approved --by ann"),
  words("review record SPEC-001 code approved --by bob"),
  words("gate check SPEC-001 IMPLEMENT-CODE_REVIEW"),
  words("gate check SPEC-001 TEST-INTEGRATE"),
  words("worktree merge SPEC-001"),
  words("backup create before"),
  words("task delete SPEC-001")
]

const work = (): void => {
  for (const disk of disks) {
    run(folder, "truncate", ["--size=600M", image(disk)])
    run(folder, "mkfs.ext4", ["-q", image(disk)])
    Fs.mkdirSync(point(disk))
    run(folder, "mount", ["-o", "loop,noatime,commit=600", image(disk), point(disk)])
  }
  Fs.mkdirSync(repo)
  git("init", "--quiet", "--initial-branch=main")
  const passing = ["true"]
  const gates = { tests: passing, linter: passing, types: passing, fullTests: passing }
  Fs.mkdirSync(Path.join(repo, ".calm"))
  Fs.writeFileSync(Path.join(repo, ".calm/project.json"), JSON.stringify({ gates }))
  git("add", "--all")
  git("commit", "--quiet", "--message", "Start")
  // What was there before calm came is on the disk.
  run(folder, "sync", ["--file-system", repo])
  const cuts = job.flatMap((step): ReadonlyArray<Cut> => {
    const command = step()
    const isCut = command !== undefined && (each || /^(?:worktree|session|backup|task transition) /.test(command))
    return isCut ? [{ command, losses: cut() }] : []
  })
  process.stdout.write(JSON.stringify(cuts))
}

if (word === "after") after()
else work()
