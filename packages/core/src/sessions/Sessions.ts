/**
 * Sessions: written hand-overs from one working session to the next.
 *
 * Saving one stores the hand-over first, before anything can go wrong; then it keeps the work of each open worktree by an
 * operation of its own (`internal/keeping.ts`), under that task's lock. A worktree that cannot be kept holds up no other.
 */
import { SessionId, TaskId, WorkerId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import { handoffFault, idPrefix, KeptWorktree, type Session, SessionLine, summaryOf } from "@calm/domain/Session"
import * as Traced from "@calm/domain/Traced"
import { Git } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import { now } from "../internal/now.ts"
import { timeId } from "../internal/timeId.ts"
import { Locks, layer as locksLayer } from "../operations/Locks.ts"
import { Operations, layer as operationsLayer } from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { lockOf } from "../worktrees/internal/lockOf.ts"
import * as WorktreeRows from "../worktrees/internal/WorktreeRows.ts"
import { type Listed, OpenWorktrees, layer as openWorktreesLayer } from "../worktrees/OpenWorktrees.ts"
import { Workers, layer as workersLayer } from "../workers/Workers.ts"
import * as Keeping from "./internal/keeping.ts"
import * as SessionRows from "./internal/SessionRows.ts"
import {
  handoffError,
  type HandoffEmpty,
  type HandoffNotText,
  type HandoffTooLarge,
  SessionAmbiguous,
  SessionNotFound,
  SessionResumed
} from "./SessionErrors.ts"

/** A worktree whose work could not be kept: what is in it is as it was. */
export const UnsavedWorktree = Schema.Struct({
  taskId: TaskId,
  path: Schema.String,
  reason: Schema.String,
  hint: Schema.NullOr(Schema.String)
}).annotations({ identifier: "UnsavedWorktree" })
export type UnsavedWorktree = typeof UnsavedWorktree.Type

/** A session that was saved. */
export const Saved = Schema.Struct({
  session: SessionLine,
  /** Worktrees of which something was kept. */
  worktrees: Schema.Array(KeptWorktree),
  /** Worktrees with nothing uncommitted. */
  clean: Schema.Array(TaskId),
  unsaved: Schema.Array(UnsavedWorktree),
  /** Workers that ended with it. */
  endedWorkers: Schema.Array(WorkerId),
  /** What a person should know: what was kept in another way than asked, and what is outdated by it. */
  notices: Schema.Array(Schema.String)
}).annotations({ identifier: "SavedSession" })
export type Saved = typeof Saved.Type

/** What is waiting to be resumed. */
export const Pending = Schema.Struct({
  /** The newest session that goes on and was not resumed; `null` when there is none. */
  session: Schema.NullOr(SessionLine),
  /** How many there are. */
  count: Schema.Int
}).annotations({ identifier: "PendingSession" })
export type Pending = typeof Pending.Type

/** How to save. */
export interface Options {
  /** Is the work to go on? Then the session is pending until it is resumed. */
  readonly continues?: boolean | undefined
  /** Commit what is staged (the default)? Without, it is kept under a ref with all else. */
  readonly autoCommit?: boolean | undefined
}

type Acting = CurrentProject | CurrentActor
type HandoffError = HandoffEmpty | HandoffTooLarge | HandoffNotText
type Missing = SessionNotFound | SessionAmbiguous

/** Hand-overs from one working session to the next, and the uncommitted work that is kept with them. */
export class Sessions extends Context.Tag("@calm/core/sessions/Sessions")<
  Sessions,
  {
    /**
     * Stores a hand-over, ends the workers that are active, and keeps the work of every open worktree: what is staged
     * as a WIP commit on the task's branch, all else that is uncommitted under `refs/calm/rescue/<task>/<session>`.
     * Files and index stay as they are. Fails only when the hand-over is not stored; a worktree that cannot be kept is
     * told in the answer.
     */
    readonly save: (handoff: string, options?: Options) => Effect.Effect<Saved, HandoffError | StoreError, Acting>
    /** Sessions of the project, newest first. */
    readonly list: (limit: number) => Effect.Effect<ReadonlyArray<SessionLine>, StoreError, CurrentProject>
    /** A session with its hand-over, by its id or the beginning of it. Does not mark it as resumed. */
    readonly get: (id: string) => Effect.Effect<Session, Missing | StoreError, CurrentProject>
    /** The session to go on with. Does not mark it as resumed. */
    readonly pending: Effect.Effect<Pending, StoreError, CurrentProject>
    /** Marks a session as resumed, once, and gives it: of two who resume it, one learns that the other has. */
    readonly resume: (id: string) => Effect.Effect<Session, Missing | SessionResumed | StoreError, Acting>
  }
>() {}

/** How long a command that is at work on a worktree is waited for: whoever ends a session waits for all of them. */
const patience = Duration.seconds(15)

/** What became of one worktree. */
interface Outcome {
  readonly kept?: KeptWorktree
  readonly clean?: TaskId
  readonly unsaved?: UnsavedWorktree
  readonly notices?: ReadonlyArray<string>
}

const outdated = (kept: ReadonlyArray<KeptWorktree>): ReadonlyArray<string> => {
  const moved = kept.filter(({ commit }) => commit !== null).map(({ taskId }) => taskId)
  return moved.length === 0
    ? []
    : [
        `${moved.join(", ")}: the WIP commit moves the branch, so what was checked and reviewed before counts no longer where the commit changes it`
      ]
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const events = yield* Events
  const locks = yield* Locks
  const operations = yield* Operations
  const workers = yield* Workers
  const worktrees = yield* OpenWorktrees
  const keep = yield* Keeping.make
  const atomically = atomicallyIn(sql)
  const rows = SessionRows.make(sql)
  const worktreeRows = WorktreeRows.make(sql)

  /** The session of that id, or the one whose id begins so. */
  const found = Effect.fnUntraced(function* (typed: string) {
    const project = yield* CurrentProject
    const prefix = idPrefix(typed)
    const ids = prefix === undefined ? [] : yield* rows.beginningWith(project.id, prefix)
    const id = ids.find((each) => each === prefix) ?? ids[0]
    if (id === undefined) return yield* new SessionNotFound({ id: typed.slice(0, 80) })
    if (id !== prefix && ids.length > 1) return yield* new SessionAmbiguous({ prefix: prefix ?? typed, ids })
    const session = yield* rows.find(project.id, id)
    return Option.isSome(session) ? session.value : yield* new SessionNotFound({ id })
  })

  /** Stores the hand-over and ends the workers. */
  const store = Effect.fnUntraced(function* (handoff: string, continues: boolean) {
    const project = yield* CurrentProject
    const actor = yield* CurrentActor
    const newest = yield* rows.newest(project.id)
    const id = SessionId.make(yield* timeId("S", Option.getOrNull(newest)))
    const session = {
      id,
      savedAt: yield* now,
      savedBy: actor.name,
      continues,
      resumedAt: null,
      resumedBy: null
    }
    yield* rows.insert(project.id, { ...session, handoff })
    const endedWorkers = yield* workers.endActive
    yield* events.append("session.saved", null, { session: id, continues, endedWorkers })
    return { session: { ...session, summary: summaryOf(handoff) }, endedWorkers }
  })

  /** Keeps the work of one worktree, under its task's lock. */
  const keepOne = Effect.fnUntraced(function* (
    session: SessionId,
    { path, phase, taskId, title }: Listed,
    auto: boolean
  ) {
    const project = yield* CurrentProject
    yield* locks.hold(lockOf(taskId), `save the session ${session}`, patience)
    yield* operations.recover(taskId)
    const row = yield* worktreeRows.find(project.id, taskId)
    // It was taken away while its lock was waited for, with all that was in it.
    if (Option.isNone(row) || row.value.state !== "open") return { clean: taskId } satisfies Outcome
    const worktree = row.value
    if (!(yield* files.exists(path))) {
      const hint = `calm worktree ${Phase.isFinished(phase) ? "remove" : "create"} ${taskId}`
      return { unsaved: { taskId, path, reason: "its folder is gone", hint } } satisfies Outcome
    }
    if ((yield* git.worktreeLink(project.path, path)) !== "intact") {
      const reason = "it and git's record of it do not name each other"
      return { unsaved: { taskId, path, reason, hint: "calm worktree health" } } satisfies Outcome
    }
    const uncommitted = yield* git.uncommitted(path)
    if (Option.isNone(uncommitted)) return { clean: taskId } satisfies Outcome
    const head = yield* git.head(path)
    const branch = Option.getOrNull(Option.map(head.branch, (ref) => ref.replace(/^refs\/heads\//, "")))
    const inProgress = Option.getOrNull(yield* git.inProgress(path))
    const hindrance = Keeping.obstacle(worktree, uncommitted.value, { branch, inProgress })
    const keeping = yield* Keeping.prepare({
      repo: project.path,
      session,
      worktree,
      title,
      found: uncommitted.value,
      branch,
      commits: auto && hindrance === null
    }).pipe(Effect.provideService(Git, git))
    const kept = yield* keep(keeping)
    const notices = [
      ...(auto && hindrance !== null && uncommitted.value.isStaged
        ? [`${taskId}: what is staged was not committed, but kept under ${kept.rescueRef ?? "a ref"}: ${hindrance}`]
        : []),
      ...Keeping.nestedIn(uncommitted.value).map(
        (folder) => `${taskId}: ${folder} is a repository of its own, and nothing of it was kept`
      )
    ]
    return { kept, notices } satisfies Outcome
  }, Effect.scoped)

  const keepTolerantly = (session: SessionId, worktree: Listed, auto: boolean) =>
    keepOne(session, worktree, auto).pipe(
      refine,
      // Somebody commits there at this very moment: then all is looked at again.
      Effect.retry({ times: 3, while: (error) => error._tag === "RefMoved" }),
      Effect.catchAll((error) => {
        const { path, taskId } = worktree
        const hint = "hint" in error ? error.hint : null
        return Effect.succeed<Outcome>({ unsaved: { taskId, path, reason: error.message, hint } })
      })
    )

  return Sessions.of({
    save: Traced.fn("Sessions.save")(function* (handoff, options = {}) {
      const fault = handoffFault(handoff)
      if (fault !== undefined) return yield* handoffError(fault)
      const auto = options.autoCommit !== false
      const open = yield* worktrees.list
      const { endedWorkers, session } = yield* atomically(store(handoff, options.continues === true))
      const outcomes: ReadonlyArray<Outcome> = yield* Effect.forEach(
        open,
        (worktree) => keepTolerantly(session.id, worktree, auto),
        { concurrency: 4 }
      )
      const kept = outcomes.flatMap((outcome) => outcome.kept ?? [])
      return {
        session,
        worktrees: kept,
        clean: outcomes.flatMap((outcome) => outcome.clean ?? []),
        unsaved: outcomes.flatMap((outcome) => outcome.unsaved ?? []),
        endedWorkers,
        notices: [...outcomes.flatMap((outcome) => outcome.notices ?? []), ...outdated(kept)]
      }
    }, refine),

    list: Traced.fn("Sessions.list")(function* (limit) {
      const project = yield* CurrentProject
      return yield* rows.recent(project.id, limit)
    }, refine),

    get: Traced.fn("Sessions.get")((id: string) => found(id).pipe(refine)),

    pending: Effect.gen(function* () {
      const project = yield* CurrentProject
      const session = yield* rows.pending(project.id)
      return { session, count: session === null ? 0 : yield* rows.countPending(project.id) }
    }).pipe(refine, Traced.span("Sessions.pending")),

    resume: Traced.fn("Sessions.resume")(function* (typed) {
      const project = yield* CurrentProject
      const actor = yield* CurrentActor
      return yield* atomically(
        Effect.gen(function* () {
          const session = yield* found(typed)
          const { id, resumedAt, resumedBy } = session
          if (resumedAt !== null) return yield* new SessionResumed({ id, by: resumedBy ?? "somebody", at: resumedAt })
          const at = yield* now
          yield* rows.setResumed(project.id, id, actor.name, at)
          yield* events.append("session.resumed", null, { session: id })
          return { ...session, resumedAt: at, resumedBy: actor.name }
        })
      )
    }, refine)
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(Sessions, make, [
  eventsLayer,
  locksLayer,
  operationsLayer,
  workersLayer,
  openWorktreesLayer
])
