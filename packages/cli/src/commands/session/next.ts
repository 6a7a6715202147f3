import * as Traced from "@calm/domain/Traced"
import * as NextSteps from "@calm/core/NextSteps"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

/** What the command is for. */
const why = ({ lacks, waits, waitsFor }: NextSteps.NextTask): string =>
  waits ? `waits for ${waitsFor.join(", ")}` : (lacks ?? "ready")

/** Commands longer than this are not aligned by, for few are. */
const aligned = 48

/** Less than this tells nothing. */
const least = 12

const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - Style.widthOf(text)))

/** A line for each task, its command whole so that it can be typed: what gives way on a terminal is the reason. */
const lines = (tasks: ReadonlyArray<NextSteps.NextTask>, style: Style.Style): ReadonlyArray<string> => {
  const widest = (texts: ReadonlyArray<string>) => Math.max(...texts.map(Style.widthOf))
  const commands = tasks.map(({ command }) => Style.command(style, command))
  const [ids, phases] = [widest(tasks.map(({ taskId }) => taskId)), widest(tasks.map(({ phase }) => phase))]
  const width = Math.min(aligned, widest(commands))
  return tasks.map((task, index) => {
    const command = padded(commands[index] ?? "", width)
    const paint = task.waits ? Style.dim : Style.cyan
    const room = style.width - ids - phases - Style.widthOf(command) - 6
    return [
      Style.bold(style, padded(task.taskId, ids)),
      padded(task.phase, phases),
      paint(style, command),
      ...(room < least ? [] : [Style.truncate(Style.line(why(task)), room)])
    ].join("  ")
  })
}

export const leaf = Leaf.make({
  description:
    "One line a task: the first condition of its next move that is not met, and the command that would meet it; where all are met, the command that makes the move. Tasks that only wait for others come last.",
  examples: ["calm session next", "calm session next --fields taskId,command"],
  args: {},
  options: {},
  output: Schema.Struct({ tasks: Schema.Array(NextSteps.NextTask) }),
  layer: Session.withGit(NextSteps.layer),
  run: Traced.fn("session.next")(function* () {
    return { tasks: yield* (yield* NextSteps.NextSteps).list }
  }),
  list: "tasks",
  quiet: ({ tasks }) => tasks.map(({ command }) => command).join("\n"),
  render: ({ tasks }, style) =>
    style.terminal && tasks.length > 0
      ? lines(tasks, style).join("\n")
      : Wording.list(
          style,
          [],
          tasks.map((task) => [task.taskId, task.phase, Style.command(style, task.command), why(task)]),
          "No open tasks"
        )
})
