/** In whose name the calling command or program acts. */
import type { WorkerId } from "@calm/domain/Ids"
import * as Context from "effect/Context"

/** A person, or a worker; people have rights that workers have not. */
export interface Actor {
  readonly name: string
  /** `null` for a person. */
  readonly workerId: WorkerId | null
}

/**
 * In whose name a call acts; given with each call.
 *
 * @effect-leakable-service
 */
export class CurrentActor extends Context.Tag("@calm/core/events/CurrentActor")<CurrentActor, Actor>() {}
