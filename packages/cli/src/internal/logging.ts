/** The log: on stderr. Warnings are notes for people; all else is shown only where `--log-level` asks for it. */
import * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { LogLevelName } from "../Globals.ts"
import * as Output from "../Output.ts"
import * as Style from "../Style.ts"

const levels: Readonly<Record<LogLevelName, LogLevel.LogLevel>> = {
  none: LogLevel.None,
  fatal: LogLevel.Fatal,
  error: LogLevel.Error,
  warning: LogLevel.Warning,
  info: LogLevel.Info,
  debug: LogLevel.Debug,
  trace: LogLevel.Trace,
  all: LogLevel.All
}

const textsOf = (message: unknown): ReadonlyArray<string> =>
  (Array.isArray(message) ? message : [message]).map((part) => (typeof part === "string" ? part : JSON.stringify(part)))

const logger = (write: (text: string) => void) =>
  Logger.make<unknown, void>(({ annotations, cause, date, logLevel, message }) => {
    const notes = Array.from(
      annotations,
      ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
    )
    const head = [date.toISOString(), logLevel.label, ...textsOf(message), ...notes].join(" ")
    const tail = Cause.isEmpty(cause) ? "" : `\n${Cause.pretty(cause, { renderErrorCause: true })}`
    write(`${Style.guard(Style.plain, head + tail)}\n`)
  })

/** A warning is something that a person should know although the command goes on, so it needs no asking. */
const notes = (style: Style.Style, write: (text: string) => void) =>
  Logger.make<unknown, void>(({ logLevel, message }) => {
    // Its first part is the sentence; what may follow is for the log.
    if (logLevel === LogLevel.Warning) write(Output.notice(style, textsOf(message)[0] ?? ""))
  })

/** Replaces the default logger, which writes to stdout. Without a level only warnings are shown, as notes, unless quiet. */
export const layer = (
  level: LogLevelName | undefined,
  mode: Output.Mode,
  write: (text: string) => void
): Layer.Layer<never> =>
  level === undefined
    ? Logger.replace(Logger.defaultLogger, mode.quiet ? Logger.none : notes(mode.stderr, write))
    : Layer.merge(Logger.replace(Logger.defaultLogger, logger(write)), Logger.minimumLogLevel(levels[level]))
