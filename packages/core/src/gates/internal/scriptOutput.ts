/** Reads what a check script says of itself: the lines of its output that begin with `calm:`. */
import type { Counts } from "@calm/domain/Evidence"

/** What a script reported. */
export interface Report {
  readonly counts: Counts | null
  readonly summary: string | null
  readonly hint: string | null
}

// Escape sequences of terminals, and control characters other than line feed and tab.
const unprintable =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** As much of a line as is worth showing; a character that the cut has halved is left out. */
const shown = (line: string): string => line.slice(0, 500).replace(/[\ud800-\udbff]$/, "")

const number = (text: string, name: string): number | undefined => {
  const match = new RegExp(`(?:^|\\s)${name}=(\\d{1,9})(?=\\s|$)`).exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

const lastOf = (lines: ReadonlyArray<string>, word: string): string | null => {
  const prefix = `calm: ${word} `
  const line = lines.findLast((other) => other.startsWith(prefix))
  const said = line === undefined ? "" : shown(line.slice(prefix.length).replaceAll(unprintable, "")).trim()
  return said === "" ? null : said
}

/** The last line of each kind counts. */
export const read = (output: string): Report => {
  const lines = output.split(/\r?\n/)
  const tests = lastOf(lines, "tests")
  const passed = tests === null ? undefined : number(tests, "passed")
  const failed = tests === null ? undefined : number(tests, "failed")
  return {
    counts:
      tests === null || passed === undefined || failed === undefined
        ? null
        : { passed, failed, skipped: number(tests, "skipped") ?? null },
    summary: lastOf(lines, "summary"),
    hint: lastOf(lines, "hint")
  }
}

/** The end of a script's output, for people: at most `lines` lines, without escape sequences and without its reports. */
export const tail = (output: string, lines: number): string =>
  output
    .replaceAll(unprintable, "")
    .split("\n")
    .filter((line) => !line.startsWith("calm: "))
    .join("\n")
    .replace(/^\n+/, "")
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .map(shown)
    .join("\n")

/** What a terminal would show of a line that was printed, which may write over itself; empty for a report. */
export const lastLine = (printed: string): string =>
  tail(printed.split("\r").findLast((part) => part.trim() !== "") ?? "", 1)
