/**
 * The words that can stand where somebody is typing: ids and names of the project, from the database at a glance.
 *
 * Without Effect: a shell waits for each answer, and loading Effect alone takes longer than everything here. So rows are
 * looked at by hand, and the moves between phases are read from the gate table, which is data.
 */
import table from "@calm/gates/table.json" with { type: "json" }

/** What a word of the command line names. */
export const kinds = [
  /** A task, or several with commas. Finished ones only where no open one begins so. */
  "task",
  "task-list",
  "task-without-worktree",
  "task-with-worktree",
  "task-in-trash",
  "deleted-task",
  /** Where the task may move from where it is. */
  "move",
  /** Any other phase of the task's type. */
  "phase",
  "transition",
  "review-type",
  "worker",
  "role",
  "counter",
  "session",
  "pending-session",
  "backup"
] as const
export type Kind = (typeof kinds)[number]

/** What is asked for. */
export interface Request {
  readonly kind: Kind
  /** What is typed of the word so far. */
  readonly word: string
  /** The task that the command line names before it. */
  readonly task: string | undefined
}

/** A word with what it stands for, which may be any text. */
export interface Candidate {
  readonly word: string
  readonly about: string
}

/** Where words are found. */
export interface Sources {
  /** Rows of a query on the database. */
  readonly rows: (sql: string, ...params: ReadonlyArray<string>) => ReadonlyArray<ReadonlyArray<unknown>>
  /** Identity of the project. */
  readonly project: string
  /** The roles there are, and the backups. */
  readonly roles: () => ReadonlyArray<Candidate>
  readonly backups: () => ReadonlyArray<Candidate>
}

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "")

const candidates = (rows: ReadonlyArray<ReadonlyArray<unknown>>): ReadonlyArray<Candidate> =>
  rows.map(([word, about]) => ({ word: text(word), about: text(about) }))

/**
 * Every phase that a gate leads out of. Named one by one, an index finds them, without a look at what is finished; `+id`,
 * since SQLite would rather go through all tasks than sort the few that it finds.
 */
const phasesOpen = [...new Set(table.gates.map(({ from }) => `'${from}'`))].join(", ")
const open = `deleted_at IS NULL AND phase IN (${phasesOpen})`
const placed = "SELECT task_id FROM worktrees WHERE project_id = tasks.project_id AND state = 'open'"

/** So many sessions are offered, the latest. */
const latest = 50

/** The queries of one word: identity, then what it is. */
const queries = {
  "open-task": `SELECT id, phase || ' ' || title FROM tasks WHERE project_id = ? AND ${open} ORDER BY +id`,
  // There are ever more of these: they are found by how they begin.
  "finished-task": `SELECT id, phase || ' ' || title FROM tasks
    WHERE project_id = ? AND id_key >= ? AND id_key < ? AND +deleted_at IS NULL AND +phase IN ('DONE', 'CANCELLED')
    ORDER BY id`,
  "task-without-worktree": `SELECT id, phase || ' ' || title FROM tasks
    WHERE project_id = ? AND ${open} AND id NOT IN (${placed}) ORDER BY +id`,
  "task-with-worktree": `SELECT id, phase || ' ' || title FROM tasks
    WHERE project_id = ? AND deleted_at IS NULL AND id IN (${placed}) ORDER BY id`,
  "task-in-trash": `SELECT id, phase || ' ' || title FROM tasks WHERE project_id = ? AND deleted_at IS NULL
    AND id IN (SELECT task_id FROM trash WHERE project_id = tasks.project_id AND state = 'kept' AND reason <> 'undone')
    AND id NOT IN (${placed}) ORDER BY id`,
  "deleted-task": `SELECT id, phase || ' ' || title FROM tasks
    WHERE project_id = ? AND deleted_at IS NOT NULL ORDER BY id`,
  worker: `SELECT id, role || ' on ' || task_id FROM workers WHERE project_id = ? AND state = 'active' ORDER BY id DESC`,
  counter: `SELECT name, value FROM counters WHERE project_id = ? ORDER BY name`,
  session: `SELECT id, substr(saved_at, 1, 16) || ' ' || substr(trim(handoff), 1, 200) FROM sessions
    WHERE project_id = ? ORDER BY id DESC LIMIT ${latest}`,
  "pending-session": `SELECT id, substr(saved_at, 1, 16) || ' ' || substr(trim(handoff), 1, 200) FROM sessions
    WHERE project_id = ? AND continues = 1 AND resumed_at IS NULL ORDER BY id DESC`
} as const

