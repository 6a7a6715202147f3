/**
 * How text looks: colour and tables on a terminal only, and nothing in a user's text that a terminal would obey.
 *
 * Nothing here depends on Effect, so that help costs no more than Node itself.
 */

import { inProject } from "./NextCommand.ts"

import type { Color } from "@calm/domain/HomeConfig"

/** What the text is written to. */
export interface Style {
  readonly terminal: boolean
  readonly color: boolean
  /** Columns of the terminal; `Infinity` elsewhere: what is piped is never cut. */
  readonly width: number
  /** The present moment in milliseconds, for times that are told as how long ago; without it they are exact. */
  readonly now?: number | undefined
  /** What `--project` names: commands to type name it, too. */
  readonly project?: string | undefined
  /** Can lines that were written be written over? Not where the terminal calls itself dumb. */
  readonly redraws?: boolean | undefined
}

/** What is asked of a stream. */
interface Stream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** The columns of a terminal as wide as it is now. */
export const columnsOf = ({ columns }: Stream): number => (columns !== undefined && columns > 0 ? columns : 80)

/** Text for a pipe or a file. */
export const plain: Style = { terminal: false, color: false, width: Infinity }

/**
 * Decides from the stream, the environment and what the user has set: what is no terminal has no colour, and `NO_COLOR`
 * with any value but the empty one, `TERM=dumb` and the user forbid it.
 */
export const make = (
  stream: Stream,
  variables: Readonly<Record<string, string | undefined>>,
  wanted: Color = "auto"
): Style => {
  if (stream.isTTY !== true) return plain
  const noColor = variables["NO_COLOR"] !== undefined && variables["NO_COLOR"] !== ""
  return {
    terminal: true,
    color: wanted !== "never" && !noColor && variables["TERM"] !== "dumb",
    width: columnsOf(stream),
    redraws: variables["TERM"] !== "dumb"
  }
}

/** Colours a text where the style has colour. */
export type Paint = (style: Style, text: string) => string

const paint =
  (on: number, off: number): Paint =>
  (style, text) =>
    style.color && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text

export const bold = paint(1, 22)
export const dim = paint(2, 22)
export const red = paint(31, 39)
export const green = paint(32, 39)
export const yellow = paint(33, 39)
export const cyan = paint(36, 39)

/**
 * One of our own colour codes, or a character that must not reach a terminal as it is: controls, the marks that turn the
 * direction of writing (they can make a text read as something else), and half a character, which is no text at all.
 */
