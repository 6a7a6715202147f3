/** Processes that begin their work at the same moment. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Command from "../support/command.ts"

/**
 * Starts a process of a program for each of these words and waits until all are ready. `work` lets them go on together,
 * and gives the lines that they have printed since when the last one has ended well.
 */
export const gather = Effect.fnUntraced(function* (
  program: string,
  place: Command.Place,
  words: ReadonlyArray<ReadonlyArray<string>>
) {
  const crew = yield* Effect.forEach(words, (each) => Command.start(program, place, each, { waits: true }))
  yield* Effect.forEach(crew, ({ spoke }) => spoke)
  const work = Effect.gen(function* () {
    yield* Effect.forEach(crew, ({ release }) => release)
    const ends = yield* Effect.forEach(crew, ({ ended }) => ended, { concurrency: "unbounded" })
    return ends.flatMap(({ stdout, ...end }) => {
      assert.deepStrictEqual(end, { stderr: "", code: 0, signal: null })
      return stdout.trim().split("\n").slice(1)
    })
  })
  return { work }
})
