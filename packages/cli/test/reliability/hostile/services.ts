/** Every service of calm as a careless program would call it: with texts that were never decoded, cast past the brands. */
import { Backups } from "@calm/core/Backups"
import { Configuration } from "@calm/core/Configuration"
import { Contexts } from "@calm/core/Contexts"
import { Counters } from "@calm/core/Counters"
import { CurrentActor } from "@calm/core/CurrentActor"
import type { CurrentProject } from "@calm/core/CurrentProject"
import { Deletion } from "@calm/core/Deletion"
import { Events } from "@calm/core/Events"
import { Explain } from "@calm/core/Explain"
import { Gates } from "@calm/core/Gates"
import { Merges } from "@calm/core/Merges"
import { NextSteps } from "@calm/core/NextSteps"
import { Overlaps } from "@calm/core/Overlaps"
import { Projects } from "@calm/core/Projects"
import { Reviews } from "@calm/core/Reviews"
import { Roles } from "@calm/core/Roles"
import { Sessions } from "@calm/core/Sessions"
import { Status } from "@calm/core/Status"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Workers } from "@calm/core/Workers"
import { Worktrees } from "@calm/core/Worktrees"
import type { NewBackupName } from "@calm/domain/Backup"
import type { Problem } from "@calm/domain/Problem"
import type { CounterValue } from "@calm/domain/Counter"
import type { CounterName, Note, PersonName, Reason, TaskId, Time, Title, WorkerId } from "@calm/domain/Ids"
import type { Phase, TaskType } from "@calm/domain/Phase"
import type { ReviewType, Verdict } from "@calm/domain/Review"
import type { WorkerStatus } from "@calm/domain/Worker"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { hostile } from "./words.ts"

const among = (...good: ReadonlyArray<string>) =>
  FastCheck.oneof({ weight: 1, arbitrary: FastCheck.constantFrom(...good) }, { weight: 1, arbitrary: hostile })

/** What is handed to a call: each call takes of it what it needs. */
export const values = FastCheck.record({
  task: FastCheck.oneof(FastCheck.constantFrom("SPEC-001", "BUG-001", "SPEC-002"), hostile),
  text: hostile,
  other: hostile,
  maybe: FastCheck.option(hostile),
  list: FastCheck.array(FastCheck.oneof(FastCheck.constantFrom("SPEC-001", "BUG-001"), hostile), { maxLength: 3 }),
  type: among("feature", "bug"),
  phase: among("SPEC", "DESIGN", "INVESTIGATED", "CANCELLED", "DONE"),
  review: among("spec", "code", "bugfix"),
  verdict: among("approved", "changes_requested"),
  gate: among("SPEC-DESIGN", "IMPLEMENT-CODE_REVIEW"),
  role: among("backend", "qa", "_base"),
  counter: among("builds", "merge_lock"),
  worker: among("w-1"),
  backup: among("first"),
  time: among("2025-01-01T00:00:00.000Z"),
  status: among("active", "stale"),
  number: FastCheck.oneof(
    FastCheck.constantFrom(-1, -0, 0.5, 1e9, 2 ** 53, 1e308, NaN, Infinity, -Infinity),
    FastCheck.integer({ max: 100 })
  ),
  yes: FastCheck.boolean()
})
export type Values = typeof values extends FastCheck.Arbitrary<infer A> ? A : never

/** A call with what it needs. */
export type Call = (given: Values) => Effect.Effect<unknown, Problem, CurrentProject | CurrentActor>

