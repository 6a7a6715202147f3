import * as Traced from "@calm/domain/Traced"
import * as Overlaps from "@calm/core/Overlaps"
import * as Worktrees from "@calm/core/Worktrees"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"
import { installationText } from "./setup.ts"

/** What was found, or that there was nothing to look for. Where nothing was found there is nothing to say. */
const overlapNotices = (overlapping: Overlaps.Overlapping | null, task: string): ReadonlyArray<string> =>
  overlapping === null
    ? []
    : overlapping.compared
      ? overlapping.overlaps.map(({ paths, taskId }) => `${taskId} touches, too: ${paths.map(Style.line).join(", ")}`)
      : [
          `${task} neither declares nor has changed anything, so there was nothing to compare; declare it with: calm task update ${task} --touches "src/**"`
        ]

export const leaf = Leaf.make({
  description:
    "Makes .worktrees/<task> on a branch named like the task, with a place for its documents, and installs its dependencies.",
  examples: [
    "calm worktree create SPEC-001",
    "calm worktree create SPEC-001 --base origin/main --no-setup",
    "calm worktree create SPEC-001 --check-overlaps"
  ],
  args: { task: Parameter.argument("task", "The task", Words.Id, "task-without-worktree") },
  options: {
    base: Parameter.option("base", "ref", "Where the branch starts (the base branch)", Words.Revision),
    checkOverlaps: Parameter.flag("check-overlaps", "Refuse where another open task touches the same paths"),
    force: Parameter.flag("force", "Go on where they do, and only tell"),
    noSetup: Parameter.flag("no-setup", "Do not install dependencies")
  },
  output: Schema.Struct({
    ...Worktrees.Created.fields,
    /** `null`: nobody asked. */
    overlapping: Schema.NullOr(Overlaps.Overlapping)
  }),
  layer: Session.withGit(Layer.mergeAll(Worktrees.layer, Overlaps.layer)),
  run: Traced.fn("worktree.create")(function* ({ base, checkOverlaps, force, noSetup, task }) {
    const worktrees = yield* Worktrees.Worktrees
    const overlaps = yield* Overlaps.Overlaps
    const { during } = yield* Progress
    return yield* Effect.gen(function* () {
      const overlapping = checkOverlaps ? yield* overlaps.check(task, { force }) : null
      return { ...(yield* worktrees.create(task, { base, setup: !noSetup })), overlapping }
    }).pipe(during(`Making the worktree of ${task} …`))
  }),
  // Once it is there, all that can be missing is what is installed into it.
  left: Effect.fnUntraced(function* ({ noSetup, task }) {
    const made = yield* Effect.option((yield* Worktrees.Worktrees).get(task))
    return noSetup || Option.isNone(made) ? null : `calm worktree setup ${task}`
  }),
  notices: ({ installation, overlapping, worktree }) => [
    ...overlapNotices(overlapping, worktree.taskId),
    ...(installation.status === "failed"
      ? [
          `the dependencies could not be installed: ${installation.commands.at(-1) ?? ""}\n${installation.detail ?? ""}`,
          `try again with: calm worktree setup ${worktree.taskId}`
        ]
      : [])
  ],
  quiet: ({ worktree }) => worktree.path,
  render: ({ installation, resumed, worktree }, style) =>
    [
      `${Style.green(style, resumed ? "Took up" : "Made")} ${Style.line(worktree.path)} on branch ${worktree.branch}`,
      ...(installation.status === "failed" ? [] : [installationText(installation)]),
      Wording.hint(style, `calm explain ${worktree.taskId}`, "")
    ].join("\n")
})
