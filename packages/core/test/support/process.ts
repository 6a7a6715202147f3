/** Other processes over the same world: another owner, another folder, another actor's machine. */
import * as Calm from "@calm/core/Calm"
import { Environment } from "@calm/process/Environment"
import { memorySelf, type Owner, Owners } from "@calm/process/Owner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The owner that a process of this number is. The world's own process has number 1. */
export const owner = (pid: number): Owner => ({ ...memorySelf, pid, startTime: `${pid}` })

/** What is different for another process. */
export interface Differences {
  readonly pid?: number | undefined
  readonly cwd?: string | undefined
}

/** All services once more, over the ports of the world, as another process would have them. */
const process = ({ cwd, pid }: Differences) =>
  Calm.services.pipe(
    Layer.provide(
      Layer.merge(
        Layer.effect(
          Owners,
          Effect.map(Owners, ({ liveness, self }) => ({ liveness, self: pid === undefined ? self : owner(pid) }))
        ),
        Layer.effect(
          Environment,
          Effect.map(Environment, (environment) => ({ ...environment, cwd: cwd ?? environment.cwd }))
        )
      )
    )
  )

/** Runs in another process. */
export const elsewhere =
  (differences: Differences) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provide(effect, process(differences))
