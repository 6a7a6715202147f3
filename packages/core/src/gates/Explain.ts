/** Where a task can go, and for each move every condition: met or not, on what evidence, by which command. */
import * as Gate from "@calm/domain/Gate"
import * as Next from "@calm/domain/Next"
import * as Phase from "@calm/domain/Phase"
import * as Judge from "@calm/domain/Rules"
import { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { Verdict } from "@calm/domain/Verdict"
import type { StoreError } from "@calm/sql/StoreError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { MergeInspector, layer as mergeInspectorLayer } from "../merges/MergeInspector.ts"
import type { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { FactFinder, type Survey, type SurveyError, layer as factFinderLayer } from "./FactFinder.ts"
import type { Rules } from "./Rulebook.ts"

/** One move that the phase table has. */
export const ExplainedMove = Schema.Struct({
  to: Phase.Phase,
  kind: Schema.Literal("forward", "merge", "rework", "cancel"),
  /** The command that makes the move once everything is met. */
  command: Schema.String,
  /** `null` where nothing but a reason is asked. */
  verdict: Schema.NullOr(Verdict)
}).annotations({ identifier: "ExplainedMove" })
export type ExplainedMove = typeof ExplainedMove.Type

/** Where a task stands and where it can go. */
export const Explanation = Schema.Struct({
  task: Task,
  /** The head of its branch; `null` without one. */
  commit: Schema.NullOr(Schema.String),
  moves: Schema.Array(ExplainedMove),
  /** The one command to run now; `null` when the task is finished. */
  next: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Explanation" })
export type Explanation = typeof Explanation.Type

/** Where a task can go, and for each move every condition: met or not, and by which command it would be. */
export class Explain extends Context.Tag("@calm/core/gates/Explain")<
  Explain,
  {
    /** Explains a task to the actor. Runs no check and changes nothing. */
    readonly explain: (
      task: string
    ) => Effect.Effect<Explanation, TaskNotFound | SurveyError | StoreError, CurrentProject | CurrentActor>
    /** The move ahead of a task as it was just read, judged; none where nothing lies ahead of it. */
    readonly ahead: (
      task: Task
    ) => Effect.Effect<
      Option.Option<ExplainedMove>,
      TaskNotFound | SurveyError | StoreError,
      CurrentProject | CurrentActor
    >
  }
>() {}

export const make = Effect.gen(function* () {
  const tasks = yield* Tasks
  const finder = yield* FactFinder
  const { inspect } = yield* MergeInspector

  /** The move ahead of a task, judged, and the head of its branch. */
  const look = Effect.fnUntraced(function* (task: Task) {
    const gateIn = ({ table }: Rules) => Gate.from(table, task.type, task.phase)
    const found = <A>(survey: Survey, ahead: Option.Option<A>) => ({ commit: survey.git.code?.commit ?? null, ahead })

    if (task.phase === Phase.mergesFrom(task.type)) {
      const { survey, verdict } = yield* inspect(task.id, { noPull: true, anywhere: true })
      return found(
        survey,
        Option.map(Option.fromNullable(gateIn(survey.rules)), ({ to }): ExplainedMove => ({
          to,
          kind: "merge",
          command: `calm worktree merge ${task.id}`,
          verdict
        }))
      )
    }

    // Only what runs in the worktree depends on what lies there.
    const survey = yield* finder.survey(
      task,
      (rules) => gateIn(rules)?.checks.some(({ kind }) => kind === "script") ?? false
    )
    const gate = gateIn(survey.rules)
    if (gate === undefined) return found(survey, Option.none<ExplainedMove>())
    const move: ExplainedMove = {
      to: gate.to,
      kind: "forward",
      command: `calm task transition ${task.id} ${gate.to}`,
      verdict: Judge.judgeMove(gate, yield* finder.complete(task, survey))
    }
    return found(survey, Option.some(move))
  })

  return Explain.of({
    ahead: Traced.fn("Explain.ahead")((task: Task) => Effect.map(look(task), ({ ahead }) => ahead)),
    explain: Traced.fn("Explain.explain")(function* (id) {
      const task = yield* tasks.get(id)
      const { ahead, commit } = yield* look(task)
      const back = Phase.earlier(task.type, task.phase).map((to): ExplainedMove => ({
        to,
        kind: "rework",
        command: `calm task transition ${task.id} ${to} --reason "Needs rework"`,
        verdict: null
      }))
      const cancel: ReadonlyArray<ExplainedMove> = Phase.isFinished(task.phase)
        ? []
        : [
            {
              to: "CANCELLED",
              kind: "cancel",
              command: `calm task cancel ${task.id} --reason "No longer needed"`,
              verdict: null
            }
          ]
      return {
        task,
        commit,
        moves: [...Option.toArray(ahead), ...back, ...cancel],
        next: Next.step(task.id, Option.getOrUndefined(ahead))?.command ?? null
      }
    })
  })
})

/** The real one, over the services that it asks. */
export const layer = Layers.service(Explain, make, [tasksLayer, factFinderLayer, mergeInspectorLayer])
