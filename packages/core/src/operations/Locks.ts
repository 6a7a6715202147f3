/**
 * Locks of a project: rows with an owner that can be proven dead.
 *
 * A lock whose owner is dead is taken over; one whose owner is alive or unknown is waited for.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { ProjectId, Time } from "@calm/domain/Ids"
import * as Traced from "@calm/domain/Traced"
import { type Liveness, Owner, Owners } from "@calm/process/Owner"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { randomId } from "../internal/randomId.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import { now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { ownership } from "./internal/ownership.ts"

/** Somebody else held the lock for all the time that was waited. */
export class LockTimedOut extends TaggedError<LockTimedOut>()("LockTimedOut", {
  name: Schema.String,
  /** What the holder does. */
  purpose: Schema.String,
  pid: Schema.Int,
  host: Schema.String,
  since: Schema.String,
  /** Whether the holder still runs could not be told (another host or container). */
  unknown: Schema.Boolean
}) {
  get category() {
    return this.unknown ? ("conflict" as const) : ("timeout" as const)
  }
  override get message() {
    return `The lock ${this.name} is held by process ${this.pid} on ${this.host}${this.unknown ? ", which may or may not be alive" : ""} since ${this.since}: ${this.purpose}`
  }
  get hint() {
    return "calm status"
  }
}

class Held extends TaggedError<Held>()("Held", {
  owner: Owner,
  purpose: Schema.String,
  takenAt: Time,
  unknown: Schema.Boolean
}) {}

const timedOut = (name: string, held: Held) =>
  new LockTimedOut({
    name,
    purpose: held.purpose,
    pid: held.owner.pid,
    host: held.owner.host,
    since: held.takenAt,
    unknown: held.unknown
  })

/** How long a lock is waited for by default. */
export const patience = Duration.seconds(120)

/** Between two attempts to give a lock back. */
const pause = Duration.millis(250)

/** A lock that is held, as `doctor` shows it. */
export interface HeldLock {
  readonly name: string
  /** Tells this holding of it from every other one. */
  readonly token: string
  readonly purpose: string
  readonly owner: Owner
  readonly takenAt: Time
}

/** Locks of a project, each held by an owner that can be proven dead. */
export class Locks extends Context.Tag("@calm/core/operations/Locks")<
  Locks,
  {
    /** Holds a lock until the scope closes. Waits for it at most `patience`, or as long as is said. */
    readonly hold: (
      name: string,
      purpose: string,
      wait?: Duration.Duration
    ) => Effect.Effect<void, LockTimedOut | StoreError, CurrentProject | Scope.Scope>
    /** Holds a lock until the scope closes if nobody has it; says whether. Does not wait. */
    readonly holdIfFree: (
      name: string,
      purpose: string
    ) => Effect.Effect<boolean, StoreError, CurrentProject | Scope.Scope>
    /** The locks that somebody holds, by name. */
    readonly list: Effect.Effect<ReadonlyArray<HeldLock>, StoreError, CurrentProject>
    /** Is somebody there who will give it back? One that this process could not give back has a dead owner, too. */
    readonly liveness: (lock: Pick<HeldLock, "owner" | "token">) => Effect.Effect<Liveness>
    /** Gives back the locks of owners that are dead for sure, which nobody has to wait for. Gives their names. */
    readonly sweep: Effect.Effect<ReadonlyArray<string>, StoreError, CurrentProject>
  }
>() {}

/** The tokens of the locks that this process holds. */
const holding = globalValue("@calm/core/operations/holding", () => new Set<string>())

