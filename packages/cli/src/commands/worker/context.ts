import * as Traced from "@calm/domain/Traced"
import * as Contexts from "@calm/core/Contexts"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** So much of each list fits a screen beside the rest. */
const most = 8

/** The first lines, and how many are left out. */
const beginning = (lines: ReadonlyArray<string>, more: string): ReadonlyArray<string> =>
  lines.length <= most ? lines : [...lines.slice(0, most), `  and ${lines.length - most} more: ${more}`]

const row = (name: string, value: string): string => `  ${name.padEnd(13)}  ${Style.line(value)}`

const facts = ({ environment, role, task, warnings, worker }: Contexts.WorkerContext, style: Style.Style): string => {
  const { base, branch, folders, mainCheckout, worktree } = environment
  return [
    `# ${Wording.titled(style, task)}`,
    row("phase", `${task.phase} (${task.type})`),
    row("role", role.title === null ? role.name : `${role.name} (${role.title})`),
    row("worker", worker ?? "not started"),
    row("worktree", worktree ?? "none"),
    row(
      "branch",
      branch === null ? `none; base ${base}` : `${branch}, ${Wording.atCommit(environment.commit)}; base ${base}`
    ),
    row("documents go", folders.join(", ")),
    row("main checkout", `${mainCheckout} (not yours to change)`),
    ...(task.blockedBy.length === 0 ? [] : [row("waits for", task.blockedBy.join(", "))]),
    ...(task.touches.length === 0 ? [] : [row("touches", task.touches.join(", "))]),
    ...(task.notes === null
      ? []
      : beginning(
          task.notes.split("\n").map((text) => `  | ${text}`),
          `calm task show ${task.id}`
        )),
    ...warnings.map((warning) => `  ${Style.yellow(style, "!")} ${Style.line(warning)}`)
  ].join("\n")
}

const conditions = ({ ahead, task }: Contexts.WorkerContext, style: Style.Style): ReadonlyArray<string> => {
  if (ahead === null) return []
  const name = ahead.kind === "merge" ? "the merge" : `the move to ${ahead.to}`
  const lines = ahead.unmet.map(
    ({ check, status, summary }) =>
      `  ${status === "unavailable" ? Style.yellow(style, "?") : Style.red(style, "✗")} ${Style.line(check)}: ${Style.line(summary)}`
  )
  return [
    lines.length === 0
      ? `Nothing is missing for ${name}.`
      : [`## Missing for ${name}`, ...beginning(lines, `calm explain ${task.id}`)].join("\n")
  ]
}

const documentList = ({ documents, environment, task }: Contexts.WorkerContext): ReadonlyArray<string> =>
  documents.length === 0
    ? []
    : [
        [
          "## Documents",
          ...beginning(
            documents.map((path) => `  ${Style.line(path)}`),
            `ls -R ${environment.folders[0] ?? ""} (of ${task.id})`
          )
        ].join("\n")
      ]

export const leaf = Leaf.make({
  description:
    "The norms that all roles share, the role's page, the task with what its next move lacks, where to work, the documents, and the commands to run next. Runs no check.",
  examples: ["calm worker context SPEC-001 backend"],
  args: {
    task: Parameter.argument("task", "The task", Words.Id, "task"),
    role: Parameter.argument("role", "The role that the worker takes", Schema.String, "role")
  },
  options: {},
  output: Contexts.WorkerContext,
  layer: Session.withGit(Contexts.layer),
  run: Traced.fn("worker.context")(function* ({ role, task }) {
    return yield* (yield* Contexts.Contexts).of(task, role)
  }),
  quiet: ({ commands }) => commands.join("\n"),
  render: (context, style) =>
    [
      ...(context.base === "" ? [] : [context.base]),
      context.prompt,
      facts(context, style),
      ...conditions(context, style),
      ...documentList(context),
      ["## Next", ...context.commands.map((command) => `  ${Style.cyan(style, Style.command(style, command))}`)].join(
        "\n"
      )
    ].join("\n\n")
})
