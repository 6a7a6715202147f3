/**
 * Lines at the foot of a terminal that are written over as what they tell changes, and text that stays above them.
 *
 * The cursor is neither hidden nor saved: whatever ends the process, there is nothing to put right.
 */
import * as Style from "./Style.ts"

export interface Screen {
  /** The style of what is shown next: its width is that of the terminal now. */
  readonly style: () => Style.Style
  /** Shows these lines in place of those that were shown before; none takes them away. A line must fit the width. */
  readonly show: (lines: ReadonlyArray<string>) => void
  /** Writes text that stays. */
  readonly write: (text: string) => void
}

// To the first column, too: what a person types meanwhile is echoed where the cursor is.
const up = (rows: number): string => (rows === 0 ? "" : `\r\u001b[${rows}A`)
const clearLine = "\u001b[K"
const clearBelow = "\u001b[J"
// What a guarded text still has of codes.
const color = /\u001b\[\d+m/g

/** A line that is shown, and how many columns it takes. */
interface Shown {
  readonly text: string
  readonly width: number
}

/** A screen over a stream. Nothing else may write to that stream while lines are shown. */
export const make = (
  style: Style.Style,
  write: (text: string) => void,
  /** Asked anew for each frame: a window changes its size at any time. */
  columns: () => number = () => style.width
): Screen => {
  let shown: ReadonlyArray<Shown> = []
  // A terminal that has become narrower has broken what stands there: a line takes as many rows as it needs by now.
  const rows = (): number => {
    const width = columns()
    return shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.width / width)), 0)
  }
  const drawn = (lines: ReadonlyArray<Shown>): string => lines.map(({ text }) => `\r${text}${clearLine}\n`).join("")
  return {
    style: () => ({ ...style, width: columns() }),
    show: (lines) => {
      if (lines.length === 0 && shown.length === 0) return
      const next = lines.map((line) => {
        const text = Style.guard(style, line)
        return { text, width: Style.widthOf(text.replace(color, "")) }
      })
      const before = rows()
      // One write a frame, and no line cleared before it is written: nothing flickers.
      write(`${up(before)}${drawn(next)}${before > next.length ? clearBelow : ""}`)
      shown = next
    },
    write: (text) => write(shown.length === 0 ? text : `${up(rows())}${clearBelow}${text}${drawn(shown)}`)
  }
}
