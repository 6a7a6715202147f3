/** What a command reads beside its words: a text on stdin, a person's yes. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Stdin could not be read. */
export class InputUnreadable extends TaggedError<InputUnreadable>()("InputUnreadable", {
  /** The system's code, such as `EISDIR`. */
  code: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `Nothing can be read from stdin (${this.code})`
  }
  get hint() {
    return "calm --help"
  }
}

/** What came on stdin is no text. */
export class InputNotText extends TaggedError<InputNotText>()("InputNotText", {}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return "What came on stdin is no UTF-8 text"
  }
  get hint() {
    return "calm session save --help"
  }
}

export class Input extends Context.Tag("@calm/cli/Input")<
  Input,
  {
    /** Are stdin and stdout terminals, so that there is a person to ask? */
    readonly interactive: boolean
    /**
     * All of stdin, to its end; of one without end, somewhat more than `most` bytes. A person at a terminal is told what
     * is wanted, such as `the hand-over`.
     */
    readonly text: (what: string, most: number) => Effect.Effect<string, InputUnreadable | InputNotText>
    /** Puts a question on stderr and waits for a line: `true` for `y` and `yes`. To be used where it is interactive. */
    readonly confirm: (question: string) => Effect.Effect<boolean, InputUnreadable>
  }
>() {}
