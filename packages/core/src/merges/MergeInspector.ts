/** Looks at everything a merge depends on, changes nothing, and judges it. */
import type { Evidence } from "@calm/domain/Evidence"
import type { Code, MergeFacts } from "@calm/domain/Facts"
import { mergeLock } from "@calm/domain/Counter"
import type { Sha } from "@calm/domain/Ids"
import * as Gate from "@calm/domain/Gate"
import * as MergeRules from "@calm/domain/MergeRules"
import * as Rules from "@calm/domain/Rules"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import type { Verdict } from "@calm/domain/Verdict"
import { type CommitLine, Git } from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import type { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Layers from "../Layers.ts"
import { Counters, layer as countersLayer } from "../counters/Counters.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import { CheckRunner, layer as checkRunnerLayer } from "../gates/CheckRunner.ts"
import { FactFinder, type Survey, type SurveyError, layer as factFinderLayer } from "../gates/FactFinder.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import type { TaskNotFound } from "../tasks/TaskErrors.ts"
import { Tasks, layer as tasksLayer } from "../tasks/Tasks.ts"
import { Workers, layer as workersLayer } from "../workers/Workers.ts"

/** What was found. */
export interface Inspection {
  readonly task: Task
  readonly survey: Survey
  readonly verdict: Verdict
  /** Judges once more by what the database holds then. SQL only. */
  readonly judge: Effect.Effect<Verdict, TaskNotFound | StoreError, CurrentProject | CurrentActor>
  readonly conflicts: ReadonlyArray<string>
  readonly unseen: ReadonlyArray<CommitLine>
  /** The merged tree; `null` when it cannot be computed or the branch is in the base already. */
  readonly tree: Sha | null
  readonly alreadyInBase: boolean
  readonly checkout: string | null
}

/** How to look. */
export interface Options {
  /** Does not ask the base's remote. */
  readonly noPull?: boolean | undefined
  /** Goes past the counter `merge_lock`. */
  readonly force?: boolean | undefined
  /** The caller's folder does not count: it is no merge that is asked for. */
  readonly anywhere?: boolean | undefined
  /** Results of this very moment, which go before those on record. */
  readonly ran?: ReadonlyMap<string, Evidence> | undefined
}

/** Looks at everything that a merge depends on, changes nothing, and judges it. */
export class MergeInspector extends Context.Tag("@calm/core/merges/MergeInspector")<
  MergeInspector,
  {
    /**
     * Judges the merge of a task, as the actor would make it: a worker is not in its own way. Changes nothing but the
     * base's remote-tracking ref (unless `noPull`).
     */
    readonly inspect: (
      task: string,
      options: Options
    ) => Effect.Effect<Inspection, TaskNotFound | SurveyError | StoreError, CurrentProject | CurrentActor>
  }
>() {}

export const make = Effect.gen(function* () {
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const environment = yield* Environment
  const tasks = yield* Tasks
  const counters = yield* Counters
  const finder = yield* FactFinder
  const runner = yield* CheckRunner
  const workers = yield* Workers

  const isThere = (at: string) => Effect.catchAll(files.exists(at), () => Effect.succeed(false))

  /** Asks the base's remote where it is. What this takes comes before everything else is looked at. */
  const fetched = Effect.fnUntraced(function* (noPull: boolean) {
    const project = yield* CurrentProject
    const upstream = yield* git
      .upstream(project.path, `refs/heads/${project.baseBranch}`)
      // Of a base that is gone there is more to say.
      .pipe(Effect.tapError(() => finder.baseTip))
    if (Option.isNone(upstream)) return { state: "none" } as const
    // Not asked, the remote is taken to be where it was last seen.
    if (noPull) return { state: "asked", upstream: upstream.value } as const
    return yield* git.fetch(project.path, upstream.value).pipe(
      Effect.as({ state: "asked", upstream: upstream.value } as const),
      Effect.catchTags({
        GitFailed: (error) => Effect.succeed({ state: "unreachable", detail: error.message } as const),
        GitTimedOut: (error) => Effect.succeed({ state: "unreachable", detail: error.message } as const)
      })
    )
  })

  const upstreamState = Effect.fnUntraced(function* (
    base: Sha,
    asked: Effect.Effect.Success<ReturnType<typeof fetched>>
  ) {
    const project = yield* CurrentProject
    if (asked.state !== "asked") return asked
    const there = yield* git.resolve(project.path, asked.upstream.trackingRef)
    if (Option.isNone(there)) return { state: "even" } as const
    const { ahead, behind } = yield* git.divergence(project.path, base, there.value)
    const { remote, trackingRef } = asked.upstream
    const ref = trackingRef.replace(/^refs\/remotes\//, "")
    if (behind > 0) return { state: ahead > 0 ? "diverged" : "behind", ref, remote, behind } as const
    return { state: ahead > 0 ? "ahead" : "even" } as const
  })

  /** What stands at a path of a checkout, or in place of a folder on the way to it; a link that leads nowhere, too. */
  const standingAt = Effect.fnUntraced(function* (checkout: string, name: string) {
    const parts = name.split("/")
    for (const end of parts.keys()) {
      const part = parts.slice(0, end + 1).join("/")
      const at = path.join(checkout, part)
      if (yield* Effect.isSuccess(files.readLink(at))) return Option.some(part)
      const info = yield* Effect.option(files.stat(at))
      if (Option.isNone(info)) return Option.none<string>()
      if (info.value.type !== "Directory" || part === name) return Option.some(part)
    }
    return Option.none<string>()
  })

  /** What the branch adds and is in a checkout of the base already, ignored by git, so that no status tells of it. */
  const ignoredInTheWay = Effect.fnUntraced(function* (checkout: string, code: Code, base: Sha) {
    const changes = yield* git.changes(checkout, code.mergeBase, code.commit)
    const added = changes.filter((change) => change.status === "A")
    const there = yield* Effect.forEach(added, (change) => standingAt(checkout, change.path), { concurrency: 16 })
    const names = [...new Set(there.flatMap(Option.toArray))]
    return yield* Effect.filter(names, (name) => Effect.map(git.readFile(checkout, base, name), Option.isNone))
  })

  /** Where the base is checked out, and what stands in the way of moving it there. */
  const checkoutState = Effect.fnUntraced(function* (code: Code | null, base: Sha) {
    const project = yield* CurrentProject
    const paths = code?.paths ?? []
    const all = yield* git.worktrees(project.path)
    const on = all.find((entry) => Option.contains(entry.branch, `refs/heads/${project.baseBranch}`) && !entry.prunable)
    if (on === undefined) {
      const main = all.find((entry) => entry.path === project.path)
      // With an index it has files, whatever it calls itself.
      if (main?.bare === true && (yield* isThere(path.join(project.commonDir, "index"))))
        return { path: project.path, inTheWay: [], inProgress: null, detached: true, bare: true }
      // In the middle of a rebase or bisect HEAD is detached, though the branch may be the one that is at work there.
      const busy =
        main === undefined || Option.isSome(main.branch) ? Option.none<string>() : yield* git.inProgress(project.path)
      return Option.isSome(busy) ? { path: project.path, inTheWay: [], inProgress: busy.value, detached: true } : null
    }
    const inProgress = Option.getOrNull(yield* git.inProgress(on.path))
    const dirty = inProgress === null ? yield* git.status(on.path, paths) : []
    const changed = dirty.map((entry) => entry.path)
    const ignored = code === null || inProgress !== null ? [] : yield* ignoredInTheWay(on.path, code, base)
    return { path: on.path, inTheWay: [...new Set([...changed, ...ignored])], inProgress, detached: false }
  })

  const merged = Effect.fnUntraced(function* (survey: Survey) {
    const project = yield* CurrentProject
    const { code } = survey.git
    if (code === null) return { tree: null, conflicts: [], alreadyInBase: false }
    if (yield* git.isAncestor(project.path, code.commit, survey.base))
      return { tree: null, conflicts: [], alreadyInBase: true }
    const checkout =
      survey.git.tree.state === "missing" || survey.worktree === null ? project.path : survey.worktree.path
    const result = yield* git.mergeTree({ checkout, ours: survey.base, theirs: code.commit })
    return { tree: result.tree, conflicts: result.conflicts, alreadyInBase: false }
  })

  /** Asks the base once more about what was skipped at an earlier tip of it: nothing goes in that the base would check. */
  const confirmed = Effect.fnUntraced(function* (task: Task, survey: Survey) {
    const project = yield* CurrentProject
    const { code } = survey.git
    if (code === null) return []
    const facts = yield* finder.complete(task, survey)
    const skipped = MergeRules.mergeChecks(survey.rules.table, task.type).flatMap(({ check }) => {
      if (check.kind !== "script") return []
      const run = Gate.runOf(check, survey.rules.config)
      const evidence = Rules.standingEvidence(facts, run.key)
      return evidence?.status === "skipped" && evidence.base !== survey.base ? [{ evidence, run }] : []
    })
    const worktree = survey.git.tree.state === "missing" ? project.path : (survey.worktree?.path ?? project.path)
    return yield* Effect.forEach(
      skipped,
      ({ evidence, run }) =>
        Effect.map(
          runner.confirm({ task: task.id, run, code, rules: survey.rules, worktree }, evidence),
          (now) => [run.key, now] as const
        ),
      { concurrency: 4 }
    )
  })

  const inspect = Traced.fn("MergeInspector.inspect")(function* (id: string, options: Options) {
    const project = yield* CurrentProject
    const asked = yield* fetched(options.noPull === true)
    const task = yield* tasks.get(id)
    const survey = yield* finder.survey(task)
    const { code } = survey.git
    const [{ alreadyInBase, conflicts, tree }, upstream, checkout, unseen] = yield* Effect.all(
      [
        merged(survey),
        upstreamState(survey.base, asked),
        checkoutState(code, survey.base),
        code === null ? Effect.succeed([]) : git.commitsBetween(project.path, code.commit, survey.base, 50)
      ],
      { concurrency: "unbounded" }
    )
    const inside = survey.worktree?.path
    const mergeFacts: Omit<MergeFacts, "mergeLock" | "activeWorkers"> = {
      force: options.force === true,
      mainCheckout: project.path,
      worktree: survey.git.tree.state === "missing" ? null : (inside ?? null),
      base: project.baseBranch,
      insideWorktree:
        options.anywhere !== true &&
        inside !== undefined &&
        (environment.cwd === inside || environment.cwd.startsWith(inside + path.sep)),
      conflicts,
      upstream,
      checkout: alreadyInBase ? null : checkout
    }
    const ran = new Map([...(yield* confirmed(task, survey)), ...(options.ran ?? [])])
    const judge = Effect.gen(function* () {
      const facts = yield* finder.complete(yield* tasks.get(task.id), survey)
      // Every project has this counter.
      const lock = yield* counters.get(mergeLock).pipe(Effect.catchTag("CounterNotFound", Effect.die))
      const actor = yield* CurrentActor
      const active = (yield* workers.activeOn(task.id)).map(({ id }) => id)
      const activeWorkers = active.filter((id) => id !== actor.workerId)
      return MergeRules.judgeMerge(
        survey.rules.table,
        facts,
        { ...mergeFacts, mergeLock: lock.value, activeWorkers },
        ran
      )
    })
    const inspection: Inspection = {
      task,
      survey,
      verdict: yield* judge,
      judge,
      conflicts,
      unseen,
      tree,
      alreadyInBase,
      checkout: checkout === null || checkout.detached ? null : checkout.path
    }
    return inspection
  })

  return MergeInspector.of({ inspect })
})

/** The real one, over git and files. */
export const layer = Layers.service(MergeInspector, make, [
  tasksLayer,
  countersLayer,
  factFinderLayer,
  checkRunnerLayer,
  workersLayer
])
