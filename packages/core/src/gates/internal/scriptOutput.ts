/** Reads what a check script says of itself: the lines of its output that begin with `calm:`. */
import type { Counts } from "@calm/domain/Evidence"

/** What a script reported. */
export interface Report {
  readonly counts: Counts | null
  readonly summary: string | null
  readonly hint: string | null
}

const number = (text: string, name: string): number | undefined => {
  const match = new RegExp(`\\b${name}=(\\d{1,9})\\b`).exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

const lastOf = (lines: ReadonlyArray<string>, word: string): string | null => {
  const prefix = `calm: ${word} `
  const line = lines.findLast((other) => other.startsWith(prefix))
  return line === undefined ? null : line.slice(prefix.length).trim()
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

// Escape sequences of terminals, and control characters other than line feed and tab.
const unprintable =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])|[\u0000-\u0008\u000b-\u001f\u007f]/g

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
    .map((line) => line.slice(0, 500))
    .join("\n")

/** What a terminal would show of a line that was printed, which may write over itself; empty for a report. */
export const lastLine = (printed: string): string =>
  tail(printed.split("\r").findLast((part) => part.trim() !== "") ?? "", 1)
