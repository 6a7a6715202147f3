import { keptDays } from "@calm/domain/Worktree"
import * as Help from "../Help.ts"
import * as Style from "../Style.ts"

export const page = (style: Style.Style): string =>
  Help.page(
    [Style.bold(style, "Recovery: getting back what was removed, lost or left half done")],
    Help.section(
      style,
      "What went wrong, and what to run",
      Style.definitions(
        [
          ["a worktree was removed", "calm worktree restore <task>"],
          ["a task was deleted", "calm task restore <task>"],
          ["a command was killed half-way", "run it again: it goes on or undoes what was begun"],
          ["something looks broken", "calm doctor, then calm doctor --fix"],
          ["the data is wrong", "calm backup list, then calm backup restore <name>"],
          ["no repository is found here", "cd into one, or name it: calm status --project <folder>"],
          ["a session ended in the middle", "calm session pending, then calm session next"]
        ],
        style
      )
    ),
    Help.paragraph(
      style,
      `Removing destroys nothing. What is uncommitted is saved first under refs/calm/rescue/<task>/ (git log --all finds it), then the worktree goes whole into the trash, in .git/calm/trash of the repository, for ${keptDays} days at least. Its branch stays.`
    ),
    Help.paragraph(
      style,
      "A merge moves the base branch once or not at all. What was begun when the machine went down is finished or undone by the next command that needs it."
    ),
    Help.paragraph(
      style,
      "A backup is a whole database that was proved to be sound. Restoring one saves the present data first, so that it can be taken back."
    )
  )
