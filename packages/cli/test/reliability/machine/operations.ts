/** Every operation that writes: the world in which it can be done, its words, and how it shows that it was done. */
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { hasRow, lostRows, type Rows, rowsOf } from "./rows.ts"

export type Place = Effect.Effect.Success<typeof World.make>

export interface Operation {
  /** Command lines and changes by hand that come before it. */
  readonly before: ReadonlyArray<string | ((world: Place) => void)>
  readonly words: string
  readonly stdin?: string
  /** It tells of failures in its answer, too. */
  readonly answers?: boolean
  /** Beside calm's home, to which all of them write: the folders that it needs room in. */
  readonly writes?: ReadonlyArray<"repo" | "tmp">
  /** Was it done? `earlier` are the rows before it. */
  readonly done: (world: Place, rows: Rows, earlier: Rows) => boolean
}

export const database = ({ home }: Place) => Path.join(home, "metadata.db")

/** What nobody has committed, as whole files: no text is a part of another, so that each is missed when it alone is lost. */
const uncommitted = {
  staged: "a heron, staged\n",
  changed: "exit 0\n# a marten, on top of what is committed\n",
  untracked: "an otter, of no commit\n",
  ignored: "a lynx, for no commit\n"
}

const edit = ({ worktree }: Place) => {
  const at = worktree("SPEC-001")
  Fs.writeFileSync(Path.join(at, "one.txt"), uncommitted.staged)
  World.git(at, "add", "one.txt")
  Fs.writeFileSync(Path.join(at, "check.sh"), uncommitted.changed)
  Fs.writeFileSync(Path.join(at, "two.txt"), uncommitted.untracked)
  Fs.writeFileSync(Path.join(at, "three.secret"), uncommitted.ignored)
}

/** Finishes the task, but for what is ignored. */
const finish = ({ worktree }: Place) => {
  const at = worktree("SPEC-001")
  World.commit(at, { "greet.txt": "hello\n", "changelog.d/SPEC-001.md": "* Greets\n" })
  Fs.writeFileSync(Path.join(at, "three.secret"), uncommitted.ignored)
}

/** What of that is in the world of an operation: all of it must be found again, whatever happens. */
export const uncommittedIn = ({ before }: Operation): ReadonlyArray<string> =>
  before.includes(edit) ? Object.values(uncommitted) : before.includes(finish) ? [uncommitted.ignored] : []

const started = ["init", "task create SPEC-001 Greet", "worktree create SPEC-001 --no-setup"]
const atWork = [...started, edit]
const removed = (world: Place, rows: Rows) =>
  !Fs.existsSync(world.worktree("SPEC-001")) && hasRow(rows, "trash", `"task_id":"SPEC-001"`)
const backups = ({ home }: Place) => Fs.readdirSync(Path.join(home, "backups")).filter((name) => name.endsWith(".db"))

const ready = [
  ...started,
  finish,
  "task update SPEC-001 --phase INTEGRATE --reason trial",
  "review record SPEC-001 code approved --by ann",
  "review record SPEC-001 code approved --by bob",
  "gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
  "gate check SPEC-001 TEST-INTEGRATE"
]

/** Makes the database what it was before the last step of the schema. */
const older = (world: Place) => {
  const open = new Database(database(world))
  open.exec("DROP INDEX events_by_time; DELETE FROM calm_schema WHERE version = 4; PRAGMA user_version = 3")
  open.close()
}

