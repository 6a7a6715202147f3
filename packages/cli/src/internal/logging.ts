/** The log: on stderr, and only where `--log-level` asks for it. */
import * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { LogLevelName } from "../Globals.ts"
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

const logger = (write: (text: string) => void) =>
  Logger.make<unknown, void>(({ annotations, cause, date, logLevel, message }) => {
    const parts = (Array.isArray(message) ? message : [message]).map((part) =>
      typeof part === "string" ? part : JSON.stringify(part)
    )
    const notes = Array.from(
      annotations,
      ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
    )
    const head = [date.toISOString(), logLevel.label, ...parts, ...notes].join(" ")
    const tail = Cause.isEmpty(cause) ? "" : `\n${Cause.pretty(cause, { renderErrorCause: true })}`
    write(`${Style.guard(Style.plain, head + tail)}\n`)
  })

/** Replaces the default logger, which writes to stdout. Without a level nothing is logged. */
export const layer = (level: LogLevelName | undefined, write: (text: string) => void): Layer.Layer<never> =>
  level === undefined
    ? Logger.remove(Logger.defaultLogger)
    : Layer.merge(Logger.replace(Logger.defaultLogger, logger(write)), Logger.minimumLogLevel(levels[level]))
