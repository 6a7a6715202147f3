/**
 * A project in the middle of its work, with things around it that nobody may touch: a second project in the same
 * database, and files beside repository and home.
 */
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as DiagnosticsChannel from "node:diagnostics_channel"
import type * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged, filesOf, unsound } from "../support/checkout.ts"
import type { Known } from "./grown.ts"
import { pwned } from "./words.ts"
import * as Worktrees from "./worktrees.ts"

const notes = "Remember the milk"

/** What the project has: each command must succeed. */
const history: ReadonlyArray<readonly [line: ReadonlyArray<string>, stdin?: string]> = [
  [["task", "create", "SPEC-001", "Add a greeting"]],
  [["task", "create", "SPEC-002", "Add a farewell", "--blocked-by", "SPEC-001"]],
  [["task", "create", "SPEC-003", "Given up"]],
  [["task", "create", "SPEC-004", "Deleted"]],
  [["task", "create", "BUG-001", "Greets twice"]],
  [["task", "update", "SPEC-001", "--notes", notes, "--touches", "src/**"]],
  [["task", "cancel", "SPEC-003", "--reason", "not wanted"]],
  [["task", "delete", "SPEC-004"]],
  [["task", "update", "BUG-001", "--phase", "FIXED", "--reason", "it is"]],
  [["counter", "add", "builds", "3"]],
  [["session", "save", "--continue"], "# Where we are\n\nHalf-way.\n"],
  [["backup", "create", "first"]]
]

/** A way through everything that a folder has, and what is in it. */
const look = (folder: string): string => JSON.stringify(filesOf(folder, true))

const named = (folder: string): ReadonlyArray<string> => (Fs.existsSync(folder) ? Fs.readdirSync(folder) : [])

/** All rows that belong to a project, as text; but for its events of a restore, which concerns every project. */
const rowsOf = (database: string, project: string): string => {
  const connection = new Database(database, { readonly: true, fileMustExist: true })
  try {
    const tables = connection
      .prepare<[], { name: string; key: string }>(
        `SELECT t.name, c.name AS key FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND (c.name = 'project_id' OR t.name = 'projects' AND c.name = 'id') ORDER BY t.name`
      )
      .all()
    return JSON.stringify(
      tables.map(({ key, name }) => [
        name,
        connection
          .prepare(
            `SELECT * FROM "${name}" WHERE "${key}" = ? ${name === "events" ? "AND kind <> 'backup.restored'" : ""}`
          )
          .all(project)
      ])
    )
  } finally {
    connection.close()
  }
}

/** The programs that this process starts, while it is open. */
const programs = Effect.acquireRelease(
  Effect.sync(() => {
    const started: Array<ChildProcess.ChildProcess> = []
    const note = (message: unknown) => {
      if (typeof message === "object" && message !== null && "process" in message)
        started.push(message.process as ChildProcess.ChildProcess)
    }
    DiagnosticsChannel.subscribe("child_process", note)
    return { started, note }
  }),
  ({ note }) => Effect.sync(() => void DiagnosticsChannel.unsubscribe("child_process", note))
)

/** What may be started: git, and Node with a check script; never a shell. */
const isAllowed = ({ spawnargs, spawnfile }: ChildProcess.ChildProcess): boolean =>
  Path.basename(spawnfile) === "git" ||
  (spawnfile === process.execPath && /[\\/]gates[\\/]\w+\.mjs$/.test(spawnargs[1] ?? ""))

/** What a word that was run as a command would leave, in whatever folder. */
const marksIn = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => Path.basename(name).includes(pwned))

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const atHome = /^(?:metadata\.db(?:-wal|-shm|\.checked)?|backups|cache|config\.json|logs|roles)$/

