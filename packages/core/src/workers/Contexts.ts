/** What a worker is told when it begins: norms, its role, the task, where it works, and the commands to run next. */
import { commandLine } from "@calm/domain/CommandLine"
import * as Document from "@calm/domain/Document"
import * as Gate from "@calm/domain/Gate"
import { RoleName, WorkerId } from "@calm/domain/Ids"
import * as MergeRules from "@calm/domain/MergeRules"
import { Phase } from "@calm/domain/Phase"
import * as Review from "@calm/domain/Review"
import { type Role, RoleSource } from "@calm/domain/Role"
import { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import { Outcome, unmet } from "@calm/domain/Verdict"
import type { GitError } from "@calm/git/Git"
import type { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { Explain, type ExplainedMove, layer as explainLayer } from "../gates/Explain.ts"
import { FactFinder, type SurveyError, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { Rulebook, layer as rulebookLayer } from "../gates/Rulebook.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Worktrees, layer as worktreesLayer } from "../worktrees/Worktrees.ts"
import { misfits } from "./internal/misfits.ts"
import { nextCommands } from "./internal/nextCommands.ts"
import { type RoleError, Roles, layer as rolesLayer } from "./Roles.ts"
import { Workers, layer as workersLayer } from "./Workers.ts"

/** Where the work is done. */
export const Surroundings = Schema.Struct({
  /** Path of the task's worktree; `null` without one. */
  worktree: Schema.NullOr(Schema.String),
  branch: Schema.NullOr(Schema.String),
  /** The head of the branch. */
  commit: Schema.NullOr(Schema.String),
  /** Short name of the base branch. */
  base: Schema.String,
  mainCheckout: Schema.String,
  /** Where the task's documents go, from the root of the worktree. */
  folders: Schema.Array(Schema.String)
})

/** The move ahead, and what is missing for it. */
export const Ahead = Schema.Struct({
  to: Phase,
  kind: Schema.Literal("forward", "merge"),
  unmet: Schema.Array(Outcome.pick("check", "status", "summary", "hint"))
})

export const WorkerContext = Schema.Struct({
  task: Task,
  role: Schema.Struct({
    name: RoleName,
    title: Schema.NullOr(Schema.String),
    source: RoleSource,
    path: Schema.String
  }),
  /** In whose name the commands run; `null`: the first of them starts the worker. */
  worker: Schema.NullOr(WorkerId),
  /** `null` when the task is finished. */
  ahead: Schema.NullOr(Ahead),
  environment: Surroundings,
  /** Documents of the task, and of the spec that it is a part of, that are there: absolute paths. */
  documents: Schema.Array(Schema.String),
  warnings: Schema.Array(Schema.String),
  /** The part that all roles share; the empty text where there is none. */
  base: Schema.String,
  /** The role's own page. */
  prompt: Schema.String,
  /** What to run next, in this order. */
  commands: Schema.Array(Schema.String)
}).annotations({ identifier: "WorkerContext" })
export type WorkerContext = typeof WorkerContext.Type

/** All that a worker needs to begin, on one page. */
export class Contexts extends Context.Tag("@calm/core/workers/Contexts")<
  Contexts,
  {
    /** All that a worker in this role needs to begin on a task. Changes nothing and runs no check. */
    readonly of: (
      task: string,
      role: string
    ) => Effect.Effect<
      WorkerContext,
      TaskNotFound | RoleError | SurveyError | GitError | StoreError,
      CurrentProject | CurrentActor
    >
  }
>() {}

/** The documents that a task has, by its type. */
const kindsOf = {
  feature: ["spec", "proposal", "changelog"],
  bug: ["bug-report", "changelog"]
} as const

/** More would not fit a screen; `planning_docs` is there to look into. */
const mostDocuments = 20

const aheadOf = (move: ExplainedMove | null): WorkerContext["ahead"] =>
  move === null || (move.kind !== "forward" && move.kind !== "merge")
    ? null
    : { to: move.to, kind: move.kind, unmet: move.verdict === null ? [] : unmet(move.verdict) }

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const roles = yield* Roles
  const workers = yield* Workers
  const explain = yield* Explain
  const finder = yield* FactFinder
  const rulebook = yield* Rulebook
  const worktrees = yield* Worktrees

  /** The worker in whose environment this runs, unless it is at work elsewhere; else who is active in the role. */
  const workerFor = Effect.fnUntraced(function* (task: Task, role: Role) {
    const { workerId } = yield* CurrentActor
    if (workerId !== null) {
      const isOwn = yield* workers.get(workerId).pipe(
        Effect.map((worker) => worker.taskId === task.id && worker.role === role.name),
        // Whoever was never started has to be, before it can approve anything.
        Effect.catchTag("WorkerNotFound", () => Effect.succeed(false))
      )
      if (isOwn) return workerId
    }
    const active = yield* workers.activeOn(task.id)
    return active.find((worker) => worker.role === role.name)?.id ?? null
  })

  /** The reviews that are missing for a move, of those that the role may record, where there is something to review. */
  const reviewsFor = Effect.fnUntraced(function* (task: Task, role: Role, move: ExplainedMove) {
    if (move.verdict === null || role.frontMatter?.reviews.length === 0) return []
    const { path: repo } = yield* CurrentProject
    const { table } = yield* rulebook.at(repo, yield* finder.baseTip)
    const checks =
      move.kind === "merge"
        ? MergeRules.mergeChecks(table, task.type).map(({ check }) => check)
        : (Gate.from(table, task.type, task.phase)?.checks ?? [])
    const missing = new Set(
      unmet(move.verdict).flatMap(({ check, hint, kind }) =>
        kind === "reviews" && hint?.startsWith("calm review ") === true ? [check] : []
      )
    )
    const types = checks.flatMap((check) => (check.kind === "reviews" && missing.has(check.name) ? [check.review] : []))
    return Review.typesOf(task.type).filter(
      (type) => types.includes(type) && (role.frontMatter?.reviews.includes(type) ?? true)
    )
  })

  /** The files at a path of a checkout: all that are in a folder, or the file itself; none where nothing is. */
  const filesAt = Effect.fnUntraced(function* (checkout: string, name: string) {
    const at = path.join(checkout, name)
    return yield* files.readDirectory(at, { recursive: true }).pipe(
      Effect.map((names) => names.filter((inner) => /\.[^/\\]+$/.test(inner)).map((inner) => path.join(at, inner))),
      Effect.catchAll(() =>
        Effect.map(
          Effect.catchAll(files.exists(at), () => Effect.succeed(false)),
          (there) => (there ? [at] : [])
        )
      )
    )
  })

  const documentsIn = Effect.fnUntraced(function* (checkout: string, task: Task) {
    const ids = [task.id, ...(task.specId === null ? [] : [task.specId])]
    const planning = ids.map((id) => path.dirname(Document.pathOf("spec", id)))
    const alone = (["bug-report", "changelog"] as const).map((kind) => Document.pathOf(kind, task.id))
    const found = (yield* Effect.forEach([...planning, ...alone], (name) => filesAt(checkout, name))).flat().sort()
    const known = new Set(
      ids.flatMap((id) => Document.DocumentKind.literals.map((kind) => path.join(checkout, Document.pathOf(kind, id))))
    )
    // Notes beside them must not crowd out what gates and reviews are about.
    const first = found.toSorted((a, b) => Number(known.has(b)) - Number(known.has(a))).slice(0, mostDocuments)
    return first.sort()
  })

  return Contexts.of({
    of: Traced.fn("Contexts.of")(function* (id, name) {
      const project = yield* CurrentProject
      const { commit, moves, task } = yield* explain.explain(id)
      const role = yield* roles.get(name)
      const move = moves.find(({ kind }) => kind === "forward" || kind === "merge") ?? null
      const place = yield* worktrees.get(task.id).pipe(
        Effect.map(({ path: at }) => ({ folder: at, way: commandLine("cd", at) })),
        Effect.catchTag("WorktreeNotFound", ({ hint }) => Effect.succeed({ folder: null, way: hint }))
      )
      const { folder } = place
      const worker = yield* workerFor(task, role)
      const reviews = move === null ? [] : yield* reviewsFor(task, role, move)
      return {
        task,
        role: { name: role.name, title: role.frontMatter?.title ?? null, source: role.source, path: role.path },
        worker,
        ahead: aheadOf(move),
        environment: {
          worktree: folder,
          // Called like the task, and there without the worktree, too.
          branch: folder === null && commit === null ? null : task.id,
          commit,
          base: project.baseBranch,
          mainCheckout: project.path,
          folders: [...new Set(kindsOf[task.type].map((kind) => path.dirname(Document.pathOf(kind, task.id))))]
        },
        documents: yield* documentsIn(folder ?? project.path, task),
        warnings: misfits(task, role),
        base: yield* roles.base,
        prompt: role.prompt,
        commands: nextCommands({ task, role, worker, ...place, ahead: move, reviews })
      }
    })
  })
})

/** The real one, over git and files. */
export const layer = Layers.service(Contexts, make, [
  rolesLayer,
  workersLayer,
  explainLayer,
  factFinderLayer,
  rulebookLayer,
  worktreesLayer
])
