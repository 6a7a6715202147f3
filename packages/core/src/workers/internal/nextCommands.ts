/** The commands that a role has to run on a task, as far as the rule engine says what is missing. Pure. */
import * as Phase from "@calm/domain/Phase"
import type { ReviewType } from "@calm/domain/Review"
import type { Role } from "@calm/domain/Role"
import type { Task } from "@calm/domain/Task"
import { type Outcome, unmet } from "@calm/domain/Verdict"
import type { ExplainedMove } from "../../gates/Explain.ts"

/** What is known when the commands are put together. */
export interface Situation {
  readonly task: Task
  readonly role: Role
  /** In whose name they run; `null`: it is still to be started. */
  readonly worker: string | null
  /** Path of the task's worktree; `null` without one. */
  readonly folder: string | null
  /** The command that leads there, or to having one. */
  readonly way: string
  /** The move ahead; `null` when the task is finished. */
  readonly ahead: ExplainedMove | null
  /** The types of review that are missing for it, of those that the role may record. */
  readonly reviews: ReadonlyArray<ReviewType>
}

/** Conditions that who works on the task meets; others are met by reviewers, by people, or by other tasks. */
const own = new Set(["script", "document", "code-changed", "test-changed", "worktree", "conflicts", "attested"])

/** Is the phase one in which the role has the task moved on? */
const fits = ({ frontMatter }: Role, { phase }: Task): boolean =>
  frontMatter === null || frontMatter.phases.includes(phase)

const reviewing = ({ reviews, task, worker }: Situation): ReadonlyArray<string> => {
  const name = worker === null ? "" : ` --worker ${worker}`
  return reviews.flatMap((type) => [
    `calm review record ${task.id} ${type} approved${name}`,
    `calm review record ${task.id} ${type} changes_requested${name} --notes "What must change, where, and why"`
  ])
}

const moving = (task: Task, ahead: ExplainedMove, missing: ReadonlyArray<Outcome>): ReadonlyArray<string> => {
  const kinds = new Set(missing.map((outcome) => outcome.kind))
  const gate = ahead.kind === "merge" || ahead.verdict === null ? "" : ` ${ahead.verdict.gate}`
  const checking = kinds.has("script") ? [`calm gate check ${task.id}${gate}`] : []
  const hints = missing.flatMap(({ hint, kind }) => (kind === "conflicts" && hint !== null ? [hint] : []))
  if ([...kinds].some((kind) => !own.has(kind))) return [...hints, ...checking]
  // The merge itself is for whoever supervises the worker.
  if (ahead.kind === "merge") return [...hints, ...checking, `${ahead.command} --check-only`]
  const attested = kinds.has("attested") ? ` --gate-result pass --gate-details "What was verified, and how"` : ""
  return [...hints, ...checking, `${ahead.command}${attested}`]
}

/** The commands in the order in which they are run, each as it stands. */
export const nextCommands = (situation: Situation): ReadonlyArray<string> => {
  const { ahead, folder, role, task, way, worker } = situation
  const end = `calm worker complete ${worker ?? '"$CALM_WORKER_ID"'}`
  if (ahead === null) return worker === null ? [`calm task show ${task.id}`] : [end]
  const start =
    worker === null
      ? // Exported at once it would succeed where starting fails.
        [`CALM_WORKER_ID="$(calm worker start ${task.id} ${role.name} --quiet)" && export CALM_WORKER_ID`]
      : []
  const beforeMerge =
    Phase.chain(task.type).indexOf(task.phase) <= Phase.chain(task.type).indexOf(Phase.mergesFrom(task.type))
  const place = folder !== null || beforeMerge ? [way] : []
  const missing = ahead.verdict === null ? [] : unmet(ahead.verdict)
  return [...start, ...place, ...reviewing(situation), ...(fits(role, task) ? moving(task, ahead, missing) : []), end]
}
