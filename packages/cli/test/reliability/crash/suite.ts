/**
 * calm, killed with SIGKILL at every point at which it touches the disk, git or the database; and killed again while that
 * is put right. Nothing is lost, the next command or `doctor --fix` finishes or undoes what was cut off, and a second
 * `doctor --fix` finds nothing.
 */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { report } from "../support/report.ts"
import { full, sample, scaled } from "../support/scale.ts"
import type { Case } from "./cases.ts"
import * as Matrix from "./matrix.ts"

/** Some of a list, spread over it; in another turn others. */
const some = (list: ReadonlyArray<number>, most: number, turn = 0): ReadonlyArray<number> => {
  const every = Math.max(1, Math.ceil(list.length / most))
  return list.filter((_, index) => index % every === turn % every)
}

/** How many points the cases of one file have at least: with fewer, changes go unseen as steps. */
const least = 100

/** Tries these cases; `what` they are in the table. */
export const suite = (what: string, cases: ReadonlyArray<Case>): void => {
  const points = { tried: 0, losses: 0 }
  const again = { tried: 0, losses: 0 }
  const add = (to: typeof points, { points: tried, wrong }: Matrix.Tried) => {
    to.tried += tried
    to.losses += wrong.length
    return wrong
  }
  layer(Matrix.theatre, { excludeTestServices: true, timeout: "5 minutes" })(`${what}, killed at any point:`, (it) => {
    for (const [number, one] of cases.entries())
      it.effect(
        `${one.name} loses nothing, and is finished or undone by the next command or the doctor, killed or not`,
        () =>
          Effect.gen(function* () {
            const prepared = yield* Matrix.prepare(one)
            const all = prepared.steps.map((_, index) => index + 1)
            const once = yield* Matrix.crashAt(prepared, full ? all : sample(Matrix.openSteps(prepared), 2))
            const wrong = [...add(points, once)]
            // In the small size only every other command is killed twice, and put right in one way.
            const recoveries = Matrix.recoveries.filter((_, index) => full || 2 * index === number % 4)
            for (const [turn, at] of some(Matrix.openSteps(prepared), scaled(1, 2)).entries())
              for (const recovery of recoveries) {
                const twice = yield* Matrix.crashTwice(prepared, at, recovery, (steps) =>
                  some(steps, scaled(1, 16), turn)
                )
                wrong.push(...add(again, twice))
              }
            report({ suite: "crash", what: `points, ${what}`, ...points })
            report({ suite: "crash", what: `recovery points, ${what}`, ...again })
            assert.isAbove(once.points, 0)
            assert.deepStrictEqual(wrong, [])
          }),
        1_800_000
      )
    if (full)
      it.effect(`all of them at ${least} points and more, since each change is a step`, () =>
        Effect.sync(() => assert.isAtLeast(points.tried, least))
      )
  })
}
