/** Counters: named numbers of a project. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Counter from "@calm/domain/Counter"
import { CounterName, ProjectId, Time } from "@calm/domain/Ids"
import { nearest } from "@calm/domain/Nearest"
import * as Traced from "@calm/domain/Traced"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { type NotForWorkers, peopleOnly } from "../events/PeopleOnly.ts"
import { now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"

/** The project has no counter of that name. */
export class CounterNotFound extends TaggedError<CounterNotFound>()("CounterNotFound", {
  name: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    const meant = nearest(this.name, this.known)
    const asked = meant === null ? "" : `; did you mean ${JSON.stringify(meant)}?`
    return `There is no counter ${JSON.stringify(this.name)}; there are ${this.known.join(", ")}${asked}`
  }
  get hint() {
    return "calm counter list"
  }
}

/** There is a counter of that name already. */
export class CounterExists extends TaggedError<CounterExists>()("CounterExists", {
  name: Schema.String,
  value: Schema.Int
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `There is a counter ${this.name} already; it is ${this.value}`
  }
  get hint() {
    return `calm counter get ${this.name}`
  }
}

/** The counter is at the largest value it can have. */
export class CounterFull extends TaggedError<CounterFull>()("CounterFull", { name: Schema.String }) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `The counter ${this.name} is at ${Counter.max} and cannot grow`
  }
  get hint() {
    return `calm counter reset ${this.name}`
  }
}

type Acting = CurrentProject | CurrentActor

/** Named numbers of a project, such as `merge_lock`. */
export class Counters extends Context.Tag("@calm/core/counters/Counters")<
  Counters,
  {
    /** All counters of the project, by name. */
    readonly list: Effect.Effect<ReadonlyArray<Counter.Counter>, StoreError, CurrentProject>
    /** One counter. */
    readonly get: (name: CounterName) => Effect.Effect<Counter.Counter, CounterNotFound | StoreError, CurrentProject>
    /** Sets a counter. `merge_lock` is set by people only. */
    readonly set: (
      name: CounterName,
      value: Counter.CounterValue
    ) => Effect.Effect<Counter.Counter, CounterNotFound | NotForWorkers | StoreError, Acting>
    /** Adds one. */
    readonly increment: (
      name: CounterName
    ) => Effect.Effect<Counter.Counter, CounterNotFound | CounterFull | StoreError, Acting>
    /** Makes a counter. */
    readonly add: (
      name: CounterName,
      value: Counter.CounterValue
    ) => Effect.Effect<Counter.Counter, CounterExists | StoreError, Acting>
    /** Sets a counter to 0. `merge_lock` is reset by people only. */
    readonly reset: (
      name: CounterName
    ) => Effect.Effect<Counter.Counter, CounterNotFound | NotForWorkers | StoreError, Acting>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const atomically = atomicallyIn(sql)
  const events = yield* Events

  const all = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Counter.Counter,
    execute: (project) =>
      sql`SELECT name, value, updated_at AS "updatedAt" FROM counters WHERE project_id = ${project} ORDER BY name`
  }))
  const one = Statement.findOne(() => ({
    Request: Schema.Struct({ project: ProjectId, name: CounterName }),
    Result: Counter.Counter,
    execute: ({ name, project }) =>
      sql`SELECT name, value, updated_at AS "updatedAt" FROM counters WHERE project_id = ${project} AND name = ${name}`
  }))
  const upsert = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, name: CounterName, value: Counter.CounterValue, at: Time }),
    execute: ({ at, name, project, value }) => sql`
      INSERT INTO counters (project_id, name, value, updated_at) VALUES (${project}, ${name}, ${value}, ${at})
      ON CONFLICT (project_id, name) DO UPDATE SET value = ${value}, updated_at = ${at}`
  }))

  const get = Effect.fnUntraced(function* (name: CounterName) {
    const project = yield* CurrentProject
    const found = yield* one({ project: project.id, name })
    if (Option.isSome(found)) return found.value
    const known = yield* all(project.id)
    return yield* new CounterNotFound({ name, known: known.map((counter) => counter.name) })
  }, refine)

  const store = Effect.fnUntraced(function* (
    kind: "counter.added" | "counter.changed",
    name: CounterName,
    from: number | null,
    value: Counter.CounterValue
  ) {
    const project = yield* CurrentProject
    const at = yield* now
    yield* upsert({ project: project.id, name, value, at })
    yield* events.append(kind, null, { name, from, to: value })
    return { name, value, updatedAt: at }
  }, refine)

  const change = <E>(name: CounterName, next: (value: number) => Effect.Effect<Counter.CounterValue, E>) =>
    Effect.gen(function* () {
      const counter = yield* get(name)
      const value = yield* next(counter.value)
      return yield* store("counter.changed", name, counter.value, value)
    }).pipe(atomically)

  const set = Effect.fnUntraced(function* (name: CounterName, value: Counter.CounterValue) {
    if (name === Counter.mergeLock) yield* peopleOnly("set merge_lock")
    return yield* change(name, () => Effect.succeed(value))
  })

  return Counters.of({
    list: Effect.flatMap(CurrentProject, (project) => all(project.id)).pipe(refine, Traced.span("Counters.list")),
    get: Traced.fn("Counters.get")(get),
    set: Traced.fn("Counters.set")(set),
    increment: Traced.fn("Counters.increment")((name) =>
      change(name, (value) =>
        value >= Counter.max ? new CounterFull({ name }) : Effect.succeed(Counter.CounterValue.make(value + 1))
      )
    ),
    add: Traced.fn("Counters.add")(function* (name, value) {
      const project = yield* CurrentProject
      return yield* Effect.gen(function* () {
        const found = yield* one({ project: project.id, name })
        if (Option.isSome(found)) return yield* new CounterExists({ name, value: found.value.value })
        return yield* store("counter.added", name, null, value)
      }).pipe(atomically)
    }, refine),
    reset: Traced.fn("Counters.reset")((name) => set(name, Counter.CounterValue.make(0)))
  })
})

/** The real one, over the database. */
export const layer = Layers.service(Counters, make, [eventsLayer])
