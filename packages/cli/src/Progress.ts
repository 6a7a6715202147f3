/** What a person sees while a command is at work: on stderr, and only on a terminal. Never part of the answer. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Style from "./Style.ts"

export class Progress extends Context.Tag("@calm/cli/Progress")<
  Progress,
  {
    /** One line: what is being done now. */
    readonly step: (text: string) => Effect.Effect<void>
  }
>() {}

/** Writes each step as a line, where the style is that of a terminal. */
export const layer = (style: Style.Style, write: (text: string) => void): Layer.Layer<Progress> =>
  Layer.succeed(Progress, {
    step: (text) => (style.terminal ? Effect.sync(() => write(`${Style.dim(style, Style.line(text))}\n`)) : Effect.void)
  })
