/** Everything at a glance: health, open tasks, worktrees, workers, counters, the last merges. Starts no program. */
import { Counter } from "@calm/domain/Counter"
import * as Health from "@calm/domain/Health"
import { TaskId, Title } from "@calm/domain/Ids"
import { Merge } from "@calm/domain/Merge"
import * as Phase from "@calm/domain/Phase"
import { Project } from "@calm/domain/Project"
import * as Traced from "@calm/domain/Traced"
import { Worker } from "@calm/domain/Worker"
import * as WorktreeRules from "@calm/domain/WorktreeHealth"
import { Git } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { Counters, layer as countersLayer } from "../counters/Counters.ts"
import { grouped } from "../internal/grouped.ts"
import * as MergeRows from "../merges/internal/MergeRows.ts"
import { Operations, layer as operationsLayer } from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { Workers, layer as workersLayer } from "../workers/Workers.ts"
import { linkOf } from "../worktrees/internal/linkOf.ts"
import { Listed, OpenWorktrees, layer as openWorktreesLayer } from "../worktrees/OpenWorktrees.ts"
import { DatabaseHealth, layer as databaseHealthLayer } from "./DatabaseHealth.ts"

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

/** How many open tasks of a type are in a phase. */
export const PhaseCount = Schema.Struct({ type: Phase.TaskType, phase: Phase.Phase, count: Schema.Int }).annotations({
  identifier: "PhaseCount"
})
export type PhaseCount = typeof PhaseCount.Type

/** A worktree with what is wrong with it, as far as its task and its folder show. */
export const SeenWorktree = Schema.Struct({
  ...Listed.fields,
  /** Its branch is there; `null` where files do not tell, and only git would. */
  branchThere: Schema.NullOr(Schema.Boolean),
  findings: Schema.Array(WorktreeRules.Finding)
}).annotations({ identifier: "SeenWorktree" })
export type SeenWorktree = typeof SeenWorktree.Type

export const Overview = Schema.Struct({
  project: Project,
  health: Health.Health,
  tasks: Schema.Array(OpenTask),
  /** Workers that have not ended, newest first. */
  workers: Schema.Array(Worker),
  counters: Schema.Array(Counter),
  /** The last merges, newest first. */
  merges: Schema.Array(Merge),
  /** A command for who does not know what to do: what mends the first thing that is broken, else how to go on. */
  next: Schema.String
}).annotations({ identifier: "Overview" })
export type Overview = typeof Overview.Type

/** Everything about a project at a glance. Starts no program. */
export class Status extends Context.Tag("@calm/core/health/Status")<
  Status,
  {
    /** The project at a glance. */
    readonly overview: Effect.Effect<Overview, StoreError, CurrentProject>
    /** Whether anything is broken or wants attention, and what helps. */
    readonly health: Effect.Effect<Health.Health, StoreError, CurrentProject>
    /** Open tasks by phase, in the order of the phases; and how many there are in each. */
    readonly tasks: Effect.Effect<
      { readonly phases: ReadonlyArray<PhaseCount>; readonly tasks: ReadonlyArray<OpenTask> },
      StoreError,
      CurrentProject
    >
    /** The worktrees that calm made. */
    readonly worktrees: Effect.Effect<ReadonlyArray<SeenWorktree>, StoreError, CurrentProject>
    /** The last merges, newest first. */
    readonly merges: (limit: number) => Effect.Effect<ReadonlyArray<Merge>, StoreError, CurrentProject>
  }
>() {}

/** The place of a task in the order that people read: features before bugs, each in the order of its phases. */
const rank = ({ phase, type }: Pick<OpenTask, "phase" | "type">): number =>
  (type === "feature" ? 0 : 100) + Phase.chain(type).indexOf(phase)

