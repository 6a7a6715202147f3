/** What waiting for each other costs: one counter, incremented by many processes as fast as they can. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { gather } from "./crew.ts"
import * as Figures from "./figures.ts"
import { ledgerOf } from "./ledger.ts"
import { counter } from "./mix.ts"
import * as Scene from "./scene.ts"
import * as Work from "./work.ts"

const { processes, times } = scaled({ processes: 6, times: 30 }, { processes: 30, times: 100 })

const numbers = Schema.decode(Schema.parseJson(Schema.Array(Schema.Number)))

it.scopedLive(
  `${processes} processes that increment one counter ${times} times each count to ${processes * times}`,
  () =>
    Effect.gen(function* () {
      const folder = import.meta.dirname
      const worker = yield* Command.bundle(Path.join(folder, "entry.ts"))
      const raw = yield* Command.bundle(Path.join(folder, "raw.ts"))
      const place = yield* Scene.make(worker, 0)
      const each = Array.from({ length: processes }, (_, number) => number)
      const value = () => ledgerOf(place).counters.find(({ name }) => name === counter)?.value

      const task = { merges: 0, seed: 0, seconds: 0, least: times, only: "increment a counter", duties: [] }
      const increments = yield* gather(
        worker,
        place,
        each.map((number) => [JSON.stringify({ ...task, number } satisfies Work.Task)])
      )
      const answers = yield* Work.read(yield* increments.work)
      assert.deepStrictEqual(
        answers.map(({ said }) => Number(said)).toSorted((a, b) => a - b),
        Array.from({ length: processes * times }, (_, index) => index + 1)
      )
      assert.strictEqual(value(), processes * times)

      // The same with nothing between a process and SQLite, for comparison.
      const database = Path.join(place.home, "metadata.db")
      const others = yield* gather(
        raw,
        place,
        each.map(() => [database, `${times}`])
      )
      const floor = (yield* Effect.forEach(yield* others.work, (line) => numbers(line))).flat()
      assert.strictEqual(value(), 2 * processes * times)
      const durations = answers.map(({ milliseconds }) => milliseconds)
      report({
        suite: "concurrency",
        what: `increments by ${processes} processes`,
        tried: answers.length,
        losses: 0,
        note: [
          Figures.words("calm", durations),
          Figures.words("better-sqlite3 alone", floor),
          `${(Figures.total(durations) / Figures.total(floor)).toFixed(1)} times its time in all`
        ].join("; ")
      })
    }),
  600_000
)
