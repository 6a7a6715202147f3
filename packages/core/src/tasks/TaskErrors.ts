/** Failures that several services have in common when they are given a task. */
import { Outcome, Unmet } from "@calm/domain/Verdict"
import * as Schema from "effect/Schema"

/** There is no task of that id in the project (a deleted one is named as such). */
export class TaskNotFound extends Schema.TaggedError<TaskNotFound>()("TaskNotFound", {
  id: Schema.String,
  deleted: Schema.Boolean
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return this.deleted
      ? `The task ${this.id} was deleted`
      : `There is no task ${JSON.stringify(this.id)} in this project`
  }
  get hint() {
    return this.deleted ? `calm task restore ${this.id}` : "calm task list --all"
  }
}

/** The task changed while the command was at work; nothing was done. */
export class TaskChanged extends Schema.TaggedError<TaskChanged>()("TaskChanged", {
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
export class TaskBeingMerged extends Schema.TaggedError<TaskBeingMerged>()("TaskBeingMerged", { id: Schema.String }) {
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
export class TaskInWork extends Schema.TaggedError<TaskInWork>()("TaskInWork", {
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

/** A rule says no: the conditions that are not met, each with what would meet it. */
export class MoveRefused extends Schema.TaggedError<MoveRefused>()("MoveRefused", {
  id: Schema.String,
  /** What was asked, such as `move to CODE_REVIEW` or `be merged`. */
  action: Schema.String,
  category: Unmet,
  outcomes: Schema.Array(Outcome)
}) {
  override get message() {
    const count = this.outcomes.length
    return `${this.id} may not ${this.action}: ${count} ${count === 1 ? "condition is" : "conditions are"} not met`
  }
  get hint() {
    return this.outcomes.find((outcome) => outcome.hint !== null)?.hint ?? `calm explain ${this.id}`
  }
}
