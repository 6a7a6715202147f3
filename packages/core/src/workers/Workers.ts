/**
 * Workers: who is at work on a task, in which role, and how it ended.
 *
 * What is stored is what was said. That a worker is stale is derived from its last sign of life: a heartbeat, or an event
 * in its name.
 */
import { staleAfter } from "@calm/domain/HomeSettings"
import { type Note, type TaskId, type Time, WorkerId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import type { Role } from "@calm/domain/Role"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { Worker, WorkerStatus } from "@calm/domain/Worker"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { Home } from "../home/Home.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import { given } from "../internal/given.ts"
import { ago, now } from "../internal/now.ts"
import { timeId } from "../internal/timeId.ts"
import { Operations, layer as operationsLayer } from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { TaskBeingMerged, TaskFinished, TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { kinds } from "../worktrees/internal/worktreeOperations.ts"
import { WorktreeBeingRemoved } from "../worktrees/WorktreeErrors.ts"
import { misfits } from "./internal/misfits.ts"
import * as WorkerRows from "./internal/WorkerRows.ts"
import { type RoleError, Roles, layer as rolesLayer } from "./Roles.ts"
import { WorkerEnded, WorkerNotFound } from "./WorkerErrors.ts"

/** A worker that was started. */
export const Started = Schema.Struct({
  worker: Worker,
  /** What its role is called; `null` where the role's file does not say. */
  title: Schema.NullOr(Schema.String),
  /** What whoever started it should know. */
  warnings: Schema.Array(Schema.String)
}).annotations({ identifier: "StartedWorker" })
export type Started = typeof Started.Type

/** Which workers to list; without anything, those that have not ended: active and stale. */
export interface Query {
  readonly task?: string | undefined
  /** Only these; `stale` are those that are silent and those that were closed for it. */
  readonly status?: WorkerStatus | undefined
  /** Those that have ended, too. */
  readonly all?: boolean | undefined
  readonly limit?: number | undefined
}

type Acting = CurrentProject | CurrentActor

/** How a worker can be ended by a word. */
type End = Exclude<WorkerStatus, "active">

/** Who is at work on a task, in which role, and how it ended. */
export class Workers extends Context.Tag("@calm/core/workers/Workers")<
  Workers,
  {
    /** Registers a worker on an open task and makes its role the task's specialist. */
    readonly start: (
      task: string,
      role: string
    ) => Effect.Effect<
      Started,
      TaskNotFound | TaskFinished | TaskBeingMerged | WorktreeBeingRemoved | RoleError | StoreError,
      Acting
    >
    /** Notes a sign of life. Leaves no event: it changes nothing that anybody would look up. */
    readonly heartbeat: (
      worker: WorkerId
    ) => Effect.Effect<Worker, WorkerNotFound | WorkerEnded | StoreError, CurrentProject>
    /** Its work is done. Said twice, it is as said once. */
    readonly complete: (worker: WorkerId) => Effect.Effect<Worker, WorkerNotFound | WorkerEnded | StoreError, Acting>
    /** It gave up, or was given up. Said twice, it is as said once, with the first reason. */
    readonly fail: (
      worker: WorkerId,
      reason: Note | null
    ) => Effect.Effect<Worker, WorkerNotFound | WorkerEnded | StoreError, Acting>
    /** Workers of the project, newest first; those of deleted tasks are left out. */
    readonly list: (query: Query) => Effect.Effect<ReadonlyArray<Worker>, TaskNotFound | StoreError, CurrentProject>
    /** One worker. */
    readonly get: (worker: WorkerId) => Effect.Effect<Worker, WorkerNotFound | StoreError, CurrentProject>
    /** Closes all that have been silent for longer than this (milliseconds; two hours). Gives them. */
    readonly cleanup: (maxAge?: number) => Effect.Effect<ReadonlyArray<Worker>, StoreError, Acting>
    /**
     * Ends every worker that has not ended, the stale ones too, because the session they belong to is saved. Gives their
     * ids. SQL only: belongs inside the transaction that saves it.
     */
    readonly endActive: Effect.Effect<ReadonlyArray<WorkerId>, StoreError, Acting>
    /** Workers active on a task (a stale one is not), newest first. SQL only. */
    readonly activeOn: (task: TaskId) => Effect.Effect<ReadonlyArray<Worker>, StoreError, CurrentProject>
    /** The tasks on which a worker is active. */
    readonly claimed: Effect.Effect<ReadonlySet<TaskId>, StoreError, CurrentProject>
  }
>() {}

/** What whoever starts a worker should know. */
const warningsOf = (task: Task, role: Role, others: ReadonlyArray<WorkerRows.StoredWorker>): ReadonlyArray<string> => [
  ...misfits(task, role),
  ...(others.length === 0
    ? []
    : [`also active on ${task.id}: ${others.map((other) => `${other.id} (${other.role})`).join(", ")}`])
]

/** How long, in milliseconds. */
const Age = Schema.NonNegative

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const events = yield* Events
  const operations = yield* Operations
  const tasks = yield* Tasks
  const roles = yield* Roles
  const rows = WorkerRows.make(sql)
  const taskRows = TaskRows.make(sql)
  const atomically = atomicallyIn(sql)
  const limit = staleAfter((yield* Home).config)
  const staleBefore = ago(limit)

  const stored = Effect.fnUntraced(function* (id: WorkerId) {
    const project = yield* CurrentProject
    const found = yield* rows.find(project.id, id)
    return Option.isSome(found) ? found.value : yield* new WorkerNotFound({ id })
  }, refine)

  const get = Effect.fnUntraced(function* (id: WorkerId) {
    return WorkerRows.shown(yield* stored(id), yield* staleBefore)
  })

  const ended = ({ endedAt, id, reason, role, state, startedAt, taskId }: WorkerRows.StoredWorker) =>
    new WorkerEnded({ id, task: taskId, role, status: state, endedAt: endedAt ?? startedAt, reason })

  /** Ends a worker that has not ended. Inside the transaction that looked at it. */
  const close = Effect.fnUntraced(function* (worker: WorkerRows.StoredWorker, state: End, reason: Note | null = null) {
    const project = yield* CurrentProject
    const at = yield* now
    yield* rows.end(project.id, worker.id, state, reason, at)
    yield* events.append(`worker.${state}`, worker.taskId, {
      worker: worker.id,
      role: worker.role,
      ...(reason === null ? {} : { reason }),
      ...(state === "stale" ? { lastSeenAt: WorkerRows.lastSeenAt(worker) } : {})
    })
    return { ...worker, state, reason, endedAt: at }
  }, refine)

  const end = Effect.fnUntraced(function* (id: WorkerId, state: End, reason: Note | null) {
    return yield* atomically(
      Effect.gen(function* () {
        const worker = yield* stored(id)
        if (worker.state === "active") yield* close(worker, state, reason)
        else if (worker.state !== state) return yield* ended(worker)
        return yield* get(id)
      })
    )
  })

  /** The task, if it is still open, as it is stored. */
  const openTask = Effect.fnUntraced(function* (id: string) {
    const project = yield* CurrentProject
    const { id: own, phase } = yield* tasks.get(id)
    if (Phase.isFinished(phase)) return yield* new TaskFinished({ id: own, phase })
    const task = yield* taskRows.find(project.id, own)
    return Option.isSome(task) ? task.value : yield* new TaskNotFound({ id, deleted: false })
  }, refine)

  const register = Effect.fnUntraced(function* (on: string, role: Role) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    const task = yield* openTask(on)
    // Its worktree is about to go.
    if (yield* taskRows.isBeingMerged(project.id, task.id)) return yield* new TaskBeingMerged({ id: task.id })
    const begun = (yield* operations.unfinished).filter(({ taskId }) => taskId === task.id)
    if (begun.some(({ kind }) => kind === kinds.remove)) return yield* new WorktreeBeingRemoved({ id: task.id })
    const before = yield* staleBefore
    const others = yield* rows.active(project.id, task.id, before)
    const id = WorkerId.make(yield* timeId("W", yield* rows.newestId(project.id)))
    const at = yield* now
    yield* rows.insert(project.id, {
      id,
      taskId: task.id,
      role: role.name,
      // What is not said is not ruled out.
      writesCode: role.frontMatter?.writesCode ?? true,
      mayReview: role.frontMatter?.reviews ?? null,
      startedBy: actor.name,
      at
    })
    yield* taskRows.update(project.id, { ...task, specialist: role.name, updatedAt: at })
    yield* events.append("worker.started", task.id, { worker: id, role: role.name })
    const worker: Worker = {
      id,
      taskId: task.id,
      role: role.name,
      status: "active",
      reason: null,
      startedAt: at,
      lastSeenAt: at,
      endedAt: null
    }
    return {
      worker,
      title: role.frontMatter?.title ?? null,
      warnings: warningsOf(task, role, others)
    }
  }, refine)

  /** Everything that was silent since before this moment, and is closed for it. */
  const sweep = Effect.fnUntraced(function* (silentSince: Time) {
    const project = yield* CurrentProject
    const silent = (yield* rows.open(project.id, null)).filter((row) => WorkerRows.lastSeenAt(row) < silentSince)
    const before = yield* staleBefore
    return yield* Effect.forEach(silent, (row) =>
      Effect.map(close(row, "stale"), (closed) => WorkerRows.shown(closed, before))
    )
  }, refine)

  return Workers.of({
    start: Traced.fn("Workers.start")(function* (task, role) {
      // Of two things that are wrong, the task is told first; whether it is open is asked again when it counts.
      yield* openTask(task)
      const found = yield* roles.get(role)
      return yield* atomically(register(task, found))
    }),
    heartbeat: Traced.fn("Workers.heartbeat")(function* (id) {
      const project = yield* CurrentProject
      return yield* atomically(
        Effect.gen(function* () {
          const worker = yield* stored(id)
          if (worker.state !== "active") return yield* ended(worker)
          yield* rows.beat(project.id, id, yield* now)
          return yield* get(id)
        })
      )
    }),
    complete: Traced.fn("Workers.complete")((id) => end(id, "completed", null)),
    fail: Traced.fn("Workers.fail")((id, reason) => end(id, "failed", reason)),
    list: Traced.fn("Workers.list")(function* ({ all, limit, status, task }) {
      const project = yield* CurrentProject
      const of = task === undefined ? null : (yield* tasks.get(task)).id
      const states: ReadonlyArray<WorkerStatus> =
        status === "stale"
          ? ["active", "stale"]
          : status !== undefined
            ? [status]
            : all === true
              ? WorkerStatus.literals
              : ["active"]
      const before = yield* staleBefore
      const [ended, open] = Array.partition(states, (state) => state === "active")
      // Which of the open ones, which are few, have gone stale is not stored: all of them are looked at.
      const found = [
        ...(yield* rows.select(project.id, of, open)),
        ...(yield* rows.select(project.id, of, ended, limit))
      ]
      return found
        .map((row) => WorkerRows.shown(row, before))
        .filter((worker) => status === undefined || worker.status === status)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    }, refine),
    get: Traced.fn("Workers.get")(get),
    cleanup: Traced.fn("Workers.cleanup")(function* (maxAge = limit) {
      yield* given(Age, maxAge)
      // Nobody has been silent since before the clock of computers began.
      const longest = yield* Clock.currentTimeMillis
      return yield* atomically(Effect.flatMap(ago(Math.min(maxAge, longest)), sweep))
    }),
    endActive: Effect.gen(function* () {
      const project = yield* CurrentProject
      const open = yield* rows.open(project.id, null)
      yield* Effect.forEach(open, (row) => close(row, "session_ended"), { discard: true })
      return open.map(({ id }) => id)
    }).pipe(refine, Traced.span("Workers.endActive")),
    activeOn: Traced.fn("Workers.activeOn")(function* (task) {
      const project = yield* CurrentProject
      const before = yield* staleBefore
      return (yield* rows.active(project.id, task, before)).map((row) => WorkerRows.shown(row, before))
    }, refine),
    claimed: Effect.gen(function* () {
      const project = yield* CurrentProject
      const open = yield* rows.active(project.id, null, yield* staleBefore)
      return new Set(open.map(({ taskId }) => taskId))
    }).pipe(refine, Traced.span("Workers.claimed"))
  })
})

/** The real one, over the database. */
export const layer = Layers.service(Workers, make, [eventsLayer, operationsLayer, tasksLayer, rolesLayer])
