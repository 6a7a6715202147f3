/** Figures as a table, kept in a file and compared with those that were kept. */
import { readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"

const ratioOf = ({ floor, measured }) => (floor === null ? null : measured / floor)

/** More is better for what is counted in a second. */
const isMet = (row) =>
  row.goal === null ? null : row.unit === "1/s" ? ratioOf(row) >= row.goal : ratioOf(row) <= row.goal

const number = (value) => (value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(0) : value.toFixed(1))
const amount = (value, unit) => (value === null ? "" : `${number(value)} ${unit}`)
const ratio = (value) => (value === null ? "" : value.toFixed(2))

const verdict = (row) => {
  const met = isMet(row)
  return met === null ? "" : met ? "met" : "NOT MET"
}

const goalOf = ({ goal, unit }) => (goal === null ? "" : `${unit === "1/s" ? "≥" : "≤"} ${goal.toFixed(2)}`)

/** The change of a ratio, or of the figure itself, since the rows that were kept. */
const since = (row, kept) => {
  const before = kept.find(({ figure }) => figure === row.figure)
  if (before === undefined) return "new"
  const [now, then] = row.floor === null ? [row.measured, before.measured] : [ratioOf(row), ratioOf(before)]
  const change = (now / then - 1) * 100
  return `${change >= 0 ? "+" : ""}${change.toFixed(0)} %`
}

/** The rows as lines of a table; with those that were kept before, a column for what has changed. */
export const tableOf = (rows, kept) => {
  const head = ["figure", "floor", "measured", "ratio", "goal", "", ...(kept === undefined ? [] : ["since"])]
  const lines = [
    head,
    ...rows.map((row) => [
      row.figure,
      amount(row.floor, row.unit),
      amount(row.measured, row.unit),
      ratio(ratioOf(row)),
      goalOf(row),
      verdict(row),
      ...(kept === undefined ? [] : [since(row, kept)])
    ])
  ]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 || column === 5 ? text.padEnd(widths[column]) : text.padStart(widths[column])
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** What ran where, so that figures of two machines are not taken for a change of the program. */
export const machine = () => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? "",
  load: loadavg()[0]
})

export const save = (file, rows) =>
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), rows }, null, 2)}\n`)

export const kept = (file) => JSON.parse(readFileSync(file, "utf8"))

/** The figures whose goal is not met. */
export const unmet = (rows) => rows.filter((row) => isMet(row) === false)
