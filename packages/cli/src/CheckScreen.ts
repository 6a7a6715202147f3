/** How a gate looks while its checks run: one line a check. Pure: from what was told to lines. */
import type { CheckEvent, PlannedCheck } from "@calm/core/CheckProgress"
import type { CheckStatus } from "@calm/domain/Evidence"
import { type Moment, spinner } from "./Progress.ts"
import * as Style from "./Style.ts"
import * as Wording from "./Wording.ts"

interface Row extends PlannedCheck {
  /** When it began, in milliseconds; `null` while it waits for its turn. */
  readonly startedAt: number | null
  readonly lastLine: string
  readonly end: { readonly status: CheckStatus; readonly summary: string; readonly duration: number } | null
}

export type State = ReadonlyArray<Row>

/** Nothing has been told yet. */
export const empty: State = []

/** The state after an event at a time. */
export const update = (state: State, event: CheckEvent, at: number): State => {
  if (event._tag === "Planned") {
    return event.checks.map((check) => ({ ...check, startedAt: null, lastLine: "", end: null }))
  }
  const changed = (change: Partial<Row>) => state.map((row) => (row.key === event.key ? { ...row, ...change } : row))
  switch (event._tag) {
    case "Started":
      return changed({ startedAt: at })
    case "Line":
      return changed({ lastLine: event.line })
    case "Ended":
      return changed({ end: event })
  }
}

const marks: Readonly<Record<CheckStatus, (style: Style.Style) => string>> = {
  passed: (style) => Style.green(style, "✓"),
  failed: (style) => Style.red(style, "✗"),
  skipped: (style) => Style.yellow(style, "-"),
  unavailable: (style) => Style.yellow(style, "?")
}

const markOf = ({ end, startedAt }: Row, moment: Moment): string => {
  if (end !== null) return marks[end.status](moment.style)
  return startedAt === null ? Style.dim(moment.style, "·") : spinner(moment)
}

const textOf = ({ end, expected, startedAt }: Row, now: number): string => {
  const last = expected === null ? undefined : Wording.duration(expected)
  if (end !== null) return end.duration < 1000 ? end.summary : `${end.summary}, ${Wording.duration(end.duration)}`
  if (startedAt === null) return last === undefined ? "waits" : `waits, about ${last}`
  const elapsed = Wording.duration(now - startedAt)
  if (expected === null) return elapsed
  return now - startedAt > expected ? `${elapsed}, last time ${last}` : `${elapsed} of about ${last}`
}

/** The lines for a moment, each within the width; below a check at work the last line that it printed, if wanted. */
export const lines = (title: string, state: State, moment: Moment, verbose: boolean): ReadonlyArray<string> => {
  const { now, style } = moment
  const fit = (text: string, indent: number) => Style.truncate(Style.line(text), Math.max(8, style.width - indent - 1))
  const names = Math.max(0, ...state.map(({ name }) => Style.widthOf(Style.line(name))))
  return [
    `${spinner(moment)} ${fit(`${title} ${Wording.duration(moment.elapsed)}`, 2)}`,
    ...state.flatMap((row) => {
      const name = Style.line(row.name)
      const padded = `${name}${" ".repeat(names - Style.widthOf(name))}`
      const line = `  ${markOf(row, moment)} ${fit(`${padded}  ${textOf(row, now)}`, 4)}`
      return verbose && row.startedAt !== null && row.end === null && row.lastLine !== ""
        ? [line, Style.dim(style, `    │ ${fit(row.lastLine, 6)}`)]
        : [line]
    })
  ]
}