const Row = Schema.Struct({
  token: Schema.String,
  owner: Schema.parseJson(Owner),
  purpose: Schema.String,
  takenAt: Time
})

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const atomically = atomicallyIn(sql)
  const owners = yield* Owners
  const scope = yield* Effect.scope

  const Key = Schema.Struct({ project: ProjectId, name: Schema.String })
  const find = Statement.findOne(() => ({
    Request: Key,
    Result: Row,
    execute: ({ name, project }) =>
      sql`SELECT token, owner, purpose, taken_at AS "takenAt" FROM locks WHERE project_id = ${project} AND name = ${name}`
  }))
  const release = Statement.void(() => ({
    Request: Schema.Struct({ ...Key.fields, token: Schema.String }),
    execute: ({ name, project, token }) =>
      sql`DELETE FROM locks WHERE project_id = ${project} AND name = ${name} AND token = ${token}`
  }))
  const all = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ name: Schema.String, ...Row.fields }),
    execute: (project) => sql`
      SELECT name, token, owner, purpose, taken_at AS "takenAt" FROM locks WHERE project_id = ${project} ORDER BY name`
  }))
  const insert = Statement.void(() => ({
    Request: Schema.Struct({ ...Key.fields, ...Row.fields }),
    execute: (row) => sql`
      INSERT INTO locks (project_id, name, token, owner, purpose, taken_at)
      VALUES (${row.project}, ${row.name}, ${row.token}, ${row.owner}, ${row.purpose}, ${row.takenAt})`
  }))

  const { liveness: livenessOf } = ownership(owners, holding)
  const liveness = ({ owner, token }: Pick<HeldLock, "owner" | "token">) => livenessOf(owner, token)

  /** Takes the lock or says who has it. Liveness is asked outside of the transaction, and the holder compared inside. */
  const attempt = Effect.fnUntraced(function* (project: ProjectId, name: string, token: string, purpose: string) {
    const holder = yield* find({ project, name })
    const state = Option.isNone(holder) ? "dead" : yield* liveness(holder.value)
    if (Option.isSome(holder) && state !== "dead")
      return yield* new Held({ ...holder.value, unknown: state === "unknown" })
    // Before the others in this process can see it.
    holding.add(token)
    yield* atomically(
      Effect.gen(function* () {
        const current = yield* find({ project, name })
        const dead = Option.map(holder, (row) => row.token)
        if (Option.isSome(current) && !Option.contains(dead, current.value.token))
          return yield* new Held({ ...current.value, unknown: false })
        if (Option.isSome(current)) yield* release({ project, name, token: current.value.token })
        yield* insert({ project, name, token, owner: owners.self, purpose, takenAt: yield* now })
      })
    ).pipe(Effect.tapErrorCause(() => Effect.sync(() => holding.delete(token))))
  }, refine)

  const waiting = (wait: Duration.Duration) =>
    Schedule.exponential("10 millis", 1.5).pipe(
      Schedule.union(Schedule.spaced("250 millis")),
      Schedule.jittered,
      Schedule.upTo(wait)
    )

  /**
   * Gives a lock back with the scope. Where that fails (the disk is full) it is tried again and again, for those who wait in
   * other processes; they take it over once this one has ended.
   */
  const held = (project: ProjectId, name: string, token: string) =>
    Effect.addFinalizer(() => {
      holding.delete(token)
      const giveBack = release({ project, name, token })
      const later = Effect.interruptible(Effect.retry(Effect.delay(giveBack, pause), Schedule.spaced(pause)))
      return Effect.catchAll(giveBack, (error) =>
        Effect.zipRight(Effect.logDebug("lock not released", error), Effect.forkIn(later, scope))
      )
    })

  return Locks.of({
    hold: Traced.fn("Locks.hold")((name: string, purpose: string, wait = patience) =>
      // Only the waiting can be interrupted: what is taken is given back.
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const { id: project } = yield* CurrentProject
          const token = yield* randomId
          const next = yield* Schedule.driver(waiting(wait))
          const take: Effect.Effect<void, LockTimedOut | StoreError> = attempt(project, name, token, purpose).pipe(
            Effect.catchTag("Held", (other) =>
              restore(next.next(undefined)).pipe(
                Effect.mapError(() => timedOut(name, other)),
                Effect.zipRight(Effect.suspend(() => take))
              )
            )
          )
          yield* take
          yield* held(project, name, token)
        })
      )
    ),
    holdIfFree: Traced.fn("Locks.holdIfFree")((name: string, purpose: string) =>
      Effect.uninterruptible(
        Effect.gen(function* () {
          const { id: project } = yield* CurrentProject
          const token = yield* randomId
          const isTaken = yield* attempt(project, name, token, purpose).pipe(
            Effect.as(true),
            Effect.catchTag("Held", () => Effect.succeed(false))
          )
          if (isTaken) yield* held(project, name, token)
          return isTaken
        })
      )
    ),
    list: Effect.flatMap(CurrentProject, ({ id }) => all(id)).pipe(refine, Traced.span("Locks.list")),
    liveness,
    sweep: Effect.gen(function* () {
      const { id: project } = yield* CurrentProject
      const dead = yield* Effect.filter(yield* all(project), (lock) =>
        Effect.map(liveness(lock), (state) => state === "dead")
      )
      // One that was taken over meanwhile has another token, and stays.
      yield* Effect.forEach(dead, ({ name, token }) => release({ project, name, token }), { discard: true })
      return dead.map(({ name }) => name)
    }).pipe(refine, Traced.span("Locks.sweep"))
  })
})

/** The real one, over the database. */
export const layer: Layer.Layer<Locks, never, SqlClient.SqlClient | Owners> = Layer.scoped(Locks, make)
