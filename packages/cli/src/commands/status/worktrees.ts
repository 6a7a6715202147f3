import * as Traced from "@calm/domain/Traced"
import * as Status from "@calm/core/Status"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

export const leaf = Leaf.make({
  description: "With what their tasks and folders show to be wrong; calm worktree health asks git, too.",
  examples: ["calm status worktrees"],
  args: {},
  options: {},
  output: Schema.Struct({ worktrees: Schema.Array(Status.SeenWorktree) }),
  layer: Session.project(Status.layer),
  run: Traced.fn("status.worktrees")(function* () {
    return { worktrees: yield* (yield* Status.Status).worktrees }
  }),
  list: "worktrees",
  quiet: ({ worktrees }) => worktrees.map(({ taskId }) => taskId).join("\n"),
  render: ({ worktrees }, style) =>
    Wording.list(
      style,
      ["TASK", "PHASE", "PATH", "STATE"],
      worktrees.map(({ branchThere, findings, path, phase, taskId }) => [
        { text: taskId, paint: Style.bold },
        phase,
        path,
        findings.length === 0
          ? branchThere === null
            ? "branch not looked at"
            : "ok"
          : { text: findings.map(({ summary }) => summary).join("; "), paint: Style.red }
      ]),
      "No worktrees",
      true
    )
})
