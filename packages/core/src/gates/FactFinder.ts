/**
 * Finds out what is known about a task: first a survey of git, then, inside the transaction that decides, what the
 * database holds. Both together are the facts that the rule engine judges.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import type { DocumentKind } from "@calm/domain/Document"
import * as Document from "@calm/domain/Document"
import type { Code, Facts, TreeState, WrittenDocument } from "@calm/domain/Facts"
import * as Gate from "@calm/domain/Gate"
import type { Sha } from "@calm/domain/Ids"
import type { Merge } from "@calm/domain/Merge"
import type { Place } from "@calm/domain/Place"
import type { Task } from "@calm/domain/Task"
import * as Traced from "@calm/domain/Traced"
import type { Worktree } from "@calm/domain/Worktree"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { digest } from "../internal/digest.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import * as Base from "../projects/internal/base.ts"
import { movedFrom } from "../worktrees/internal/moved.ts"
import { codeDigest, summarise } from "./internal/changes.ts"
import * as Records from "./internal/records.ts"
import { Rulebook, type RulebookError, type Rules, layer as rulebookLayer } from "./Rulebook.ts"

/** The base branch has no commit to judge anything against. */
export class BaseMissing extends TaggedError<BaseMissing>()("BaseMissing", {
  branch: Schema.String,
  /**
   * `remote`: only the remote has it. `unborn`: it is checked out and has no commit yet. `gone`: there is none. `alias`: it
   * is another name for a branch.
   */
  state: Schema.Literal("remote", "unborn", "gone", "alias"),
  /** What it is another name for. */
  of: Schema.optional(Schema.String)
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    switch (this.state) {
      case "remote":
        return `The base branch ${this.branch} is only on the remote`
      case "unborn":
        return `The base branch ${this.branch} has no commit`
      case "gone":
        return `The base branch ${this.branch} does not exist: it was renamed or deleted`
      case "alias":
        return `The base branch ${this.branch} is only another name for ${this.of}, which a merge would move`
    }
  }
  /** Choosing another base is `init`'s: a commit on whatever is checked out would bring none back. */
  get hint() {
    switch (this.state) {
      case "remote":
        return commandLine("git", "branch", this.branch, `origin/${this.branch}`)
      case "unborn":
        return `git commit --allow-empty -m "Start"`
      case "gone":
        return "calm init"
      case "alias":
        return this.of === undefined || Base.behind({ of: this.of }) === null
          ? commandLine("git", "symbolic-ref", `refs/heads/${this.branch}`)
          : "calm init"
    }
  }
}

/** The task's branch and the base have no commit in common. */
export class UnrelatedHistories extends TaggedError<UnrelatedHistories>()("UnrelatedHistories", {
  branch: Schema.String,
  base: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `The branch ${this.branch} and ${this.base} have no commit in common`
  }
  get hint() {
    return commandLine("git", "log", "--oneline", "--graph", this.base, this.branch)
  }
}

/** What git says about a task at one moment. */
export interface Survey {
  /** The tip of the base branch. */
  readonly base: Sha
  readonly rules: Rules
  readonly worktree: Worktree | null
  readonly merge: Merge | null
  readonly git: Pick<Facts, "code" | "documents" | "merge" | "place" | "tree">
}

/** How a survey of a task fails. */
export type SurveyError = BaseMissing | UnrelatedHistories | RulebookError | StoreError

/** Finds out what git and the database know about a task: the facts that the rule engine judges. */
export class FactFinder extends Context.Tag("@calm/core/gates/FactFinder")<
  FactFinder,
  {
    /** The tip of the project's base branch. */
    readonly baseTip: Effect.Effect<Sha, BaseMissing | GitError, CurrentProject>
    /**
     * Looks at git: the base and its rules, the branch, the documents, the worktree. Every file of the worktree is looked
     * at, which takes its time: `ofTree` may say that by these rules nothing depends on it.
     */
    readonly survey: (
      task: Task,
      ofTree?: (rules: Rules) => boolean
    ) => Effect.Effect<Survey, SurveyError, CurrentProject>
    /** Adds what the database holds at this moment. SQL only: belongs inside the transaction that decides. */
    readonly complete: (task: Task, survey: Survey) => Effect.Effect<Facts, StoreError, CurrentProject>
  }
>() {}

const documentsOf = { feature: ["spec", "proposal", "changelog"], bug: ["bug-report", "changelog"] } as const

