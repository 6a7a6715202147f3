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
          ["a check that was run", "the code of the branch (documents left out) and the rules it was run by"],
          ["a code or bugfix review", "the change against the base (documents left out)"],
          ["a spec or proposal review", "that document as it was committed"],
          ["a person's approval", "the document or change that was approved"]
        ],
        style
      )
    ),
    Help.paragraph(
      style,
      "A result counts while what it judged is the same, and is not made again: it is shown as (cached). So a new commit of code voids checks, reviews and approvals; a changelog does not. Merging the base into the branch makes the checks run again and keeps the reviews while the change itself is the same."
    ),
    Help.paragraph(
      style,
      "Checks run in the task's worktree, which must be clean: neither uncommitted changes nor files that git does not ignore. Else, or when something moves meanwhile, the result is unavailable and never a pass. What is not committed does not count."
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
          ["calm explain <task>", "How each condition stands, and what would meet it"],
          ["calm gate check <task> --fresh", "Run all checks again, whatever is on record"],
          ["calm review list <task>", "Each review, and what it counts for now"],
          ["calm log --task <task>", "What happened, and who did it"]
        ],
        style
      )
    )
  )
