/** How tasks, times and verdicts read: the parts that the answers of several commands share. */
import { short } from "@calm/domain/Evidence"
import type { Outcome, Verdict } from "@calm/domain/Verdict"
import { unmet } from "@calm/domain/Verdict"
import * as Style from "./Style.ts"

/** `SPEC-001 Add a greeting` */
export const titled = (style: Style.Style, task: { readonly id: string; readonly title: string }): string =>
  `${Style.bold(style, task.id)} ${Style.line(task.title)}`

/** A moment to the minute: `2025-01-31 10:00`. */
export const when = (time: string): string => time.slice(0, 16).replace("T", " ")

/** Names with commas between them, or a dash. */
export const names = (list: ReadonlyArray<string>): string => (list.length === 0 ? "-" : list.join(", "))

/** `1 condition`, `2 conditions` */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

/** A table, or for people that there is nothing in it; a program that reads lines gets none. */
export const list = (
  style: Style.Style,
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Style.Cell>>,
  none: string
): string => (rows.length > 0 ? Style.table(style, header, rows) : style.terminal ? Style.dim(style, none) : "")

/** A command to type. */
export const hint = (style: Style.Style, command: string, indent = "    "): string =>
  `${indent}${Style.cyan(style, "→")} ${Style.line(command)}`

const mark = (style: Style.Style, outcome: Outcome): string => {
  if (outcome.status === "unavailable") return Style.yellow(style, "?")
  if (outcome.unmet !== null) return Style.red(style, "✗")
  return outcome.status === "skipped" ? Style.yellow(style, "-") : Style.green(style, "✓")
}

/** The end of what a check printed that did not pass, and where the whole of it is. */
const output = (style: Style.Style, { evidence }: Outcome): ReadonlyArray<string> => {
  if (evidence === null) return []
  const tail = evidence.tail.replace(/\n+$/, "")
  return [
    // A tool's own colours could run on into the lines after it.
    ...(tail === "" ? [] : tail.split(/\r?\n/).map((text) => `    │ ${Style.guard(Style.plain, text)}`)),
    ...(evidence.logFile === null ? [] : [Style.dim(style, `    log: ${Style.line(evidence.logFile)}`)])
  ]
}

const stand = (style: Style.Style, outcome: Outcome): string => {
  const cached = outcome.cached ? Style.dim(style, " (cached)") : ""
  return `  ${mark(style, outcome)} ${Style.line(outcome.check)}: ${Style.line(outcome.summary)}${cached}`
}

const conditions = (style: Style.Style, given: Verdict, below: (outcome: Outcome) => ReadonlyArray<string>): string =>
  given.outcomes
    .flatMap((outcome) => [
      stand(style, outcome),
      ...(outcome.unmet === null ? [] : below(outcome)),
      ...(outcome.unmet === null || outcome.hint === null ? [] : [hint(style, outcome.hint)])
    ])
    .join("\n")

/** Every condition: its mark, its name, how it stands, and what would meet it. */
export const verdict = (style: Style.Style, given: Verdict): string => conditions(style, given, () => [])

/** The same, with the output of the checks that did not pass. */
export const verdictWithOutput = (style: Style.Style, given: Verdict): string =>
  conditions(style, given, (outcome) => output(style, outcome))

/** `passed`, or how much is missing. */
export const summary = (style: Style.Style, given: Verdict): string => {
  const missing = unmet(given).length
  if (missing === 0) return Style.green(style, "passed")
  const verb = missing === 1 ? "is" : "are"
  return Style.red(style, `${count(missing, "condition")} ${verb} not met`)
}

/** `at 1234567`, or that there is nothing to be at. */
export const atCommit = (commit: string | null): string =>
  commit === null ? "without a branch" : `at ${short(commit)}`
