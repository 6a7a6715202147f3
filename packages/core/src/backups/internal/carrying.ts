/**
 * What a restoring carries over from the data that it replaces: where the worktrees are, and what the trash holds. Both tell
 * of what is on disk, which no backup brings back.
 */
import { ProjectId, TaskId } from "@calm/domain/Ids"
import type { Project } from "@calm/domain/Project"
import type { TrashedWorktree, Worktree } from "@calm/domain/Worktree"
import { refine } from "@calm/sql/StoreError"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { now } from "../../internal/now.ts"
import * as ProjectRows from "../../projects/internal/ProjectRows.ts"
import * as WorktreeRows from "../../worktrees/internal/WorktreeRows.ts"

/** What the present data say of the worktrees of a project. */
interface Held {
  readonly project: Project
  readonly worktrees: ReadonlyArray<Worktree>
  readonly trash: ReadonlyArray<TrashedWorktree>
}
export type Present = ReadonlyArray<Held>

/** Worktrees were made, removed or restored since they were read. */
class Changed extends Data.TaggedError("Changed")<{ readonly detail: string }> {}

/** The worktrees of all projects as the present data have them; none where the data cannot be read. */
export const present = (sql: SqlClient.SqlClient) => {
  const rows = WorktreeRows.make(sql)
  return Effect.gen(function* () {
    const projects = yield* ProjectRows.all(sql)()
    return yield* Effect.forEach(projects, (project) =>
      Effect.all({ project: Effect.succeed(project), worktrees: rows.all(project.id), trash: rows.trash(project.id) })
    )
  }).pipe(
    refine,
    // It is restored for just that.
    Effect.catchIf(
      ({ reason }) => reason === "corrupt" || reason === "decode",
      () => Effect.succeed<Present>([])
    )
  )
}

/** Fails where the present data say something else by now. */
export const unchanged = (sql: SqlClient.SqlClient, before: Present) =>
  Effect.filterOrFail(
    present(sql),
    (after) => JSON.stringify(after) === JSON.stringify(before),
    () => new Changed({ detail: "worktrees are made and removed all the time" })
  )

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf("/") + 1)

/** A place of the project, as it is called where the project has another place: it is relocated when it is met. */
const placed =
  (from: Project, to: Project) =>
  (at: string): string => {
    for (const key of ["commonDir", "path"] as const)
      if (at.startsWith(`${from[key]}/`)) return `${to[key]}${at.slice(from[key].length)}`
    return at
  }

/**
 * Makes what a copy says of a project's worktrees what it is now, for the tasks that it knows. Gives the tasks that it does
 * not know, and that have a worktree.
 */
export const carry = (copy: SqlClient.SqlClient, project: Project, all: Present) =>
  Effect.gen(function* () {
    const held = all.find((one) => one.project.id === project.id)
    if (held === undefined) return []
    const rows = WorktreeRows.make(copy)
    const tasks = Statement.findAll(() => ({
      Request: ProjectId,
      Result: Schema.Struct({ id: TaskId }),
      execute: (id) => copy`SELECT id FROM tasks WHERE project_id = ${id}`
    }))
    const known = new Set((yield* tasks(project.id)).map(({ id }) => id))
    const inTrash = new Map((yield* rows.trash(project.id)).map(({ folder }) => [nameOf(folder), folder] as const))
    const place = placed(held.project, project)
    const at = yield* now
    for (const worktree of held.worktrees)
      if (known.has(worktree.taskId)) yield* rows.save(project.id, { ...worktree, path: place(worktree.path) }, at)
    for (const { seq: _, ...kept } of held.trash) {
      const folder = inTrash.get(nameOf(kept.folder))
      if (folder !== undefined) yield* rows.setTrashState(project.id, folder, kept.state)
      else if (known.has(kept.taskId))
        yield* rows.addTrash(project.id, { ...kept, path: place(kept.path), folder: place(kept.folder) })
    }
    return held.worktrees.flatMap(({ state, taskId }) => (state === "open" && !known.has(taskId) ? [taskId] : []))
  })
