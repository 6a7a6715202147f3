import { CounterValue, max } from "@calm/domain/Counter"
import { CounterName } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { asWorker, calm, failure, same, told, trail } from "./support/calm.ts"

const named = (text: string) => CounterName.make(text)
const worth = (value: number) => CounterValue.make(value)

describe("counters", () => {
  it.effect("a project has its three standard counters at 0 from the start", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      same(
        (yield* counters.list).map(({ name, value }) => [name, value]),
        [
          ["merge_lock", 0],
          ["merges_since_docs", 0],
          ["merges_since_e2e", 0]
        ]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("an unknown counter is an error that lists the known ones, never 0", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      const before = yield* trail
      const nope = named("nope")
      const error = yield* failure(counters.get(nope), "CounterNotFound")
      same(error.known, ["merge_lock", "merges_since_docs", "merges_since_e2e"])
      const mistyped = yield* failure(counters.get(named("merge_loc")), "CounterNotFound")
      assert.match(mistyped.message, /; did you mean "merge_lock"\?$/)
      const answers = yield* Effect.all([
        told(counters.get(nope)),
        told(counters.set(nope, worth(1))),
        told(counters.increment(nope)),
        told(counters.reset(nope))
      ])
      for (const answer of answers)
        same(answer, { tag: "CounterNotFound", category: "not_found", hint: "calm counter list" })
      same((yield* counters.list).length, 3)
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("own counters are added, set, incremented and reset, each with one event", () =>
    Effect.gen(function* () {
      const { counters, events } = yield* calm
      const name = named("flaky_tests")
      same((yield* counters.add(name, worth(2))).value, 2)
      same((yield* counters.increment(name)).value, 3)
      same((yield* counters.set(name, worth(10))).value, 10)
      same((yield* counters.reset(name)).value, 0)
      same((yield* counters.get(name)).value, 0)
      same(
        (yield* events.list({ limit: 4 })).map(({ data, kind }) => [kind, data["from"], data["to"]]),
        [
          ["counter.changed", 10, 0],
          ["counter.changed", 3, 10],
          ["counter.changed", 2, 3],
          ["counter.added", null, 2]
        ]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("one that is there is not added again, so its value is not lost", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      yield* counters.set(named("merges_since_e2e"), worth(7))
      const error = yield* failure(counters.add(named("merges_since_e2e"), worth(0)), "CounterExists")
      same([error.category, error.value], ["conflict", 7])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("no value is negative, fractional or beyond what JSON readers keep", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      for (const value of [-1, 0.5, max + 1, Number.NaN, Infinity]) assert.isFalse(Schema.is(CounterValue)(value))
      yield* counters.add(named("full"), worth(max))
      const error = yield* failure(counters.increment(named("full")), "CounterFull")
      same([error.category, (yield* counters.get(named("full"))).value], ["refused", max])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("merge_lock is set and reset by people only; a worker may put it up by one", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      const lock = named("merge_lock")
      yield* counters.increment(lock).pipe(asWorker("backend-1"))
      for (const command of [counters.set(lock, worth(0)), counters.reset(lock)]) {
        const error = yield* failure(asWorker("backend-1")(command), "NotForWorkers")
        same(error.category, "permission")
      }
      same((yield* counters.get(lock)).value, 1)
      yield* counters.reset(named("merges_since_docs")).pipe(asWorker("backend-1"))
      same((yield* counters.reset(lock)).value, 0)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("increments from many fibers at once are all counted", () =>
    Effect.gen(function* () {
      const { counters } = yield* calm
      const name = named("merges_since_e2e")
      yield* Effect.replicateEffect(counters.increment(name), 40, { concurrency: "unbounded", discard: true })
      same((yield* counters.get(name)).value, 40)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
