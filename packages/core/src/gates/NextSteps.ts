/** What to run now: one command for each open task, by the rule engine. */
import { TaskId } from "@calm/domain/Ids"
import { NextStep, step } from "@calm/domain/Next"
import * as Phase from "@calm/domain/Phase"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { grouped } from "../internal/grouped.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as MergeInspector from "../merges/MergeInspector.ts"
import * as TaskRows from "../tasks/internal/TaskRows.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { layer as countersLayer } from "../counters/Counters.ts"
import { layer as workersLayer } from "../workers/Workers.ts"
import { layer as checkRunnerLayer } from "./CheckRunner.ts"
import * as Explain from "./Explain.ts"
import * as FactFinder from "./FactFinder.ts"
import { type Holds, holdings } from "./internal/records.ts"
import * as RememberingGit from "./internal/rememberingGit.ts"
import * as Rulebook from "./Rulebook.ts"

/** An open task, and what to run for it now. */
export const NextTask = Schema.Struct({
  taskId: TaskId,
  phase: Phase.Phase,
  ...NextStep.fields,
  /** Unfinished tasks that it is blocked by; it may be planned meanwhile. */
  waitsFor: Schema.Array(TaskId)
}).annotations({ identifier: "NextTask" })
export type NextTask = typeof NextTask.Type

/** What to run now, for all open tasks at once. */
export class NextSteps extends Context.Tag("@calm/core/gates/NextSteps")<
  NextSteps,
  {
    /**
     * The next step of every open task, oldest first, those last that only wait for others. Runs no check and changes
     * nothing. A task that cannot be judged is told with the reason, and holds up no other.
     */
    readonly list: Effect.Effect<
      ReadonlyArray<NextTask>,
      FactFinder.BaseMissing | Rulebook.RulebookError | GitError | StoreError,
      CurrentProject | CurrentActor
    >
  }
>() {}

/** Git works for so many tasks at a time. */
const concurrency = 4

/** The services that judge, over this git and what the database holds. What the tasks have in common is found out once. */
const judging = Effect.fnUntraced(function* (git: Context.Tag.Service<typeof Git>, holds: Holds) {
  const over = Effect.provideService(Git, git)
  const { at, builtIn } = yield* over(Rulebook.make)
  const rulebook = Rulebook.Rulebook.of({ builtIn, at: RememberingGit.remembering(at) })
  const finder = yield* over(FactFinder.over(holds)).pipe(Effect.provideService(Rulebook.Rulebook, rulebook))
  const inspector = yield* over(MergeInspector.make).pipe(Effect.provideService(FactFinder.FactFinder, finder))
  return yield* Explain.make.pipe(
    Effect.provideService(FactFinder.FactFinder, finder),
    Effect.provideService(MergeInspector.MergeInspector, inspector)
  )
})

type Judging = Effect.Effect.Context<ReturnType<typeof judging>>

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const tasks = yield* Tasks
  const finder = yield* FactFinder.FactFinder
  const rulebook = yield* Rulebook.Rulebook
  const rows = TaskRows.make(sql)
  const held = holdings(sql)
  const context = yield* Effect.context<Judging>()

  const list = Effect.gen(function* () {
    const project = yield* CurrentProject
    const base = yield* finder.baseTip
    // What is wrong with the base is wrong with every task.
    yield* rulebook.at(project.path, base)
    const open = yield* tasks.list({})
    const holds = yield* held(project.id)
    const { ahead } = yield* judging(RememberingGit.make(git, base), holds).pipe(Effect.provide(context))
    const stepOf = (task: Task) =>
      ahead(task).pipe(
        Effect.map((move) => step(task.id, Option.getOrUndefined(move))),
        // Deleted since it was listed.
        Effect.catchTag("TaskNotFound", () => Effect.succeed(null)),
        Effect.catchAll((error) =>
          Effect.succeed({ command: error.hint ?? `calm explain ${task.id}`, lacks: error.message, waits: false })
        )
      )
    const unfinished = (yield* rows.openBlockers(project.id)).filter(
      ({ deletedAt, phase }) => phase !== "DONE" || deletedAt !== null
    )
    const waiting = grouped(unfinished, ({ task }) => task)
    const found = yield* Effect.forEach(
      open,
      (task) =>
        Effect.map(stepOf(task), (next) => {
          if (next === null) return []
          const waitsFor = (waiting.get(task.id) ?? []).map(({ blocker }) => blocker)
          return [{ taskId: task.id, phase: task.phase, ...next, waitsFor }]
        }),
      { concurrency }
    )
    return found.flat().toSorted((a, b) => Number(a.waits) - Number(b.waits))
  }).pipe(refine, Traced.span("NextSteps.list"))

  return NextSteps.of({ list })
})

/** The real one, over all that judges a task. */
export const layer = Layers.service(NextSteps, make, [
  tasksLayer,
  FactFinder.layer,
  Rulebook.layer,
  checkRunnerLayer,
  countersLayer,
  workersLayer
])