export const make = Effect.gen(function* () {
  const world = yield* World.make
  const { base, home, repo } = world
  const elsewhere = Path.join(base, "elsewhere", "other")
  World.repository(elsewhere)
  Fs.mkdirSync(Path.join(base, "canary"))
  for (const name of ["secret", "x", "x.db", "x.md", "metadata.db"])
    Fs.writeFileSync(Path.join(base, "canary", name), name)
  Fs.symlinkSync("secret", Path.join(base, "canary", "link"))
  for (const cwd of [elsewhere, repo]) {
    yield* world.json(["init"], { cwd })
    for (const [line, stdin = ""] of history) {
      if (cwd === elsewhere && line[0] === "backup") continue
      const { error } = yield* world.json(line, { cwd, stdin })
      if (error !== undefined) return yield* Effect.dieMessage(`calm ${line.join(" ")}: ${error.message}`)
    }
  }
  for (const id of ["SPEC-001", "BUG-001"]) {
    const { error } = yield* world.json(["worktree", "create", id, "--no-setup"])
    if (error !== undefined) return yield* Effect.dieMessage(error.message)
    World.commit(world.worktree(id), { "greet.js": `// ${id}\n`, [`planning_docs/${id}/spec.md`]: "Greet people.\n" })
    Fs.writeFileSync(Path.join(world.worktree(id), "precious.txt"), "not committed\n")
  }
  const first = (data: unknown): string => String(/"id":"([SW]-[0-9a-z]+)"/.exec(JSON.stringify(data))?.[1])
  const worker = first((yield* world.line("worker start SPEC-001 backend")).data)
  const session = first((yield* world.line("session list")).data)

  const database = Path.join(home, "metadata.db")
  const pristine = yield* World.folder
  const copy = (from: string, to: string) =>
    Fs.cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  copy(base, pristine)
  const other = (() => {
    const connection = new Database(database, { readonly: true })
    try {
      return String(connection.prepare("SELECT id FROM projects WHERE path = ?").pluck().get(elsewhere))
    } finally {
      connection.close()
    }
  })()

  const tasks = ["SPEC-001", "SPEC-002", "BUG-001"]
  const known: Known = {
    task: tasks,
    "task-list": ["", ...tasks],
    "task-without-worktree": ["SPEC-002"],
    "task-with-worktree": ["SPEC-001", "BUG-001"],
    "task-in-trash": ["SPEC-001"],
    "deleted-task": ["SPEC-004"],
    move: ["DESIGN", "SPEC", "TEST"],
    transition: ["SPEC-DESIGN", "IMPLEMENT-CODE_REVIEW"],
    worker: [worker],
    role: ["backend", "qa"],
    counter: ["builds", "merge_lock"],
    session: [session, "S-0"],
    "pending-session": [session],
    backup: ["first", "second"],
    folder: ["."],
    command: ["task", "create"]
  }

  /** The things around the project that no command has to do with. */
  const surroundings = () => ({
    canary: look(Path.join(base, "canary")),
    elsewhere: look(Path.join(base, "elsewhere")),
    checkout: JSON.stringify(filesOf(repo)),
    head: Fs.readFileSync(Path.join(repo, ".git", "HEAD"), "utf8"),
    main: Fs.readFileSync(Path.join(repo, ".git", "refs", "heads", "main"), "utf8"),
    gitConfig: Fs.readFileSync(Path.join(repo, ".git", "config"), "utf8"),
    ignored: Fs.readFileSync(Path.join(repo, ".worktrees", ".gitignore"), "utf8"),
    names: JSON.stringify(Fs.readdirSync(base)),
    rows: rowsOf(database, other)
  })
  const before = surroundings()
  let lost = Worktrees.watch(repo)
  const { started } = yield* programs

  /** What has been touched that lies outside of what commands of the project may change. */
  const touched = Effect.sync((): ReadonlyArray<string> => {
    const after = surroundings()
    const changed = Object.entries(before).flatMap(([name, was]) =>
      Object.entries(after).some(([key, is]) => key === name && is === was) ? [] : [`${name} is not as it was`]
    )
    const strange = [
      ...named(home).filter((name) => !atHome.test(name)),
      ...named(Path.join(home, "backups")).filter((name) => !plainName.test(name) || !name.endsWith(".db")),
      ...named(Path.join(home, "roles")),
      ...named(Path.join(repo, ".worktrees")).filter(
        (name) =>
          name !== ".gitignore" &&
          !(plainName.test(name) && Fs.lstatSync(Path.join(repo, ".worktrees", name)).isDirectory())
      ),
      ...named(Path.join(repo, ".git", "refs", "heads")).filter((name) => !plainName.test(name))
    ].map((name) => `there is ${JSON.stringify(name)}`)
    const forbidden = started
      .splice(0)
      .filter((child) => !isAllowed(child))
      .map(({ spawnargs }) => `it started ${JSON.stringify(spawnargs)}`)
    const ran = [...(Fs.existsSync(pwned) ? ["."] : []), ...marksIn(base)].map(
      (at) => `a word was run as a command: ${at}`
    )
    return [...changed, ...lost(), ...strange, ...forbidden, ...ran]
  })

  /** What is broken in the database or the repository. */
  const broken = Effect.sync((): ReadonlyArray<string> =>
    [damaged(database), unsound(repo)].filter((said) => said !== "")
  )

  /** Changes the database past calm. */
  const sql = (statement: string): void => {
    const connection = new Database(database)
    try {
      connection.exec(statement)
    } finally {
      connection.close()
    }
  }

  /** Makes everything as it was in the beginning. */
  const renew = Effect.sync(() => {
    for (const name of Fs.readdirSync(base)) Fs.rmSync(Path.join(base, name), { recursive: true, force: true })
    copy(pristine, base)
    lost = Worktrees.watch(repo)
  })

  return { ...world, elsewhere, sql, known, touched, broken, renew }
})
