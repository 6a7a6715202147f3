/**
 * What a run of calm prints and how it exits. The one place that decides either; writing it is the runtime's part.
 *
 * Nothing here depends on Effect.
 */
import { commandLine } from "@calm/domain/CommandLine"
import { type Category, codeOf, exitCodes } from "@calm/domain/Problem"
import { inProject, inProjectAll } from "./NextCommand.ts"
import { projectIn, withoutLogLevel } from "./Globals.ts"
import * as Style from "./Style.ts"
import { version as number } from "./Version.ts"

/** Everything that is left to do once a command has ended. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** For whom it is printed. */
export interface Mode {
  readonly json: boolean
  /** No notes and no progress, and of an answer in text only what a program would want of it. */
  readonly quiet: boolean
  readonly stdout: Style.Style
  readonly stderr: Style.Style
}

/** The version of the JSON documents: raised when a field changes its meaning or goes. */
const format = 1

// JSON escapes the lower controls by itself; these a terminal would still obey.
const stray = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

const document = (mode: Mode, content: { readonly data: unknown } | { readonly error: unknown }): string => {
  const said = inProjectAll(mode.stdout.project, { version: format, ...content })
  const text = JSON.stringify(said, null, mode.stdout.terminal ? 2 : undefined)
  return `${text.replace(stray, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`
}

const ended = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`)

// Further lines of a message are indented: only our own "error:" and "hint:" stand at the edge.
const indented = (text: string, style: Style.Style): string =>
  Style.guard(style, text).replace(/\n+$/, "").replace(/\n/g, "\n  ")

/** What a command has found, ready to print. */
export interface Answer {
  /** Encoded by the command's schema; `null` where it is printed as text. */
  readonly data: unknown
  readonly text: (style: Style.Style) => string
  /** What is left of the text where quiet is asked for. */
  readonly quiet: string
  /** Why the answer to a question is no; `undefined` for yes, and for what is no question. */
  readonly category: Category | undefined
  /** What a person should know beside the answer, a line each. */
  readonly notices: ReadonlyArray<string>
}

/** What a person should know beside the answer, as it stands on stderr. */
export const notice = (style: Style.Style, text: string): string =>
  `${Style.yellow(style, "note:")} ${indented(inProject(style.project, text), style)}\n`

const textOf = (mode: Mode, given: Answer): string => {
  const { quiet, stdout } = mode
  // What is left may be a command to run next; an id or a path never reads like one.
  const bare = () => given.quiet.replace(/^calm .*$/gm, (command) => inProject(stdout.project, command))
  return ended(Style.guard(stdout, quiet ? bare() : given.text(stdout)))
}

export const answer = (mode: Mode, given: Answer): Outcome => ({
  stdout: mode.json ? document(mode, { data: given.data }) : textOf(mode, given),
  stderr: mode.quiet ? "" : given.notices.map((text) => notice(mode.stderr, text)).join(""),
  exitCode: given.category === undefined ? 0 : exitCodes[given.category]
})

/** A failure with its fields encoded. */
export interface Failure {
  readonly _tag: string
  readonly category: Category
  readonly message: string
  readonly hint: string | null
  /** Every condition that is not met, where a rule said no. */
  readonly reasons?: ReadonlyArray<Reason> | undefined
  readonly details: unknown
}

/** A condition that is not met, and what would meet it. */
export interface Reason {
  readonly check: string
  /** `unavailable`: it could not be checked. */
  readonly status: string
  readonly summary: string
  readonly hint: string | null
}

const reasonLines = ({ check, hint, status, summary }: Reason, style: Style.Style): string =>
  `  ${status === "unavailable" ? Style.yellow(style, "?") : Style.red(style, "✗")} ${Style.line(check)}: ${Style.line(summary)}\n${
    hint === null ? "" : `    ${Style.cyan(style, "→")} ${Style.command(style, hint)}\n`
  }`

export const failure = (mode: Mode, problem: Failure): Outcome => {
  const { category, details, hint, message } = problem
  const exitCode = exitCodes[category]
  if (mode.json) {
    return {
      stdout: document(mode, { error: { code: codeOf(problem._tag), category, message, hint, details } }),
      stderr: "",
      exitCode
    }
  }
  const reasons = problem.reasons ?? []
  // Where the reasons say it already, the hint would only be said twice.
  const hinted =
    hint === null || reasons.some((reason) => reason.hint === hint)
      ? ""
      : `${Style.cyan(mode.stderr, "hint:")} ${indented(inProject(mode.stderr.project, hint), mode.stderr)}\n`
  return {
    stdout: "",
    stderr: `${Style.red(mode.stderr, "error:")} ${indented(message, mode.stderr)}\n${reasons.map((reason) => reasonLines(reason, mode.stderr)).join("")}${hinted}`,
    exitCode
  }
}

/** A fault of calm itself, met by this command line. What it was is told only to the log. */
export const defect = (mode: Mode, argv: ReadonlyArray<string>): Outcome =>
  failure(mode, {
    _tag: "Internal",
    category: "internal",
    message: "calm failed in an unexpected way",
    hint: commandLine("calm", "--log-level=debug", ...withoutLogLevel(argv)),
    details: null
  })

/**
 * Stopped by a signal. The hint goes on with what the command says it has left. Else a program is told that the same
 * command line can be run again, and who has pressed Ctrl-C, and knows it, where to see how things stand.
 */
export const interrupted = (mode: Mode, argv: ReadonlyArray<string>, left?: string): Outcome => {
  const hint = left ?? (mode.json ? commandLine("calm", ...argv) : "calm status")
  return failure(mode, {
    _tag: "Interrupted",
    category: "interrupted",
    message: "Interrupted",
    hint: inProject(projectIn(argv), hint),
    details: null
  })
}

/** A page of help. */
export const help = (mode: Mode, page: (style: Style.Style) => string): Outcome =>
  answer(
    { ...mode, quiet: false },
    { data: { help: page(Style.plain) }, text: page, quiet: "", category: undefined, notices: [] }
  )

/** The version, and nothing else. */
export const version = (mode: Mode): Outcome =>
  answer(mode, {
    data: { version: number },
    text: () => `calm ${number}`,
    quiet: number,
    category: undefined,
    notices: []
  })
