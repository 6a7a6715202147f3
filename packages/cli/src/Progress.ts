/** What a person sees while a command is at work: on stderr, and only on a terminal. Never part of the answer. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type { Screen } from "./Screen.ts"
import * as Style from "./Style.ts"
import * as Wording from "./Wording.ts"

/** A moment of something that is going on. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds since it began. */
  readonly elapsed: number
  readonly style: Style.Style
}

/** Runs an effect as it is, with something shown meanwhile. */
type Shown = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export class Progress extends Context.Tag("@calm/cli/Progress")<
  Progress,
  {
    /** One line that stays: what is being done now. */
    readonly step: (text: string) => Effect.Effect<void>
    /** Says what is being done, and for how long, once that has taken longer than a moment. Nothing of it stays. */
    readonly during: (text: string) => Shown
    /** The same with lines of its own, drawn anew again and again. The text stands for them where that cannot be. */
    readonly live: (text: string, lines: (moment: Moment) => Effect.Effect<ReadonlyArray<string>>) => Shown
  }
>() {}

/** What is over sooner than this needs no telling. */
const moment = "300 millis"
const frame = 100

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

/** The sign of something at work: another one each frame. */
export const spinner = ({ elapsed, style }: Moment): string =>
  Style.cyan(style, frames[Math.floor(elapsed / frame) % frames.length] ?? "")

const silent: Context.Tag.Service<typeof Progress> = {
  step: () => Effect.void,
  during: () => (effect) => effect,
  live: () => (effect) => effect
}

/** Shows it on a terminal, unless nobody wants to know. */
export const layer = (style: Style.Style, quiet: boolean, screen: Screen): Layer.Layer<Progress> => {
  if (!style.terminal || quiet) return Layer.succeed(Progress, silent)
  const step = (text: string) => Effect.sync(() => screen.write(`${Style.dim(style, Style.line(text))}\n`))

  const live = (text: string, lines: (moment: Moment) => Effect.Effect<ReadonlyArray<string>>): Shown => {
    if (style.redraws === false) return (effect) => Effect.zipRight(step(text), effect)
    const drawing = Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      yield* Effect.sleep(moment)
      const draw = Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => lines({ now, elapsed: now - began, style: screen.style() })),
        Effect.map(screen.show)
      )
      return yield* Effect.forever(Effect.zipRight(draw, Effect.sleep(frame)))
    })
    return (effect) =>
      Effect.acquireUseRelease(
        Effect.fork(Effect.interruptible(drawing)),
        () => effect,
        (fiber) =>
          Effect.zipRight(
            Fiber.interrupt(fiber),
            Effect.sync(() => screen.show([]))
          )
      )
  }

  const during = (text: string): Shown =>
    live(text, (at) => {
      const told = Style.truncate(`${Style.line(text)} ${Wording.duration(at.elapsed)}`, at.style.width - 3)
      return Effect.succeed([`${spinner(at)} ${told}`])
    })

  return Layer.succeed(Progress, { step, during, live })
}
