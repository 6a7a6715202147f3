/**
 * Operations: changes that span git and the database and survive a crash at any point.
 *
 * An operation is a row that names its steps. Each step is idempotent and can say whether it is done already. One step
 * is the point of no return: before it an operation that was cut off is undone, from it on it is finished. The last step
 * is always the record: one transaction that changes the domain's rows and closes the operation.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { ProjectId, TaskId, Time } from "@calm/domain/Ids"
import * as Traced from "@calm/domain/Traced"
import type { FastForwardRefused, GitError, GitExists, RefMoved } from "@calm/git/Git"
import { type Liveness, Owner, Owners } from "@calm/process/Owner"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { globalValue } from "effect/GlobalValue"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { randomId } from "../internal/randomId.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { FileFailed } from "./FileFailed.ts"
import { ownership } from "./internal/ownership.ts"

/** Another process is in the middle of an operation on the same task, and it is not dead for sure. */
export class OperationRunning extends TaggedError<OperationRunning>()("OperationRunning", {
  kind: Schema.String,
  task: Schema.NullOr(Schema.String),
  pid: Schema.Int,
  host: Schema.String,
  since: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `Process ${this.pid} on ${this.host} is in the middle of: ${this.kind}${this.task === null ? "" : ` of ${this.task}`}, since ${this.since}`
  }
  get hint() {
    return "calm status"
  }
}

/** An operation that was cut off is of a kind that this program does not know. */
export class OperationUnknown extends TaggedError<OperationUnknown>()("OperationUnknown", {
  kind: Schema.String,
  id: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `An operation "${this.kind}" was cut off, and this calm cannot finish it; a newer one may`
  }
  get hint() {
    return "calm --version"
  }
}

/** What the steps of an operation may fail with. */
export type OperationError = GitError | GitExists | RefMoved | FastForwardRefused | FileFailed | StoreError

type Acting = CurrentProject | CurrentActor

/** One step of an operation. */
export interface Step<P> {
  readonly name: string
  /** Is it done already? Looks at the world, not at what was noted. */
  readonly done: (payload: P) => Effect.Effect<boolean, OperationError, Acting>
  readonly run: (payload: P) => Effect.Effect<void, OperationError, Acting>
  /** Was it cut off where it can only be completed, by running it again? Only asked of the point of no return. */
  readonly begun?: (payload: P) => Effect.Effect<boolean, OperationError, Acting>
  /** Takes it back; safe when it was never or only half done. Absent where there is nothing to take back. */
  readonly undo?: (payload: P) => Effect.Effect<void, OperationError, Acting>
}

/** A kind of operation: what it remembers and what it does. */
export interface Definition<P, I> {
  readonly kind: string
  /** Everything that was decided before it began. */
  readonly payload: Schema.Schema<P, I>
  readonly steps: ReadonlyArray<Step<P>>
  /** The name of the step from which on the operation is finished and no longer undone. */
  readonly pointOfNoReturn: string
  /** The rows that tell of it, written with the operation's end in one transaction. SQL only. */
  readonly record: (payload: P) => Effect.Effect<void, StoreError, Acting>
}

/** An operation that was cut off, as `doctor` and `status` show it. */
export const Interrupted = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  taskId: Schema.NullOr(TaskId),
  startedAt: Time,
  owner: Owner
}).annotations({ identifier: "InterruptedOperation" })
export type Interrupted = typeof Interrupted.Type

/** What recovering an operation came to. */
export interface Recovery {
  readonly kind: string
  readonly task: TaskId | null
  readonly outcome: "finished" | "undone"
}

/** Did recovering finish an operation of this kind, so that the command that began it has nothing left to do? */
export const finishedEarlier = (recovered: ReadonlyArray<Recovery>, kind: string): boolean =>
  recovered.some((recovery) => recovery.kind === kind && recovery.outcome === "finished")

