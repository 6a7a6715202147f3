/**
 * What is there: every checkout, ref, thing in the trash, backup and row, a line each, so that two worlds can be compared.
 * What differs from run to run (times, random ids, commits made meanwhile) is put in other words; a commit that was not
 * there before is told by its tree, its parents and its subject.
 */
import Database from "better-sqlite3"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { filesOf, git, indexAt, refsOf, stateOf } from "../support/checkout.ts"
import type { Place } from "../support/command.ts"

export type Portrait = ReadonlyArray<string>

/** Columns that tell who, when and how long, and such as only number the rows. */
const leftOut = new Set(["project_id", "seq", "actor", "saved_by", "started_by", "duration_ms", "log_file"])

/** Tables that are empty, or of no meaning, when nothing is under way. */
const unread = new Set(["locks", "operations", "calm_schema"])

/**
 * What is there too many without harm: what calm writes when it puts right what was cut off, beside what it puts right;
 * half-made things that go away with the trash; and what git says of the folder of worktrees.
 */
const withoutMeaning =
  /^events \| operation\.recovered|undone|^backup before-fix-|^trash .*(?:admin\/calm-index-|origin\.json\.new)|^main status ! \.worktrees\//

/** Opens a database for reading. */
export const reading = <A>(file: string, read: (database: Database.Database) => A): A => {
  const database = new Database(file, { readonly: true, fileMustExist: true })
  try {
    return read(database)
  } finally {
    database.close()
  }
}

const textOf = (value: unknown): string => (value === null ? "-" : String(value))

/** The rows of every table. */
const rowsOf = (file: string): ReadonlyArray<string> =>
  reading(file, (database) => {
    const tables = database
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
    const rows = tables
      .filter(({ name }) => !unread.has(name))
      .flatMap(({ name }) =>
        database
          .prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`)
          .all()
          .map((row) => {
            const cells = Object.entries(row).filter(([column]) => !leftOut.has(column))
            // What happened comes first, in an event.
            const words = name === "events" ? [row["kind"], row["task_id"], row["data"]] : cells.map(([, cell]) => cell)
            return [name, ...words.map(textOf)].join(" | ")
          })
      )
    return [`version ${textOf(database.pragma("user_version", { simple: true }))}`, ...rows]
  })

const entries = (folder: string): ReadonlyArray<string> => (Fs.existsSync(folder) ? Fs.readdirSync(folder).sort() : [])

/** A checkout: HEAD, index, status and files, each on lines of their own. */
export const checkoutOf = (title: string, folder: string): ReadonlyArray<string> => {
  const link = Path.join(folder, ".git")
  const records = Fs.statSync(link).isFile() ? Fs.readFileSync(link, "utf8").slice("gitdir: ".length).trim() : link
  if (!Fs.existsSync(records)) return [`${title} has no records in git`]
  const { files, head, index, status } = stateOf(folder)
  return [
    `${title} HEAD ${head.trim()}`,
    ...(index ?? "").split("\0").map((entry) => `${title} index ${entry}`),
    ...status.split("\0").map((entry) => `${title} status ${entry}`),
    ...Object.entries(files).map(([name, content]) => `${title} file ${name}: ${content}`)
  ]
}

const worktrees = (repo: string): ReadonlyArray<string> =>
  entries(Path.join(repo, ".worktrees")).filter((name) => !name.startsWith("."))

/** The folder that the trash is in. */
const trashOf = (repo: string) => Path.join(repo, ".git/calm/trash")

/** What is in the trash under a name, file by file; the index by its entries, since it has times, too. */
const trashed = (repo: string, name: string): ReadonlyArray<string> => {
  const folder = Path.join(trashOf(repo), name)
  return Object.entries(filesOf(folder, true)).flatMap(([file, content]) => {
    const title = `trash ${name} ${file}:`
    if (file === "admin/index") return indexAt(repo, Path.join(folder, file)).map((entry) => `${title} ${entry}`)
    return [`${title} ${/^(?:admin\/logs|origin\.json)/.test(file) ? "" : content}`]
  })
}

/** The commits that there are in a repository. */
export const commitsOf = (repo: string): ReadonlySet<string> =>
  new Set(git(repo, "rev-list", "--all", "--reflog").split("\n"))

/** Puts in other words what differs from run to run. */
const plain = (repo: string, known: ReadonlySet<string>) => {
  const made = new Map(
    git(repo, "log", "--all", "--reflog", "--format=%H%x00%T%x00%P%x00%s")
      .split("\n")
      .map((line) => line.split("\0"))
      .flatMap(([sha = "", ...told]) => (known.has(sha) ? [] : [[sha, told] as const]))
  )
  const nameOf = (sha: string): string => {
    const told = made.get(sha)
    if (told === undefined) return sha
    const [tree, parents = "", subject] = told
    return `<commit ${tree} on ${parents.split(" ").map(nameOf).join(" ")}: ${subject}>`
  }
  return (line: string): string =>
    line
      .replaceAll(/\b[0-9a-f]{40}\b/g, nameOf)
      .replaceAll(/\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z|_\d{2}-\d{2}-\d{2}(?:-\d+)?)/g, "<time>")
      .replaceAll(/\bS-[0-9a-z]{8,}/g, "<session>")
}

/** The id of the project, which is random. */
const projectsOf = (file: string): ReadonlyArray<string> =>
  reading(file, (database) =>
    database
      .prepare<[], { id: string }>("SELECT id FROM projects")
      .all()
      .map(({ id }) => id)
  )

/** The main checkout of a world in which these commits were there before. */
export const mainOf = ({ repo }: Place, known: ReadonlySet<string>): Portrait =>
  checkoutOf("main", repo)
    .map(plain(repo, known))
    .filter((line) => !withoutMeaning.test(line))
    .sort()

/** What is there, of such a world. */
export const portrait = (place: Place, known: ReadonlySet<string>): Portrait => {
  const { home, repo } = place
  const database = Path.join(home, "metadata.db")
  const there = Fs.existsSync(database) && Fs.statSync(database).size > 0
  const rows = there ? rowsOf(database) : []
  const projects = rows.some((row) => row.startsWith("projects ")) ? projectsOf(database) : []
  const lines = [
    ...checkoutOf("main", repo),
    ...worktrees(repo).flatMap((name) => checkoutOf(name, Path.join(repo, ".worktrees", name))),
    ...Object.entries(refsOf(repo)).map(([ref, sha]) => `${ref} ${sha}`),
    ...entries(trashOf(repo)).flatMap((name) => trashed(repo, name)),
    ...entries(Path.join(home, "backups"))
      .filter((name) => !name.startsWith("."))
      .map((name) => `backup ${name}`),
    ...rows
  ]
  const inOtherWords = plain(repo, known)
  return lines
    .map((line) => projects.reduce((text, id) => text.replaceAll(id, "<project>"), inOtherWords(line)))
    .filter((line) => !withoutMeaning.test(line))
    .sort()
}