/** Over a database that holds no more than `holds` says. */
export const over = Effect.fnUntraced(function* (holds?: Records.Holds) {
  const records = Records.make(yield* SqlClient.SqlClient, holds)
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const rulebook = yield* Rulebook

  const baseTip = Effect.gen(function* () {
    const project = yield* CurrentProject
    const base = yield* Base.find(project.path, project.baseBranch).pipe(Effect.provideService(Git, git))
    if (base.state === "there") return base.tip
    const of = base.state === "alias" ? base.of : undefined
    return yield* new BaseMissing({ branch: project.baseBranch, state: base.state, of })
  })

  /**
   * Where a branch that is in the base may have left it: where the commit that brought it in had its first parent; one
   * that the base was fast-forwarded to, where calm made it start.
   */
  const departure = Effect.fnUntraced(function* (repo: string, head: Sha, base: Sha, worktree: Worktree) {
    const bringer = yield* git.broughtInBy(repo, head, base)
    if (Option.isNone(bringer) || bringer.value === head) return worktree.startCommit
    const before = yield* git.firstParent(repo, bringer.value)
    const common = Option.isNone(before) ? before : yield* git.mergeBase(repo, head, before.value)
    return Option.getOrElse(common, () => worktree.startCommit)
  })

  /** What the branch changes, and the commit against which it does. */
  const changesOf = Effect.fnUntraced(function* (task: Task, head: Sha, base: Sha, worktree: Worktree, rules: Rules) {
    const project = yield* CurrentProject
    const since = (mergeBase: Sha) =>
      Effect.map(git.changes(project.path, mergeBase, head), (changes) => ({
        mergeBase,
        ...summarise(changes, task.id, rules.config)
      }))
    const common = yield* git.mergeBase(project.path, head, base)
    if (Option.isNone(common))
      return yield* new UnrelatedHistories({ branch: worktree.branch, base: project.baseBranch })
    if (common.value !== head) return yield* since(common.value)
    // In the base: merged by hand, or never more than a copy of it with the commits of others. Git cannot tell, but a
    // review of this very change can: it was recorded when the change was the branch's alone.
    const brought = yield* since(yield* departure(project.path, head, base, worktree))
    const judged = yield* records.reviews(project.id, task.id)
    return judged.some((review) => review.digest !== null && review.digest === brought.changeDigest)
      ? brought
      : { mergeBase: head, ...summarise([], task.id, rules.config) }
  })

  const codeOf = Effect.fnUntraced(function* (task: Task, head: Sha, base: Sha, worktree: Worktree, rules: Rules) {
    const project = yield* CurrentProject
    const [tree, changes] = yield* Effect.all(
      [
        codeDigest(project.path, head, rules.config).pipe(Effect.provideService(Git, git)),
        changesOf(task, head, base, worktree, rules)
      ],
      { concurrency: "unbounded" }
    )
    const code: Code = { commit: head, base, codeDigest: tree, ...changes }
    return code
  })

  const documentAt = Effect.fnUntraced(function* (repo: string, commit: Sha, kind: DocumentKind, task: Task) {
    const path = Document.pathOf(kind, task.id)
    const file = yield* git.readFile(repo, commit, path)
    return Option.map(file, ({ content }): WrittenDocument => ({
      path,
      commit,
      digest: digest([content]),
      text: new TextDecoder().decode(content)
    }))
  })

  const documents = Effect.fnUntraced(function* (task: Task, head: Option.Option<Sha>, base: Sha) {
    const { path: repo } = yield* CurrentProject
    const found = yield* Effect.forEach(
      documentsOf[task.type],
      Effect.fnUntraced(function* (kind) {
        const own = Option.isSome(head)
          ? yield* documentAt(repo, head.value, kind, task)
          : Option.none<WrittenDocument>()
        const document = Option.isSome(own) ? own : yield* documentAt(repo, base, kind, task)
        return Option.isSome(document) ? ([[kind, document.value]] as const) : []
      }),
      { concurrency: "unbounded" }
    )
    return Object.fromEntries(found.flat())
  })

  const treeState = Effect.fnUntraced(function* (worktree: Worktree | null) {
    if (worktree === null || worktree.state !== "open") return { state: "missing" } satisfies TreeState
    const { path: repo } = yield* CurrentProject
    const all = yield* git.worktrees(repo)
    const at = (path: string) => all.find((other) => other.path === path)
    // Git names a worktree by its path without links.
    const entry =
      at(worktree.path) ??
      (yield* files.realPath(worktree.path).pipe(
        Effect.catchAll(() => Effect.succeed(worktree.path)),
        Effect.map(at)
      ))
    const dirtyIn = Effect.fnUntraced(function* (checkout: string) {
      return [...new Set((yield* git.status(checkout)).map((status) => status.path))]
    })
    if (entry === undefined || entry.prunable) {
      // Where somebody moved it, or has the branch checked out, there may be work that the branch has not.
      const ref = `refs/heads/${worktree.branch}`
      const elsewhere = all.find((other) => Option.contains(other.branch, ref) && !other.prunable)
      const paths = elsewhere === undefined ? [] : yield* dirtyIn(elsewhere.path)
      return elsewhere === undefined || paths.length === 0
        ? ({ state: "missing" } satisfies TreeState)
        : ({ state: "missing", left: { path: elsewhere.path, paths } } satisfies TreeState)
    }
    // A repository of its own there, or another worktree, would answer in its place.
    if ((yield* git.worktreeLink(repo, entry.path)) !== "intact") return { state: "missing" } satisfies TreeState
    const branch = Option.getOrElse(entry.branch, () => "a detached HEAD").replace(/^refs\/heads\//, "")
    if (branch !== worktree.branch) return { state: "elsewhere", head: branch } satisfies TreeState
    const paths = yield* dirtyIn(entry.path)
    return paths.length === 0
      ? ({ state: "clean" } satisfies TreeState)
      : ({ state: "dirty", paths } satisfies TreeState)
  })

  const placeOf = Effect.fnUntraced(function* (task: Task, worktree: Worktree | null, head: Option.Option<Sha>) {
    if (worktree === null || worktree.state !== "open") {
      const kept = yield* records.kept((yield* CurrentProject).id, task.id)
      return { state: Option.isSome(kept) ? "trashed" : "none" } satisfies Place
    }
    const { branch, path } = worktree
    // What cannot be looked at is not gone.
    if (!(yield* Effect.catchAll(files.exists(path), () => Effect.succeed(true)))) {
      const moved = yield* movedFrom(yield* CurrentProject, path).pipe(
        Effect.provideService(FileSystem.FileSystem, files),
        Effect.provideService(Path.Path, paths)
      )
      return Option.isSome(moved)
        ? ({ state: "moved", path, to: moved.value } satisfies Place)
        : ({ state: "none" } satisfies Place)
    }
    if (Option.isSome(head)) return { state: "there" } satisfies Place
    const commit = yield* git.resolve(path, "HEAD").pipe(Effect.catchTag("GitFailed", () => Effect.succeedNone))
    return { state: "branchless", path, branch, commit: Option.getOrNull(commit) } satisfies Place
  })

  return FactFinder.of({
    baseTip,
    survey: Traced.fn("FactFinder.survey")(function* (task, ofTree = () => true) {
      const project = yield* CurrentProject
      const base = yield* baseTip
      const rules = yield* rulebook.at(project.path, base)
      const worktree = Option.getOrNull(yield* records.worktree(project.id, task.id))
      const merge = Option.getOrNull(yield* records.merge(project.id, task.id))
      // A branch of that name that calm did not make for the task is somebody else's.
      const head =
        worktree === null ? Option.none<Sha>() : yield* git.resolve(project.path, `refs/heads/${worktree.branch}`)
      const [code, written, tree, place, inBase] = yield* Effect.all(
        [
          worktree === null || Option.isNone(head)
            ? Effect.succeed(null)
            : codeOf(task, head.value, base, worktree, rules),
          documents(task, head, base),
          ofTree(rules) ? treeState(worktree) : Effect.succeed({ state: "unseen" } satisfies TreeState),
          placeOf(task, worktree, head),
          merge === null ? Effect.succeed(false) : git.isAncestor(project.path, merge.commit, base)
        ],
        // Without a branch only documents are asked for, which are read side by side anyway.
        { concurrency: Option.isNone(head) ? 1 : "unbounded" }
      )
      return {
        base,
        rules,
        worktree,
        merge,
        git: { code, documents: written, tree, place, merge: merge === null ? null : { commit: merge.commit, inBase } }
      }
    }, refine),
    complete: Traced.fn("FactFinder.complete")(function* (task, survey) {
      const project = yield* CurrentProject
      const runs = survey.rules.table.gates
        .filter((gate) => gate.type === task.type)
        .flatMap((gate) => gate.checks)
        .flatMap((check) => (check.kind === "script" ? [Gate.runOf(check, survey.rules.config)] : []))
      const blockers = yield* records.blockers(project.id, task.id)
      const facts: Facts = {
        id: task.id,
        type: task.type,
        phase: task.phase,
        config: survey.rules.config,
        ...survey.git,
        evidence: yield* records.evidence(project.id, task.id, survey.git.code?.codeDigest ?? null),
        definitions: new Map(runs.map((run) => [run.key, survey.rules.digestOf(run)])),
        reviews: yield* records.reviews(project.id, task.id),
        approvals: yield* records.approvals(project.id, task.id),
        implementers: yield* records.implementers(project.id, task.id),
        blockers: blockers.map(({ blocker, deletedAt, phase }) => ({
          id: blocker,
          phase: deletedAt === null ? phase : null
        }))
      }
      return facts
    }, refine)
  })
})

export const make = over()

/** The real one, over the database, git and files. */
export const layer = Layers.service(FactFinder, make, [rulebookLayer])
