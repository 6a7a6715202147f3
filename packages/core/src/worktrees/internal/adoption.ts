/**
 * Taking a folder of the trash on record again that no row names, as after a database was lost: what lies in the folder
 * tells what the row told.
 */
import { Sha, type TaskId, Time } from "@calm/domain/Ids"
import type * as Tree from "@calm/domain/Worktree"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { atomicallyIn } from "../../internal/atomically.ts"
import { Events } from "../../events/Events.ts"
import { now } from "../../internal/now.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as TaskRows from "../../tasks/internal/TaskRows.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

/** The name of a folder: `SPEC-001-2025-01-31T100000000Z`. */
const stamped = /^(.+)-(\d{4}-\d{2}-\d{2}T)(\d{2})(\d{2})(\d{2})(\d{3})Z$/

/** The task whose worktree a folder of the trash holds, by its name. */
export const taskOf = (name: string): string | undefined => stamped.exec(name)?.[1]

/** What is noted beside the worktree when it is moved there; see `origin.ts` of `@calm/git`. */
const Origin = Schema.parseJson(Schema.Struct({ path: Schema.String, commit: Sha }))

/** What a folder tells of the worktree in it. */
type Told = Omit<Tree.TrashedWorktree, "seq" | "rescueRef" | "reason" | "state">

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const events = yield* Events
  const rows = WorktreeRows.make(sql)
  const tasks = TaskRows.make(sql)
  const atomically = atomicallyIn(sql)

  const read = (file: string) => Effect.option(files.readFileString(file))

  /** What a folder tells; none where that is not enough to bring the worktree back, or its task is not known. */
  const told = Effect.fnUntraced(function* (folder: string) {
    const project = yield* CurrentProject
    const [, id, day, ...time] = stamped.exec(path.basename(folder)) ?? []
    const task = id === undefined ? Option.none() : yield* tasks.find(project.id, id)
    const origin = Option.flatMap(yield* read(path.join(folder, "origin.json")), Schema.decodeOption(Origin))
    const head = yield* read(path.join(folder, "admin", "HEAD"))
    if (Option.isNone(task) || Option.isNone(origin) || Option.isNone(head)) return Option.none<Told>()
    // It comes from a place that the repository has left.
    if (!origin.value.path.startsWith(project.path + path.sep)) return Option.none<Told>()
    const [hours, minutes, seconds, millis] = time
    return Option.some<Told>({
      taskId: task.value.id,
      folder,
      path: origin.value.path,
      branch: /^ref: refs\/heads\/(.+)$/m.exec(head.value)?.[1] ?? null,
      head: origin.value.commit,
      trashedAt: Time.make(`${day}${hours}:${minutes}:${seconds}.${millis}Z`)
    })
  })

  /** Takes a folder on record, unless somebody has done so meanwhile. From then on its worktree can be restored. */
  const adopt = Effect.fnUntraced(function* (folder: string) {
    const project = yield* CurrentProject
    const found = yield* told(folder)
    if (Option.isNone(found)) return
    const { branch, head, path: at, taskId, trashedAt } = found.value
    yield* atomically(
      Effect.gen(function* () {
        if ((yield* rows.trash(project.id)).some((row) => row.folder === folder)) return
        yield* rows.addTrash(project.id, { ...found.value, rescueRef: null, reason: "removed", state: "kept" })
        if (Option.isNone(yield* rows.find(project.id, taskId)) && head !== null)
          yield* rows.save(
            project.id,
            { taskId, path: at, branch: branch ?? taskId, startCommit: head, state: "trashed", createdAt: trashedAt },
            yield* now
          )
        yield* events.append("worktree.removed", taskId, { path: at, folder, reason: "removed", rescueRef: null })
      })
    )
  })

  return {
    /** The task of a folder that can be taken on record. */
    adoptable: (folder: string) => told(folder).pipe(refine, Effect.map(Option.map(({ taskId }): TaskId => taskId))),
    adopt: (folder: string) => refine(adopt(folder))
  }
})
