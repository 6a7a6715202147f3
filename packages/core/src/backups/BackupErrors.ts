/** Failures of commands on backups. */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import { inQuotes, Typed } from "@calm/domain/Typed"
import * as Schema from "effect/Schema"

/** There is no backup of that name. */
export class BackupNotFound extends TaggedError<BackupNotFound>()("BackupNotFound", { name: Typed }) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `There is no backup ${inQuotes(this.name)}`
  }
  get hint() {
    return "calm backup list"
  }
}

/** There is a backup of that name already; it stays as it is. */
export class BackupExists extends TaggedError<BackupExists>()("BackupExists", { name: Schema.String }) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `There is a backup ${this.name} already; a backup is never overwritten`
  }
  get hint() {
    return "calm backup create"
  }
}

/** The backup was made, and another process has deleted it since. Nothing else was changed. */
export class BackupGone extends TaggedError<BackupGone>()("BackupGone", { name: Schema.String }) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `The backup ${this.name} was made, and another process deleted it at once`
  }
  get hint() {
    return "calm backup list"
  }
}

/** The backup is damaged, incomplete, of another program or of a newer calm; it is not restored, and nothing was changed. */
export class BackupUnusable extends TaggedError<BackupUnusable>()("BackupUnusable", {
  name: Schema.String,
  reason: Schema.Literal("corrupt", "foreign", "newer", "unreadable"),
  detail: Schema.String
}) {
  get category() {
    return "refused" as const
  }
  override get message() {
    return `The backup ${this.name} cannot be restored: ${this.detail}; nothing was changed`
  }
  get hint() {
    return this.reason === "newer" ? "calm --version" : commandLine("calm", "backup", "verify", this.name)
  }
}

/** Somebody is in the middle of something whose end would be written into other data than its beginning. */
export class DatabaseInUse extends TaggedError<DatabaseInUse>()("DatabaseInUse", {
  /** What is being done, such as `merge SPEC-001`. */
  purpose: Schema.String,
  pid: Schema.Int,
  host: Schema.String,
  since: Schema.String,
  /** The checkout of the project in which it is done. */
  project: Schema.String,
  /** Whether it still runs could not be told (another host or container). */
  unknown: Schema.Boolean
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    const maybe = this.unknown ? ", which may or may not be alive," : ""
    return `Process ${this.pid} on ${this.host}${maybe} is in the middle of: ${this.purpose} in ${this.project}, since ${this.since}; nothing was changed`
  }
  get hint() {
    return commandLine("calm", "status", "--project", this.project)
  }
}
