/** Failures of commands on workers. */
import { TaggedError } from "@calm/domain/TaggedError"
import { beginning } from "@calm/domain/Typed"
import { WorkerStatus } from "@calm/domain/Worker"
import * as Schema from "effect/Schema"

/** No worker of that id was started in the project. */
export class WorkerNotFound extends TaggedError<WorkerNotFound>()("WorkerNotFound", { id: Schema.String }) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `No worker ${this.id} was started in this project`
  }
  get hint() {
    return "calm worker list --all"
  }
}

/** The worker has ended already, in another way. */
export class WorkerEnded extends TaggedError<WorkerEnded>()("WorkerEnded", {
  id: Schema.String,
  task: Schema.String,
  role: Schema.String,
  status: WorkerStatus,
  endedAt: Schema.String,
  reason: Schema.NullOr(Schema.String)
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    const why = this.reason === null ? "" : `: ${beginning(this.reason.split("\n")[0] ?? "", 200)}`
    return `The worker ${this.id} ended at ${this.endedAt} as ${this.status}${why}`
  }
  get hint() {
    return `calm worker start ${this.task} ${this.role}`
  }
}
