/** Deleting a task and bringing it back: what belongs to it goes with it, and nothing of it is lost. */
import { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import type { StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import type { LockTimedOut } from "../operations/Locks.ts"
import type { OperationError, OperationRunning, OperationUnknown } from "../operations/Operations.ts"
import type { CurrentProject } from "../projects/CurrentProject.ts"
import { Workers, layer as workersLayer } from "../workers/Workers.ts"
import type { RemovalRefused } from "../worktrees/WorktreeErrors.ts"
import { Removed, Worktrees, layer as worktreesLayer } from "../worktrees/Worktrees.ts"
import { type TaskBeingMerged, TaskInWork, type TaskNotDeleted, type TaskNotFound } from "./TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "./Tasks.ts"

/** A task that was hidden. */
export const Deleted = Schema.Struct({
  task: Task,
  /** Its worktree, taken away; `null` when there was none. */
  worktree: Schema.NullOr(Removed)
}).annotations({ identifier: "DeletedTask" })
export type Deleted = typeof Deleted.Type

/** A task that was brought back. */
export const Undeleted = Schema.Struct({
  task: Task,
  /** Its worktree is in the trash and can be restored. */
  worktreeInTrash: Schema.Boolean
}).annotations({ identifier: "UndeletedTask" })
export type Undeleted = typeof Undeleted.Type

type Acting = CurrentProject | CurrentActor

/** Hides a task with all that belongs to it, and brings it back. */
export class Deletion extends Context.Tag("@calm/core/tasks/Deletion")<
  Deletion,
  {
    /**
     * Takes the task's worktree away into the trash and hides the task, both or neither. What keeps the worktree keeps the
     * task, and so does a worker who is active on it.
     */
    readonly remove: (
      task: string
    ) => Effect.Effect<
      Deleted,
      | TaskNotFound
      | TaskBeingMerged
      | TaskInWork
      | RemovalRefused
      | LockTimedOut
      | OperationError
      | OperationRunning
      | OperationUnknown
      | StoreError,
      Acting
    >
    /** Brings a hidden task back; its worktree stays in the trash. */
    readonly restore: (task: string) => Effect.Effect<Undeleted, TaskNotFound | TaskNotDeleted | StoreError, Acting>
  }
>() {}

export const make = Effect.gen(function* () {
  const tasks = yield* Tasks
  const worktrees = yield* Worktrees
  const workers = yield* Workers
  const atomically = atomicallyIn(yield* SqlClient.SqlClient)

  /** Hides a task on which nobody is at work. */
  const hide = Effect.fnUntraced(function* (id: string) {
    const task = yield* tasks.get(id)
    const active = yield* workers.activeOn(task.id)
    if (active.length > 0) return yield* new TaskInWork({ id: task.id, workers: active.map((worker) => worker.id) })
    return yield* tasks.hide(id)
  }, atomically)

  return Deletion.of({
    remove: Traced.fn("Deletion.remove")(function* (id) {
      const { removed, task } = yield* worktrees.removeWithTask(id, hide(id))
      return { task, worktree: removed }
    }),
    restore: Traced.fn("Deletion.restore")(function* (id) {
      const task = yield* tasks.restore(id)
      const worktreeInTrash = yield* worktrees.get(task.id).pipe(
        Effect.as(false),
        Effect.catchTag("WorktreeNotFound", ({ trashed }) => Effect.succeed(trashed))
      )
      return { task, worktreeInTrash }
    })
  })
})

/** The real one, over the database. */
export const layer = Layers.service(Deletion, make, [tasksLayer, worktreesLayer, workersLayer])
