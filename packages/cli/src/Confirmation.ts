/** A person's yes before what cannot be taken back: asked for on a terminal, and `--yes` everywhere else. */
import { TaggedError } from "@calm/domain/TaggedError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Input } from "./Input.ts"

/** Nobody said yes: the answer was another one, or there is nobody to ask. Nothing was done. */
class NotConfirmed extends TaggedError<NotConfirmed>()("NotConfirmed", {
  /** The same command with the yes in it. */
  command: Schema.String,
  /** Was anybody asked? */
  asked: Schema.Boolean
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return this.asked
      ? "Nothing was done: the answer was not yes"
      : "Nothing was done: this needs --yes where stdin and stdout are no terminals"
  }
  get hint() {
    return this.command
  }
}

/** Goes on after a yes only. */
export const confirmed = Effect.fnUntraced(function* (options: {
  readonly yes: boolean
  readonly question: string
  readonly command: string
}) {
  if (options.yes) return
  const input = yield* Input
  const isYes = input.interactive && (yield* input.confirm(options.question))
  if (!isYes) return yield* new NotConfirmed({ command: options.command, asked: input.interactive })
})
