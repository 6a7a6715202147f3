import * as Counter from "@calm/domain/Counter"
import type { Signs } from "@calm/domain/Health"
import * as Health from "@calm/domain/Health"
import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { at } from "./support/facts.ts"

const counter = (name: Counter.Counter["name"], value: number): Counter.Counter => ({
  name,
  value: Counter.CounterValue.make(value),
  updatedAt: at(0)
})

const well: Signs = {
  counters: Counter.standard.map((name) => counter(name, 0)),
  interrupted: [],
  stuck: [],
  missing: [],
  leftover: []
}

const table: ReadonlyArray<readonly [what: string, signs: Partial<Signs>, level: Health.HealthLevel, names: string]> = [
  ["the merge lock is up", { counters: [counter(Counter.mergeLock, 1)] }, "DEGRADED", "merge_lock"],
  ["an operation was interrupted", { interrupted: ["merge of SPEC-1"] }, "DEGRADED", "merge of SPEC-1"],
  ["12 merges since end-to-end tests", { counters: [counter(Counter.mergesSinceE2e, 12)] }, "ATTENTION", "12 merges"],
  ["13 merges since documentation", { counters: [counter(Counter.mergesSinceDocs, 13)] }, "ATTENTION", "13 merges"],
  ["a task waits on a cancelled one", { stuck: [{ task: "SPEC-1", blocker: "SPEC-2" }] }, "ATTENTION", "SPEC-2"],
  ["a worktree's folder is gone", { missing: ["SPEC-1"] }, "ATTENTION", "SPEC-1"],
  ["a finished task has a worktree", { leftover: ["SPEC-1"] }, "ATTENTION", "SPEC-1"]
]

describe("Health.judge", () => {
  it("finds nothing wrong where nothing is", () => {
    deepStrictEqual(Health.judge(well), { level: "HEALTHY", reasons: [] })
    deepStrictEqual(Health.judge({ ...well, counters: [] }), { level: "HEALTHY", reasons: [] })
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

  it.prop("lists every reason, and lets the worst decide", { chosen: FastCheck.subarray([...table]) }, ({ chosen }) => {
    const signs = chosen.map(([, each]) => each)
    const health = Health.judge({
      counters: signs.flatMap((each) => each.counters ?? []),
      interrupted: signs.flatMap((each) => each.interrupted ?? []),
      stuck: signs.flatMap((each) => each.stuck ?? []),
      missing: signs.flatMap((each) => each.missing ?? []),
      leftover: signs.flatMap((each) => each.leftover ?? [])
    })
    strictEqual(health.reasons.length, chosen.length)
    const levels = chosen.map(([, , level]) => level)
    strictEqual(health.level, levels.includes("DEGRADED") ? "DEGRADED" : levels.length > 0 ? "ATTENTION" : "HEALTHY")
  })
})
