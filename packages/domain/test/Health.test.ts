import * as Counter from "@calm/domain/Counter"
import type { Blocker } from "@calm/domain/Facts"
import type { Signs } from "@calm/domain/Health"
import * as Health from "@calm/domain/Health"
import { TaskId } from "@calm/domain/Ids"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { at } from "./support/facts.ts"

const counter = (name: Counter.Counter["name"], value: number): Counter.Counter => ({
  name,
  value: Counter.CounterValue.make(value),
  updatedAt: at(0)
})

const blocker = (id: string, phase: Blocker["phase"]): Blocker => ({ id: TaskId.make(id), phase })

const sound: Signs["database"] = { check: { made: "now", at: null }, damage: [], overdue: false }

const well: Signs = {
  counters: Counter.standard.map((name) => counter(name, 0)),
  database: sound,
  interrupted: [],
  waiting: [],
  stale: [],
  worktrees: []
}

const table: ReadonlyArray<readonly [what: string, signs: Partial<Signs>, level: Health.HealthLevel, names: string]> = [
  ["the merge lock is up", { counters: [counter(Counter.mergeLock, 1)] }, "DEGRADED", "merge_lock"],
  ["an operation was interrupted", { interrupted: ["merge of SPEC-1"] }, "DEGRADED", "merge of SPEC-1"],
  ["12 merges since end-to-end tests", { counters: [counter(Counter.mergesSinceE2e, 12)] }, "ATTENTION", "12 merges"],
  ["13 merges since documentation", { counters: [counter(Counter.mergesSinceDocs, 13)] }, "ATTENTION", "13 merges"],
  [
    "the database is damaged",
    { database: { ...sound, damage: ["wrong # of entries in index x"] } },
    "DEGRADED",
    "wrong # of entries"
  ],
  [
    "the database was not checked for long",
    { database: { check: { made: "before", at: at(0) }, damage: [], overdue: true } },
    "ATTENTION",
    `last checked for damage on ${at(0).slice(0, 10)}`
  ],
  [
    "a task waits on a cancelled one",
    { waiting: [{ task: "SPEC-1", blockers: [blocker("SPEC-2", "CANCELLED")] }] },
    "ATTENTION",
    "SPEC-2"
  ],
  ["a worker has gone stale", { stale: [{ worker: "W-1", task: "SPEC-1" }] }, "ATTENTION", "W-1 on SPEC-1"],
  [
    "something is wrong with a worktree",
    { worktrees: [{ task: "SPEC-1", summary: "its folder is gone", hint: "calm worktree create SPEC-1" }] },
    "ATTENTION",
    "the worktree of SPEC-1: its folder is gone"
  ]
]

describe("Health.judge", () => {
  it("finds nothing wrong where nothing is", () => {
    deepStrictEqual(Health.judge(well), { level: "HEALTHY", reasons: [], databaseCheck: sound.check })
    deepStrictEqual(Health.judge({ ...well, counters: [] }), {
      level: "HEALTHY",
      reasons: [],
      databaseCheck: sound.check
    })
  })

  it("lets go of dead blockers alone: a hint that dropped live ones would start work too early", () => {
    const blockers = [
      blocker("SPEC-2", "CANCELLED"),
      blocker("SPEC-3", "TEST"),
      blocker("SPEC-4", null),
      blocker("SPEC-5", "DONE")
    ]
    const { reasons } = Health.judge({ ...well, waiting: [{ task: "SPEC-1", blockers }] })
    deepStrictEqual(
      reasons.map(({ hint, summary }) => [summary, hint]),
      [
        ["SPEC-1 waits for SPEC-2, which was cancelled", "calm task update SPEC-1 --blocked-by SPEC-3,SPEC-5"],
        ["SPEC-1 waits for SPEC-4, which was deleted", "calm task update SPEC-1 --blocked-by SPEC-3,SPEC-5"]
      ]
    )
  })

  it("is one reason for many stale workers, so that they do not hide the rest", () => {
    const stale = [1, 2, 3, 4, 5].map((n) => ({ worker: `W-${n}`, task: `SPEC-${n}` }))
    const { reasons } = Health.judge({ ...well, stale })
    deepStrictEqual(
      reasons.map(({ summary }) => summary),
      ["no sign of life for too long: W-1 on SPEC-1, W-2 on SPEC-2, W-3 on SPEC-3 and 2 more"]
    )
  })

  it("does not mind a live or finished blocker", () => {
    const blockers = [blocker("SPEC-2", "SPEC"), blocker("SPEC-3", "DONE")]
    strictEqual(Health.judge({ ...well, waiting: [{ task: "SPEC-1", blockers }] }).level, "HEALTHY")
  })

  it("does not mind 11 merges", () => {
    const counters = [counter(Counter.mergesSinceE2e, 11), counter(Counter.mergesSinceDocs, 11)]
    strictEqual(Health.judge({ ...well, counters }).level, "HEALTHY")
  })

  for (const [what, signs, level, names] of table)
    it(`is ${level} when ${what}, and says so with a command that helps`, () => {
      const health = Health.judge({ ...well, ...signs })
      strictEqual(health.level, level)
      strictEqual(health.reasons.length, 1)
      strictEqual(health.reasons[0]?.level, level)
      assertTrue(health.reasons[0]?.summary.includes(names) === true)
      assertTrue(health.reasons[0]?.hint?.startsWith("calm ") === true)
    })

  it("says from when it is what it says of the database, unless that is now", () => {
    const of = (database: Partial<Signs["database"]>) => Health.judge({ ...well, database: { ...sound, ...database } })
    const summaries = (database: Partial<Signs["database"]>) => of(database).reasons.map(({ summary }) => summary)
    const [damage, before] = [["page 7 is never used"], { made: "before", at: at(0) } as const]
    deepStrictEqual(summaries({ damage }), ["the database is damaged: page 7 is never used"])
    deepStrictEqual(summaries({ damage, check: before }), [
      `the database is damaged: page 7 is never used, found on ${at(0).slice(0, 10)}`
    ])
    deepStrictEqual(summaries({ overdue: true, check: { made: "never", at: null } }), [
      "the database was never checked for damage"
    ])
    deepStrictEqual(of({ check: before }), { level: "HEALTHY", reasons: [], databaseCheck: before })
  })

  it.prop("lists every reason, and lets the worst decide", { chosen: FastCheck.subarray([...table]) }, ({ chosen }) => {
    const signs = chosen.map(([, each]) => each)
    const health = Health.judge({
      counters: signs.flatMap((each) => each.counters ?? []),
      database: {
        check: { made: "before", at: at(0) },
        damage: signs.flatMap((each) => each.database?.damage ?? []),
        overdue: signs.some((each) => each.database?.overdue === true)
      },
      interrupted: signs.flatMap((each) => each.interrupted ?? []),
      waiting: signs.flatMap((each) => each.waiting ?? []),
      stale: signs.flatMap((each) => each.stale ?? []),
      worktrees: signs.flatMap((each) => each.worktrees ?? [])
    })
    strictEqual(health.reasons.length, chosen.length)
    const levels = chosen.map(([, , level]) => level)
    strictEqual(health.level, levels.includes("DEGRADED") ? "DEGRADED" : levels.length > 0 ? "ATTENTION" : "HEALTHY")
  })
})
