/** What the worktrees of a project look like, and what else lies where calm keeps them. Changes nothing. */
import { Time, type Sha, type TaskId } from "@calm/domain/Ids"
import type { Worktree } from "@calm/domain/Worktree"
import * as Tree from "@calm/domain/Worktree"
import type { Condition } from "@calm/domain/WorktreeHealth"
import { Git, type WorktreeEntry } from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { FactFinder } from "../../gates/FactFinder.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import { Workers } from "../../workers/Workers.ts"
import { linkOf } from "./linkOf.ts"
import { formerPlace } from "./moved.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

/** Something beside the worktrees that calm made: it is shown, and never touched. */
export const Foreign = Schema.Struct({
  path: Schema.String,
  /** A worktree that git knows and calm did not make; a folder or a file in `.worktrees` that is none. */
  kind: Schema.Literal("worktree", "folder", "file"),
  /** Short name of the branch that a worktree is on. */
  branch: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ForeignWorktree" })
export type Foreign = typeof Foreign.Type

const short = (ref: Option.Option<string>): string | null =>
  Option.getOrNull(Option.map(ref, (name) => name.replace(/^refs\/heads\//, "")))

/** What only a look into the checkout tells. */
type Inside = Pick<
  Condition,
  "inProgress" | "uncommitted" | "untracked" | "ahead" | "behind" | "lastCommitAt" | "trouble"
>

const unseen: Inside = {
  inProgress: null,
  uncommitted: null,
  untracked: null,
  ahead: null,
  behind: null,
  lastCommitAt: null,
  trouble: null
}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { cwd } = yield* Environment
  const finder = yield* FactFinder
  const workers = yield* Workers
  const rows = WorktreeRows.make(sql)

  const there = (at: string) => Effect.catchAll(files.exists(at), () => Effect.succeed(false))

  /** What lies in the folder of worktrees, without our own ignore file. */
  const found = Effect.fnUntraced(function* (folder: string) {
    const names = (yield* there(folder))
      ? yield* files.readDirectory(folder).pipe(Effect.catchAll(() => Effect.succeed([])))
      : []
    return names.filter((name) => name !== ".gitignore").map((name) => path.join(folder, name))
  })

  /** Worktrees of ours that somebody moved within the folder of worktrees, by where they were. */
  const movedWithin = Effect.fnUntraced(function* (
    entries: ReadonlyArray<WorktreeEntry>,
    open: ReadonlyArray<Worktree>,
    folders: ReadonlyArray<string>
  ) {
    const { commonDir } = yield* CurrentProject
    const known = new Set([...entries.map((entry) => entry.path), ...open.map((worktree) => worktree.path)])
    const places = yield* Effect.forEach(
      folders.filter((folder) => !known.has(folder)),
      (folder) =>
        Effect.map(
          formerPlace(commonDir, folder).pipe(
            Effect.provideService(FileSystem.FileSystem, files),
            Effect.provideService(Path.Path, path)
          ),
          Option.map((place) => [place, folder] as const)
        ),
      { concurrency: 16 }
    )
    return new Map(places.flatMap(Option.toArray))
  })

  const inside = Effect.fnUntraced(function* (at: string, commit: Sha | null, base: Option.Option<Sha>) {
    const project = yield* CurrentProject
    const status = yield* git.status(at)
    const count = (wanted: boolean) =>
      new Set(status.filter(({ state }) => (state === "untracked") === wanted).map((entry) => entry.path)).size
    const seen = {
      ...unseen,
      inProgress: Option.getOrNull(yield* git.inProgress(at)),
      uncommitted: count(false),
      untracked: count(true)
    }
    if (commit === null) return seen
    const made = yield* git.committedAt(project.path, commit)
    const divergence = Option.isNone(base) ? null : yield* git.divergence(project.path, commit, base.value)
    return {
      ...seen,
      lastCommitAt: Time.make(DateTime.formatIso(DateTime.unsafeMake(made))),
      ahead: divergence?.ahead ?? null,
      behind: divergence?.behind ?? null
    }
  })

  const look = Effect.fnUntraced(function* (
    worktree: Worktree,
    known: {
      readonly entries: ReadonlyArray<WorktreeEntry>
      readonly moved: ReadonlyMap<string, string>
      readonly phases: ReadonlyMap<TaskId, Condition["phase"]>
      readonly claimed: ReadonlySet<TaskId>
      readonly base: Option.Option<Sha>
    }
  ) {
    const project = yield* CurrentProject
    const { branch, createdAt, path: at, taskId } = worktree
    const ref = `refs/heads/${branch}`
    const here = known.entries.find((entry) => entry.path === at)
    const elsewhere = known.entries.find(
      (entry) => entry.path !== at && !entry.prunable && Option.contains(entry.branch, ref)
    )
    // What cannot be looked at is not gone: git will say why.
    const present = yield* Effect.catchAll(files.exists(at), () => Effect.succeed(true))
    const movedTo = present ? null : (known.moved.get(at) ?? elsewhere?.path ?? null)
    const place = present ? at : movedTo
    const { link, trouble } = yield* linkOf(git, project.path, place)
    const entry = here ?? (movedTo === null ? undefined : elsewhere)
    const tip = yield* git.resolve(project.path, ref)
    const head = entry === undefined ? (present ? branch : null) : short(entry.branch)
    const commit = Option.getOrNull(entry === undefined ? tip : entry.commit)
    const seen: Inside =
      place === null || link !== "intact"
        ? { ...unseen, trouble }
        : yield* inside(place, commit, known.base).pipe(
            Effect.catchTags({
              GitFailed: (error) => Effect.succeed({ ...unseen, trouble: error.message }),
              GitTimedOut: (error) => Effect.succeed({ ...unseen, trouble: error.message })
            })
          )
    const condition: Condition = {
      taskId,
      path: at,
      branch,
      createdAt,
      phase: known.phases.get(taskId) ?? null,
      present,
      link,
      movedTo,
      kept:
        entry?.locked === true
          ? "locked"
          : known.claimed.has(taskId)
            ? "active worker"
            : !at.startsWith(path.join(project.path, Tree.folder) + path.sep)
              ? "outside"
              : `${cwd}${path.sep}`.startsWith(at + path.sep)
                ? "called from inside"
                : null,
      branchThere: Option.isSome(tip),
      head,
      commit,
      ...seen
    }
    return condition
  })

  /** What calm did not make: other worktrees of the repository, and what else lies in the folder of worktrees. */
  const foreignOf = Effect.fnUntraced(function* (
    entries: ReadonlyArray<WorktreeEntry>,
    conditions: ReadonlyArray<Condition>,
    folders: ReadonlyArray<string>
  ) {
    const project = yield* CurrentProject
    const own = new Set(conditions.flatMap((one) => [one.path, ...(one.movedTo === null ? [] : [one.movedTo])]))
    const others = entries.filter((entry) => entry.path !== project.path && !entry.bare && !own.has(entry.path))
    const worktrees = others.map((entry): Foreign => ({
      path: entry.path,
      kind: "worktree",
      branch: short(entry.branch)
    }))
    const listed = new Set(others.map((entry) => entry.path))
    const rest = yield* Effect.forEach(
      folders.filter((folder) => !own.has(folder) && !listed.has(folder)),
      (at) =>
        Effect.map(
          files.stat(at).pipe(
            Effect.map(({ type }) => type === "Directory"),
            Effect.catchAll(() => Effect.succeed(false))
          ),
          (isFolder): Foreign => ({ path: at, kind: isFolder ? "folder" : "file", branch: null })
        ),
      { concurrency: 16 }
    )
    return [...worktrees, ...rest].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  })

  const survey = Effect.gen(function* () {
    const project = yield* CurrentProject
    const open = yield* rows.open(project.id)
    const listed = yield* rows.listed(project.id)
    const folders = yield* found(path.join(project.path, Tree.folder))
    const entries = yield* git.worktrees(project.path)
    // Where a record names the place that the repository had before it was moved, nothing of ours is elsewhere.
    const stale = new Set(entries.filter((entry) => entry.prunable).map((entry) => entry.path))
    const known = {
      entries,
      moved: yield* movedWithin(entries, open, folders),
      phases: new Map(listed.map(({ phase, taskId }) => [taskId, phase] as const)),
      claimed: yield* workers.claimed,
      // Without a base there is nothing to compare with; what that means for the project is said elsewhere.
      base: yield* finder.baseTip.pipe(
        Effect.map(Option.some),
        Effect.catchTag("BaseMissing", () => Effect.succeedNone)
      )
    }
    const conditions = yield* Effect.forEach(open, (worktree) => look(worktree, known), { concurrency: 4 })
    const linked = new Set(conditions.filter(({ link }) => link === "broken").map((one) => path.basename(one.path)))
    const others = entries.filter((entry) => !(stale.has(entry.path) && linked.has(path.basename(entry.path))))
    return { conditions, foreign: yield* foreignOf(others, conditions, folders) }
  }).pipe(refine)

  /** Looks at all of them. */
  return { survey }
})
