/** Tasks: made, listed, changed, cancelled, hidden and brought back. Their moves through the phases are in Transitions. */
import { findCycle, isDead } from "@calm/domain/Blocking"
import { staleAfter } from "@calm/domain/HomeSettings"
import { type Note, type Reason, TaskId, Title } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import { type Phase as PhaseName, TaskType } from "@calm/domain/Phase"
import { Task, Transition } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import { Home } from "../home/Home.ts"
import { given } from "../internal/given.ts"
import { ago, now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import {
  BlockerCycle,
  TaskBeingMerged,
  TaskExists,
  TaskFinished,
  TaskIdReserved,
  TaskNotDeleted,
  TaskNotFound,
  UnknownPhase
} from "./TaskErrors.ts"
import type { StoredTask } from "./internal/TaskRows.ts"
import * as TaskRows from "./internal/TaskRows.ts"

/** A new task. */
export const NewTask = Schema.Struct({
  id: TaskId,
  title: Title,
  type: TaskType,
  specId: Schema.NullOr(TaskId),
  blockedBy: Schema.Array(TaskId)
})
export type NewTask = typeof NewTask.Type

/** Changes to a task; what is absent stays. */
export interface Changes {
  readonly title?: Title | undefined
  readonly specialist?: string | null | undefined
  readonly notes?: Note | null | undefined
  readonly blockedBy?: ReadonlyArray<TaskId> | undefined
  readonly touches?: ReadonlyArray<string> | undefined
  /** The logged override: another phase, past every rule, with a reason. Only for people. */
  readonly override?: { readonly phase: string; readonly reason: Reason } | undefined
}

/** A task with its history. */
export const TaskDetails = Schema.Struct({
  task: Task,
  /** Phases it can move to by the rules: the next one first, then back. */
  moves: Schema.Array(Phase.Phase),
  transitions: Schema.Array(Transition)
}).annotations({ identifier: "TaskDetails" })
export type TaskDetails = typeof TaskDetails.Type

/** Which tasks to list. */
export interface Query {
  readonly phase?: PhaseName | undefined
  readonly type?: TaskType | undefined
  /** DONE and CANCELLED too. */
  readonly all?: boolean | undefined
  /** Only open ones that wait for no other task and on which no worker is active. */
  readonly ready?: boolean | undefined
  readonly limit?: number | undefined
}

/** How ids begin that calm counts up. */
const Prefix = Schema.Literal("SPEC", "BUG")

/** The tasks of a project: made, listed, changed, cancelled. Their moves are in `Transitions`. */
export class Tasks extends Context.Tag("@calm/core/tasks/Tasks")<
  Tasks,
  {
    /** Makes a task in its type's first phase. */
    readonly create: (
      task: NewTask
    ) => Effect.Effect<
      Task,
      TaskExists | TaskIdReserved | TaskNotFound | BlockerCycle | StoreError,
      CurrentProject | CurrentActor
    >
    /** A task by its id. */
    readonly get: (id: string) => Effect.Effect<Task, TaskNotFound | StoreError, CurrentProject>
    /** A task with its moves so far. */
    readonly details: (id: string) => Effect.Effect<TaskDetails, TaskNotFound | StoreError, CurrentProject>
    /** Tasks, oldest first; without DONE and CANCELLED unless asked for. */
    readonly list: (query: Query) => Effect.Effect<ReadonlyArray<Task>, StoreError, CurrentProject>
    /** Changes a task. */
    readonly update: (
      id: string,
      changes: Changes
    ) => Effect.Effect<
      Task,
      TaskNotFound | TaskBeingMerged | UnknownPhase | BlockerCycle | NotForWorkers | StoreError,
      CurrentProject | CurrentActor
    >
    /** The tasks that it waits for and that were cancelled or deleted: it waits for them for ever. */
    readonly deadBlockers: (
      id: string
    ) => Effect.Effect<ReadonlyArray<TaskId>, TaskNotFound | StoreError, CurrentProject>
    /** Gives a task up; its worktree and branch stay. */
    readonly cancel: (
      id: string,
      reason: Reason
    ) => Effect.Effect<Task, TaskNotFound | TaskBeingMerged | TaskFinished | StoreError, CurrentProject | CurrentActor>
    /** Hides a task; its rows stay and its id stays taken. Its worktree is the business of Worktrees. */
    readonly hide: (
      id: string
    ) => Effect.Effect<Task, TaskNotFound | TaskBeingMerged | StoreError, CurrentProject | CurrentActor>
    /** Brings a hidden task back. */
    readonly restore: (
      id: string
    ) => Effect.Effect<Task, TaskNotFound | TaskNotDeleted | StoreError, CurrentProject | CurrentActor>
    /** The next free id of the form `SPEC-007`, counting deleted tasks too. */
    readonly nextId: (prefix: "SPEC" | "BUG") => Effect.Effect<TaskId, StoreError, CurrentProject>
  }
>() {}

const visible = (stored: Option.Option<StoredTask>, id: string): Effect.Effect<StoredTask, TaskNotFound> =>
  Option.isNone(stored)
    ? new TaskNotFound({ id, deleted: false })
    : stored.value.deletedAt === null
      ? Effect.succeed(stored.value)
      : new TaskNotFound({ id: stored.value.id, deleted: true })

const unstored = ({ deletedAt: _, ...task }: StoredTask): Task => task

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const events = yield* Events
  const home = yield* Home
  const rows = TaskRows.make(sql)
  const atomically = atomicallyIn(sql)

  const get = (id: string) =>
    Effect.flatMap(CurrentProject, (project) => rows.find(project.id, id)).pipe(
      Effect.flatMap((stored) => visible(stored, id)),
      refine
    )

  /** The blockers in their stored spelling; fails when one is missing or the tasks would wait for each other. */
  const checkedBlockers = Effect.fnUntraced(function* (task: TaskId, blockers: ReadonlyArray<TaskId>) {
    const project = yield* CurrentProject
    if (blockers.some((id) => id.toLowerCase() === task.toLowerCase()))
      return yield* new BlockerCycle({ path: [task, task] })
    const found = [...new Set(yield* Effect.forEach(blockers, (id) => Effect.map(get(id), (other) => other.id)))]
    if (found.length === 0) return found
    const waits = new Map<string, Array<string>>()
    for (const { blocker, task: waiting } of yield* rows.blockers(project.id, null))
      waits.set(waiting, [...(waits.get(waiting) ?? []), blocker])
    waits.set(task, found)
    const cycle = findCycle(waits, task)
    return cycle === undefined ? found : yield* new BlockerCycle({ path: cycle })
  })

  /** The task, whose phase may be changed: no merge of it has begun. Inside the transaction that changes it. */
  const movable = Effect.fnUntraced(function* (id: string) {
    const project = yield* CurrentProject
    const task = yield* get(id)
    if (yield* rows.isBeingMerged(project.id, task.id)) return yield* new TaskBeingMerged({ id: task.id })
    return task
  }, refine)

  const store = Effect.fnUntraced(function* (task: StoredTask) {
    const project = yield* CurrentProject
    const stored = { ...task, updatedAt: yield* now }
    yield* rows.update(project.id, stored)
    return stored
  })

  const record = Effect.fnUntraced(function* (task: Task, to: PhaseName, kind: "cancel" | "override", reason: Reason) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    yield* rows.recordTransition(project.id, task.id, {
      from: task.phase,
      to,
      kind,
      gateResult: null,
      gateDetails: null,
      reason,
      commit: null,
      actor: actor.name,
      at: yield* now
    })
  })

  return Tasks.of({
    create: Traced.fn("Tasks.create")(function* (wanted) {
      const project = yield* CurrentProject
      const task = yield* given(NewTask, wanted)
      // Its branch would have the name of the one that it is merged into.
      if (task.id.toLowerCase() === project.baseBranch.toLowerCase()) return yield* new TaskIdReserved({ id: task.id })
      return yield* atomically(
        Effect.gen(function* () {
          const taken = yield* rows.find(project.id, task.id)
          if (Option.isSome(taken))
            return yield* new TaskExists({
              id: task.id,
              existing: taken.value.id,
              deleted: taken.value.deletedAt !== null
            })
          const specId = task.specId === null ? null : (yield* get(task.specId)).id
          const at = yield* now
          const made: Task = {
            id: task.id,
            type: task.type,
            title: task.title,
            phase: Phase.first(task.type),
            specialist: null,
            notes: null,
            specId,
            blockedBy: yield* checkedBlockers(task.id, task.blockedBy),
            touches: [],
            createdAt: at,
            updatedAt: at
          }
          yield* rows.insert(project.id, made)
          yield* events.append("task.created", made.id, { type: made.type, title: made.title })
          return made
        })
      )
    }, refine),

    get: Traced.fn("Tasks.get")((id: string) => Effect.map(get(id), unstored)),

    details: Traced.fn("Tasks.details")(function* (id) {
      const project = yield* CurrentProject
      const task = unstored(yield* get(id))
      const next = Phase.next(task.type, task.phase)
      return {
        task,
        moves: [...(next === undefined ? [] : [next]), ...Phase.earlier(task.type, task.phase)],
        transitions: yield* rows.transitions(project.id, task.id)
      }
    }, refine),

    list: Traced.fn("Tasks.list")(function* (query) {
      const project = yield* CurrentProject
      const stored = yield* rows.select({
        project: project.id,
        phase: query.phase ?? null,
        type: query.type ?? null,
        finished: query.all ?? false,
        idleSince: query.ready === true ? yield* ago(staleAfter(home.config)) : null,
        limit: query.limit ?? Number.MAX_SAFE_INTEGER
      })
      return stored.map(unstored)
    }, refine),

    update: Traced.fn("Tasks.update")(function* (id, changes) {
      if (changes.override !== undefined) yield* peopleOnly("move a task past its gates")
      return yield* atomically(
        Effect.gen(function* () {
          const task = yield* changes.override === undefined ? get(id) : movable(id)
          const { blockedBy, override, ...plain } = changes
          const phase =
            override === undefined
              ? undefined
              : Phase.phasesOf(task.type).find((name) => name === override.phase.toUpperCase())
          if (override !== undefined && phase === undefined)
            return yield* new UnknownPhase({ phase: override.phase, type: task.type, known: Phase.phasesOf(task.type) })
          const stored = yield* store({
            ...task,
            title: plain.title ?? task.title,
            specialist: plain.specialist === undefined ? task.specialist : plain.specialist,
            notes: plain.notes === undefined ? task.notes : plain.notes,
            touches: plain.touches ?? task.touches,
            blockedBy: blockedBy === undefined ? task.blockedBy : yield* checkedBlockers(task.id, blockedBy),
            phase: phase ?? task.phase
          })
          const named = [
            ...Object.entries(plain),
            ...(blockedBy === undefined ? [] : [["blockedBy", stored.blockedBy] as const])
          ]
          if (named.some(([, value]) => value !== undefined))
            yield* events.append(
              "task.updated",
              task.id,
              Object.fromEntries(named.filter(([, value]) => value !== undefined))
            )
          if (override !== undefined && phase !== undefined) {
            yield* record(task, phase, "override", override.reason)
            yield* events.append("task.overridden", task.id, { from: task.phase, to: phase, reason: override.reason })
          }
          return unstored(stored)
        })
      )
    }, refine),

    deadBlockers: Traced.fn("Tasks.deadBlockers")(function* (id) {
      const project = yield* CurrentProject
      const waits = yield* rows.blockers(project.id, (yield* get(id)).id)
      return waits
        .filter(({ deletedAt, phase }) => isDead({ phase: deletedAt === null ? phase : null }))
        .map(({ blocker }) => blocker)
    }, refine),

    cancel: Traced.fn("Tasks.cancel")(function* (id, reason) {
      return yield* atomically(
        Effect.gen(function* () {
          const task = yield* movable(id)
          if (Phase.isFinished(task.phase)) return yield* new TaskFinished({ id: task.id, phase: task.phase })
          yield* record(task, "CANCELLED", "cancel", reason)
          yield* events.append("task.cancelled", task.id, { from: task.phase, reason })
          return unstored(yield* store({ ...task, phase: "CANCELLED" }))
        })
      )
    }, refine),

    hide: Traced.fn("Tasks.hide")(function* (id) {
      return yield* atomically(
        Effect.gen(function* () {
          const task = yield* movable(id)
          yield* events.append("task.deleted", task.id, { phase: task.phase })
          return unstored(yield* store({ ...task, deletedAt: yield* now }))
        })
      )
    }, refine),

    restore: Traced.fn("Tasks.restore")(function* (id) {
      const project = yield* CurrentProject
      return yield* atomically(
        Effect.gen(function* () {
          const task = yield* rows.find(project.id, id)
          if (Option.isNone(task)) return yield* new TaskNotFound({ id, deleted: false })
          if (task.value.deletedAt === null) return yield* new TaskNotDeleted({ id: task.value.id })
          yield* events.append("task.restored", task.value.id, {})
          return unstored(yield* store({ ...task.value, deletedAt: null }))
        })
      )
    }, refine),

    nextId: Traced.fn("Tasks.nextId")(function* (wanted) {
      const project = yield* CurrentProject
      const prefix = yield* given(Prefix, wanted)
      const pattern = new RegExp(`^${prefix}-(\\d{1,9})(?:\\D|$)`, "i")
      const ids = yield* rows.idsLike(project.id, `${prefix.toLowerCase()}-%`)
      const numbers = ids.map(({ id }) => Number(pattern.exec(id)?.[1] ?? 0))
      return TaskId.make(`${prefix}-${String(Math.max(0, ...numbers) + 1).padStart(3, "0")}`)
    }, refine)
  })
})

/** The real one, over the database. */
export const layer = Layers.service(Tasks, make, [eventsLayer])
