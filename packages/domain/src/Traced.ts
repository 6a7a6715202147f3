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
    inSpan(name, () => effect, options)

/** The same of the effect that a function gives, which runs inside the span. */
const inSpan = <A, E, R>(name: string, effect: () => Effect.Effect<A, E, R>, options?: Tracer.SpanOptions) =>
  Effect.withFiberRuntime<A, E, R>((fiber) =>
    // Where it is run from tells nothing: that is the runtime.
    isHeard(fiber) ? Effect.withSpan(Effect.suspend(effect), name, { ...options, captureStackTrace: false }) : effect()
  )

type Some = Effect.Effect<unknown>

/** What a function gives, as an effect: it gives one, or a generator of effects. */
const made = (
  body: (...args: ReadonlyArray<unknown>) => Some | Generator<YieldWrap<Some>>,
  args: ReadonlyArray<unknown>
) => {
  const given = body(...args)
  return Effect.isEffect(given) ? given : Effect.gen(() => given)
}

/** `Effect.fn`, with a span only where somebody listens. */
export function fn(name: string): Effect.fn.Gen & Effect.fn.NonGen
export function fn(name: string): unknown {
  return (
    body: Parameters<typeof made>[0],
    ...pipeables: ReadonlyArray<(effect: Some, ...args: ReadonlyArray<unknown>) => Some>
  ) =>
    (...args: ReadonlyArray<unknown>) =>
      inSpan(name, () =>
        // A body that throws fails where it stands: what is piped after it sees that.
        pipeables.length === 0
          ? made(body, args)
          : pipeables.reduce(
              (effect, pipeable) => pipeable(effect, ...args),
              Effect.suspend(() => made(body, args))
            )
      )
}
