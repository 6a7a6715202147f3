/** Failures of commands on sessions. */
import { TaggedError } from "@calm/domain/TaggedError"
import { maxHandoff } from "@calm/domain/Session"
import * as Schema from "effect/Schema"

/** The hand-over says nothing. */
export class HandoffEmpty extends TaggedError<HandoffEmpty>()("HandoffEmpty", {}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return "The hand-over is empty; it is read from stdin"
  }
  get hint() {
    return "calm session save --help"
  }
}

/** The hand-over is too large to be read by whoever goes on. */
export class HandoffTooLarge extends TaggedError<HandoffTooLarge>()("HandoffTooLarge", {
  /** The most that it may have, in bytes. */
  most: Schema.Int
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `The hand-over is longer than ${this.most.toLocaleString("en")} bytes`
  }
  get hint() {
    return "calm session save --help"
  }
}

/** The hand-over has something in it that is no text. */
export class HandoffNotText extends TaggedError<HandoffNotText>()("HandoffNotText", {}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return "The hand-over is no text: it must be UTF-8, without the NUL character"
  }
  get hint() {
    return "calm session save --help"
  }
}

/** The failure of a hand-over with this fault. */
export const handoffError = (fault: "empty" | "too large" | "not text") => {
  switch (fault) {
    case "empty":
      return new HandoffEmpty()
    case "too large":
      return new HandoffTooLarge({ most: maxHandoff })
    case "not text":
      return new HandoffNotText()
  }
}

/** No session of the project has that id, or an id that begins so. */
export class SessionNotFound extends TaggedError<SessionNotFound>()("SessionNotFound", { id: Schema.String }) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `There is no session ${JSON.stringify(this.id)} in this project`
  }
  get hint() {
    return "calm session list"
  }
}

/** The ids of several sessions begin so. */
export class SessionAmbiguous extends TaggedError<SessionAmbiguous>()("SessionAmbiguous", {
  prefix: Schema.String,
  /** Newest first, at most ten. */
  ids: Schema.Array(Schema.String)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.prefix} is the beginning of several sessions' ids: ${this.ids.join(", ")}`
  }
  get hint() {
    return "calm session list"
  }
}

/** Somebody has resumed the session already. */
export class SessionResumed extends TaggedError<SessionResumed>()("SessionResumed", {
  id: Schema.String,
  by: Schema.String,
  at: Schema.String
}) {
  get category() {
    return "conflict" as const
  }
  override get message() {
    return `The session ${this.id} was resumed by ${this.by} at ${this.at}`
  }
  get hint() {
    return `calm session show ${this.id}`
  }
}
