/** How verdicts read. */
import type { Outcome, Verdict } from "@calm/domain/Verdict"
import { unmet } from "@calm/domain/Verdict"
import * as Style from "./Style.ts"
import * as Wording from "./Wording.ts"

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
      ...(outcome.unmet === null || outcome.hint === null ? [] : [Wording.hint(style, outcome.hint)])
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
  return Style.red(style, `${Wording.count(missing, "condition")} ${verb} not met`)
}
