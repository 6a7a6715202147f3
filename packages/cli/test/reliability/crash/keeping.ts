/**
 * What calm keeps of uncommitted work beside the files that it leaves where they are: what is staged, commits under rescue
 * refs, and hand-overs. What the rows say is compared with what there is.
 */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { filesOf, git, indexAt } from "../support/checkout.ts"
import type { Place } from "../support/command.ts"
import { reading } from "./portrait.ts"

/** The work in a task's checkout: names with the ids that git gives to the contents. */
interface Work {
  /** What is in the files, without those that git ignores. */
  readonly files: ReadonlyMap<string, string>
  /** What is staged alone: not in the file of that name, nor in a commit of a branch. */
  readonly staged: ReadonlyMap<string, string>
}

/** The work by its task. */
export type Works = ReadonlyMap<string, Work>

const idOf = (content: string): string => {
  const bytes = Buffer.from(content, "latin1")
  return Crypto.createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
}

const attempt = <A>(look: () => A): A | undefined => {
  try {
    return look()
  } catch {
    return undefined
  }
}

const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

/** The ids of all that a ref leads to, or all `--branches`, or `--all` there are; be they there or not. */
const below = (repo: string, ref: string): ReadonlySet<string> =>
  new Set(lines(git(repo, "rev-list", "--objects", "--no-object-names", "--missing=allow-any", ref)))

/** The folders in a folder that have this in them, with its path. */
const having = (folder: string, name: string): ReadonlyArray<readonly [folder: string, path: string]> =>
  (Fs.existsSync(folder) ? Fs.readdirSync(folder) : [])
    .map((each) => [each, Path.join(folder, each, name)] as const)
    .filter(([, path]) => Fs.existsSync(path))

/** The ids in an index by their names. */
const stagedIn = (repo: string, index: string): ReadonlyMap<string, string> =>
  new Map(
    indexAt(repo, index).map((entry): [string, string] => {
      const [told = "", name = ""] = entry.split("\t")
      return [name, told.split(" ")[2] ?? ""]
    })
  )

/** The folders of the trash. */
const trashOf = (repo: string): string => Path.join(repo, ".git/calm/trash")

const adminOf = (tree: string): string =>
  Fs.readFileSync(Path.join(tree, ".git"), "utf8").slice("gitdir: ".length).trim()

/** The work of all tasks in a world in which nothing is half done: in the worktrees, and in the trash. */
export const worksOf = (repo: string): Works => {
  const committed = below(repo, "--branches")
  return new Map(
    [
      ...having(Path.join(repo, ".worktrees"), ".git").map(([task, link]) => {
        const tree = Path.dirname(link)
        return [task, tree, Path.join(adminOf(tree), "index")] as const
      }),
      ...having(trashOf(repo), "tree").map(
        ([name, tree]) => [name, tree, Path.join(Path.dirname(tree), "admin/index")] as const
      )
    ].map(([name, tree, index]): [string, Work] => {
      const contents = Object.entries(filesOf(tree)).filter(([file]) => !/\.log$|\/$/.test(file))
      const files = new Map(contents.map(([file, content]) => [file, idOf(content)]))
      const staged = [...stagedIn(repo, index)].filter(([file, id]) => files.get(file) !== id && !committed.has(id))
      return [/^\w+-\d+/.exec(name)?.[0] ?? name, { files, staged: new Map(staged) }]
    })
  )
}

/** What was staged alone and can be had no more: by no index, be its worktree in the trash, and from no ref. */
export const unstaged = (repo: string, works: Works): ReadonlyArray<string> => {
  const staged = [...works].flatMap(([task, work]) => [...work.staged].map(([name, id]) => ({ task, name, id })))
  if (staged.length === 0) return []
  const indexes = [...having(Path.join(repo, ".git/worktrees"), "index"), ...having(trashOf(repo), "admin/index")]
  const entries = new Set(
    indexes.flatMap(([, index]) => [...stagedIn(repo, index)].map(([name, id]) => `${id} ${name}`))
  )
  const missing = staged.filter(({ id, name }) => !entries.has(`${id} ${name}`))
  const inRefs = missing.length === 0 ? new Set<string>() : below(repo, "--all")
  const unread = staged.filter(({ id }) => attempt(() => git(repo, "cat-file", "blob", id)) === undefined)
  return [
    ...missing.flatMap(({ id, name, task }) => (inRefs.has(id) ? [] : [`lost: what is staged of ${name} of ${task}`])),
    ...unread.map(({ name, task }) => `not to be read: what is staged of ${name} of ${task}`)
  ]
}

/** What a statement gives of a world's database; nothing where there is none, or this table is not there yet. */
const rowsOf = <Row>({ home }: Place, table: string, statement: string): ReadonlyArray<Row> => {
  const file = Path.join(home, "metadata.db")
  if (!Fs.existsSync(file)) return []
  return reading(file, (database) =>
    database.prepare<[string]>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) === undefined
      ? []
      : database.prepare<[], Row>(statement).all()
  )
}

interface Named {
  readonly task: string
  readonly ref: string
}

const inTrash = "SELECT task_id AS task, rescue_ref AS ref FROM trash WHERE rescue_ref IS NOT NULL"
const inSessions = "SELECT task_id AS task, rescue_ref AS ref FROM session_worktrees WHERE rescue_ref IS NOT NULL"