/** A pointer for who does not know what to do: the first thing that is broken, else what says it of each task. */
const nextOf = ({ reasons }: Health.Health, tasks: ReadonlyArray<OpenTask>): string => {
  const mends = reasons.flatMap(({ hint, level }) => (level === "DEGRADED" && hint !== null ? [hint] : []))
  if (mends[0] !== undefined) return mends[0]
  return tasks.length === 0 ? 'calm task create SPEC-001 "Add a greeting"' : "calm session next"
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const tasks = yield* Tasks
  const worktrees = yield* OpenWorktrees
  const workers = yield* Workers
  const counters = yield* Counters
  const operations = yield* Operations
  const database = yield* DatabaseHealth
  const merges = MergeRows.make(sql)
  const rows = TaskRows.make(sql)

  /** Operations whose process is dead for sure; one that runs is not interrupted. */
  const interrupted = Effect.gen(function* () {
    const open = yield* operations.unfinished
    const dead = yield* Effect.filter(open, (one) => Effect.map(operations.liveness(one), (state) => state === "dead"))
    return dead.map((one) => `${one.kind}${one.taskId === null ? "" : ` of ${one.taskId}`}, begun ${one.startedAt}`)
  })

  const seenWorktrees = Effect.gen(function* () {
    const project = yield* CurrentProject
    return yield* Effect.forEach(
      yield* worktrees.list,
      (one) =>
        Effect.gen(function* () {
          const seen = yield* linkOf(git, project.path, one.present ? one.path : null)
          const branchThere = yield* git.branchSeen(project.path, one.branch).pipe(
            Effect.map(Option.getOrNull),
            Effect.catchAll(() => Effect.succeed(null))
          )
          const known = { ...one, ...seen, branchThere: branchThere ?? true }
          const worktree: SeenWorktree = { ...one, branchThere, findings: WorktreeRules.glance(known, project.path) }
          return worktree
        }),
      { concurrency: 16 }
    )
  })

  /** Who has not ended. Without a task there is none that could be missing. */
  const atWork = workers.list({}).pipe(Effect.catchTag("TaskNotFound", Effect.die))

  /** The open tasks, and what each of them waits for. */
  const waiting = Effect.gen(function* () {
    const project = yield* CurrentProject
    const open = yield* tasks.list({})
    const blocking = grouped(yield* rows.openBlockers(project.id), ({ task }) => task)
    return open.map((task) => ({
      task,
      blockers: (blocking.get(task.id) ?? []).map(({ blocker, deletedAt, phase }) => ({
        id: blocker,
        phase: deletedAt === null ? phase : null
      }))
    }))
  }).pipe(refine)

  type Waiting = Effect.Effect.Success<typeof waiting>

  const openTasks = (
    open: Waiting,
    listed: ReadonlyArray<Pick<Listed, "taskId" | "path">>
  ): ReadonlyArray<OpenTask> => {
    const paths = new Map(listed.map((worktree) => [worktree.taskId, worktree.path]))
    return open.map(({ blockers, task }) => ({
      id: task.id,
      type: task.type,
      title: task.title,
      phase: task.phase,
      specialist: task.specialist,
      waitsFor: blockers.filter(({ phase }) => phase !== "DONE").map(({ id }) => id),
      worktree: paths.get(task.id) ?? null
    }))
  }

  const judged = Effect.fnUntraced(function* (
    open: Waiting,
    seen: ReadonlyArray<SeenWorktree>,
    busy: ReadonlyArray<Worker>
  ) {
    return Health.judge({
      counters: yield* counters.list,
      database: yield* database.state,
      interrupted: yield* interrupted,
      waiting: open.map(({ blockers, task }) => ({ task: task.id, blockers })),
      stale: busy.filter(({ status }) => status === "stale").map(({ id, taskId }) => ({ worker: id, task: taskId })),
      worktrees: seen.flatMap(({ findings, taskId }) =>
        findings.map(({ hint, summary }) => ({ task: taskId, summary, hint }))
      )
    })
  })

  return Status.of({
    overview: Effect.gen(function* () {
      const project = yield* CurrentProject
      const [open, seen, busy] = [yield* waiting, yield* seenWorktrees, yield* atWork]
      const health = yield* judged(open, seen, busy)
      const lines = openTasks(open, seen)
      return {
        project,
        health,
        tasks: lines,
        workers: busy,
        counters: yield* counters.list,
        merges: yield* merges.recent(project.id, 5),
        next: nextOf(health, lines)
      }
    }).pipe(refine, Traced.span("Status.overview")),
    health: Effect.gen(function* () {
      return yield* judged(yield* waiting, yield* seenWorktrees, yield* atWork)
    }).pipe(Traced.span("Status.health")),
    tasks: Effect.gen(function* () {
      const lines = openTasks(yield* waiting, yield* worktrees.list).toSorted((a, b) => rank(a) - rank(b))
      const phases = (["feature", "bug"] as const).flatMap((type) =>
        Phase.chain(type).map((phase) => ({
          type,
          phase,
          count: lines.filter((task) => task.type === type && task.phase === phase).length
        }))
      )
      return { phases: phases.filter(({ count }) => count > 0), tasks: lines }
    }).pipe(Traced.span("Status.tasks")),
    worktrees: seenWorktrees.pipe(Traced.span("Status.worktrees")),
    merges: Traced.fn("Status.merges")(function* (limit) {
      const project = yield* CurrentProject
      return yield* merges.recent(project.id, limit)
    }, refine)
  })
})

/** The real one, over the services that it asks. */
export const layer = Layers.service(Status, make, [
  tasksLayer,
  openWorktreesLayer,
  workersLayer,
  countersLayer,
  operationsLayer,
  databaseHealthLayer
])
