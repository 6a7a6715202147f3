/** Where a task's branch starts, and whether a branch of its name is its own. */
import type { Sha } from "@calm/domain/Ids"
import type { Task } from "@calm/domain/Task"
import type { Worktree } from "@calm/domain/Worktree"
import { Git } from "@calm/git/Git"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { FactFinder } from "../../gates/FactFinder.ts"
import * as MergeRows from "../../merges/internal/MergeRows.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import { BranchTaken, RevisionNotFound } from "../WorktreeErrors.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const finder = yield* FactFinder
  const rows = WorktreeRows.make(sql)
  const merges = MergeRows.make(sql)

  /**
   * Why a branch of the task's name is not the one that calm made for it; `null` when it is. The branch of an open
   * worktree is. That of one that was taken away is too, as long as it holds the commit that the worktree was at then;
   * not after it was merged: the branch was deleted then, and whoever made this one, calm did not, unless it brought the
   * worktree back.
   */
  const foreignness = Effect.fnUntraced(function* (before: Option.Option<Worktree>, tip: Sha) {
    const { id: project, path: repo } = yield* CurrentProject
    if (Option.isNone(before)) return "is there already and calm did not make it"
    const { startCommit, state, taskId } = before.value
    if (state === "open") return null
    const merge = yield* merges.latest(project, taskId)
    const trashed = yield* rows.latestTrashed(project, taskId)
    const broughtBack = Option.exists(
      Option.all({ merge, trashed }),
      ({ merge: { at }, trashed: { reason, trashedAt } }) => reason !== "merged" && trashedAt > at
    )
    // A worktree made after a merge starts at a commit that the merge cannot have brought in.
    if (!broughtBack && Option.isSome(merge) && (yield* git.isAncestor(repo, startCommit, merge.value.head)))
      return "was merged, and the one that is there now is not the one that calm made"
    const known = Option.getOrElse(
      Option.flatMapNullable(trashed, ({ head }) => head),
      () => startCommit
    )
    return (yield* git.isAncestor(repo, known, tip)) ? null : `is there already and does not hold ${known.slice(0, 10)}`
  })

  /** Where the branch starts, or where the task's own branch of before is, which is taken up again. */
  return Effect.fnUntraced(function* (task: Task, before: Option.Option<Worktree>, base: string | undefined) {
    const { path: repo } = yield* CurrentProject
    const existing = yield* git.resolve(repo, `refs/heads/${task.id}`)
    if (Option.isSome(existing)) {
      const taken = (reason: string) => new BranchTaken({ id: task.id, branch: task.id, reason })
      const foreign = yield* foreignness(before, existing.value)
      if (foreign !== null) return yield* taken(foreign)
      if (base !== undefined) return yield* taken("is there already with its own commits, so --base does not apply")
      return { start: existing.value, resumed: true }
    }
    if (base === undefined) return { start: yield* finder.baseTip, resumed: false }
    const start = yield* git.resolve(repo, base)
    return Option.isSome(start)
      ? { start: start.value, resumed: false }
      : yield* new RevisionNotFound({ revision: base })
  })
})
