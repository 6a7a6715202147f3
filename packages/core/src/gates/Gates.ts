/** Gates: what they ask for, checking them for real, and a person's approval of them. */
import { TaggedError } from "@calm/domain/TaggedError"
import type { Evidence } from "@calm/domain/Evidence"
import { Approval } from "@calm/domain/Evidence"
import type { Facts } from "@calm/domain/Facts"
import * as Gate from "@calm/domain/Gate"
import type { Note, PersonName } from "@calm/domain/Ids"
import * as MergeRules from "@calm/domain/MergeRules"
import * as Phase from "@calm/domain/Phase"
import { wayTo } from "@calm/domain/Place"
import * as Rules from "@calm/domain/Rules"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { inQuotes, Typed } from "@calm/domain/Typed"
import { type Outcome, Verdict, verdict as summed } from "@calm/domain/Verdict"
import { Git, type GitError } from "@calm/git/Git"
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
import type { HomeUnusable } from "../home/Home.ts"
import { now } from "../internal/now.ts"
import { MergeInspector, layer as mergeInspectorLayer } from "../merges/MergeInspector.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { CheckProgress } from "./CheckProgress.ts"
import { CheckRunner, layer as checkRunnerLayer } from "./CheckRunner.ts"
import { FactFinder, type Survey, type SurveyError, layer as factFinderLayer } from "./FactFinder.ts"
import * as EvidenceRows from "./internal/EvidenceRows.ts"
import { Rulebook, type RulebookError, layer as rulebookLayer } from "./Rulebook.ts"

/** The type of task has no such transition. Never a pass. */
export class UnknownTransition extends TaggedError<UnknownTransition>()("UnknownTransition", {
  transition: Typed,
  type: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `A ${this.type} has no transition ${inQuotes(this.transition)}; it has ${this.known.join(", ")}`
  }
  get hint() {
    return `calm gate list --type ${this.type}`
  }
}

/** The task is finished: no gate is ahead of it. */
export class NoGateAhead extends TaggedError<NoGateAhead>()("NoGateAhead", {
  id: Schema.String,
  phase: Schema.String
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `${this.id} is ${this.phase}: no gate is ahead of it`
  }
  get hint() {
    return `calm task show ${this.id}`
  }
}

/** The gate asks for no person's approval. */
export class ApprovalNotAsked extends TaggedError<ApprovalNotAsked>()("ApprovalNotAsked", {
  id: Schema.String,
  gate: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `${this.gate} of ${this.id} cannot be approved: ${this.reason}`
  }
  get hint() {
    return `calm gate check ${this.id} ${this.gate}`
  }
}

/** A gate checked: the verdict, and what was run for it. */
export const Checked = Schema.Struct({
  taskId: Schema.String,
  phase: Phase.Phase,
  /** The head that was judged; `null` without a branch. */
  commit: Schema.NullOr(Schema.String),
  verdict: Verdict
}).annotations({ identifier: "CheckedGate" })
export type Checked = typeof Checked.Type

/** A gate with its checks in words. */
export const ListedGate = Schema.Struct({
  type: Phase.TaskType,
  gate: Schema.String,
  checks: Schema.Array(Schema.Struct({ name: Schema.String, kind: Schema.String, asks: Schema.String }))
}).annotations({ identifier: "ListedGate" })
export type ListedGate = typeof ListedGate.Type

/** An approval on record. */
export const Approved = Schema.Struct({ taskId: Schema.String, approval: Approval }).annotations({
  identifier: "ApprovedGate"
})
export type Approved = typeof Approved.Type

/** What the gates ask for, checking them for real, and a person's approval of them. */
export class Gates extends Context.Tag("@calm/core/gates/Gates")<
  Gates,
  {
    /** The gates in force in the project, of one type or both. */
    readonly list: (
      type: Phase.TaskType | null
    ) => Effect.Effect<ReadonlyArray<ListedGate>, RulebookError | GitError, CurrentProject>
    /**
     * Checks a gate: runs the script checks whose result does not stand (all of them if `fresh`), records what came out
     * and judges the whole. Without a transition: whatever the next move, or the merge, still needs.
     */
    readonly check: (
      task: string,
      transition: string | null,
      options?: { readonly fresh?: boolean | undefined }
    ) => Effect.Effect<
      Checked,
      TaskNotFound | UnknownTransition | NoGateAhead | HomeUnusable | SurveyError | StoreError,
      CurrentProject | CurrentActor
    >
    /** A person's approval of a gate, bound to the document or change as it is committed now. Not for workers. */
    readonly approve: (
      task: string,
      transition: string,
      by: PersonName,
      notes: Note | null
    ) => Effect.Effect<
      Approved,
      TaskNotFound | UnknownTransition | ApprovalNotAsked | NotForWorkers | SurveyError | StoreError,
      CurrentProject | CurrentActor
    >
  }
>() {}