/** The gates of a type of task in the order of its phases, and where a task with this phase stands among them. */
const gatesOf = ([type, phase]: ReadonlyArray<unknown>) => {
  const gates = table.gates.filter((gate) => gate.type === type)
  return { gates, at: gates.findIndex((gate) => gate.from === phase), phase: text(phase) }
}

type Way = ReturnType<typeof gatesOf>

/** One step forward, unless that is the merge's, or back to any earlier phase. */
const moves = ({ at, gates }: Way): ReadonlyArray<Candidate> =>
  gates[at] === undefined
    ? []
    : [
        ...(gates[at].checks.some(({ kind }) => kind === "merged")
          ? []
          : [{ word: gates[at].to, about: "the next phase" }]),
        ...gates
          .slice(0, at)
          .map(({ from }) => ({ word: from, about: "back, with --reason" }))
          .reverse()
      ]

const phases = ({ gates, phase }: Way): ReadonlyArray<Candidate> =>
  [...gates.map(({ from }) => from), gates.at(-1)?.to ?? "", "CANCELLED"]
    .filter((word) => word !== phase)
    .map((word) => ({ word, about: "past every rule, with --reason" }))

const transitions = ({ at, gates }: Way): ReadonlyArray<Candidate> =>
  gates.map(({ checks, from, to }, index) => ({
    word: `${from}-${to}`,
    about: `${index === at ? "the next gate: " : ""}${checks.map(({ name }) => name).join(", ")}`
  }))

const reviewTypes = ({ gates }: Way): ReadonlyArray<Candidate> =>
  gates.flatMap(({ checks, from, to }) =>
    checks.flatMap((check) => ("review" in check ? [{ word: check.review, about: `asked for by ${from}-${to}` }] : []))
  )

/** Only what needs no quotes in any shell: a name that does is not offered, whatever it would do there. */
const isPlain = (word: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(word)

/** The words of a kind that begin like what is typed, in any case, with what each stands for. */
export const find = ({ kind, task, word }: Request, sources: Sources): ReadonlyArray<Candidate> => {
  const begun = (found: ReadonlyArray<Candidate>, start = word): ReadonlyArray<Candidate> =>
    found.filter((one) => isPlain(one.word) && one.word.toLowerCase().startsWith(start.toLowerCase()))
  const listed = (query: keyof typeof queries, ...params: ReadonlyArray<string>) =>
    candidates(sources.rows(queries[query], sources.project, ...params))
  /** Offered from where the task is; nothing where there is no such task. */
  const ofTask = (offer: (way: Way) => ReadonlyArray<Candidate>) =>
    sources
      .rows(
        "SELECT type, phase FROM tasks WHERE project_id = ? AND id_key = ? AND deleted_at IS NULL",
        sources.project,
        (task ?? "").toLowerCase()
      )
      .flatMap((row) => offer(gatesOf(row)))
  const tasks = (start: string): ReadonlyArray<Candidate> => {
    const found = begun(listed("open-task"), start)
    const key = start.toLowerCase()
    return found.length > 0 ? found : begun(listed("finished-task", key, `${key}\u{10ffff}`), start)
  }
  switch (kind) {
    case "task":
      return tasks(word)
    case "task-list": {
      const head = word.slice(0, word.lastIndexOf(",") + 1)
      const taken = new Set([...head.split(","), task ?? ""].map((id) => id.trim().toLowerCase()))
      return tasks(word.slice(head.length))
        .filter((one) => !taken.has(one.word.toLowerCase()))
        .map((one) => ({ word: head + one.word, about: one.about }))
    }
    case "move":
      return begun(ofTask(moves))
    case "phase":
      return begun(ofTask(phases))
    case "transition":
      return begun(ofTask(transitions))
    case "review-type":
      return begun(ofTask(reviewTypes))
    case "role":
      return begun(sources.roles())
    case "backup":
      return begun(sources.backups())
    default:
      return begun(listed(kind))
  }
}
