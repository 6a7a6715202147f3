/** The health of a project, from what its database holds. Pure. */
import * as Schema from "effect/Schema"
import * as Counter from "./Counter.ts"

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

export const Health = Schema.Struct({ level: HealthLevel, reasons: Schema.Array(HealthReason) }).annotations({
  identifier: "Health"
})
export type Health = typeof Health.Type

/** What health is judged by. */
export interface Signs {
  readonly counters: ReadonlyArray<Counter.Counter>
  /** Operations that were begun and did not end: what they are. */
  readonly interrupted: ReadonlyArray<string>
  /** Tasks that wait for a cancelled one. */
  readonly stuck: ReadonlyArray<{ readonly task: string; readonly blocker: string }>
  /** Worktrees whose folder is gone. */
  readonly missing: ReadonlyArray<string>
  /** Finished tasks whose worktree is still there. */
  readonly leftover: ReadonlyArray<string>
}

/** Judges health: the worst reason decides. */
export const judge = (signs: Signs): Health => {
  const value = (name: string) => signs.counters.find((counter) => counter.name === name)?.value ?? 0
  const reasons: Array<HealthReason> = []
  const lock = value(Counter.mergeLock)
  if (lock > 0)
    reasons.push({
      level: "DEGRADED",
      summary: `merge_lock is ${lock}: merges are held back`,
      hint: "calm counter reset merge_lock"
    })
  for (const what of signs.interrupted)
    reasons.push({ level: "DEGRADED", summary: `interrupted: ${what}`, hint: "calm log --limit 20" })
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
  for (const { blocker, task } of signs.stuck)
    reasons.push({
      level: "ATTENTION",
      summary: `${task} waits for ${blocker}, which was cancelled`,
      hint: `calm task update ${task} --blocked-by ""`
    })
  for (const task of signs.missing)
    reasons.push({
      level: "ATTENTION",
      summary: `the folder of ${task}'s worktree is gone`,
      hint: `calm worktree create ${task}`
    })
  for (const task of signs.leftover)
    reasons.push({
      level: "ATTENTION",
      summary: `${task} is finished and still has a worktree`,
      hint: `calm worktree remove ${task}`
    })
  const level = reasons.some((reason) => reason.level === "DEGRADED")
    ? "DEGRADED"
    : reasons.length > 0
      ? "ATTENTION"
      : "HEALTHY"
  return { level, reasons }
}
