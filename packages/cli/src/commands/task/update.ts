import * as Traced from "@calm/domain/Traced"
import * as Tasks from "@calm/core/Tasks"
import { Note, Reason, Title } from "@calm/domain/Ids"
import { NotedTask, withDeadBlockers } from "../../internal/taskNotices.ts"
import { Invocation } from "../../Invocation.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import { NothingToChange, OptionNeedsOption } from "../../UsageError.ts"
import * as Words from "../../Words.ts"

/** The empty text clears. */
const cleared = <A extends string>(text: A | undefined): A | null | undefined => (text === "" ? null : text)

export const leaf = Leaf.make({
  description:
    "What is not named stays; the empty text clears --specialist, --notes, --blocked-by and --touches. --phase moves the task past its gates, for people only; it is logged as an override and needs --reason.",
  examples: [
    'calm task update SPEC-001 --title "Greet by name"',
    'calm task update SPEC-001 --blocked-by ""',
    'calm task update SPEC-001 --phase TEST --reason "Tested by hand"'
  ],
  args: { id: Parameter.argument("id", "The task", Words.Id, "task") },
  options: {
    title: Parameter.option("title", "text", "What is to be done", Title),
    specialist: Parameter.option("specialist", "role", "The role at work on it", Words.Specialist, "role"),
    notes: Parameter.option("notes", "text", "What to remember about it", Note),
    blockedBy: Parameter.option(
      "blocked-by",
      "ids",
      "Tasks that must be done before, with commas",
      Words.Ids,
      "task-list"
    ),
    touches: Parameter.option("touches", "globs", "Paths it means to change, with commas", Words.Globs),
    phase: Parameter.option("phase", "phase", "Another phase, past every rule", Words.PhaseName, "phase"),
    reason: Parameter.option("reason", "text", "Why the rules are overridden", Reason)
  },
  output: NotedTask,
  layer: Session.project(Tasks.layer),
  run: Traced.fn("task.update")(function* ({ blockedBy, id, notes, phase, reason, specialist, ...plain }) {
    const { path } = yield* Invocation
    if (phase !== undefined && reason === undefined)
      return yield* new OptionNeedsOption({ option: "--phase", needs: "--reason", path })
    if (reason !== undefined && phase === undefined)
      return yield* new OptionNeedsOption({ option: "--reason", needs: "--phase", path })
    const override = phase === undefined || reason === undefined ? undefined : { phase, reason }
    const changes = { ...plain, blockedBy, specialist: cleared(specialist), notes: cleared(notes), override }
    if (Object.values(changes).every((value) => value === undefined)) return yield* new NothingToChange({ path })
    const task = yield* (yield* Tasks.Tasks).update(id, changes)
    // Told to who said what it waits for.
    return blockedBy === undefined ? { ...task, notices: [] } : yield* withDeadBlockers(task)
  }),
  notices: ({ notices }) => notices,
  render: (task, style) => `Updated ${Wording.titled(style, task)} (${task.phase})`
})