/** Runs changes that span git and the database, and completes those that a crash cut off. */
export class Operations extends Context.Tag("@calm/core/operations/Operations")<
  Operations,
  {
    /**
     * Prepares a kind of operation. What it gives runs one: row, steps, record. On failure or interruption the operation
     * is settled at once: undone before its point of no return, finished after it.
     */
    readonly define: <P, I>(
      definition: Definition<P, I>
    ) => Effect.Effect<
      /** `guard` is asked in the transaction that begins the operation: when it fails, nothing has begun. SQL only. */
      <E = never>(
        task: TaskId | null,
        payload: P,
        guard?: Effect.Effect<void, E, Acting>
      ) => Effect.Effect<void, OperationError | E, Acting>
    >
    /**
     * Settles what a dead process left behind, of one task or of the whole project. Called under the task's lock by every
     * command that changes its worktree.
     */
    readonly recover: (
      task: TaskId | null
    ) => Effect.Effect<ReadonlyArray<Recovery>, OperationRunning | OperationUnknown | OperationError, Acting>
    /** Operations that have begun and not ended, oldest first. */
    readonly unfinished: Effect.Effect<ReadonlyArray<Interrupted>, StoreError, CurrentProject>
    /** Is somebody at work on it still? One that this process could not end is dead, though the process is not. */
    readonly liveness: (operation: Interrupted) => Effect.Effect<Liveness>
  }
>() {}

/** The ids of the operations that this process is at work on. */
const performing = globalValue("@calm/core/operations/performing", () => new Set<string>())

const Row = Schema.Struct({ ...Interrupted.fields, owner: Schema.parseJson(Owner), payload: Schema.String })

/** A kind of operation, its payload's type hidden behind its codec. */
interface Known {
  readonly settle: (
    id: string,
    payload: string,
    told: (outcome: Recovery["outcome"]) => Effect.Effect<void, StoreError, Acting>
  ) => Effect.Effect<Recovery["outcome"], OperationError, Acting>
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const owners = yield* Owners
  const events = yield* Events
  const kinds = new Map<string, Known>()

