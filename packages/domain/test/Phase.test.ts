import * as Phase from "@calm/domain/Phase"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"

const order = {
  feature: ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY", "DONE"],
  bug: ["REPORTED", "INVESTIGATED", "FIXED", "REVIEWED", "TESTED", "MERGED", "DONE"]
} as const satisfies Record<Phase.TaskType, ReadonlyArray<Phase.Phase>>

const types = Phase.TaskType.literals
const phases = Phase.Phase.literals
const anyType = FastCheck.constantFrom(...types)
const anyPhase = FastCheck.constantFrom(...phases)

describe("Phase", () => {
  it("passes a feature and a bug through the phases that users know, in that order", () => {
    deepStrictEqual(Phase.chain("feature"), order.feature)
    deepStrictEqual(Phase.chain("bug"), order.bug)
  })

  it("starts each type at its first phase", () => {
    strictEqual(Phase.first("feature"), "SPEC")
    strictEqual(Phase.first("bug"), "REPORTED")
  })

  it("knows no phase that neither type can be in", () => {
    deepStrictEqual(
      phases.filter((phase) => !types.some((type) => Phase.phasesOf(type).includes(phase))),
      []
    )
  })

  it("lets every type be cancelled, off its chain", () => {
    for (const type of types) {
      assertTrue(Phase.phasesOf(type).includes("CANCELLED"))
      assertFalse(Phase.chain(type).includes("CANCELLED"))
    }
  })

  it("merges a feature from INTEGRATE and a bug from TESTED", () => {
    strictEqual(Phase.mergesFrom("feature"), "INTEGRATE")
    strictEqual(Phase.mergesFrom("bug"), "TESTED")
  })

  it("lets rework go to any earlier phase, nearest first", () => {
    deepStrictEqual(Phase.earlier("feature", "CODE_REVIEW"), ["IMPLEMENT", "DESIGN", "SPEC"])
    deepStrictEqual(Phase.earlier("feature", "SPEC"), [])
  })

  it("holds a blocked task back after planning", () => {
    const free = (type: Phase.TaskType) => Phase.chain(type).filter((phase) => !Phase.needsBlockersDone(type, phase))
    deepStrictEqual(free("feature"), ["SPEC", "DESIGN"])
    deepStrictEqual(free("bug"), ["REPORTED", "INVESTIGATED"])
    // Whoever gives a task up need not wait for what it waits for.
    for (const type of types) assertFalse(Phase.needsBlockersDone(type, "CANCELLED"))
  })

  it.prop(
    "moves forward by one step and by no other, back to any phase before, and nowhere else",
    { type: anyType, from: anyPhase, to: anyPhase },
    ({ from, to, type }) => {
      const chain: ReadonlyArray<Phase.Phase> = order[type]
      const [a, b] = [chain.indexOf(from), chain.indexOf(to)]
      const expected = a < 0 || b < 0 || from === "DONE" ? "none" : b === a + 1 ? "forward" : b < a ? "rework" : "none"
      strictEqual(Phase.move(type, from, to), expected)
    },
    { fastCheck: { numRuns: 500 } }
  )

  it.prop("leaves neither DONE nor CANCELLED", { type: anyType, to: anyPhase }, ({ to, type }) => {
    for (const from of ["DONE", "CANCELLED"] as const) {
      assertTrue(Phase.isFinished(from))
      strictEqual(Phase.move(type, from, to), "none")
      strictEqual(Phase.next(type, from), undefined)
      deepStrictEqual(Phase.earlier(type, from), [])
    }
  })

  it.prop("finishes a task in DONE and CANCELLED alone", { phase: anyPhase }, ({ phase }) => {
    strictEqual(Phase.isFinished(phase), phase === "DONE" || phase === "CANCELLED")
  })

  it("moves nowhere from a phase of the other type", () => {
    deepStrictEqual(Phase.earlier("feature", "FIXED"), [])
    strictEqual(Phase.next("bug", "DESIGN"), undefined)
  })
})
