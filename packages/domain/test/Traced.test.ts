import * as Traced from "@calm/domain/Traced"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"

/** A tracer that keeps the names of its spans. */
const heard = () => {
  const spans: Array<string> = []
  const usual = Context.get(DefaultServices.liveServices, Tracer.Tracer)
  const tracer = Tracer.make({
    ...usual,
    span: (name, ...rest) => {
      spans.push(name)
      return usual.span(name, ...rest)
    }
  })
  return { spans, tracer }
}

const inSpan = Effect.option(Effect.currentSpan)

const double = Traced.fn("double")(
  function* (value: number) {
    const span = yield* inSpan
    return { span: span._tag === "Some" ? span.value.name : null, value: yield* Effect.succeed(2 * value) }
  },
  (effect, value) => Effect.map(effect, (found) => ({ ...found, given: value }))
)

const half = Traced.fn("half")((value: number) =>
  value % 2 === 0 ? Effect.succeed(value / 2) : Effect.fail(`${value} is odd`)
)

describe("a span", () => {
  it.effect("is made where a tracer listens, around what it is named after", () =>
    Effect.gen(function* () {
      const { spans, tracer } = heard()
      const run = Effect.all([double(1), Effect.exit(half(3)), Effect.void.pipe(Traced.span("nothing"))])
      const [doubled] = yield* Effect.withTracer(run, tracer)
      assert.deepStrictEqual(doubled, { span: "double", value: 2, given: 1 })
      assert.deepStrictEqual(spans, ["double", "half", "nothing"])
    })
  )

  it.effect("costs nothing where none listens, and what runs is the same", () =>
    Effect.gen(function* () {
      const twice = double(1)
      assert.deepStrictEqual(yield* twice, { span: null, value: 2, given: 1 })
      assert.deepStrictEqual(yield* twice, { span: null, value: 2, given: 1 })
      assert.deepStrictEqual(yield* Effect.exit(half(3)), Exit.fail("3 is odd"))
    })
  )

  it.effect("that is not made leaves what a function throws a defect", () =>
    Effect.gen(function* () {
      const thrown = new Error("bug")
      const broken = Traced.fn("broken")((): Effect.Effect<void> => {
        throw thrown
      })
      assert.deepStrictEqual(yield* Effect.exit(broken()), Exit.die(thrown))
    })
  )
})
