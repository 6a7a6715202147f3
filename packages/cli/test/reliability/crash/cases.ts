/** The operations that are killed at each of their steps. */
import { migrations } from "@calm/sql/Migrations"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import type { Call } from "./program.ts"
import { type Stage, uncommitted, write } from "./stage.ts"

export interface Case {
  readonly name: string
  /** Makes the world of it, from the one that all have. */
  readonly world: (stage: Stage) => Effect.Effect<void, ParseError>
  readonly call: Call
  /** What the same command answers when the crash came after all was done. */
  readonly already?: ReadonlyArray<string>
  /** Lines of the portrait that the crash may leave as they are or not, whatever becomes of the operation. */
  readonly beside?: RegExp
  /** Which part of the change a line of the portrait belongs to: each part by itself is whole or undone. Without it there is one. */
  readonly part?: (line: string) => string
  /** What `status` may answer before anything was recovered. */
  readonly status?: ReadonlyArray<string>
  /** What the doctor may go on saying, beside what he says before or after. */
  readonly finding?: RegExp
}

const call = (line: string, stdin?: string): Call => ({ argv: line.split(" "), stdin })

/** SPEC-001 with a worktree, a commit and uncommitted work of every kind. */
const untidy = Effect.fnUntraced(function* ({ done, worktree }: Stage) {
  yield* done("worktree create SPEC-001 --no-setup")
  World.commit(worktree("SPEC-001"), { "greet.txt": "hello\n" })
  uncommitted(worktree("SPEC-001"), "SPEC-001")
})

/** SPEC-001 with committed code and a changelog. */
const written = Effect.fnUntraced(function* ({ done, worktree }: Stage) {
  yield* done("worktree create SPEC-001 --no-setup")
  World.commit(worktree("SPEC-001"), { "greet.txt": "hello\n", "changelog.d/SPEC-001.md": "It greets.\n" })
  write(worktree("SPEC-001"), { "precious.log": "SPEC-001: ignored\n" })
})

/** SPEC-001, ready to be merged. */
const mergeable = Effect.fnUntraced(function* (stage: Stage) {
  yield* written(stage)
  yield* stage.done(
    "review record SPEC-001 code approved --by ann",
    "review record SPEC-001 code approved --by bob",
    "gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
    "gate check SPEC-001 TEST-INTEGRATE",
    "task update SPEC-001 --phase INTEGRATE --reason ready"
  )
})

/** The database as the first version of the schema had it. */
const ofVersionOne = ({ home }: Stage) =>
  Effect.sync(() => {
    const database = new Database(Path.join(home, "metadata.db"))
    const made = migrations
      .slice(1)
      .flatMap(({ statements }) => statements)
      .flatMap((statement) => [...statement.matchAll(/^CREATE (TABLE|INDEX) (\w+)/g)])
    for (const [, kind, name] of made.reverse()) database.exec(`DROP ${kind} ${name}`)
    database.exec("DELETE FROM calm_schema WHERE version > 1; PRAGMA user_version = 1")
    database.close()
  })

/** The id of the task that a line is about. */
const taskOf = (line: string): string => /\bSPEC-\d{3}\b/.exec(line)?.[0] ?? ""

/** Those that change checkouts and refs, with the database. */
export const ofWork: ReadonlyArray<Case> = [
  {
    name: "worktree create",
    world: () => Effect.void,
    call: call("worktree create SPEC-001 --no-setup"),
    already: ["worktree_exists"]
  },
  {
    name: "worktree create with set-up",
    world: () => Effect.void,
    call: call("worktree create SPEC-001"),
    already: ["worktree_exists"],
    // The set-up comes after the operation: where it was cut off, `worktree setup` does it.
    beside: /prepared\.log/
  },
  {
    name: "worktree remove",
    world: untidy,
    call: call("worktree remove SPEC-001"),
    already: ["worktree_not_found"]
  },
  {
    name: "worktree restore",
    world: (stage) => Effect.zipRight(untidy(stage), stage.done("worktree remove SPEC-001")),
    call: call("worktree restore SPEC-001"),
    already: ["worktree_exists"]
  },
  {
    name: "merge",
    world: mergeable,
    call: call("worktree merge SPEC-001 --no-pull"),
    already: ["move_refused"]
  },
  {
    name: "session save",
    world: (stage) => Effect.zipRight(untidy(stage), stage.done("worker start SPEC-001 backend")),
    call: call("session save --continue", "Half-way.\n"),
    // The hand-over and the workers first; then each worktree by itself.
    part: (line) => (/^(?:workers|sessions|events \| (?:session|worker)\.)/.test(line) ? "hand-over" : taskOf(line)),
    // Saved again, it is another session, for which nothing is staged any more.
    beside: /^(?:sessions|session_worktrees|events \| (?:session|worktree)\.saved)/
  },
  { name: "task delete", world: untidy, call: call("task delete SPEC-001"), already: ["task_not_found"] },
  {
    name: "task restore",
    world: (stage) => Effect.zipRight(untidy(stage), stage.done("task delete SPEC-001")),
    call: call("task restore SPEC-001"),
    already: ["task_not_deleted"]
  }
]

/** Those that change the database and its files, and the doctor. */
export const ofData: ReadonlyArray<Case> = [
  {
    name: "init",
    world: ({ home, repo }) =>
      Effect.sync(() => {
        for (const path of [home, Path.join(repo, ".git/calm")]) Fs.rmSync(path, { recursive: true, force: true })
      }),
    call: call("init"),
    // A home is made folder by folder; there is a project or there is none.
    part: (line) => (/^(?:projects|counters|events) /.test(line) ? "project" : "home"),
    status: ["project_not_found"],
    finding: /is not a project of calm yet/
  },
  {
    name: "backup create",
    world: () => Effect.void,
    call: call("backup create monday"),
    already: ["backup_exists"]
  },
  {
    name: "backup restore",
    world: (stage) =>
      Effect.gen(function* () {
        yield* stage.done("backup create monday")
        yield* untidy(stage)
        yield* stage.done("task create SPEC-003 Later", "counter increment merges_since_docs")
      }),
    call: call("backup restore monday --yes"),
    // The safety backup is there as soon as something may be replaced.
    beside: /^backup before-restore-/
  },
  {
    name: "doctor --fix",
    world: (stage) =>
      Effect.gen(function* () {
        yield* untidy(stage)
        for (const id of ["SPEC-003", "SPEC-004"])
          yield* stage.done(`task create ${id} Later`, `worktree create ${id} --no-setup`)
        yield* stage.done("task update SPEC-003 --phase DONE --reason over")
        Fs.rmSync(stage.worktree("SPEC-004"), { recursive: true })
        Fs.chmodSync(stage.home, 0o755)
      }),
    call: call("doctor --fix"),
    part: taskOf
  },
  {
    name: "gate check",
    world: (stage) =>
      Effect.zipRight(written(stage), stage.done("task update SPEC-001 --phase IMPLEMENT --reason begun")),
    call: call("gate check SPEC-001"),
    // Each result stands by itself.
    part: (line) => line
  },
  {
    name: "task transition",
    world: (stage) =>
      Effect.zipRight(
        written(stage),
        stage.done("task update SPEC-001 --phase IMPLEMENT --reason begun", "gate check SPEC-001")
      ),
    call: call("task transition SPEC-001 CODE_REVIEW"),
    already: ["no_such_transition"]
  },
  {
    name: "database upgrade",
    world: ofVersionOne,
    call: call("status")
  }
]
