/** What a command reads beside its words: a text on stdin, a person's yes. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Stdin could not be read. */
export class InputUnreadable extends Schema.TaggedError<InputUnreadable>()("InputUnreadable", {
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
    return null
  }
}

export class Input extends Context.Tag("@calm/cli/Input")<
  Input,
  {
    /** Are stdin and stdout terminals, so that there is a person to ask? */
    readonly interactive: boolean
    /** All of stdin, to its end. */
    readonly text: Effect.Effect<string, InputUnreadable>
    /** Puts a question on stderr and waits for a line: `true` for `y` and `yes`. To be used where it is interactive. */
    readonly confirm: (question: string) => Effect.Effect<boolean, InputUnreadable>
  }
>() {}
