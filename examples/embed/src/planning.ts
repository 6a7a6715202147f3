/** What our program does with calm: plans a feature and moves it on, and says in words what came of it. */
import { Gates } from "@calm/core/Gates"
import { Reviews } from "@calm/core/Reviews"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Worktrees } from "@calm/core/Worktrees"
import { pathOf } from "@calm/domain/Document"
import { PersonName, TaskId, Title } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** A new feature with a worktree. */
export const plan = Effect.fn("plan")(function* (id: string, title: string) {
  const tasks = yield* Tasks
  const worktrees = yield* Worktrees
  const task = yield* tasks.create({
    id: TaskId.make(id),
    title: Title.make(title),
    type: "feature",
    specId: null,
    blockedBy: []
  })
  yield* worktrees.create(task.id, { setup: false })
  return task
})

/** The spec, committed in the task's worktree, two reviews of it, and a person's approval. */
export const agreeOnSpec = Effect.fn("agreeOnSpec")(function* (id: string, spec: string) {
  const files = yield* FileSystem.FileSystem
  const git = yield* Git
  const reviews = yield* Reviews
  const gates = yield* Gates
  const { path } = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.get(id))
  yield* files.writeFileString(`${path}/${pathOf("spec", id)}`, spec)
  yield* git.commit({ checkout: path, message: `Spec of ${id}`, include: "all" })
  for (const reviewer of ["ann", "bob"])
    yield* reviews.record(id, { type: "spec", verdict: "approved", by: PersonName.make(reviewer) })
  yield* gates.approve(id, "SPEC-DESIGN", PersonName.make("me"), null)
})

/** Moves a task. What a user can meet is answered in words; all else stays a typed error of the effect. */
export const move = Effect.fn("move")(function* (id: string, to: string) {
  const transitions = yield* Transitions
  return yield* transitions.transition(id, { to }).pipe(
    Effect.map((moved) => `${moved.task.id} moved from ${moved.from} to ${moved.to}`),
    Effect.catchTags({
      TaskNotFound: (error) => Effect.succeed(`${error.message}; try: ${error.hint}`),
      MoveRefused: (error) =>
        Effect.succeed(
          [error.message, ...error.outcomes.map(({ check, summary }) => `  ${check}: ${summary}`)].join("\n")
        )
    })
  )
})
