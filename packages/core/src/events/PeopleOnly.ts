/** What only a person may do: it is refused inside a worker's environment. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CurrentActor } from "./CurrentActor.ts"

/** A worker asked for something that only a person may do. */
export class NotForWorkers extends Schema.TaggedError<NotForWorkers>()("NotForWorkers", {
  /** What was asked, such as `approve a gate`. */
  action: Schema.String,
  worker: Schema.String
}) {
  get category() {
    return "permission" as const
  }
  override get message() {
    return `Only a person may ${this.action}, and this is worker ${this.worker}`
  }
  get hint() {
    return "calm help gates"
  }
}

/** Fails with NotForWorkers when the actor is a worker. */
export const peopleOnly = (action: string): Effect.Effect<void, NotForWorkers, CurrentActor> =>
  Effect.flatMap(CurrentActor, ({ workerId }) =>
    workerId === null ? Effect.void : new NotForWorkers({ action, worker: workerId })
  )
