/**
 * Spans for those who listen to them.
 *
 * A span costs several times what a statement of the database does. Where no tracer was given nobody keeps it, and none is
 * made; a program that gives a tracer of its own, as the layer of OpenTelemetry does, sees them all.
 */
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import type { YieldWrap } from "effect/Utils"

/** Effect's own tracer, which hands its spans on to nobody. */
const unheard = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Does somebody listen to the spans of this fiber? */
export const isHeard = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean => fiber.currentTracer !== unheard

/** Runs an effect in a span of this name, where somebody listens. */
export const span =
  (name: string, options?: Tracer.SpanOptions) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiberRuntime<A, E, R>((fiber) =>
      // Where it is run from tells nothing: that is the runtime.
      isHeard(fiber) ? Effect.withSpan(effect, name, { ...options, captureStackTrace: false }) : effect
    )

type Some = Effect.Effect<unknown>

/** Runs what a function gives: an effect, or a generator of effects. */
const run = (
  body: (...args: ReadonlyArray<unknown>) => Some | Generator<YieldWrap<Some>>,
  args: ReadonlyArray<unknown>
) =>
  Effect.suspend(() => {
    const made = body(...args)
    return Effect.isEffect(made) ? made : Effect.gen(() => made)
  })

/** `Effect.fn`, with a span only where somebody listens. */
export function fn(name: string): Effect.fn.Gen & Effect.fn.NonGen
export function fn(name: string): unknown {
  const inSpan = span(name)
  return (
    body: Parameters<typeof run>[0],
    ...pipeables: ReadonlyArray<(effect: Some, ...args: ReadonlyArray<unknown>) => Some>
  ) =>
    (...args: ReadonlyArray<unknown>) =>
      inSpan(pipeables.reduce((effect, pipeable) => pipeable(effect, ...args), run(body, args)))
}
