/** How tasks and times read: the parts that the answers of several commands share. */
import { short } from "@calm/domain/Ids"
import * as DateTime from "effect/DateTime"
import * as Style from "./Style.ts"

/** `SPEC-001 Add a greeting` */
export const titled = (style: Style.Style, task: { readonly id: string; readonly title: string }): string =>
  `${Style.bold(style, task.id)} ${Style.line(task.title)}`

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** How long something takes: `12 s`, `1 min 12 s`, `2 h 5 min`. */
export const duration = (millis: number): string => {
  const seconds = Math.max(0, Math.round(millis / 1000))
  if (seconds < minute) return `${seconds} s`
  if (seconds < hour) return `${Math.floor(seconds / minute)} min${rest(seconds % minute, "s")}`
  return `${Math.floor(seconds / hour)} h${rest(Math.floor((seconds % hour) / minute), "min")}`
}

const rest = (number: number, unit: string): string => (number === 0 ? "" : ` ${number} ${unit}`)

/**
 * How long ago a moment was, from a week on the day. A moment that is still to come has another machine's clock behind
 * it: it counts as this very one.
 */
export const ago = (now: number, time: string): string => {
  const seconds = Math.floor((now - DateTime.toEpochMillis(DateTime.unsafeMake(time))) / 1000)
  if (seconds < minute) return "just now"
  if (seconds < hour) return `${Math.floor(seconds / minute)} min ago`
  if (seconds < day) return `${Math.floor(seconds / hour)} h ago`
  if (seconds < 7 * day) return `${count(Math.floor(seconds / day), "day")} ago`
  return time.slice(0, 10)
}

/** A moment: on a terminal how long ago it was, elsewhere exactly as it is, in UTC. */
export const when = (style: Style.Style, time: string): string =>
  style.terminal && style.now !== undefined ? ago(style.now, time) : time

/** Names with commas between them, or a dash. */
export const names = (list: ReadonlyArray<string>): string => (list.length === 0 ? "-" : list.join(", "))

/** `1 condition`, `2 conditions` */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

/** How large a file is: `512 B`, `144 kB`, `2.3 MB`. */
export const size = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** A table, or for people that there is nothing in it; a program that reads lines gets none. */
export const list = (
  style: Style.Style,
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Style.Cell>>,
  none: string,
  /** The last column is told whole, on as many lines as it needs. */
  wraps = false
): string => (rows.length > 0 ? Style.table(style, header, rows, wraps) : style.terminal ? Style.dim(style, none) : "")

/** A command to type. */
export const hint = (style: Style.Style, command: string, indent = "    "): string =>
  `${indent}${Style.cyan(style, "→")} ${Style.command(style, command)}`

/** The one command to go on with. */
export const next = (style: Style.Style, command: string): string =>
  `Next: ${Style.cyan(style, Style.command(style, command))}`

/** `at 1234567`, or that there is nothing to be at. */
export const atCommit = (commit: string | null): string =>
  commit === null ? "without a branch" : `at ${short(commit)}`
