/** How running a program fails; `ProcessRunner.ts` gives them out. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Schema from "effect/Schema"

/** There is no such program, or it may not be executed. */
export class ProgramMissing extends TaggedError<ProgramMissing>()("ProgramMissing", {
  program: Schema.String,
  /** The system's code: ENOENT, EACCES, ENOTDIR, ... */
  code: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return this.code === "ENOENT"
      ? `The program ${this.program} was not found`
      : `The program ${this.program} cannot be started (${this.code})`
  }
  get hint() {
    return "calm doctor"
  }
}

/** The program ran longer than its deadline and was ended. */
export class ProgramTimedOut extends TaggedError<ProgramTimedOut>()("ProgramTimedOut", {
  program: Schema.String,
  /** The deadline in milliseconds. */
  deadline: Schema.Number,
  /** The last lines it printed, both streams. */
  tail: Schema.String
}) {
  get category() {
    return "timeout" as const
  }
  override get message() {
    return `${this.program} did not finish within ${this.deadline / 1000} s`
  }
  get hint() {
    return "calm doctor"
  }
}

/** Something around the program failed: its working folder is gone, its log file cannot be written, no more processes. */
export class ProgramFailedToRun extends TaggedError<ProgramFailedToRun>()("ProgramFailedToRun", {
  program: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `${this.program} could not be run: ${this.reason}`
  }
  get hint() {
    return "calm doctor"
  }
}

/** A program that was asked something ended without an answer. */
export class ProgramEnded extends TaggedError<ProgramEnded>()("ProgramEnded", {
  program: Schema.String,
  /** `null` when a signal ended it. */
  exitCode: Schema.NullOr(Schema.Number),
  /** The signal that ended it; `null` when it exited by itself. */
  signal: Schema.NullOr(Schema.String),
  /** The last lines it printed on stderr. */
  tail: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `${this.program} ended (${this.signal ?? this.exitCode}) and had not answered`
  }
  get hint() {
    return "calm doctor"
  }
}

/** How a program fails to be run to its end. */
export type ProcessError = ProgramMissing | ProgramTimedOut | ProgramFailedToRun
