/** Everything at a glance: health, open tasks, worktrees, counters, the last merges. Starts no program. */
import { Counter } from "@calm/domain/Counter"
import * as Health from "@calm/domain/Health"
import { Merge } from "@calm/domain/Merge"
import * as Phase from "@calm/domain/Phase"
import { Project } from "@calm/domain/Project"
import { TaskId, Title } from "@calm/domain/Ids"
import { Owners } from "@calm/process/Owner"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Counters } from "../counters/Counters.ts"
import * as MergeRows from "../merges/internal/MergeRows.ts"
import { Operations } from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { Tasks } from "../tasks/Tasks.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { Worktrees } from "../worktrees/Worktrees.ts"

/** An open task in one line. */
export const OpenTask = Schema.Struct({
  id: TaskId,
  type: Phase.TaskType,
  title: Title,
  phase: Phase.Phase,
  specialist: Schema.NullOr(Schema.String),
  /** Unfinished tasks that it waits for. */
  waitsFor: Schema.Array(TaskId),
  /** Path of its worktree; `null` without one. */
  worktree: Schema.NullOr(Schema.String)
}).annotations({ identifier: "OpenTask" })
export type OpenTask = typeof OpenTask.Type

export const Overview = Schema.Struct({
  project: Project,
  health: Health.Health,
  tasks: Schema.Array(OpenTask),
  counters: Schema.Array(Counter),
  /** The last merges, newest first. */
  merges: Schema.Array(Merge)
}).annotations({ identifier: "Overview" })
export type Overview = typeof Overview.Type

export class Status extends Context.Tag("@calm/core/health/Status")<
  Status,
  {
    /** The project at a glance. */
    readonly overview: Effect.Effect<Overview, StoreError, CurrentProject>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tasks = yield* Tasks
  const worktrees = yield* Worktrees
  const counters = yield* Counters
  const operations = yield* Operations
  const owners = yield* Owners
  const merges = MergeRows.make(sql)
  const rows = TaskRows.make(sql)

  /** Operations whose process is dead for sure; one that runs is not interrupted. */
  const interrupted = Effect.gen(function* () {
    const open = yield* operations.unfinished
    const dead = yield* Effect.filter(open, (one) =>
      Effect.map(owners.liveness(one.owner), (state) => state === "dead")
    )
    return dead.map((one) => `${one.kind}${one.taskId === null ? "" : ` of ${one.taskId}`}, begun ${one.startedAt}`)
  })

  return Status.of({
    overview: Effect.gen(function* () {
      const project = yield* CurrentProject
      const open = yield* tasks.list({})
      const listed = yield* worktrees.list
      const blocking = yield* rows.blockers(project.id, null)
      const counted = yield* counters.list
      const isOpen = new Set<string>(open.map((task) => task.id))
      const unfinished = blocking.filter(
        ({ deletedAt, phase, task }) => isOpen.has(task) && (phase !== "DONE" || deletedAt !== null)
      )
      const health = Health.judge({
        counters: counted,
        interrupted: yield* interrupted,
        stuck: unfinished.filter(({ phase }) => phase === "CANCELLED").map(({ blocker, task }) => ({ task, blocker })),
        missing: listed.filter((worktree) => !worktree.present).map((worktree) => worktree.taskId),
        leftover: listed
          .filter((worktree) => worktree.present && worktree.phase === "DONE")
          .map((worktree) => worktree.taskId)
      })
      const paths = new Map(listed.map((worktree) => [worktree.taskId, worktree.path]))
      return {
        project,
        health,
        tasks: open.map((task) => ({
          id: task.id,
          type: task.type,
          title: task.title,
          phase: task.phase,
          specialist: task.specialist,
          waitsFor: unfinished.filter((other) => other.task === task.id).map(({ blocker }) => blocker),
          worktree: paths.get(task.id) ?? null
        })),
        counters: counted,
        merges: yield* merges.recent(project.id, 5)
      }
    }).pipe(refine, Effect.withSpan("Status.overview"))
  })
})

export const layer: Layer.Layer<
  Status,
  never,
  SqlClient.SqlClient | Tasks | Worktrees | Counters | Operations | Owners
> = Layer.effect(Status, make)