const builtInChecks: Readonly<Record<string, string>> = {
  tests: "the project's tests pass",
  linter: "the project's linter passes",
  types: "the project's type checker passes",
  todos: "no TODO was added without a task id on its line"
}

/** A check in words, for lists. */
export const describe = (check: Gate.Check): string => {
  switch (check.kind) {
    case "script":
      return (
        (check.command === undefined
          ? (builtInChecks[check.script ?? ""] ?? `${check.script} passes`)
          : `${check.command.join(" ")} passes`) + (check.noSkips ? ", none skipped" : "")
      )
    case "reviews":
      return check.count === 1 ? "an approval by a reviewer" : `${check.count} approvals by different reviewers`
    case "approval":
      return `a person's approval of the ${check.judges}`
    case "document":
      return `the ${check.document.replaceAll("-", " ")} is committed${check.sections.length === 0 ? "" : ` with ${check.sections.map((section) => section.title).join(", ")}`}`
    case "code-changed":
      return `the branch changes code${check.orApproval ? ", or a person approves a change of documents alone" : ""}`
    case "test-changed":
      return "the branch adds or changes a test"
    case "merged":
      return "made by calm worktree merge alone"
    case "merge-in-base":
      return "the recorded merge is in the base"
    case "attested":
      return "somebody says what was verified"
  }
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const events = yield* Events
  const tasks = yield* Tasks
  const rulebook = yield* Rulebook
  const finder = yield* FactFinder
  const runner = yield* CheckRunner
  const { inspect } = yield* MergeInspector
  const rows = EvidenceRows.make(sql)
  const atomically = atomicallyIn(sql)

  const gateOf = (
    task: Task,
    table: Gate.GateTable,
    transition: string
  ): Effect.Effect<Gate.Gate, UnknownTransition> => {
    const gate = Gate.find(table, task.type, transition)
    return gate === undefined
      ? new UnknownTransition({
          transition,
          type: task.type,
          known: table.gates.filter((other) => other.type === task.type).map(Gate.nameOf)
        })
      : Effect.succeed(gate)
  }

  /** What is asked for: one gate; or the next move, with what it waits for, and before a merge all it needs of the code. */
  const asked = Effect.fnUntraced(function* (task: Task, table: Gate.GateTable, transition: string | null) {
    const gate = transition === null ? Gate.from(table, task.type, task.phase) : yield* gateOf(task, table, transition)
    if (gate === undefined) return yield* new NoGateAhead({ id: task.id, phase: task.phase })
    const merges = transition === null && task.phase === Phase.mergesFrom(task.type)
    return {
      name: Gate.nameOf(gate),
      merges,
      checks: merges ? MergeRules.mergeChecks(table, task.type) : gate.checks.map((check) => ({ gate, check })),
      waits: transition === null && Phase.needsBlockersDone(task.type, gate.to)
    }
  })

  const judge = (
    { checks, name, waits }: Effect.Effect.Success<ReturnType<typeof asked>>,
    facts: Facts,
    ran: ReadonlyMap<string, Evidence>
  ) =>
    summed(name, [
      ...checks.map(({ check, gate }) => Rules.judgeCheck(check, Gate.nameOf(gate), facts, null, ran)),
      ...(waits ? Rules.judgeBlockers(facts) : [])
    ])

  /** What moved while the checks ran: a result counts only if the code and the rules stood still. */
  const movedMeanwhile = (before: Survey, after: Survey, runs: ReadonlyArray<Gate.Run>) =>
    after.git.tree.state === "dirty"
      ? `the worktree changed while the check ran: ${after.git.tree.paths.slice(0, 5).join(", ")}`
      : after.git.tree.state !== "clean" || after.git.code?.commit !== before.git.code?.commit
        ? "the branch moved while the check ran"
        : runs.some((one) => after.rules.digestOf(one) !== before.rules.digestOf(one))
          ? "the rules on the base changed while the check ran"
          : undefined

  const run = Effect.fnUntraced(function* (
    task: Task,
    survey: Survey,
    runs: ReadonlyArray<Gate.Run>,
    nameOf: (key: string) => string
  ) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    const { code } = survey.git
    const { worktree } = survey
    if (code === null || worktree === null || runs.length === 0 || survey.git.tree.state !== "clean")
      return { survey, ran: new Map<string, Evidence>() }
    const { tell } = yield* CheckProgress
    const durations = yield* rows.durations(project.id)
    const planned = runs.map(({ key }) => ({ key, name: nameOf(key), expected: durations.get(key) ?? null }))
    yield* tell({ _tag: "Planned", checks: planned })
    const results = yield* Effect.forEach(
      runs,
      (one) => runner.run({ task: task.id, run: one, code, rules: survey.rules, worktree: worktree.path }),
      { concurrency: 4 }
    )
    const after = yield* finder.survey(task)
    const moved = movedMeanwhile(survey, after, runs)
    const recorded = results.map((evidence): Evidence =>
      moved === undefined
        ? evidence
        : { ...evidence, status: "unavailable", counts: null, summary: moved, hint: wayTo(task.id, after.git.place) }
    )
    yield* atomically(
      Effect.gen(function* () {
        for (const evidence of recorded) yield* rows.recordEvidence(project.id, task.id, actor.name, evidence)
        yield* events.append("gate.checked", task.id, {
          commit: code.commit,
          results: Object.fromEntries(recorded.map((evidence) => [evidence.key, evidence.status]))
        })
      })
    )
    return {
      survey: moved === undefined ? after : survey,
      ran: new Map(recorded.map((evidence) => [evidence.key, evidence]))
    }
  })

  return Gates.of({
    list: Traced.fn("Gates.list")(function* (type) {
      const project = yield* CurrentProject
      const base = yield* git.resolve(project.path, `refs/heads/${project.baseBranch}`)
      const table = Option.isNone(base) ? rulebook.builtIn : (yield* rulebook.at(project.path, base.value)).table
      return table.gates
        .filter((gate) => type === null || gate.type === type)
        .map((gate) => ({
          type: gate.type,
          gate: Gate.nameOf(gate),
          checks: gate.checks.map((check) => ({ name: check.name, kind: check.kind, asks: describe(check) }))
        }))
    }),

    check: Traced.fn("Gates.check")(function* (id, transition, options = {}) {
      const task = yield* tasks.get(id)
      const before = yield* finder.survey(task)
      const question = yield* asked(task, before.rules.table, transition)
      const known = yield* finder.complete(task, before)
      const names = new Map<string, string>()
      const runs = new Map(
        question.checks.flatMap(({ check }) => {
          if (check.kind !== "script") return []
          const one = Gate.runOf(check, before.rules.config)
          names.set(one.key, names.get(one.key) ?? check.name)
          const standing = options.fresh === true ? undefined : Rules.standingEvidence(known, one.key)
          // That a tool is missing was confirmed for one tip of the base; another may have it.
          const stands = standing !== undefined && (standing.status !== "skipped" || standing.base === before.base)
          return stands ? [] : [[one.key, one] as const]
        })
      )
      const { ran, survey } = yield* run(task, before, [...runs.values()], (key) => names.get(key) ?? key)
      const found = yield* finder.complete(yield* tasks.get(id), survey)
      // Who wants fresh results is not answered with old ones where nothing could be run.
      const facts = options.fresh === true ? { ...found, evidence: [] } : found
      const judged = judge(question, facts, ran)
      // Before a merge the whole of it is judged, as the merge itself will be.
      const merge = question.merges ? (yield* inspect(id, { noPull: true, anywhere: true, ran })).verdict : null
      const isRun = ({ kind }: Outcome) => kind === "script"
      const verdict =
        merge === null
          ? judged
          : options.fresh !== true || ran.size > 0
            ? merge
            : summed(question.name, [
                ...judged.outcomes.filter(isRun),
                ...merge.outcomes.filter((outcome) => !isRun(outcome))
              ])
      return {
        taskId: task.id,
        phase: facts.phase,
        commit: survey.git.code?.commit ?? null,
        verdict: { ...verdict, gate: question.name }
      }
    }, refine),

    approve: Traced.fn("Gates.approve")(function* (id, transition, by, notes) {
      yield* peopleOnly("approve a gate")
      const project = yield* CurrentProject
      const task = yield* tasks.get(id)
      const survey = yield* finder.survey(task)
      const gate = yield* gateOf(task, survey.rules.table, transition)
      const name = Gate.nameOf(gate)
      return yield* atomically(
        Effect.gen(function* () {
          const facts = yield* finder.complete(task, survey)
          const judges = gate.checks.flatMap((check) =>
            check.kind === "approval"
              ? [check.judges]
              : check.kind === "code-changed" && check.orApproval
                ? ["change" as const]
                : []
          )[0]
          if (judges === undefined)
            return yield* new ApprovalNotAsked({ id: task.id, gate: name, reason: "it asks for no person's approval" })
          const subject = Rules.subject(facts, judges)
          if (subject === null)
            return yield* new ApprovalNotAsked({
              id: task.id,
              gate: name,
              reason: Rules.missingSubject(facts, judges).summary
            })
          const approval = {
            gate: name,
            person: by,
            commit: subject.commit,
            digest: subject.digest,
            notes,
            at: yield* now
          }
          const { seq } = yield* rows.recordApproval(project.id, task.id, approval)
          yield* events.append("gate.approved", task.id, { gate: name, person: by, commit: subject.commit })
          return { taskId: task.id, approval: { seq, ...approval } }
        })
      )
    }, refine)
  })
})

/** The real one, over the database and git. */
export const layer = Layers.service(Gates, make, [
  eventsLayer,
  tasksLayer,
  rulebookLayer,
  factFinderLayer,
  checkRunnerLayer,
  mergeInspectorLayer
])