/** The calls by name. Every method that takes anything from its caller is here. */
export const calls = Effect.gen(function* () {
  const backups = yield* Backups
  const configuration = yield* Configuration
  const contexts = yield* Contexts
  const counters = yield* Counters
  const deletion = yield* Deletion
  const events = yield* Events
  const explain = yield* Explain
  const gates = yield* Gates
  const merges = yield* Merges
  const nextSteps = yield* NextSteps
  const overlaps = yield* Overlaps
  const projects = yield* Projects
  const reviews = yield* Reviews
  const roles = yield* Roles
  const sessions = yield* Sessions
  const status = yield* Status
  const tasks = yield* Tasks
  const transitions = yield* Transitions
  const workers = yield* Workers
  const worktrees = yield* Worktrees

  const id = (text: string) => text as TaskId
  const note = (text: string) => text as Note
  const count = (value: number) => value as CounterValue
  const counterOf = (text: string) => text as CounterName

  return {
    "Tasks.create": (v: Values) =>
      tasks.create({
        id: id(v.text),
        title: v.other as Title,
        type: v.type as TaskType,
        specId: v.maybe === null ? null : id(v.maybe),
        blockedBy: v.list.map(id)
      }),
    "Tasks.create, a good id": (v: Values) =>
      tasks.create({
        id: id(`SPEC-${v.text.length}`),
        title: v.other as Title,
        type: "feature",
        specId: null,
        blockedBy: []
      }),
    "Tasks.get": (v: Values) => tasks.get(v.task),
    "Tasks.details": (v: Values) => tasks.details(v.task),
    "Tasks.list": (v: Values) =>
      tasks.list({ phase: v.phase as Phase, type: v.type as TaskType, all: v.yes, ready: v.yes, limit: v.number }),
    "Tasks.update": (v: Values) =>
      tasks.update(v.task, {
        title: v.yes ? (v.text as Title) : undefined,
        specialist: v.maybe,
        notes: v.maybe === null ? null : note(v.maybe),
        touches: v.list,
        blockedBy: v.yes ? undefined : v.list.map(id)
      }),
    "Tasks.update, its phase": (v: Values) =>
      tasks.update(v.task, { override: { phase: v.phase, reason: v.text as Reason } }),
    "Tasks.deadBlockers": (v: Values) => tasks.deadBlockers(v.task),
    "Tasks.cancel": (v: Values) => tasks.cancel(v.task, v.text as Reason),
    "Tasks.hide": (v: Values) => tasks.hide(v.text),
    "Tasks.restore": (v: Values) => tasks.restore(v.task),
    "Tasks.nextId": (v: Values) => tasks.nextId(v.text as "SPEC"),
    "Deletion.remove": (v: Values) => deletion.remove(v.text),
    "Deletion.restore": (v: Values) => deletion.restore(v.task),
    "Transitions.transition": (v: Values) =>
      transitions.transition(v.task, {
        to: v.phase,
        gateResult: v.verdict as "pass",
        gateDetails: note(v.text),
        reason: v.other as Reason
      }),
    "Reviews.record": (v: Values) =>
      reviews.record(v.task, {
        type: v.review as ReviewType,
        verdict: v.verdict as Verdict,
        by: v.yes ? (v.text as PersonName) : undefined,
        worker: v.yes ? undefined : (v.worker as WorkerId),
        notes: note(v.other)
      }),
    "Reviews.list": (v: Values) => reviews.list(v.task, v.review as ReviewType),
    "Reviews.check": (v: Values) => reviews.check(v.task, v.review as ReviewType),
    "Reviews.clear": (v: Values) => reviews.clear(v.task, v.yes ? null : (v.review as ReviewType), v.text as Reason),
    "Counters.get": (v: Values) => counters.get(counterOf(v.counter)),
    "Counters.set": (v: Values) => counters.set(counterOf(v.counter), count(v.number)),
    "Counters.increment": (v: Values) => counters.increment(counterOf(v.counter)),
    "Counters.add": (v: Values) => counters.add(counterOf(v.text), count(v.number)),
    "Counters.reset": (v: Values) => counters.reset(counterOf(v.counter)),
    "Sessions.save": (v: Values) => sessions.save(v.text, { continues: v.yes }),
    "Sessions.list": (v: Values) => sessions.list(v.number),
    "Sessions.get": (v: Values) => sessions.get(v.text),
    "Sessions.resume": (v: Values) => sessions.resume(v.text),
    "Workers.start": (v: Values) => workers.start(v.task, v.role),
    "Workers.heartbeat": (v: Values) => workers.heartbeat(v.worker as WorkerId),
    "Workers.complete": (v: Values) => workers.complete(v.worker as WorkerId),
    "Workers.fail": (v: Values) => workers.fail(v.worker as WorkerId, note(v.text)),
    "Workers.list": (v: Values) =>
      workers.list({ task: v.task, status: v.status as WorkerStatus, all: v.yes, limit: v.number }),
    "Workers.get": (v: Values) => workers.get(v.worker as WorkerId),
    "Workers.cleanup": (v: Values) => workers.cleanup(v.number),
    "Backups.create": (v: Values) => backups.create(v.text as NewBackupName),
    "Backups.auto": (v: Values) => backups.auto(v.number),
    "Backups.get": (v: Values) => backups.get(v.backup),
    "Backups.verify": (v: Values) => backups.verify(v.backup),
    "Backups.delete": (v: Values) => backups.delete(v.text),
    "Backups.restore": (v: Values) => backups.restore(v.text),
    "Worktrees.create": (v: Values) => worktrees.create(v.task, { base: v.maybe ?? undefined, setup: false }),
    "Worktrees.get": (v: Values) => worktrees.get(v.task),
    "Worktrees.remove": (v: Values) => worktrees.remove(v.task, "removed"),
    "Worktrees.restore": (v: Values) => worktrees.restore(v.task),
    "Worktrees.setup": (v: Values) => worktrees.setup(v.text),
    "Roles.get": (v: Values) => roles.get(v.role),
    "Roles.prompt": (v: Values) => roles.prompt(v.role),
    "Contexts.of": (v: Values) => contexts.of(v.task, v.role),
    "Gates.list": (v: Values) => gates.list(v.type as TaskType),
    "Gates.check": (v: Values) => gates.check(v.task, v.yes ? null : v.gate, { fresh: v.yes }),
    "Gates.approve": (v: Values) => gates.approve(v.task, v.gate, v.text as PersonName, note(v.other)),
    "Merges.check": (v: Values) => merges.check(v.task, { force: v.yes }),
    "Merges.merge": (v: Values) => merges.merge(v.text),
    "Overlaps.check": (v: Values) => overlaps.check(v.task, { force: v.yes }),
    "Explain.explain": (v: Values) => explain.explain(v.task),
    "NextSteps.list": () => nextSteps.list,
    "Events.list": (v: Values) => events.list({ task: id(v.task), since: v.time as Time, limit: v.number }),
    "Projects.register": (v: Values) => projects.register(v.text),
    "Projects.find": (v: Values) => projects.find(v.text),
    "Configuration.settings": () => configuration.settings,
    "Status.overview": () => status.overview,
    "in somebody's name": (v: Values) =>
      Effect.provideService(tasks.update(v.task, { specialist: "qa" }), CurrentActor, {
        name: v.text,
        workerId: v.maybe as WorkerId | null
      })
  }
})
