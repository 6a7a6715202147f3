import * as Traced from "@calm/domain/Traced"
import * as Doctor from "@calm/core/Doctor"
import { worst } from "@calm/domain/Problem"
import * as Doctoring from "../Doctoring.ts"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"
import { Progress } from "../Progress.ts"
import * as Style from "../Style.ts"
import * as Wording from "../Wording.ts"

type CheckUp = Doctor.CheckUp

const mark = (style: Style.Style, status: Doctor.Check["status"]): string => {
  switch (status) {
    case "ok":
      return Style.green(style, "✓")
    case "warning":
      return Style.yellow(style, "!")
    case "error":
      return Style.red(style, "✗")
    case "unclear":
      return Style.yellow(style, "?")
  }
}

const checkText = ({ hint, status, summary }: Doctor.Check, style: Style.Style): ReadonlyArray<string> => [
  `  ${mark(style, status)} ${Style.line(summary)}`,
  ...(hint === null ? [] : [Wording.hint(style, hint)])
]

/** The checks under the names of their areas. */
const checksText = (checks: CheckUp["checks"], style: Style.Style): string =>
  [...new Set(checks.map(({ area }) => area))]
    .map((area) =>
      [
        Style.bold(style, area),
        ...checks.filter((check) => check.area === area).flatMap((check) => checkText(check, style))
      ].join("\n")
    )
    .join("\n")

const appliedText = ({ detail, done, what }: Doctor.Applied, style: Style.Style): string =>
  `  ${done ? Style.green(style, "✓") : Style.red(style, "✗")} ${Style.line(what)}${detail === null ? "" : Style.dim(style, `: ${Style.line(detail)}`)}`

/** What was done, after which backup. */
const doneText = ({ applied, backup }: CheckUp, style: Style.Style): ReadonlyArray<string> =>
  applied.length === 0
    ? []
    : [
        [
          Style.bold(style, "done"),
          ...(backup === null ? [] : [`  backup made before: ${Style.line(backup)}`]),
          ...applied.map((one) => appliedText(one, style))
        ].join("\n")
      ]

const planText = ({ plan }: CheckUp, style: Style.Style): ReadonlyArray<string> => {
  const part = (head: string, lines: ReadonlyArray<string>) =>
    lines.length === 0 ? [] : [[head, ...lines.map((text) => `  - ${Style.line(text)}`)].join("\n")]
  return [
    ...part(
      `${Style.cyan(style, Style.command(style, "calm doctor --fix"))} would`,
      plan.flatMap(({ kept, what }) => (kept === null ? [what] : []))
    ),
    ...part(
      "Not mended by --fix",
      plan.flatMap(({ kept }) => kept ?? [])
    )
  ]
}

const verdict = ({ checks }: CheckUp, style: Style.Style): string => {
  const count = (wanted: Doctor.Check["status"]) => checks.filter(({ status }) => status === wanted).length
  const bad = count("error")
  const unclear = count("unclear")
  const notes = count("warning")
  const said = [
    ...(bad > 0 ? [Style.red(style, Wording.count(bad, "error"))] : []),
    ...(unclear > 0 ? [Style.yellow(style, `${unclear} could not be checked`)] : []),
    ...(notes > 0 ? [Style.yellow(style, Wording.count(notes, "warning"))] : [])
  ]
  return said.length === 0 ? Style.green(style, "all is well") : said.join(", ")
}

export const leaf = Leaf.make({
  description:
    "Looks at the machine, calm's own folder, the database, operations that were cut off and worktrees; it also runs where one of them is broken. --fix makes a backup, mends what can be mended without losing anything, and looks again; --dry-run says what it would do. Exits 2 where the database is no good, 7 while something else is broken, 8 where something could not be checked.",
  examples: ["calm doctor", "calm doctor --dry-run", "calm doctor --fix"],
  args: {},
  options: {
    fix: Parameter.flag("fix", "Mend what can be mended"),
    dryRun: Parameter.flag("dry-run", "Only say what --fix would do")
  },
  output: Doctor.CheckUp,
  layer: Doctoring.layer,
  run: Traced.fn("doctor")(function* ({ dryRun, fix }) {
    const doctor = yield* Doctor.Doctor
    const { during } = yield* Progress
    return yield* (fix && !dryRun ? doctor.fix : doctor.check).pipe(during("Looking at everything …"))
  }),
  list: "checks",
  quiet: ({ checks }) =>
    checks
      .filter(({ status }) => status === "error" || status === "unclear")
      .map(({ name }) => name)
      .join("\n"),
  // Without a database every other command exits with its code, whatever else is wrong.
  exit: ({ checks }) =>
    checks.some(({ area, status }) => area === "database" && status === "error")
      ? "database"
      : worst(
          checks.flatMap(({ status }) =>
            status === "error" ? ["refused" as const] : status === "unclear" ? ["unavailable" as const] : []
          )
        ),
  render: (report, style) =>
    [
      ...doneText(report, style),
      checksText(report.checks, style),
      ...planText(report, style),
      verdict(report, style)
    ].join("\n\n")
})