export const operations: Readonly<Record<string, Operation>> = {
  init: { before: [], writes: ["repo"], words: "init", done: (_, rows) => hasRow(rows, "projects", "repo") },
  "task create": {
    before: ["init"],
    words: "task create SPEC-001 Greet",
    done: (_, rows) => hasRow(rows, "tasks", `"id":"SPEC-001"`)
  },
  "worktree create": {
    before: started.slice(0, 2),
    writes: ["repo"],
    words: "worktree create SPEC-001 --no-setup",
    done: (world, rows) => Fs.existsSync(world.worktree("SPEC-001")) && hasRow(rows, "worktrees", `"state":"open"`)
  },
  "worktree remove": { before: atWork, writes: ["repo"], words: "worktree remove SPEC-001", done: removed },
  "worktree restore": {
    before: [...atWork, "worktree remove SPEC-001"],
    writes: ["repo"],
    words: "worktree restore SPEC-001",
    done: (world, rows) => Fs.existsSync(world.worktree("SPEC-001")) && hasRow(rows, "worktrees", `"state":"open"`)
  },
  "worktree merge": {
    before: ready,
    writes: ["repo"],
    words: "worktree merge SPEC-001",
    done: (world, rows) =>
      hasRow(rows, "merges", `"task_id":"SPEC-001"`) && World.git(world.repo, "show", "main:greet.txt") === "hello"
  },
  "session save": {
    before: atWork,
    writes: ["repo"],
    words: "session save",
    stdin: "Half-way.",
    answers: true,
    done: (_, rows) =>
      hasRow(rows, "session_worktrees", `"task_id":"SPEC-001"`) && hasRow(rows, "sessions", "Half-way.")
  },
  "gate check": {
    before: ready.slice(0, -2),
    writes: ["tmp"],
    words: "gate check SPEC-001 TEST-INTEGRATE",
    answers: true,
    done: ({ home }, rows) => {
      const logs = Fs.readdirSync(Path.join(home, "logs"), { recursive: true, encoding: "utf8" })
      return hasRow(rows, "evidence", `"status":"passed"`) && logs.some((name) => name.endsWith(".log"))
    }
  },
  "review record": {
    before: ready.slice(0, -4),
    words: "review record SPEC-001 code approved --by ann",
    done: (_, rows) => hasRow(rows, "reviews", `"reviewer":"ann"`)
  },
  "task transition": {
    before: ready,
    words: "task transition SPEC-001 SPEC --reason again",
    done: (_, rows) => hasRow(rows, "tasks", `"phase":"SPEC"`)
  },
  "task delete": { before: atWork, writes: ["repo"], words: "task delete SPEC-001", done: removed },
  "task restore": {
    before: [...atWork, "task delete SPEC-001"],
    words: "task restore SPEC-001",
    done: (_, rows) => hasRow(rows, "tasks", `"deleted_at":null`)
  },
  "counter increment": {
    before: ["init"],
    words: "counter increment merges_since_e2e",
    done: (_, rows) => hasRow(rows, "counters", `"value":1`)
  },
  "backup create": {
    before: started,
    words: "backup create monday",
    done: (world) => backups(world).includes("monday.db")
  },
  "backup restore": {
    before: ["init", "backup create monday", "task create SPEC-002 Later"],
    words: "backup restore monday --yes",
    done: (world, rows, earlier) =>
      !hasRow(rows, "tasks", "Later") &&
      backups(world).some(
        (name) =>
          name.startsWith("before-restore") &&
          lostRows(earlier, rowsOf(Path.join(world.home, "backups", name))).length === 0
      )
  },
  "doctor --fix": {
    before: [
      ...atWork,
      ({ home }) => Fs.chmodSync(home, 0o755),
      ({ home }) => Fs.chmodSync(Path.join(home, "metadata.db"), 0o644)
    ],
    words: "doctor --fix",
    answers: true,
    done: (world) => (Fs.statSync(database(world)).mode & 0o077) === 0
  },
  "database upgrade": {
    before: [...started, older],
    words: "task create SPEC-002 After",
    done: (world, rows) =>
      hasRow(rows, "tasks", "After") &&
      hasRow(rows, "calm_schema", "since") &&
      Fs.existsSync(`${database(world)}.before-v4`)
  }
}

/** Makes the world of an operation. */
export const prepare = Effect.fnUntraced(function* (world: Place, { before }: Operation) {
  World.commit(world.repo, { ".gitignore": "*.secret\n", "read.me": "read\n" })
  Fs.appendFileSync(Path.join(world.repo, "read.me"), "the user is at it\n")
  Fs.writeFileSync(Path.join(world.repo, "notes.txt"), "the user's own\n")
  for (const step of before)
    if (typeof step === "function") step(world)
    else {
      const { exitCode, stderr } = yield* world.calm(step.split(" "))
      if (exitCode !== 0) return yield* Effect.dieMessage(`${step}: ${stderr}`)
    }
})
