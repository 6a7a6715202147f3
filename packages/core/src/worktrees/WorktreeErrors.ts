/** Failures of commands on worktrees. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import { inQuotes, Typed } from "@calm/domain/Typed"
import * as Schema from "effect/Schema"

/** The task has no worktree. */
export class WorktreeNotFound extends TaggedError<WorktreeNotFound>()("WorktreeNotFound", {
  id: Schema.String,
  /** One is in the trash. */
  trashed: Schema.Boolean,
  /** It was made, and somebody took its folder away. */
  folderGone: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  /** It was to be taken away: another would help nobody. */
  unwanted: Schema.optionalWith(Schema.Boolean, { default: () => false })
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    if (this.folderGone) return `The folder of the worktree of ${this.id} is gone`
    return this.trashed ? `The worktree of ${this.id} is in the trash` : `${this.id} has no worktree`
  }
  get hint() {
    if (this.unwanted) return "calm worktree list"
    return this.trashed && !this.folderGone ? `calm worktree restore ${this.id}` : `calm worktree create ${this.id}`
  }
}

/** There is nothing in the trash to restore. */
export class NothingToRestore extends TaggedError<NothingToRestore>()("NothingToRestore", {
  id: Schema.String
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `The trash holds no worktree of ${this.id}`
  }
  get hint() {
    return `calm worktree create ${this.id}`
  }
}

/** The task has a worktree already, or something else lies where it would be. */
export class WorktreeExists extends TaggedError<WorktreeExists>()("WorktreeExists", {
  id: Schema.String,
  path: Schema.String,
  /** It is the task's own worktree. */
  own: Schema.Boolean,
  /** Where somebody moved it by hand; `null` where it is at its place. */
  movedTo: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null })
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    if (this.movedTo !== null) return `${this.id} has a worktree already, which was moved to ${this.movedTo}`
    return this.own
      ? `${this.id} has a worktree already: ${this.path}`
      : `${this.path} is there already and is no worktree of ${this.id}`
  }
  get hint() {
    if (this.movedTo !== null) return commandLine("mv", this.movedTo, this.path)
    return this.own ? `calm worktree path ${this.id}` : commandLine("ls", "-la", this.path)
  }
}

/** The folder of worktrees is somebody else's: a link leads out of the repository, and git would name what is in it otherwise. */
export class FolderUnsuitable extends TaggedError<FolderUnsuitable>()("FolderUnsuitable", {
  path: Schema.String,
  found: Schema.Literal("a symbolic link", "no folder")
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `${this.path} is ${this.found}; calm keeps worktrees only in a folder of the repository itself`
  }
  get hint() {
    return commandLine("ls", "-ld", this.path)
  }
}

/** There is a branch of the task's name, and calm did not make it. */
export class BranchTaken extends TaggedError<BranchTaken>()("BranchTaken", {
  id: Schema.String,
  branch: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `The branch ${this.branch} ${this.reason}`
  }
  get hint() {
    return commandLine("git", "log", "--oneline", "-5", this.branch)
  }
}

/** The revision that was named does not exist. */
export class RevisionNotFound extends TaggedError<RevisionNotFound>()("RevisionNotFound", {
  revision: Typed
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${inQuotes(this.revision)} names no commit`
  }
  get hint() {
    return "git branch --all"
  }
}

/** The worktree of the task is being taken away at this moment, or was when a process was cut off. */
export class WorktreeBeingRemoved extends TaggedError<WorktreeBeingRemoved>()("WorktreeBeingRemoved", {
  id: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `Taking away the worktree of ${this.id} has begun and not ended`
  }
  get hint() {
    return `calm worktree remove ${this.id}`
  }
}

/** The worktree may not be taken away. */
export class RemovalRefused extends TaggedError<RemovalRefused>()("RemovalRefused", {
  id: Schema.String,
  path: Schema.String,
  mainCheckout: Schema.String,
  reason: Schema.Literal(
    "locked",
    "main checkout",
    "outside",
    "active worker",
    "unknown to git",
    "called from inside",
    "moved"
  ),
  /** Who is active on the task, where that is the reason. */
  workers: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  /** Where it is, where that is the reason. */
  movedTo: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null })
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    switch (this.reason) {
      case "locked":
        return `The worktree ${this.path} is locked in git`
      case "main checkout":
        return `${this.path} is the main checkout`
      case "outside":
        return `${this.path} lies outside of .worktrees, so calm leaves it alone`
      case "active worker":
        return `Still active on ${this.id}: ${this.workers.join(", ")}`
      case "unknown to git":
        return `git knows of no worktree at ${this.path}, so what is uncommitted in it could not be saved`
      case "called from inside":
        return `The command was called from inside of ${this.path}, which it would take away`
      case "moved":
        return `The worktree of ${this.id} was moved to ${this.movedTo}, where calm leaves it alone`
    }
  }
  get hint() {
    switch (this.reason) {
      case "locked":
        return commandLine("git", "worktree", "unlock", this.path)
      case "active worker":
        return `calm worker list --task ${this.id}`
      case "called from inside":
        return commandLine("cd", this.mainCheckout)
      case "unknown to git":
      case "moved":
        return "calm worktree health"
      default:
        return `calm explain ${this.id}`
    }
  }
}
