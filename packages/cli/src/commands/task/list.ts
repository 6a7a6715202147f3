import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import { TaskType } from "@calm/domain/Phase"
import { Task } from "@calm/domain/Task"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** What tells one task from the others; a list of a hundred must stay short, and `task show` has the rest. */
const TaskLine = Task.pick("id", "type", "title", "phase", "specialist", "specId", "blockedBy").annotations({
  identifier: "TaskLine"
})

export const leaf = Leaf.make({
  description:
    "Oldest first; tasks that are DONE or CANCELLED only with --all or --phase. Ready is a task that is open, waits for no other and has no worker at it.",
  examples: ["calm task list", "calm task list --ready --limit 1 --quiet", "calm task list --all --fields id,phase"],
  args: {},
  options: {
    phase: Parameter.option("phase", "phase", "Only tasks in this phase", Words.PhaseName),
    type: Parameter.option("type", "type", "Only tasks of this type", TaskType),
    ready: Parameter.flag("ready", "Only tasks that can be taken up now"),
    all: Parameter.flag("all", "DONE and CANCELLED ones, too"),
    limit: Parameter.option("limit", "n", "At most so many", Words.Limit)
  },
  output: Schema.Struct({ tasks: Schema.Array(TaskLine) }),
  layer: Session.project(Tasks.layer),
  run: Traced.fn("task.list")(function* (query) {
    return { tasks: yield* (yield* Tasks.Tasks).list(query) }
  }),
  list: "tasks",
  quiet: ({ tasks }) => tasks.map(({ id }) => id).join("\n"),
  render: ({ tasks }, style) => {
    // A person reads the title whole: on a terminal it stands last, where there is room to go on below.
    const inOrder = <Cell>(title: Cell, others: ReadonlyArray<Cell>): ReadonlyArray<Cell> =>
      style.terminal ? [...others, title] : [...others.slice(0, 3), title, ...others.slice(3)]
    return Wording.list(
      style,
      inOrder("TITLE", ["ID", "TYPE", "PHASE", "WHO", "BLOCKED BY"]),
      tasks.map(({ blockedBy, id, phase, specialist, title, type }) =>
        inOrder<Style.Cell>(title, [
          { text: id, paint: Style.bold },
          type,
          phase,
          specialist ?? "-",
          Wording.names(blockedBy)
        ])
      ),
      "No tasks",
      true
    )
  }
})
