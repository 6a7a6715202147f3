/** The health of a project, from what its database holds. Pure. */
import * as Schema from "effect/Schema"
import * as Blocking from "./Blocking.ts"
import * as Counter from "./Counter.ts"
import type { Blocker } from "./Facts.ts"
import { Time } from "./Ids.ts"

/** HEALTHY, something to look at, or something broken. */
export const HealthLevel = Schema.Literal("HEALTHY", "ATTENTION", "DEGRADED")
export type HealthLevel = typeof HealthLevel.Type

/** One reason why a project is not healthy, and a command that helps. */
export const HealthReason = Schema.Struct({
  level: HealthLevel,
  summary: Schema.String,
  hint: Schema.NullOr(Schema.String)
}).annotations({ identifier: "HealthReason" })
export type HealthReason = typeof HealthReason.Type

/** The last check of the whole database for damage; one that has grown large is not checked for each answer. */
export const DatabaseCheck = Schema.Struct({
  made: Schema.Literal("now", "before", "never"),
  /** When it was made, if it was before. */
  at: Schema.NullOr(Time)
}).annotations({ identifier: "DatabaseCheck" })
export type DatabaseCheck = typeof DatabaseCheck.Type

export const Health = Schema.Struct({
  level: HealthLevel,
  reasons: Schema.Array(HealthReason),
  databaseCheck: DatabaseCheck
}).annotations({ identifier: "Health" })
export type Health = typeof Health.Type

/** What is known of damage to the database. */
export interface DatabaseState {
  readonly check: DatabaseCheck
  /** What the check found. */
  readonly damage: ReadonlyArray<string>
  /** It is too long ago to be relied on. */
  readonly overdue: boolean
}

/** What health is judged by. */
export interface Signs {
  readonly counters: ReadonlyArray<Counter.Counter>
  readonly database: DatabaseState
  /** Operations that were begun and did not end: what they are. */
  readonly interrupted: ReadonlyArray<string>
  /** Unfinished tasks that wait for others: for which. */
  readonly waiting: ReadonlyArray<{ readonly task: string; readonly blockers: ReadonlyArray<Blocker> }>
  /** Workers without a sign of life for longer than the limit. */
  readonly stale: ReadonlyArray<{ readonly worker: string; readonly task: string }>
  /** What is wrong with worktrees, as far as that can be told without asking git. */
  readonly worktrees: ReadonlyArray<{ readonly task: string; readonly summary: string; readonly hint: string }>
}

/** The first few of a list, and how many more there are. */
const some = (list: ReadonlyArray<string>): string =>
  list.length > 3 ? `${list.slice(0, 3).join(", ")} and ${list.length - 3} more` : list.join(", ")

const day = (at: Time): string => at.slice(0, 10)

/** Judges health: the worst reason decides. */
export const judge = (signs: Signs): Health => {
  const value = (name: string) => signs.counters.find((counter) => counter.name === name)?.value ?? 0
  const reasons: Array<HealthReason> = []
  const { check, damage, overdue } = signs.database
  if (damage[0] !== undefined)
    reasons.push({
      level: "DEGRADED",
      summary: `the database is damaged: ${damage[0]}${check.at === null ? "" : `, found on ${day(check.at)}`}`,
      hint: "calm doctor"
    })
  const lock = value(Counter.mergeLock)
  if (lock > 0)
    reasons.push({
      level: "DEGRADED",
      summary: `merge_lock is ${lock}: merges are held back`,
      hint: "calm counter reset merge_lock"
    })
  for (const what of signs.interrupted)
    reasons.push({ level: "DEGRADED", summary: `interrupted: ${what}`, hint: "calm doctor --fix" })
  if (overdue)
    reasons.push({
      level: "ATTENTION",
      summary:
        check.at === null
          ? "the database was never checked for damage"
          : `the database was last checked for damage on ${day(check.at)}`,
      hint: "calm doctor"
    })
  for (const [name, due] of [
    [Counter.mergesSinceE2e, "the end-to-end tests are due"],
    [Counter.mergesSinceDocs, "a look through the documentation is due"]
  ] as const)
    if (value(name) >= Counter.mergesDue)
      reasons.push({
        level: "ATTENTION",
        summary: `${value(name)} merges since the last time: ${due}`,
        hint: `calm counter reset ${name}`
      })
  for (const { blockers, task } of signs.waiting)
    for (const blocker of blockers.filter(Blocking.isDead))
      reasons.push({
        level: "ATTENTION",
        summary: `${task} waits for ${blocker.id}, which was ${blocker.phase === null ? "deleted" : "cancelled"}`,
        hint: Blocking.letGo(task, blockers)
      })
  if (signs.stale.length > 0)
    reasons.push({
      level: "ATTENTION",
      summary: `no sign of life for too long: ${some(signs.stale.map(({ task, worker }) => `${worker} on ${task}`))}`,
      hint: "calm worker cleanup"
    })
  for (const { hint, summary, task } of signs.worktrees)
    reasons.push({ level: "ATTENTION", summary: `the worktree of ${task}: ${summary}`, hint })
  const level = reasons.some((reason) => reason.level === "DEGRADED")
    ? "DEGRADED"
    : reasons.length > 0
      ? "ATTENTION"
      : "HEALTHY"
  return { level, reasons, databaseCheck: check }
}
