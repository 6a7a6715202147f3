/** Runs a property over many generated inputs, and makes the first that fails as small as can be. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Runtime from "effect/Runtime"

/** Everybody who runs the part gets the same inputs. */
const seed = 4

/** What came of it. */
export interface Hunted {
  readonly tried: number
  /** Those that failed: the smallest form of the first, then the others as they came. */
  readonly losses: ReadonlyArray<string>
  /** The input that took the most time of the processor. */
  readonly slowest: { readonly millis: number; readonly input: string }
}

const shown = (input: unknown): string => {
  const text = FastCheck.stringify(input)
  return text.length > 600 ? `${text.slice(0, 400)} … ${text.slice(-100)} (${text.length} characters)` : text
}

/** More than this of the processor's time is a fault: nothing here is work. */
const most = 3_000

/** Tries so many inputs: `act` is what is done with one, and timed; `faultsOf` gives what is wrong with what came of it. */
export const hunt = Effect.fnUntraced(function* <A, B, E, R, E2, R2>(
  arbitrary: FastCheck.Arbitrary<A>,
  numRuns: number,
  act: (input: A) => Effect.Effect<B, E, R>,
  faultsOf: (came: B, input: A) => Effect.Effect<ReadonlyArray<string>, E2, R2>
) {
  const runtime = yield* Effect.runtime<R | R2>()
  let slowest = { millis: 0, input: "" }
  const judge = Effect.fnUntraced(function* (input: A) {
    let millis = 0
    const faults = yield* Effect.suspend(() => {
      const start = process.cpuUsage()
      return Effect.tap(act(input), () => {
        const { system, user } = process.cpuUsage(start)
        millis = Math.round((system + user) / 1000)
      })
    }).pipe(
      Effect.flatMap((came) => faultsOf(came, input)),
      Effect.sandbox,
      Effect.catchAll((cause) => Effect.succeed([String(cause)]))
    )
    if (millis > slowest.millis) slowest = { millis, input: shown(input) }
    return millis > most ? [...faults, `it took ${millis} ms`] : faults
  })
  const losses: Array<string> = []
  for (const [index, input] of FastCheck.sample(arbitrary, { seed, numRuns }).entries()) {
    const faults = yield* judge(input)
    if (faults.length === 0) continue
    losses.push(`input ${index} of seed ${seed}: ${faults.join("; ")}\n  ${shown(input)}`)
    if (losses.length > 1) continue
    const property = FastCheck.asyncProperty(
      arbitrary,
      async (again) => (await Runtime.runPromise(runtime)(judge(again))).length === 0
    )
    const { counterexample } = yield* Effect.promise(() =>
      Promise.resolve(FastCheck.check(property, { seed, path: String(index), numRuns: 1 }))
    )
    if (counterexample !== null) losses.unshift(`the smallest: ${shown(counterexample[0])}`)
  }
  return { tried: numRuns, losses, slowest } satisfies Hunted
})
