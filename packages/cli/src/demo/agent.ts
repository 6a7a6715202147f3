/** What agents and people do in the demo besides calling calm: they write files and commit them. */
import { Gates } from "@calm/core/Gates"
import { Reviews } from "@calm/core/Reviews"
import { Worktrees } from "@calm/core/Worktrees"
import { PersonName } from "@calm/domain/Ids"
import type { ReviewType } from "@calm/domain/Review"
import { Git } from "@calm/git/Git"
import { ProcessRunner } from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Story from "./Story.ts"

type Files = Readonly<Record<string, string>>

/** Writes files into a checkout and commits everything there. */
export const commitIn = Effect.fnUntraced(function* (checkout: string, files: Files, message: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git
  for (const [name, text] of Object.entries(files)) {
    yield* fs.makeDirectory(path.dirname(path.join(checkout, name)), { recursive: true })
    yield* fs.writeFileString(path.join(checkout, name), text)
  }
  yield* git.commit({ checkout, message, include: "all" })
})

/** The same in a task's worktree. */
export const commit = Effect.fnUntraced(function* (task: string, files: Files, message: string) {
  const { path } = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.get(task))
  yield* commitIn(path, files, message)
})

/** An agent takes the base into its branch, meets the conflict and resolves it. It calls git as agents do: by itself. */
export const mergeBaseInto = Effect.fnUntraced(function* (task: string, base: string, resolution: Files) {
  const processes = yield* ProcessRunner
  const { path } = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.get(task))
  yield* processes.run({
    program: "git",
    args: ["merge", "--quiet", "--no-edit", base],
    cwd: path,
    deadline: "1 minute"
  })
  yield* commitIn(path, resolution, `Merge ${base} into ${task}`)
})

/** Two reviewers approve; the equivalent commands are told in one line. */
export const approveTwice = (task: string, type: ReviewType) =>
  Story.done(
    `calm review record ${task} ${type} approved --by reviewer-1   (and reviewer-2)`,
    Effect.gen(function* () {
      const reviews = yield* Reviews
      const record = (by: string) => reviews.record(task, { type, verdict: "approved", by: PersonName.make(by) })
      yield* record("reviewer-1")
      return yield* record("reviewer-2")
    }),
    ({ standing }) => `${standing.approvals.length} of ${standing.needed}`
  )

/** A person approves a gate. */
export const approveGate = (task: string, gate: string) =>
  Story.done(
    `calm gate approve ${task} ${gate} --by me`,
    Effect.flatMap(Gates, (gates) => gates.approve(task, gate, PersonName.make("me"), null)),
    ({ approval }) => `approved by ${approval.person}`
  )
