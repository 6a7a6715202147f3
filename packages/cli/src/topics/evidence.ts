import * as Help from "../Help.ts"
import * as Style from "../Style.ts"

export const page = (style: Style.Style): string =>
  Help.page(
    [Style.bold(style, "Evidence: what a result is bound to")],
    Help.section(
      style,
      "What is kept, and what it judges",
      Style.definitions(
        [
          ["a check that was run", "the code (documents left out) and the rules it had"],
          ["a code or bugfix review", "the change against the base (documents left out)"],
          ["a spec or proposal review", "that document as it was committed"],
          ["a person's approval", "the document or change that was approved"]
        ],
        style
      )
    ),
    Help.paragraph(
      style,
      "A result counts while what it judged is the same, and is then shown as (cached). A new commit of code voids checks, reviews and approvals. After merging the base the checks run again; reviews stay while the change itself is the same."
    ),
    Help.paragraph(
      style,
      "Checks run in the task's worktree, which must be clean, new files included. Else, or when something moves meanwhile, the result is unavailable."
    ),
    Help.paragraph(
      style,
      "Two approvals by two different reviewers are needed, neither of whom implemented the task. A request for changes blocks until its author approves, or it is cleared with a reason."
    ),
    Help.section(
      style,
      "Commands",
      Style.definitions(
        [
          ["calm explain <task>", "How each condition stands, what would meet it"],
          ["calm gate check <task> --fresh", "Run all checks again, whatever is on record"],
          ["calm review list <task>", "Each review, and what it counts for now"],
          ["calm log --task <task>", "What happened, and who did it"]
        ],
        style
      )
    )
  )
