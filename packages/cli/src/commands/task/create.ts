import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import { Title } from "@calm/domain/Ids"
import { TaskType } from "@calm/domain/Phase"
import { NotedTask, withDeadBlockers } from "../../internal/taskNotices.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "The id also names the branch and the folder of the worktree. Without --type an id that begins with BUG- is a bug, every other a feature.",
  examples: [
    'calm task create SPEC-001 "Add a greeting"',
    'calm task create BUG-001 "Greets twice" --blocked-by SPEC-001,SPEC-002'
  ],
  args: {
    id: Parameter.argument("id", "The id of the new task", Words.Id),
    title: Parameter.argument("title", "What is to be done", Title)
  },
  options: {
    spec: Parameter.option("spec", "id", "The spec that it is a part of", Words.Id, "task"),
    type: Parameter.option("type", "type", "Type of task", TaskType),
    blockedBy: Parameter.option(
      "blocked-by",
      "ids",
      "Tasks that must be done before, with commas",
      Words.Ids,
      "task-list"
    )
  },
  output: NotedTask,
  layer: Session.project(Tasks.layer),
  run: Traced.fn("task.create")(function* ({ blockedBy, id, spec, title, type }) {
    const task = yield* (yield* Tasks.Tasks).create({
      id,
      title,
      type: type ?? (/^bug-/i.test(id) ? "bug" : "feature"),
      specId: spec ?? null,
      blockedBy: blockedBy ?? []
    })
    return yield* withDeadBlockers(task)
  }),
  notices: ({ notices }) => notices,
  quiet: ({ id }) => id,
  render: (task, style) =>
    [
      `${Style.green(style, "Created")} the ${task.type} ${Wording.titled(style, task)} (${task.phase})`,
      Wording.hint(style, `calm worktree create ${task.id}`, "")
    ].join("\n")
})