const unsafe =
  /\u001b\[(?:1|2|22|31|32|33|36|39)m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/gu

const escaped = (char: string): string => {
  const code = char.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`
}

/** The last gate before the stream: only line breaks, tabs and our own colour codes pass; all else is shown escaped. */
export const guard = (style: Style, text: string): string =>
  text
    .replace(/\r\n/g, "\n")
    .replace(unsafe, (found) =>
      found.length > 1 ? (style.color ? found : escaped(found) + found.slice(1)) : escaped(found)
    )

/** A user's text on one line: line breaks become ⏎, tabs a space, other controls are escaped. */
export const line = (text: string): string =>
  guard(plain, text.replace(/\r\n|[\n\u0085\u2028\u2029]/g, "⏎").replace(/\t/g, " "))

/** A command to type, on one line. */
export const command = (style: Style, text: string): string => line(inProject(style.project, text))

/** A word in quotes, cut to a length that fits a message. Of a word without end no more is looked at than may be shown. */
export const quoted = (word: string): string => {
  const shown = line(word.slice(0, 200))
  return `'${shown.length > 80 ? `${Array.from(shown).slice(0, 79).join("")}…` : shown}'`
}

const ascii = /^[\u0020-\u007e]*$/
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

const graphemes = (text: string): ReadonlyArray<string> =>
  Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), (part) => part.segment)

const cellsOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : /^\p{M}/u.test(grapheme) ? 0 : 1)

/** How many columns a line takes on a terminal. */
export const widthOf = (text: string): number =>
  ascii.test(text) ? text.length : graphemes(text).reduce((sum, grapheme) => sum + cellsOf(grapheme), 0)

/** Cuts a line to at most so many columns, with … where something is missing. */
export const truncate = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let cut = ""
  let used = 0
  for (const grapheme of graphemes(text)) {
    const columns = cellsOf(grapheme)
    if (used + columns > width - 1) break
    cut += grapheme
    used += columns
  }
  return `${cut}…`
}

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)))

/** One cell of a table: a text, or a text with its colour. */
export type Cell = string | { readonly text: string; readonly paint: Paint }

const textOf = (cell: Cell): string => line(typeof cell === "string" ? cell : cell.text)

/** No column is made narrower than this to make a table fit. */
const narrowest = 8
const gap = 2

/** The first column names its row, in a word to be typed again: it is cut last, when all others are as narrow as can be. */
const fit = (widths: ReadonlyArray<number>, available: number): ReadonlyArray<number> => {
  const fitted = [...widths]
  let over = fitted.reduce((sum, width) => sum + width, 0) + gap * (fitted.length - 1) - available
  while (over > 0) {
    const widestOther = Math.max(0, ...fitted.slice(1))
    const widest = widestOther > narrowest ? fitted.indexOf(widestOther, 1) : 0
    const width = fitted[widest] ?? 0
    if (width <= narrowest) break
    const second = Math.max(
      narrowest,
      ...fitted.filter((other, index) => index > 0 && index !== widest && other < width)
    )
    const by = Math.min(over, Math.max(1, width - second))
    fitted[widest] = width - by
    over -= by
  }
  return fitted
}

/** A column that is wrapped gets at least so much; the others are cut for it. */
const wrappable = 16

/**
 * Rows under a header. On a terminal: aligned, and cut to its width, but for the last column where it `wraps`.
 * Elsewhere: one line per row, cells separated by a tab, nothing cut, no header, as line-by-line tools want it.
 */
export const table = (
  style: Style,
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  wraps = false
): string => {
  if (!style.terminal) return rows.map((row) => row.map(textOf).join("\t")).join("\n")
  const texts = rows.map((row) => row.map(textOf))
  const natural = header.map((title, index) =>
    Math.max(widthOf(title), ...texts.map((row) => widthOf(row[index] ?? "")))
  )
  const last = header.length - 1
  const reserved = wraps ? Math.min(natural[last] ?? 0, wrappable) : 0
  const widths = wraps
    ? [...fit(natural.slice(0, last), style.width - reserved - gap), Infinity]
    : fit(natural, style.width)
  const left = widths.slice(0, last).reduce((sum, width) => sum + width + gap, 0)
  const render = (cells: ReadonlyArray<Cell>): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        const cut = wraps && index === last ? wrapped(textOf(cell), left, style.width) : truncate(textOf(cell), width)
        const padded = index === last ? cut : pad(cut, width)
        return typeof cell === "string" ? padded : cell.paint(style, padded)
      })
      .join(" ".repeat(gap))
  return [render(header.map((text) => ({ text, paint: dim }))), ...rows.map(render)].join("\n")
}

/** Two columns, the second wrapped at words: the lists of a help page. */
export const definitions = (rows: ReadonlyArray<readonly [term: string, text: string]>, style: Style): string => {
  const left = Math.max(0, ...rows.map(([term]) => widthOf(term))) + 4
  const right = Math.max(20, Math.min(style.width, 100) - left)
  return rows
    .map(([term, text]) => {
      const [first = "", ...rest] = wrap(text, right)
      return [pad(`  ${term}`, left) + first, ...rest.map((part) => " ".repeat(left) + part)].join("\n").trimEnd()
    })
    .join("\n")
}

/** The lines of a last column that begins so far from the left. */
const wrapped = (text: string, left: number, width: number): string =>
  wrap(text, Math.max(wrappable, width - left)).join(`\n${" ".repeat(left)}`)

/** A word in pieces of at most so many columns. */
const pieces = (word: string, width: number): ReadonlyArray<string> => {
  if (widthOf(word) <= width) return [word]
  const found: Array<string> = []
  for (const grapheme of graphemes(word)) {
    const last = found.at(-1)
    if (last !== undefined && widthOf(last) + cellsOf(grapheme) <= width) found[found.length - 1] = last + grapheme
    else found.push(grapheme)
  }
  return found
}

/** Breaks a text into lines of at most so many columns: at spaces, and inside of a word only where it is longer. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ").flatMap((part) => pieces(part, width))) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
