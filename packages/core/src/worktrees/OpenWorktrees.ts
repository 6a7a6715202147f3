/**
 * The open worktrees of a project, by what the database and their folders say. Apart from `Worktrees`, so that who only
 * looks at them loads nothing that makes or removes one. Starts no program.
 */
import * as Phase from "@calm/domain/Phase"
import * as Traced from "@calm/domain/Traced"
import * as Tree from "@calm/domain/Worktree"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { presentIn } from "./internal/present.ts"
import * as WorktreeRows from "./internal/WorktreeRows.ts"

/** A worktree with what a list shows of its task. */
export const Listed = Schema.Struct({
  ...Tree.Worktree.fields,
  title: Schema.String,
  phase: Phase.Phase,
  /** Its folder is there. */
  present: Schema.Boolean
}).annotations({ identifier: "ListedWorktree" })
export type Listed = typeof Listed.Type

/** The tasks' own checkouts that are open. */
export class OpenWorktrees extends Context.Tag("@calm/core/worktrees/OpenWorktrees")<
  OpenWorktrees,
  {
    /** Those of the project, by task. */
    readonly list: Effect.Effect<ReadonlyArray<Listed>, StoreError, CurrentProject>
  }
>() {}

export const make = Effect.gen(function* () {
  const rows = WorktreeRows.make(yield* SqlClient.SqlClient)
  const present = presentIn(yield* FileSystem.FileSystem)
  return OpenWorktrees.of({
    list: Effect.gen(function* () {
      const project = yield* CurrentProject
      return yield* Effect.forEach(yield* rows.listed(project.id), (worktree) =>
        Effect.map(present(worktree.path), (there) => ({ ...worktree, present: there }))
      )
    }).pipe(refine, Traced.span("OpenWorktrees.list"))
  })
})

/** The real one, over the database and files. */
export const layer = Layer.effect(OpenWorktrees, make)
