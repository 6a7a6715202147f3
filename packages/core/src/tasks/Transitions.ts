/** Moves of tasks between phases: forward through their gates, and back for rework. */
import { TaggedError } from "@calm/domain/TaggedError"
import type { Facts } from "@calm/domain/Facts"
import * as Gate from "@calm/domain/Gate"
import type { Note, Reason } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import * as Rules from "@calm/domain/Rules"
import { Task, type Transition } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { lacking, unmet, Verdict, verdict } from "@calm/domain/Verdict"
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
import { FactFinder, type Survey, type SurveyError, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { now } from "../internal/now.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { MoveRefused } from "./MoveRefused.ts"
import { TaskBeingMerged, TaskChanged, TaskNotFound, UnknownPhase } from "./TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "./Tasks.ts"
import * as TaskRows from "./internal/TaskRows.ts"

/** There is no such move from the task's phase. */
export class NoSuchTransition extends TaggedError<NoSuchTransition>()("NoSuchTransition", {
  id: Schema.String,
  from: Schema.String,
  to: Schema.String,
  /** The phases that it can move to. */
  possible: Schema.Array(Schema.String)
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return this.possible.length === 0
      ? `${this.id} is ${this.from}, which no transition leaves`
      : `${this.id} is ${this.from} and cannot move to ${this.to}; it can move to ${this.possible.join(", ")}`
  }
  get hint() {
    if (this.possible.length === 0) return `calm task show ${this.id}`
    return this.to === "CANCELLED"
      ? `calm task cancel ${this.id} --reason "No longer needed"`
      : `calm explain ${this.id}`
  }
}

/** A move back needs a reason. */
export class ReasonMissing extends TaggedError<ReasonMissing>()("ReasonMissing", {
  id: Schema.String,
  to: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `Moving ${this.id} back to ${this.to} needs a reason`
  }
  get hint() {
    return `calm task transition ${this.id} ${this.to} --reason "Needs rework"`
  }
}

/** A wished move. */
export interface Wish {
  /** The phase to move to. */
  readonly to: string
  /** `pass` attests what the gate wants attested; `fail` records a failed attempt and moves nothing. */
  readonly gateResult?: "pass" | "fail" | undefined
  readonly gateDetails?: Note | undefined
  /** Needed for moves back. */
  readonly reason?: Reason | undefined
}

/** What a transition did. */
export const Moved = Schema.Struct({
  task: Task,
  from: Phase.Phase,
  to: Phase.Phase,
  /** `attempt`: a failed attempt was recorded and nothing moved. */
  kind: Schema.Literal("forward", "rework", "attempt"),
  /** What was judged; `null` for a move back or a failed attempt. */
  verdict: Schema.NullOr(Verdict)
}).annotations({ identifier: "Moved" })
export type Moved = typeof Moved.Type

/** Moves tasks between phases: forward through their gates, back for rework. */
export class Transitions extends Context.Tag("@calm/core/tasks/Transitions")<
  Transitions,
  {
    /** Moves a task, if the rules allow it on the evidence there is. Runs no check. */
    readonly transition: (
      id: string,
      wish: Wish
    ) => Effect.Effect<
      Moved,
      | TaskNotFound
      | UnknownPhase
      | NoSuchTransition
      | ReasonMissing
      | MoveRefused
      | TaskChanged
      | TaskBeingMerged
      | SurveyError
      | StoreError,
      CurrentProject | CurrentActor
    >
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const atomically = atomicallyIn(sql)
  const events = yield* Events
  const tasks = yield* Tasks
  const finder = yield* FactFinder
  const rows = TaskRows.make(sql)

  /** The task as it is now; fails when it no longer is where the decision was prepared. Inside the transaction. */
  const unchanged = Effect.fnUntraced(function* (task: Task) {
    const project = yield* CurrentProject
    const found = yield* rows.find(project.id, task.id)
    if (Option.isNone(found) || found.value.deletedAt !== null)
      return yield* new TaskNotFound({ id: task.id, deleted: Option.isSome(found) })
    if (found.value.phase !== task.phase)
      return yield* new TaskChanged({ id: task.id, expected: task.phase, found: found.value.phase })
    if (yield* rows.isBeingMerged(project.id, task.id)) return yield* new TaskBeingMerged({ id: task.id })
    return found.value
  })

  const record = Effect.fnUntraced(function* (
    task: Task,
    to: Phase.Phase,
    kind: Transition["kind"],
    wish: Wish,
    survey: Survey | null
  ) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    yield* rows.recordTransition(project.id, task.id, {
      from: task.phase,
      to,
      kind,
      gateResult: wish.gateResult ?? null,
      gateDetails: wish.gateDetails ?? null,
      reason: wish.reason ?? null,
      commit: survey?.git.code?.commit ?? null,
      actor: actor.name,
      at: yield* now
    })
    yield* events.append(kind === "attempt" ? "task.attempted" : "task.transitioned", task.id, {
      from: task.phase,
      to,
      kind,
      ...(wish.reason === undefined ? {} : { reason: wish.reason }),
      ...(wish.gateDetails === undefined ? {} : { details: wish.gateDetails })
    })
  })

  const move = Effect.fnUntraced(function* (current: TaskRows.StoredTask, to: Phase.Phase) {
    const project = yield* CurrentProject
    yield* rows.update(project.id, { ...current, phase: to, updatedAt: yield* now })
    return yield* tasks.get(current.id)
  })

  const forward = Effect.fnUntraced(function* (task: Task, to: Phase.Phase, wish: Wish) {
    const survey = yield* finder.survey(task)
    const gate = Gate.from(survey.rules.table, task.type, task.phase)
    if (gate === undefined) return yield* new NoSuchTransition({ id: task.id, from: task.phase, to, possible: [] })
    const attestation = wish.gateResult === "pass" ? (wish.gateDetails?.trim() ?? "") : null
    const judge = (facts: Facts) => {
      const judged = Rules.judgeMove(gate, facts, attestation)
      return task.phase === Phase.mergesFrom(task.type) ? mergeOnly(task, judged) : judged
    }
    return yield* atomically(
      Effect.gen(function* () {
        const current = yield* unchanged(task)
        const judged = judge(yield* finder.complete(current, survey))
        if (judged.unmet !== null)
          return yield* new MoveRefused({
            id: task.id,
            action: `move to ${to}`,
            category: judged.unmet,
            outcomes: unmet(judged)
          })
        yield* record(task, to, "forward", wish, survey)
        return { task: yield* move(current, to), from: task.phase, to, kind: "forward" as const, verdict: judged }
      })
    )
  })

  const backward = (task: Task, to: Phase.Phase, wish: Wish) =>
    atomically(
      Effect.gen(function* () {
        const current = yield* unchanged(task)
        yield* record(task, to, "rework", wish, null)
        return { task: yield* move(current, to), from: task.phase, to, kind: "rework" as const, verdict: null }
      })
    )

  return Transitions.of({
    transition: Traced.fn("Transitions.transition")(function* (id, wish) {
      const task = yield* tasks.get(id)
      const known = Phase.phasesOf(task.type)
      const to = known.find((phase) => phase === wish.to.trim().toUpperCase())
      if (to === undefined) return yield* new UnknownPhase({ phase: wish.to, type: task.type, known })
      // Out of the last phase before the base leads only a merge, which is no transition.
      const next = task.phase === Phase.mergesFrom(task.type) ? undefined : Phase.next(task.type, task.phase)
      const possible = [...(next === undefined ? [] : [next]), ...Phase.earlier(task.type, task.phase)]
      const kind = Phase.move(task.type, task.phase, to)
      if (kind === "none") return yield* new NoSuchTransition({ id: task.id, from: task.phase, to, possible })
      if (wish.gateResult === "fail") {
        yield* atomically(Effect.andThen(unchanged(task), record(task, to, "attempt", wish, null)))
        return { task, from: task.phase, to, kind: "attempt" as const, verdict: null }
      }
      if (kind === "forward") return yield* forward(task, to, wish)
      if (wish.reason === undefined) return yield* new ReasonMissing({ id: task.id, to })
      return yield* backward(task, to, wish)
    }, refine)
  })
})

/** Only a merge makes the move into the base, whatever a project's gate table says and whatever was merged before. */
const mergeOnly = (task: Task, { gate, outcomes }: Verdict): Verdict => {
  const merged = { check: "merged", kind: "merged" }
  return verdict(gate, [
    ...outcomes.filter(({ kind }) => kind !== merged.kind),
    lacking(merged, "only a merge makes this move", `calm worktree merge ${task.id}`)
  ])
}

/** The real one, over the database. */
export const layer = Layers.service(Transitions, make, [eventsLayer, tasksLayer, factFinderLayer])
