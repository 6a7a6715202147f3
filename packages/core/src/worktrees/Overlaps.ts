/**
 * Overlaps: what a task is about to touch, against what every other open task has changed or means to change. Asked before
 * a worktree is made, so that two agents do not work on the same files unknowingly.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Document from "@calm/domain/Document"
import { type Sha, TaskId } from "@calm/domain/Ids"
import * as Domain from "@calm/domain/Overlaps"
import * as Phase from "@calm/domain/Phase"
import { docFolders } from "@calm/domain/ProjectConfig"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { lacking, Outcome } from "@calm/domain/Verdict"
import type { Worktree } from "@calm/domain/Worktree"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { type BaseMissing, FactFinder, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { Rulebook, type RulebookError, layer as rulebookLayer } from "../gates/Rulebook.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import * as WorktreeRows from "./internal/WorktreeRows.ts"

/** What of another task's work meets this one. */
export const Overlap = Schema.Struct({
  taskId: TaskId,
  /** Paths that it has changed, and patterns of what it means to change. */
  paths: Schema.Array(Schema.String)
}).annotations({ identifier: "Overlap" })
export type Overlap = typeof Overlap.Type

export const Overlapping = Schema.Struct({
  /** `false`: the task neither declares nor has changed anything, so there was nothing to compare. */
  compared: Schema.Boolean,
  /** The tasks that it meets, by id; empty when it meets none. */
  overlaps: Schema.Array(Overlap)
}).annotations({ identifier: "Overlapping" })
export type Overlapping = typeof Overlapping.Type

/** Other open tasks touch what this one touches. */
export class OverlapsFound extends TaggedError<OverlapsFound>()("OverlapsFound", {
  id: Schema.String,
  /** One for each task that it meets. */
  outcomes: Schema.Array(Outcome),
  overlaps: Schema.Array(Overlap)
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    const { length } = this.overlaps
    return `${this.id} touches what ${length === 1 ? "another open task touches" : `${length} other open tasks touch`}, too`
  }
  get hint() {
    return `calm worktree create ${this.id} --check-overlaps --force`
  }
}

/** So many paths of a task fit a line. */
const shown = 8

const outcomeOf = ({ paths, taskId }: Overlap): Outcome =>
  lacking(
    { check: taskId, kind: "overlap" },
    paths.slice(0, shown).join(", ") + (paths.length > shown ? ` and ${paths.length - shown} more` : ""),
    `calm task show ${taskId}`,
    { unmet: "conflict" }
  )

/** What a task is about to touch, against what other open tasks have changed or mean to change. */
export class Overlaps extends Context.Tag("@calm/core/worktrees/Overlaps")<
  Overlaps,
  {
    /**
     * Compares a task with every other open one. Documents count for nothing, and what a task has declared counts until
     * it is merged. Fails with OverlapsFound where they meet, unless `force` is given.
     */
    readonly check: (
      task: string,
      options?: { readonly force?: boolean | undefined }
    ) => Effect.Effect<
      Overlapping,
      TaskNotFound | OverlapsFound | BaseMissing | RulebookError | GitError | StoreError,
      CurrentProject
    >
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const tasks = yield* Tasks
  const finder = yield* FactFinder
  const rulebook = yield* Rulebook
  const rows = WorktreeRows.make(sql)

  /** What its branch has that the base has not. Renames are a path that goes and one that comes: both count. */
  const committed = Effect.fnUntraced(function* ({ branch, startCommit }: Worktree, base: Sha) {
    const { path: repo } = yield* CurrentProject
    const head = yield* git.resolve(repo, `refs/heads/${branch}`)
    if (Option.isNone(head)) return []
    const common = yield* git.mergeBase(repo, head.value, base)
    const changes = yield* git.changes(
      repo,
      Option.getOrElse(common, () => startCommit),
      head.value
    )
    return changes.map((change) => change.path)
  })

  /** What is staged, unstaged and untracked in its worktree. Where the folder is gone, so is that. */
  const uncommitted = Effect.fnUntraced(function* ({ path, state }: Worktree) {
    // What cannot be looked at is not gone: git will say why.
    if (state !== "open" || !(yield* Effect.catchAll(files.exists(path), () => Effect.succeed(true)))) return []
    return (yield* git.status(path)).map((entry) => entry.path)
  })

  /** What a task has changed and means to change, without documents. */
  const claimOf = Effect.fnUntraced(function* (task: Task, base: Sha, folders: ReadonlyArray<string>) {
    const project = yield* CurrentProject
    const worktree = yield* rows.find(project.id, task.id)
    const changed = Option.isNone(worktree)
      ? []
      : (yield* Effect.all([committed(worktree.value, base), uncommitted(worktree.value)], { concurrency: 2 })).flat()
    const order = Phase.chain(task.type)
    const isMerged = order.indexOf(task.phase) > order.indexOf(Phase.mergesFrom(task.type))
    const claim: Domain.Claim = {
      paths: [...new Set(changed)].filter((path) => !Document.isDocument(path, folders)),
      patterns: isMerged ? [] : task.touches
    }
    return claim
  })

  return Overlaps.of({
    check: Traced.fn("Overlaps.check")(function* (id, options = {}) {
      const project = yield* CurrentProject
      const task = yield* tasks.get(id)
      const base = yield* finder.baseTip
      const folders = docFolders((yield* rulebook.at(project.path, base)).config)
      const own = yield* claimOf(task, base, folders)
      if (own.paths.length + own.patterns.length === 0) return { compared: false, overlaps: [] }
      const others = (yield* tasks.list({})).filter((other) => other.id !== task.id)
      const compared = yield* Effect.forEach(
        others,
        (other) =>
          Effect.map(claimOf(other, base, folders), (claim) => ({
            taskId: other.id,
            paths: Domain.overlap(own, claim)
          })),
        { concurrency: 4 }
      )
      const overlaps = compared
        .filter(({ paths }) => paths.length > 0)
        .toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1))
      if (overlaps.length > 0 && options.force !== true)
        return yield* new OverlapsFound({ id: task.id, outcomes: overlaps.map(outcomeOf), overlaps })
      return { compared: true, overlaps }
    }, refine)
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(Overlaps, make, [tasksLayer, factFinderLayer, rulebookLayer])
