/** The repository that the processes work in: tasks to move, to talk about, to give worktrees, and to merge. */
import { Counters } from "@calm/core/Counters"
import { Gates } from "@calm/core/Gates"
import { Reviews } from "@calm/core/Reviews"
import { Tasks } from "@calm/core/Tasks"
import { Worktrees } from "@calm/core/Worktrees"
import { CounterValue } from "@calm/domain/Counter"
import { CounterName, PersonName, Reason, TaskId, Title } from "@calm/domain/Ids"
import type { ReviewType } from "@calm/domain/Review"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { counter, fileOf, moved, talked, trees } from "./mix.ts"
import * as Services from "./services.ts"

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`)

const approved = Effect.fnUntraced(function* (id: string, type: ReviewType) {
  const reviews = yield* Reviews
  for (const by of ["reviewer-a", "reviewer-b"])
    yield* reviews.record(id, { type, verdict: "approved", by: PersonName.make(by) })
})

/** A task that only waits for its merge. */
const ready = Effect.fnUntraced(function* (id: string) {
  const gates = yield* Gates
  const { worktree } = yield* Effect.flatMap(Worktrees, (worktrees) => worktrees.create(id, { setup: false }))
  World.commit(worktree.path, { [fileOf(id)]: `${id}\n`, [`changelog.d/${id}.md`]: `${id} is in.\n` })
  const override = { phase: "INTEGRATE", reason: Reason.make("It is ready") }
  yield* Effect.flatMap(Tasks, (tasks) => tasks.update(id, { override }))
  yield* gates.check(id, "IMPLEMENT-CODE_REVIEW")
  yield* gates.check(id, "TEST-INTEGRATE")
  yield* approved(id, "code")
})

/** A project with so many tasks that can be merged at once; `program` is a bundled one. */
export const make = Effect.fnUntraced(function* (program: string, merges: number) {
  const base = yield* World.folder
  const home = Path.join(base, "calm")
  const repo = World.repository(Path.join(base, "repo"))
  const ids = {
    moved: numbered("MOVE", moved),
    talked: numbered("TALK", talked),
    trees: numbered("TREE", trees + 1),
    merged: numbered("MERGE", merges)
  }
  World.commit(
    repo,
    Object.fromEntries([...ids.moved, ...ids.talked].map((id) => [`planning_docs/${id}/spec.md`, `What ${id} is.\n`]))
  )
  yield* Effect.gen(function* () {
    const tasks = yield* Tasks
    const gates = yield* Gates
    yield* Effect.flatMap(Counters, (counters) => counters.add(CounterName.make(counter), CounterValue.make(0)))
    for (const id of Object.values(ids).flat())
      yield* tasks.create({
        id: TaskId.make(id),
        title: Title.make(`About ${id}`),
        type: "feature",
        specId: null,
        blockedBy: []
      })
    for (const id of ids.moved) {
      yield* approved(id, "spec")
      yield* gates.approve(id, "SPEC-DESIGN", PersonName.make("me"), null)
    }
    yield* Effect.forEach(ids.merged, ready, { concurrency: 4, discard: true })
  }).pipe(Effect.provide(Services.layer(home, repo, Path.resolve(program, "../../dist"))))
  return { base, home, repo }
})
