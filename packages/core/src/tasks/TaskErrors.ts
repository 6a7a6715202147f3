/** Failures of commands on tasks; several services have them in common. */
import { TaggedError } from "@calm/domain/TaggedError"
import { inQuotes, Typed } from "@calm/domain/Typed"
import * as Schema from "effect/Schema"

/** There is no task of that id in the project (a deleted one is named as such). */
export class TaskNotFound extends TaggedError<TaskNotFound>()("TaskNotFound", {
  id: Typed,
  deleted: Schema.Boolean
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return this.deleted ? `The task ${this.id} was deleted` : `There is no task ${inQuotes(this.id)} in this project`
  }
  get hint() {
    return this.deleted ? `calm task restore ${this.id}` : "calm task list --all"
  }
}

/** The task changed while the command was at work; nothing was done. */
export class TaskChanged extends TaggedError<TaskChanged>()("TaskChanged", {
  id: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `${this.id} changed meanwhile: it was ${this.expected} and now is ${this.found}`
  }
  get hint() {
    return `calm explain ${this.id}`
  }
}

/** A merge of the task has begun and not ended: until it has, the task's phase stays. */
export class TaskBeingMerged extends TaggedError<TaskBeingMerged>()("TaskBeingMerged", { id: Schema.String }) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `A merge of ${this.id} has begun and not ended`
  }
  get hint() {
    return `calm worktree merge ${this.id}`
  }
}

/** A worker is active on the task, which cannot be hidden from it. */
export class TaskInWork extends TaggedError<TaskInWork>()("TaskInWork", {
  id: Schema.String,
  workers: Schema.Array(Schema.String)
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `Still active on ${this.id}: ${this.workers.join(", ")}`
  }
  get hint() {
    return `calm worker list --task ${this.id}`
  }
}

/** The id is taken, by a task that may be deleted. Ids that differ only in case are the same. */
export class TaskExists extends TaggedError<TaskExists>()("TaskExists", {
  id: Schema.String,
  existing: Schema.String,
  deleted: Schema.Boolean
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return this.deleted
      ? `The id ${this.existing} belongs to a task that was deleted`
      : `There is a task ${this.existing} already`
  }
  get hint() {
    return this.deleted ? `calm task restore ${this.existing}` : `calm task show ${this.existing}`
  }
}

/** A task would wait for itself. */
export class BlockerCycle extends TaggedError<BlockerCycle>()("BlockerCycle", {
  /** The way round: first and last are the same task. */
  path: Schema.Array(Schema.String)
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `The tasks would wait for each other: ${this.path.join(" → ")}`
  }
  get hint() {
    return `calm task show ${this.path[0] ?? ""}`
  }
}

/** The type of task has no such phase. */
export class UnknownPhase extends TaggedError<UnknownPhase>()("UnknownPhase", {
  phase: Typed,
  type: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `A ${this.type} has no phase ${inQuotes(this.phase)}; its phases are ${this.known.join(", ")}`
  }
  get hint() {
    return `calm gate list --type ${this.type}`
  }
}

/** A task that is DONE or CANCELLED already cannot be cancelled. */
export class TaskFinished extends TaggedError<TaskFinished>()("TaskFinished", {
  id: Schema.String,
  phase: Schema.String
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `${this.id} is ${this.phase} already`
  }
  get hint() {
    return `calm task show ${this.id}`
  }
}

/** The task is not deleted. */
export class TaskNotDeleted extends TaggedError<TaskNotDeleted>()("TaskNotDeleted", { id: Schema.String }) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `${this.id} is not deleted`
  }
  get hint() {
    return `calm task show ${this.id}`
  }
}

/** The id is the name of the base branch, so the task could have no branch of its own. */
export class TaskIdReserved extends TaggedError<TaskIdReserved>()("TaskIdReserved", { id: Schema.String }) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `${this.id} is the base branch, and a task's branch is named like the task`
  }
  get hint() {
    return "calm task next-id SPEC"
  }
}
