import * as Worktrees from "@calm/core/Worktrees"
import * as Effect from "effect/Effect"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"
import { installationText } from "./setup.ts"

export const leaf = Leaf.make({
  description:
    "Makes .worktrees/<task> on a branch named like the task, with a place for its documents, and installs its dependencies.",
  examples: ["calm worktree create SPEC-001", "calm worktree create SPEC-001 --base origin/main --no-setup"],
  args: { task: Parameter.argument("task", "The task", Words.Id) },
  options: {
    base: Parameter.option("base", "ref", "Where the branch starts (the base branch)", Words.Revision),
    noSetup: Parameter.flag("no-setup", "Do not install dependencies")
  },
  output: Worktrees.Created,
  layer: Session.withGit,
  run: Effect.fn("worktree.create")(function* ({ base, noSetup, task }) {
    const { step } = yield* Progress
    yield* step(`Making the worktree of ${task} …`)
    return yield* (yield* Worktrees.Worktrees).create(task, { base, setup: !noSetup })
  }),
  notices: ({ installation, worktree }) =>
    installation.status === "failed"
      ? [
          `the dependencies could not be installed: ${installation.commands.at(-1) ?? ""}\n${installation.detail ?? ""}`,
          `try again with: calm worktree setup ${worktree.taskId}`
        ]
      : [],
  render: ({ installation, resumed, worktree }, style) =>
    [
      `${Style.green(style, resumed ? "Took up" : "Made")} ${Style.line(worktree.path)} on branch ${worktree.branch}`,
      ...(installation.status === "failed" ? [] : [installationText(installation)]),
      Wording.hint(style, `calm explain ${worktree.taskId}`, "")
    ].join("\n")
})
