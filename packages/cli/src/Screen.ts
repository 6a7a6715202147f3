/**
 * Lines at the foot of a terminal that are written over as what they tell changes, and text that stays above them.
 *
 * The cursor is neither hidden nor saved: whatever ends the process, there is nothing to put right.
 */
import * as Style from "./Style.ts"

export interface Screen {
  /** Shows these lines in place of those that were shown before; none takes them away. A line must fit the width. */
  readonly show: (lines: ReadonlyArray<string>) => void
  /** Writes text that stays. */
  readonly write: (text: string) => void
}

// To the first column, too: what a person types meanwhile is echoed where the cursor is.
const up = (lines: number): string => (lines === 0 ? "" : `\r\u001b[${lines}A`)
const clearLine = "\u001b[K"
const clearBelow = "\u001b[J"

/** A screen over a stream. Nothing else may write to that stream while lines are shown. */
export const make = (style: Style.Style, write: (text: string) => void): Screen => {
  let shown: ReadonlyArray<string> = []
  const drawn = (lines: ReadonlyArray<string>): string =>
    lines.map((line) => `\r${Style.guard(style, line)}${clearLine}\n`).join("")
  return {
    show: (lines) => {
      if (lines.length === 0 && shown.length === 0) return
      // One write a frame, and no line cleared before it is written: nothing flickers.
      write(`${up(shown.length)}${drawn(lines)}${shown.length > lines.length ? clearBelow : ""}`)
      shown = lines
    },
    write: (text) => write(shown.length === 0 ? text : `${up(shown.length)}${clearBelow}${text}${drawn(shown)}`)
  }
}
