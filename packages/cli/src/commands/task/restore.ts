import * as Traced from "@calm/domain/Traced"
import * as Deletion from "@calm/core/Deletion"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  examples: ["calm task restore SPEC-001"],
  args: { id: Parameter.argument("id", "The task", Words.Id, "deleted-task") },
  options: {},
  output: Deletion.Undeleted,
  layer: Session.project(Deletion.layer),
  run: Traced.fn("task.restore")(function* ({ id }) {
    return yield* (yield* Deletion.Deletion).restore(id)
  }),
  render: ({ task, worktreeInTrash }, style) =>
    [
      `${Style.green(style, "Restored")} ${Wording.titled(style, task)} (${task.phase})`,
      ...(worktreeInTrash
        ? ["its worktree is in the trash:", Wording.hint(style, `calm worktree restore ${task.id}`, "")]
        : [])
    ].join("\n")
})
