/** Whose a lock or an operation is, and whether its owner is still at it. */
import { type Liveness, Owner, type Owners } from "@calm/process/Owner"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Among what has owners, with what this process is at itself: of that it knows better than the system. */
export const ownership = (owners: Context.Tag.Service<Owners>, own: ReadonlySet<string>) => {
  const isOwn = Schema.equivalence(Owner)
  return {
    isOwn: (owner: Owner) => isOwn(owner, owners.self),
    liveness: (owner: Owner, name: string): Effect.Effect<Liveness> =>
      isOwn(owner, owners.self) ? Effect.sync(() => (own.has(name) ? "alive" : "dead")) : owners.liveness(owner)
  }
}
