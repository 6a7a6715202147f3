/** What to run now is told quickly, however many tasks there are. */
import { NextSteps } from "@calm/core/NextSteps"
import { TaskId } from "@calm/domain/Ids"
import type { Git } from "@calm/git/Git"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { calm, put, started } from "./support/calm.ts"

type Service = Context.Tag.Service<typeof Git>

/** A git that counts what it is asked. */
const counting = () => {
  const asked: Array<string> = []
  const counted =
    <Args extends ReadonlyArray<unknown>, A>(name: string, ask: (...args: Args) => A) =>
    (...args: Args) => {
      asked.push(name)
      return ask(...args)
    }
  const over = (git: Service): Service => ({
    ...git,
    changes: counted("changes", git.changes),
    listFiles: counted("listFiles", git.listFiles),
    listFolder: counted("listFolder", git.listFolder),
    mergeBase: counted("mergeBase", git.mergeBase),
    readFile: counted("readFile", git.readFile),
    refs: counted("refs", git.refs),
    resolve: counted("resolve", git.resolve),
    status: counted("status", git.status),
    worktrees: counted("worktrees", git.worktrees)
  })
  return { asked, over }
}

const git = counting()

it.scopedLive("a task without a worktree costs no call of git, and no worktree is looked through for a review", () =>
  Effect.gen(function* () {
    const { tasks } = yield* calm
    const { list } = yield* NextSteps
    for (const id of ["SPEC-001", "SPEC-002"]) {
      yield* started(id)
      yield* World.commitDocument(id, "spec", "It greets.\n")
    }
    const { id: _, ...like } = yield* tasks.get("SPEC-001")
    const add = (from: number, to: number) =>
      Effect.forEach(
        Array.from({ length: to - from }, (_, index) => TaskId.make(`SPEC-${from + index}`)),
        (id) => tasks.create({ ...like, id, blockedBy: [] }),
        { discard: true }
      )
    const calls = Effect.gen(function* () {
      git.asked.length = 0
      const { length } = yield* list
      return { length, asked: [...git.asked].sort() }
    })
    yield* add(100, 103)
    const few = yield* calls
    yield* add(200, 240)
    const many = yield* calls
    assert.deepStrictEqual([few.length, many.length], [5, 45])
    assert.deepStrictEqual(many.asked, few.asked)
    assert.notInclude(many.asked, "status")
    yield* put("SPEC-001", "IMPLEMENT")
    yield* put("SPEC-002", "CODE_REVIEW")
    assert.deepStrictEqual(
      (yield* calls).asked.filter((name) => name === "status"),
      ["status"]
    )
  }).pipe(Effect.provide(RealWorld.layer({ git: git.over })))
)
