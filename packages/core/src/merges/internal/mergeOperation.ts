/** The operation of a merge: move the base, record it, put the worktree away, delete the branch. */
import { Sha, TaskId } from "@calm/domain/Ids"
import * as Merge from "@calm/domain/Merge"
import { Phase } from "@calm/domain/Phase"
import { Git, RefMoved } from "@calm/git/Git"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { atomicallyIn } from "../../internal/atomically.ts"
import { Events } from "../../events/Events.ts"
import { now } from "../../internal/now.ts"
import { type OperationError, Operations, type Step } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as TaskRows from "../../tasks/internal/TaskRows.ts"
import * as Removal from "../../worktrees/internal/removal.ts"
import * as WorktreeRows from "../../worktrees/internal/WorktreeRows.ts"
import * as MergeRows from "./MergeRows.ts"

/** A merge, decided. */
export const Plan = Schema.Struct({
  repo: Schema.String,
  task: TaskId,
  actor: Schema.String,
  from: Phase,
  to: Phase,
  branch: Schema.String,
  head: Sha,
  baseBranch: Schema.String,
  baseBefore: Sha,
  /** What the base is moved to; the commit that brought the branch in, where it is in the base already. */
  commit: Sha,
  /** The checkout that is on the base and goes with it; `null` where there is none. */
  checkout: Schema.NullOr(Schema.String),
  /** The worktree to put away; `null` where there is none. */
  removal: Schema.NullOr(Removal.Removal)
})
export type Plan = typeof Plan.Type

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const events = yield* Events
  const operations = yield* Operations
  const removal = yield* Removal.parts
  const merges = MergeRows.make(sql)
  const tasks = TaskRows.make(sql)
  const worktrees = WorktreeRows.make(sql)
  const atomically = atomicallyIn(sql)

  const base: Step<Plan> = {
    name: "base",
    done: Effect.fnUntraced(function* ({ baseBranch, commit, repo }) {
      const tip = yield* git.resolve(repo, `refs/heads/${baseBranch}`)
      return Option.isSome(tip) && (yield* git.isAncestor(repo, commit, tip.value))
    }),
    run: Effect.fnUntraced(function* (plan) {
      if (yield* base.done(plan)) return
      const ref = `refs/heads/${plan.baseBranch}`
      const moved = new RefMoved({ ref, expected: plan.baseBefore })
      // Somebody may have checked the base out, or another branch in its place, since it was looked at.
      const on = (yield* git.worktrees(plan.repo)).find(
        (entry) => Option.contains(entry.branch, ref) && !entry.prunable
      )
      if ((on?.path ?? null) !== plan.checkout) return yield* moved
      if (plan.checkout === null)
        yield* git.updateRef({
          repo: plan.repo,
          ref,
          from: Option.some(plan.baseBefore),
          to: Option.some(plan.commit),
          reason: `calm: merge ${plan.task}`
        })
      // An interruption waits: cut off, git would leave the user's checkout half at one commit and half at the other.
      else yield* Effect.uninterruptible(git.fastForward({ checkout: plan.checkout, to: plan.commit, branch: ref }))
      if (!(yield* base.done(plan))) return yield* moved
    }),
    undo: ({ checkout }) => (checkout === null ? Effect.void : git.unwind(checkout))
  }

  const recorded: Step<Plan> = {
    name: "record",
    done: Effect.fnUntraced(function* ({ commit, head, task }) {
      const project = yield* CurrentProject
      const latest = yield* merges.latest(project.id, task)
      return Option.exists(latest, (merge) => merge.commit === commit && merge.head === head)
    }, refine),
    run: Effect.fnUntraced(function* (plan) {
      const project = yield* CurrentProject
      yield* atomically(
        Effect.gen(function* () {
          const at = yield* now
          const task = yield* tasks.find(project.id, plan.task)
          yield* merges.insert(project.id, {
            taskId: plan.task,
            branch: plan.branch,
            head: plan.head,
            baseBranch: plan.baseBranch,
            baseBefore: plan.baseBefore,
            commit: plan.commit,
            actor: plan.actor,
            at
          })
          yield* merges.count(project.id, at)
          if (Option.isSome(task)) yield* tasks.update(project.id, { ...task.value, phase: plan.to, updatedAt: at })
          yield* tasks.recordTransition(project.id, plan.task, {
            from: plan.from,
            to: plan.to,
            kind: "merge",
            gateResult: "pass",
            gateDetails: null,
            reason: null,
            commit: plan.head,
            actor: plan.actor,
            at
          })
          yield* events.append("task.merged", plan.task, {
            commit: plan.commit,
            head: plan.head,
            base: plan.baseBranch,
            from: plan.from,
            to: plan.to
          })
        })
      )
    })
  }

  /** What comes after the merge must not make it look undone: a failure is told, and the thing stays where it is. */
  const tolerant = <R>(what: string, effect: Effect.Effect<void, OperationError, R>) =>
    Effect.catchAll(effect, (error) => Effect.logWarning(`${what}: ${error.message}`))

  /** The task's open worktree, and whether somebody took it away by hand: then its row alone is left to close. */
  const openWorktree = Effect.fnUntraced(function* (task: TaskId) {
    const project = yield* CurrentProject
    const worktree = Option.filter(yield* worktrees.find(project.id, task), ({ state }) => state === "open")
    if (Option.isNone(worktree)) return Option.none()
    const gone = yield* Removal.isGone(project, worktree.value).pipe(
      Effect.provideService(Git, git),
      Effect.provideService(FileSystem.FileSystem, files)
    )
    return Option.some({ worktree: worktree.value, gone })
  }, refine)

  const putAway: Step<Plan> = {
    name: "put the worktree away",
    done: ({ removal: decided, task }) =>
      Effect.map(openWorktree(task), (open) => !Option.exists(open, ({ gone }) => gone || decided !== null)),
    run: ({ removal: decided, task }) =>
      tolerant(
        "the worktree stays",
        Effect.gen(function* () {
          const open = yield* openWorktree(task)
          if (Option.isNone(open)) return
          if (open.value.gone && decided === null)
            return yield* atomically(removal.close(open.value.worktree, "merged"))
          if (decided === null) return
          for (const step of [removal.rescue, removal.trash]) if (!(yield* step.done(decided))) yield* step.run(decided)
          yield* atomically(removal.record(decided))
        })
      )
  }

  const branch: Step<Plan> = {
    name: "delete the branch",
    done: ({ branch: name, head, repo }) =>
      Effect.map(git.resolve(repo, `refs/heads/${name}`), (now) => !Option.contains(now, head)),
    run: ({ branch: name, head, repo, task }) =>
      tolerant(
        "the branch stays",
        Effect.gen(function* () {
          const ref = `refs/heads/${name}`
          if ((yield* git.worktrees(repo)).some((entry) => Option.contains(entry.branch, ref))) return
          // A branch that has moved on stays, with what came later.
          yield* git
            .updateRef({ repo, ref, from: Option.some(head), to: Option.none(), reason: `calm: ${task} merged` })
            .pipe(Effect.catchTag("RefMoved", () => Effect.void))
        })
      )
  }

  return yield* operations.define({
    kind: Merge.operation,
    payload: Plan,
    steps: [base, recorded, putAway, branch],
    pointOfNoReturn: "base",
    record: () => Effect.void
  })
})
