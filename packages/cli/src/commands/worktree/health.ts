import * as Traced from "@calm/domain/Traced"
import * as WorktreeHealth from "@calm/core/WorktreeHealth"
import { worst } from "@calm/domain/Problem"
import { describe, isUnclear } from "@calm/domain/WorktreeHealth"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

type Report = WorktreeHealth.Report

/** `2 uncommitted, 1 untracked, 3 ahead, 1 behind`: what is not nought. */
const facts = ({ ahead, behind, uncommitted, untracked }: WorktreeHealth.Checked): string =>
  Object.entries({ uncommitted, untracked, ahead, behind })
    .flatMap(([what, count]) => (count === null || count === 0 ? [] : [`${count} ${what}`]))
    .join(", ")

const worktreeText = (worktree: WorktreeHealth.Checked, style: Style.Style): string => {
  const { findings, phase, taskId } = worktree
  const stand = findings.length === 0 ? Style.green(style, "✓") : Style.red(style, "✗")
  const known = facts(worktree)
  return [
    `${stand} ${Style.bold(style, taskId)} ${phase ?? "deleted"}${known === "" ? "" : Style.dim(style, `  ${known}`)}`,
    ...findings.flatMap(({ hint, severity, summary }) => [
      `  ${severity === "error" ? Style.red(style, "error:") : Style.yellow(style, "warning:")} ${Style.line(summary)}`,
      Wording.hint(style, hint)
    ])
  ].join("\n")
}

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [[title, ...lines].join("\n")]

const appliedText = ({ action, detail, done, taskId }: WorktreeHealth.Applied, style: Style.Style): string =>
  done
    ? `  ${Style.green(style, "✓")} ${taskId}: ${describe(action, null)}${detail === null ? "" : Style.dim(style, `  ${Style.line(detail)}`)}`
    : `  ${Style.red(style, "✗")} ${taskId}: ${Style.line(detail ?? "")}`

const foreignText = ({ branch, kind, path }: Report["foreign"][number]): string =>
  `  ${Style.line(path)} (${kind}${branch === null ? "" : ` on ${Style.line(branch)}`})`

const unhealthy = ({ worktrees }: Report) => worktrees.filter(({ findings }) => findings.length > 0)

const summary = (report: Report, style: Style.Style): string => {
  const count = Wording.count(report.worktrees.length, "worktree")
  const bad = unhealthy(report).length
  return bad === 0
    ? `${count}, ${Style.green(style, "nothing wrong")}`
    : `${count}, ${Style.red(style, `${bad} with something wrong`)}`
}

const planText = ({ action, kept, taskId }: Report["plan"][number]): string => `  ${taskId}: ${describe(action, kept)}`

export const leaf = Leaf.make({
  description:
    "Looks at every worktree that calm made. --fix mends what can be mended without losing anything, and leaves alone what is locked, worked on or not calm's; --dry-run says what it would do. Exits 7 while something is wrong.",
  examples: ["calm worktree health", "calm worktree health --dry-run", "calm worktree health --fix"],
  args: {},
  options: {
    fix: Parameter.flag("fix", "Mend what can be mended"),
    dryRun: Parameter.flag("dry-run", "Only say what --fix would do")
  },
  output: WorktreeHealth.Report,
  layer: Session.withGit(WorktreeHealth.layer),
  run: Traced.fn("worktree.health")(function* ({ dryRun, fix }) {
    const health = yield* WorktreeHealth.WorktreeHealth
    const { during } = yield* Progress
    return yield* (fix && !dryRun ? health.fix : health.check).pipe(during("Looking at the worktrees …"))
  }),
  list: "worktrees",
  quiet: (report) =>
    unhealthy(report)
      .map(({ taskId }) => taskId)
      .join("\n"),
  exit: ({ worktrees }) =>
    worst(
      worktrees.flatMap(({ findings }) =>
        findings.map((finding) => (isUnclear(finding) ? ("unavailable" as const) : ("refused" as const)))
      )
    ),
  render: (report, style) =>
    [
      ...section(
        "Done",
        report.applied.map((one) => appliedText(one, style))
      ),
      [summary(report, style), ...report.worktrees.map((one) => worktreeText(one, style))].join("\n"),
      ...section("Not calm's, and left alone", report.foreign.map(foreignText)),
      ...section(
        `${Style.cyan(style, Style.command(style, "calm worktree health --fix"))} would`,
        report.plan.filter(({ kept }) => kept === null).map(planText)
      ),
      ...section("Not mended by --fix", report.plan.filter(({ kept }) => kept !== null).map(planText))
    ].join("\n\n")
})
