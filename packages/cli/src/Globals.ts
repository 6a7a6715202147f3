/** The options that every command knows. */

/** An option as help, suggestions and the reader of the command line need it. */
export interface OptionWord {
  /** Without its dashes. */
  readonly name: string
  /** What stands for its value, such as `path`; `undefined` for a flag, which has none. */
  readonly placeholder: string | undefined
  readonly description: string
}

/** How much `--log-level` shows, from nothing to everything. */
export const logLevels = ["none", "fatal", "error", "warning", "info", "debug", "trace", "all"] as const
export type LogLevelName = (typeof logLevels)[number]

/** Known to every command, before or after it. */
export const common: ReadonlyArray<OptionWord> = [
  { name: "json", placeholder: undefined, description: "Print one JSON document" },
  { name: "quiet", placeholder: undefined, description: "Print the bare answer, and no notes or progress" },
  { name: "project", placeholder: "path", description: "Act on the project at this path" },
  { name: "log-level", placeholder: "level", description: `Log to stderr: ${logLevels.join(", ")}` },
  { name: "help", placeholder: undefined, description: "Show help (-h)" }
]

/** Known to `calm` itself. */
export const rootOnly: ReadonlyArray<OptionWord> = [
  { name: "version", placeholder: undefined, description: "Show the version" }
]

/** What stands before `--`: only there can a word be an option. */
export const beforeTerminator = (argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = argv.indexOf("--")
  return end === -1 ? argv : argv.slice(0, end)
}

/** Is JSON asked for? Answered without understanding the rest, so that bad usage is reported as JSON too. */
export const wantsJson = (argv: ReadonlyArray<string>): boolean =>
  beforeTerminator(argv).some((word) => word === "--json" || word.startsWith("--json="))

/** Is only the bare answer asked for? Answered the same way. */
export const wantsQuiet = (argv: ReadonlyArray<string>): boolean => beforeTerminator(argv).includes("--quiet")

/** The value of an option, found the same way. */
const valueIn = (argv: ReadonlyArray<string>, option: string): string | undefined => {
  const words = beforeTerminator(argv)
  const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`))
  const word = words[at]
  return word === option ? words[at + 1] : word?.slice(option.length + 1)
}

/** The log level, found the same way; `undefined` where there is none or no valid one. */
export const logLevelIn = (argv: ReadonlyArray<string>): LogLevelName | undefined => {
  const value = valueIn(argv, "--log-level")
  return logLevels.find((level) => level === value)
}

/** The project that is named, found the same way. */
export const projectIn = (argv: ReadonlyArray<string>): string | undefined => valueIn(argv, "--project")

/** The same words, less the log level. */
export const withoutLogLevel = (argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = beforeTerminator(argv).length
  return argv.filter(
    (word, at) => at >= end || (!/^--log-level(?:=|$)/.test(word) && !(argv[at - 1] === "--log-level" && isLevel(word)))
  )
}

const isLevel = (word: string): boolean => logLevels.some((level) => level === word)