/** What is wrong with the refs that the rows name: each is there, and its commit has what is in the files and what is staged. */
export const unrescued = (place: Place, works: Works): ReadonlyArray<string> =>
  [...rowsOf<Named>(place, "trash", inTrash), ...rowsOf<Named>(place, "session_worktrees", inSessions)].flatMap(
    ({ ref, task }) => {
      const { repo } = place
      const tree = attempt(() => git(repo, "ls-tree", "-r", "-z", ref))
      if (tree === undefined) return [`${ref} is named, and is not there`]
      const has = new Set(tree.split("\0").map((entry) => entry.replace(/^\d+ blob /, "")))
      const { files = [], staged = new Map<string, string>() } = works.get(task) ?? {}
      const leadsTo = staged.size === 0 ? new Set<string>() : below(repo, ref)
      return [
        ...[...files].flatMap(([name, id]) => (has.has(`${id}\t${name}`) ? [] : [`${ref} has not ${name} as it is`])),
        ...[...staged].flatMap(([name, id]) => (leadsTo.has(id) ? [] : [`${ref} has not what is staged of ${name}`]))
      ]
    }
  )

/** Hand-overs, and what was kept of a worktree with one: how many there are of each. */
export interface Stored {
  readonly handovers: number
  readonly worktrees: number
}

/** How many of them a command has stored that was killed instead of the last of these steps. */
export const storedBy = (steps: ReadonlyArray<string>): Stored => {
  const made = steps.slice(0, -1)
  const committed = made.findLastIndex((step) => step.includes(": COMMIT"))
  const count = (table: string) => made.slice(0, committed + 1).filter((step) => step.includes(`INTO ${table} `)).length
  return { handovers: count("sessions"), worktrees: count("session_worktrees") }
}

/** All of them together. */
export const sum = (all: ReadonlyArray<Stored>): Stored => ({
  handovers: all.reduce((total, { handovers }) => total + handovers, 0),
  worktrees: all.reduce((total, { worktrees }) => total + worktrees, 0)
})

interface Session {
  readonly id: string
  readonly handoff: string
}

interface Kept {
  readonly task: string
  readonly session: string
  readonly sha: string | null
  readonly ref: string | null
}

const sessions = "SELECT id, handoff FROM sessions ORDER BY id"
const told = "SELECT json_extract(data, '$.session') AS id FROM events WHERE kind = 'session.saved' ORDER BY id"
const kept =
  "SELECT session_id AS session, task_id AS task, commit_sha AS sha, rescue_ref AS ref FROM session_worktrees"

/** How many there are of each. */
export const storedIn = (place: Place): Stored => ({
  handovers: rowsOf<Session>(place, "sessions", sessions).length,
  worktrees: rowsOf<Kept>(place, "session_worktrees", kept).length
})

/** What sessions have kept, by the refs and the commits themselves. */
const keptInGit = (repo: string): ReadonlyArray<string> => [
  ...lines(git(repo, "for-each-ref", "--format=%(refname)", "refs/calm/rescue/")).flatMap((ref) => {
    const [task, session] = ref.split("/").slice(-2)
    return session?.startsWith("S-") === true ? [`${session} keeps ${task} under ${ref}`] : []
  }),
  ...git(repo, "log", "--branches", "--format=%H%x00%s%x00%(trailers:key=Session,valueonly)%x01")
    .split("\u0001")
    .map((commit) => commit.trim().split("\0"))
    .flatMap(([sha, subject = "", session = ""]) =>
      session === "" ? [] : [`${session.trim()} has committed ${/^WIP (\S+):/.exec(subject)?.[1]} as ${sha}`]
    )
]

/** The same by the rows. Every worktree in which something is uncommitted has more than what is staged. */
const keptInRows = (place: Place): ReadonlyArray<string> =>
  rowsOf<Kept>(place, "session_worktrees", kept).flatMap(({ ref, session, sha, task }) => [
    `${session} keeps ${task} under ${ref}`,
    ...(sha === null ? [] : [`${session} has committed ${task} as ${sha}`])
  ])

/**
 * What is wrong with the hand-overs of a world that was put right. There are as many as commands have come to store one;
 * with them is kept at least as much as was on record; each event, ref and commit of a session has its row, and no row is
 * without.
 */
export const mishandled = (place: Place, handoff: string | undefined, stored: Stored): ReadonlyArray<string> => {
  const found = rowsOf<Session>(place, "sessions", sessions)
  const ids = found.map(({ id }) => id).join(", ")
  const events = rowsOf<{ id: string }>(place, "events", told)
  const inRows = keptInRows(place)
  const inGit = handoff === undefined ? [] : keptInGit(place.repo)
  const { handovers, worktrees } = storedIn(place)
  const mentioned = events.map(({ id }) => id).join(", ")
  return [
    ...(handovers === stored.handovers ? [] : [`hand-overs: ${handovers} for ${stored.handovers} that were stored`]),
    ...(worktrees >= stored.worktrees
      ? []
      : [`worktrees of sessions: ${worktrees} of ${stored.worktrees} that were kept`]),
    ...found.filter((each) => each.handoff !== handoff).map((each) => `the hand-over of ${each.id}: ${each.handoff}`),
    ...(mentioned === ids ? [] : [`the events tell of the sessions ${mentioned}; the rows are of ${ids}`]),
    ...inRows.filter((line) => !inGit.includes(line)).map((line) => `only by its row ${line}`),
    ...inGit.filter((line) => !inRows.includes(line)).map((line) => `without a row ${line}`)
  ]
}
