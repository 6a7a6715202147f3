import * as Traced from "@calm/domain/Traced"
import { Installation } from "@calm/core/Dependencies"
import * as Worktrees from "@calm/core/Worktrees"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Words from "../../Words.ts"

/** What was installed, in one line, or why nothing was. */
export const installationText = ({ commands, detail, status }: Installation): string => {
  if (status === "skipped" && detail !== null) return `dependencies: skipped, ${Style.line(detail)}`
  return commands.length === 0
    ? `dependencies: ${status}`
    : `dependencies: ${status} (${commands.map(Style.line).join("; ")})`
}

export const leaf = Leaf.make({
  description:
    "Runs the setup command of the project's configuration, else what its lock files ask for. Exits 8 when that fails.",
  examples: ["calm worktree setup SPEC-001"],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-with-worktree") },
  options: {},
  output: Schema.Struct({ taskId: Schema.String, ...Installation.fields }),
  layer: Session.withGit(Worktrees.layer),
  run: Traced.fn("worktree.setup")(function* ({ task }) {
    const worktrees = yield* Worktrees.Worktrees
    const { during } = yield* Progress
    const installation = yield* worktrees.setup(task).pipe(during(`Installing the dependencies of ${task} …`))
    return { taskId: task, ...installation }
  }),
  exit: ({ status }) => (status === "failed" ? "unavailable" : undefined),
  notices: ({ detail, status }) => (status !== "failed" || detail === null ? [] : [detail]),
  render: installationText
})