  const open = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Row,
    execute: (project) => sql`
      SELECT id, kind, task_id AS "taskId", started_at AS "startedAt", owner, payload FROM operations
      WHERE project_id = ${project} AND state = 'running' ORDER BY started_at, id`
  }))
  const insert = Statement.void(() => ({
    Request: Schema.Struct({
      project: ProjectId,
      id: Schema.String,
      kind: Schema.String,
      task: Schema.NullOr(TaskId),
      steps: Schema.parseJson(Schema.Array(Schema.String)),
      payload: Schema.String,
      owner: Schema.parseJson(Owner),
      at: Time
    }),
    execute: (row) => sql`
      INSERT INTO operations (project_id, id, kind, task_id, state, steps, payload, owner, started_at, updated_at)
      VALUES (${row.project}, ${row.id}, ${row.kind}, ${row.task}, 'running', ${row.steps}, ${row.payload}, ${row.owner}, ${row.at}, ${row.at})`
  }))
  const close = Effect.fnUntraced(function* (id: string, state: "done" | "undone") {
    const { id: project } = yield* CurrentProject
    yield* sql`UPDATE operations SET state = ${state}, updated_at = ${yield* now} WHERE project_id = ${project} AND id = ${id}`
  }, refine)
  const atomically = atomicallyIn(sql)

  /** Ends an operation that was cut off. `told` is written with its end, in the same transaction. */
  const settle = Effect.fnUntraced(function* <P, I>(
    definition: Definition<P, I>,
    id: string,
    payload: P,
    told: (outcome: Recovery["outcome"]) => Effect.Effect<void, StoreError, Acting>
  ) {
    const turn = definition.steps.findIndex((step) => step.name === definition.pointOfNoReturn)
    const decisive = definition.steps[turn]
    const turned =
      decisive === undefined ||
      (yield* decisive.done(payload)) ||
      (decisive.begun !== undefined && (yield* decisive.begun(payload)))
    if (turned) {
      for (const step of definition.steps) if (!(yield* step.done(payload))) yield* step.run(payload)
      yield* atomically(
        Effect.all([definition.record(payload), close(id, "done"), told("finished")], { discard: true })
      )
      return "finished" as const
    }
    for (const step of definition.steps.slice(0, turn + 1).reverse())
      if (step.undo !== undefined) yield* step.undo(payload)
    yield* atomically(Effect.andThen(close(id, "undone"), told("undone")))
    return "undone" as const
  })

  const perform = <P, I, E>(
    definition: Definition<P, I>,
    task: TaskId | null,
    payload: P,
    guard: Effect.Effect<void, E, Acting>
  ) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const { id: project } = yield* CurrentProject
        const id = yield* randomId
        const encoded = yield* Schema.encode(Schema.parseJson(definition.payload))(payload)
        const at = yield* now
        performing.add(id)
        yield* Effect.addFinalizer(() => Effect.sync(() => performing.delete(id)))
        yield* atomically(
          Effect.andThen(
            guard,
            insert({
              project,
              id,
              kind: definition.kind,
              task,
              steps: definition.steps.map((step) => step.name),
              payload: encoded,
              owner: owners.self,
              at
            })
          )
        )
        const exit = yield* Effect.exit(
          restore(Effect.forEach(definition.steps, (step) => step.run(payload), { discard: true })).pipe(
            Effect.andThen(atomically(Effect.andThen(definition.record(payload), close(id, "done"))))
          )
        )
        if (Exit.isSuccess(exit)) return
        const settled = yield* Effect.exit(settle(definition, id, payload, () => Effect.void))
        const finished = Exit.isSuccess(settled) && settled.value === "finished"
        if (finished && !Exit.isInterrupted(exit)) return
        return yield* exit
      }).pipe(Effect.scoped, refine)
    )

  const { isOwn, liveness } = ownership(owners, performing)

  const recover = Effect.fnUntraced(function* (row: typeof Row.Type) {
    if (!isOwn(row.owner) && (yield* owners.liveness(row.owner)) !== "dead")
      return yield* new OperationRunning({
        kind: row.kind,
        task: row.taskId,
        pid: row.owner.pid,
        host: row.owner.host,
        since: row.startedAt
      })
    const known = kinds.get(row.kind)
    if (known === undefined) return yield* new OperationUnknown({ kind: row.kind, id: row.id })
    const outcome = yield* known.settle(row.id, row.payload, (came) =>
      events.append("operation.recovered", row.taskId, { kind: row.kind, outcome: came })
    )
    return { kind: row.kind, task: row.taskId, outcome }
  }, Effect.uninterruptible)

  const unfinished = Effect.flatMap(CurrentProject, (project) => open(project.id)).pipe(refine)

  return Operations.of({
    define: (definition) =>
      Effect.sync(() => {
        kinds.set(definition.kind, {
          settle: (id, encoded, told) =>
            Schema.decode(Schema.parseJson(definition.payload))(encoded).pipe(
              refine,
              Effect.flatMap((payload) => settle(definition, id, payload, told))
            )
        })
        return (task, payload, guard = Effect.void) => perform(definition, task, payload, guard)
      }),
    recover: Traced.fn("Operations.recover")(function* (task) {
      const rows = yield* unfinished
      return yield* Effect.forEach(
        rows.filter((row) => task === null || row.taskId === task),
        recover
      )
    }),
    liveness: ({ id, owner }) => liveness(owner, id),
    unfinished: unfinished.pipe(
      Effect.map((rows) => rows.map(({ payload: _, ...row }) => row)),
      Traced.span("Operations.unfinished")
    )
  })
})

/** The real one, over the database. */
export const layer = Layers.service(Operations, make, [eventsLayer])
