/** What only a person may do: it is refused inside a worker's environment. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CurrentActor } from "./CurrentActor.ts"

/** All that only people may do. */
export const rights = [
  "approve a gate",
  "move a task past its gates",
  "clear reviews",
  "set merge_lock",
  "go past merge_lock",
  "delete a backup",
  "restore a backup"
] as const

/** A worker asked for something that only a person may do. */
export class NotForWorkers extends TaggedError<NotForWorkers>()("NotForWorkers", {
  /** What was asked. */
  action: Schema.Literal(...rights),
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
export const peopleOnly = (action: (typeof rights)[number]): Effect.Effect<void, NotForWorkers, CurrentActor> =>
  Effect.flatMap(CurrentActor, ({ workerId }) =>
    workerId === null ? Effect.void : new NotForWorkers({ action, worker: workerId })
  )
