/**
 * Worktrees that no row tells of: what lies in the trash, and what a restored backup did not know. They are told of, with a
 * way back, and left alone.
 */
import { commandLine } from "@calm/domain/CommandLine"
import { ProjectId, TaskId } from "@calm/domain/Ids"
import * as Tree from "@calm/domain/Worktree"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { orAbsent } from "../../internal/absent.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as Adoption from "./adoption.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

/** One of them: what it is, and the command that leads on. */
export interface Leftover {
  readonly name: string
  readonly summary: string
  readonly hint: string
  /** What can be taken on record again, so that calm can bring it back; `null` where it is for a person to do. */
  readonly adoptable: { readonly task: TaskId; readonly folder: string } | null
}

const Restored = Schema.parseJson(
  Schema.Struct({ worktreesLeft: Schema.optionalWith(Schema.Array(TaskId), { default: () => [] }) })
)

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const rows = WorktreeRows.make(sql)
  const { adopt, adoptable } = yield* Adoption.make
  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))

  const atWork = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ task: TaskId }),
    execute: (project) =>
      sql`SELECT task_id AS "task" FROM operations WHERE project_id = ${project} AND state = 'running' AND task_id IS NOT NULL`
  }))
  const restorings = Statement.findAll(() => ({
    Request: ProjectId,
    Result: Schema.Struct({ data: Restored }),
    execute: (project) => sql`SELECT data FROM events WHERE project_id = ${project} AND kind = 'backup.restored'`
  }))

  /** What brings a folder of the trash back with git alone, to where it was; a look into it where something is in the way. */
  const wayBack = Effect.fnUntraced(function* (folder: string) {
    const project = yield* CurrentProject
    const look = commandLine("ls", "-A", path.join(folder, "tree"))
    const task = Adoption.taskOf(path.basename(folder))
    if (task === undefined || !(yield* exists(path.join(folder, "admin")))) return look
    const records = path.join(project.commonDir, "worktrees")
    const [admin, tree] = [path.join(records, task), path.join(project.path, Tree.folder, task)]
    if ((yield* exists(admin)) || (yield* exists(tree))) return look
    return [
      commandLine("mkdir", "-p", records),
      commandLine("mv", path.join(folder, "admin"), admin),
      commandLine("mv", path.join(folder, "tree"), tree),
      commandLine("git", "-C", project.path, "worktree", "repair")
    ].join(" && ")
  })

  /** The folders of the trash that no row names. One whose removal is still under way has none yet. */
  const inTrash = Effect.gen(function* () {
    const project = yield* CurrentProject
    const trash = path.join(project.commonDir, "calm", "trash")
    // The folders first: what comes after has its row by the time that rows are read.
    const listed = yield* files
      .readDirectory(trash)
      .pipe(
        orAbsent(trash),
        Effect.provideService(FileSystem.FileSystem, files),
        Effect.provideService(Path.Path, path),
        fileFailed(trash)
      )
    const names = Option.getOrElse(listed, (): ReadonlyArray<string> => [])
    if (names.length === 0) return []
    const busy = (yield* atWork(project.id)).map(({ task }) => `${task}-`)
    const known = new Set((yield* rows.trash(project.id)).map(({ folder }) => path.basename(folder)))
    const unknown = names.filter((name) => !known.has(name) && !busy.some((prefix) => name.startsWith(prefix)))
    return yield* Effect.forEach(unknown.toSorted(), (name) =>
      Effect.gen(function* () {
        const folder = path.join(trash, name)
        if (!(yield* exists(path.join(folder, "tree")))) return []
        const summary = `in the trash, and calm has no record of it: ${folder}`
        const task = yield* adoptable(folder)
        return Option.isSome(task)
          ? [{ name: "trash", summary, hint: "calm doctor --fix", adoptable: { task: task.value, folder } }]
          : [{ name: "trash", summary, hint: yield* wayBack(folder), adoptable: null }]
      })
    ).pipe(Effect.map((found): ReadonlyArray<Leftover> => found.flat()))
  })

  /** The worktrees of tasks that a restored backup did not know, as long as they are where calm made them. */
  const unknown = Effect.gen(function* () {
    const project = yield* CurrentProject
    const left = new Set((yield* restorings(project.id)).flatMap(({ data }) => data.worktreesLeft))
    if (left.size === 0) return []
    const open = new Set((yield* rows.open(project.id)).map(({ taskId }) => taskId))
    return yield* Effect.forEach(
      [...left].filter((task) => !open.has(task)),
      (task) =>
        Effect.gen(function* () {
          const at = path.join(project.path, Tree.folder, task)
          if (!(yield* exists(path.join(at, ".git")))) return []
          const summary = `${task}: its worktree was made after the backup that was restored: ${at}`
          const git = (...words: ReadonlyArray<string>) => commandLine("git", "-C", project.path, ...words)
          const kept = path.join(project.path, Tree.folder, `kept-${task}`)
          const hint = `${git("worktree", "move", at, kept)} && ${git("branch", "-m", task, `${task}-kept`)}`
          return [{ name: task, summary, hint, adoptable: null }]
        })
    ).pipe(Effect.map((found): ReadonlyArray<Leftover> => found.flat()))
  })

  const leftovers = Effect.zipWith(inTrash, unknown, (a, b) => [...a, ...b]).pipe(refine)

  return { leftovers, adopt }
})
