import { findCycle } from "@calm/domain/Blocking"
import { assert, describe, it } from "@effect/vitest"

const waits = (edges: Readonly<Record<string, ReadonlyArray<string>>>) => new Map(Object.entries(edges))

describe("tasks that wait for each other", () => {
  it("are found with the way round, so that a person can see where to break it", () => {
    const path = findCycle(waits({ A: ["B", "D"], B: ["C"], C: ["A"], D: [] }), "A")
    assert.deepStrictEqual(path, ["A", "B", "C", "A"])
  })

  it("are not seen in a chain, a diamond, or a circle that the task is no part of", () => {
    assert.isUndefined(findCycle(waits({ A: ["B"], B: ["C"] }), "A"))
    assert.isUndefined(findCycle(waits({ A: ["B", "C"], B: ["D"], C: ["D"] }), "A"))
    assert.isUndefined(findCycle(waits({ A: ["B"], B: ["C"], C: ["B"] }), "A"))
  })
})
