import * as Traced from "@calm/domain/Traced"
import * as Deletion from "@calm/core/Deletion"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

export const leaf = Leaf.make({
  description:
    "Hides the task everywhere. Its worktree goes to the trash with all that is uncommitted in it; its branch and its history stay, and its id stays taken.",
  examples: ["calm task delete SPEC-001"],
  args: { id: Parameter.argument("id", "The task", Words.Id, "task") },
  options: {},
  output: Deletion.Deleted,
  layer: Session.withGit(Deletion.layer),
  run: Traced.fn("task.delete")(function* ({ id }) {
    const deletion = yield* Deletion.Deletion
    const { during } = yield* Progress
    return yield* deletion.remove(id).pipe(during(`Deleting ${id} …`))
  }),
  render: ({ task, worktree }, style) =>
    [
      `${Style.green(style, "Deleted")} ${Wording.titled(style, task)}`,
      ...(worktree === null ? [] : [`worktree: in the trash, ${Style.line(worktree.folder)}`]),
      ...(worktree === null || worktree.rescueRef === null ? [] : [`uncommitted work: ${worktree.rescueRef}`]),
      Wording.hint(style, `calm task restore ${task.id}`, "")
    ].join("\n")
})
