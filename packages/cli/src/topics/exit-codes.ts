import { type Category, exitCodes } from "@calm/domain/Problem"
import * as Help from "../Help.ts"
import * as Style from "../Style.ts"

/** What each category says. */
export const meanings: Readonly<Record<Category, string>> = {
  validation: "bad input or bad usage",
  internal: "a fault in calm",
  database: "the database cannot be opened, read or written",
  not_found: "no such task, worker, session, backup, counter, role, project",
  permission: "not allowed: rights on files, or something that only a person may do",
  timeout: "a check or a lock took longer than its limit",
  conflict: "it exists already, changed meanwhile, conflicts, or is held by another",
  refused: "a rule says no: a gate is not passed, reviews are missing",
  unavailable: "could not be checked: a tool is missing, git failed, a remote is down",
  interrupted: "stopped by a signal"
}

const rows = (Object.keys(exitCodes) as ReadonlyArray<Category>).map(
  (category) => [String(exitCodes[category]), `${category}: ${meanings[category]}`] as const
)

export const page = (style: Style.Style): string =>
  Help.page(
    [Style.bold(style, "Exit codes")],
    [Style.definitions([["0", "done; the answer to a question is yes"], ...rows], style)],
    Help.paragraph(
      style,
      "A question (gate check, review check, worktree merge --check-only, worktree health, status health, doctor, backup verify) prints its answer also when it is no. Where there are several reasons, all are listed, and the code is the first present of 7, 6, 5, 8."
    ),
    Help.paragraph(
      style,
      "With --json stdout is always one document: data, or an error with its code, category, message, hint and details."
    )
  )
