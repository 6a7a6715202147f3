/**
 * Layers that cost little to build.
 *
 * `Layer.provide` and `Layer.mergeAll` make several layers of one, and start fibers to build them side by side: nothing
 * to a server, a third of the time of a command that runs a handful of statements. What calm builds does not wait, so
 * here one is built after the other. As ever, each is built once for all who use it: they share the build's memo map.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

type Some = readonly [Layer.Layer.Any, ...ReadonlyArray<Layer.Layer.Any>]
type Success<Layers extends Some> = { [K in keyof Layers]: Layer.Layer.Success<Layers[K]> }[number]
type Failure<Layers extends Some> = { [K in keyof Layers]: Layer.Layer.Error<Layers[K]> }[number]
type Needs<Layers extends Some> = { [K in keyof Layers]: Layer.Layer.Context<Layers[K]> }[number]

/** Builds them as what all of them make together, which a tuple of layers tells and a list of them does not. */
const inTurn = Effect.fnUntraced(function* <A, E, R>(layers: ReadonlyArray<Layer.Layer<A, E, R>>) {
  const memo = yield* Layer.CurrentMemoMap
  const scope = yield* Effect.scope
  const contexts: Array<Context.Context<A>> = []
  for (const layer of layers) contexts.push(yield* Layer.buildWithMemoMap(layer, memo, scope))
  return Context.mergeAll(...contexts)
})

/** The services of layers, as a part of the build that this is in. */
export const built = <const Layers extends Some>(
  layers: Layers
): Effect.Effect<Context.Context<Success<Layers>>, Failure<Layers>, Needs<Layers> | Scope.Scope> =>
  inTurn<Success<Layers>, Failure<Layers>, Needs<Layers>>(layers as never)

/** The layer of a service that uses others: `Layer.effect(tag, make)`, provided with them. */
export const service = <I, S, E, R, const Uses extends Some>(
  tag: Context.Tag<I, S>,
  make: Effect.Effect<S, E, R>,
  uses: Uses
): Layer.Layer<I, E | Failure<Uses>, Exclude<Needs<Uses> | Exclude<R, Success<Uses>>, Scope.Scope>> =>
  Layer.scoped(
    tag,
    Effect.flatMap(built(uses), (services) => Effect.provide(make, services))
  )
