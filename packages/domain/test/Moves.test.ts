/** Forward moves: the gate, and the tasks that are waited for. */
import type { Facts } from "@calm/domain/Facts"
import { TaskId } from "@calm/domain/Ids"
import * as Phase from "@calm/domain/Phase"
import * as Rules from "@calm/domain/Rules"
import * as Verdict from "@calm/domain/Verdict"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { builtIn, facts, gate, sha } from "./support/facts.ts"

describe("judgeMove", () => {
  const blocker = (phase: Phase.Phase | null, index: number) => ({ id: TaskId.make(`SPEC-${index + 2}`), phase })
  const blockers = (...phases: ReadonlyArray<Phase.Phase | null>): Partial<Facts> => ({ blockers: phases.map(blocker) })

  it("lets a blocked task be planned and holds it back from there on", () => {
    for (const [type, name, held] of [
      ["feature", "SPEC-DESIGN", false],
      ["feature", "DESIGN-IMPLEMENT", true],
      ["feature", "CODE_REVIEW-TEST", true],
      ["bug", "REPORTED-INVESTIGATED", false],
      ["bug", "INVESTIGATED-FIXED", true]
    ] as const) {
      const verdict = Rules.judgeMove(gate(type, name), facts(type, blockers("TEST")))
      strictEqual(verdict.passed, !held, name)
      strictEqual(verdict.unmet, held ? "refused" : null, name)
      strictEqual(verdict.gate, name)
    }
  })

  it("is let go by a blocker that is done and by no other phase", () => {
    for (const phase of Phase.Phase.literals)
      strictEqual(
        Rules.judgeMove(gate("feature", "DESIGN-IMPLEMENT"), facts("feature", blockers(phase))).passed,
        phase === "DONE",
        phase
      )
  })

  it("names each unfinished blocker with what helps against it, and drops no live one with a dead one", () => {
    const waiting = Rules.judgeBlockers(facts("feature", blockers("TEST", "DONE", "CANCELLED", null)))
    deepStrictEqual(
      waiting.map(({ hint, summary }) => [summary, hint]),
      [
        ["waits for SPEC-2, which is TEST", "calm explain SPEC-2"],
        ["waits for SPEC-4, which is CANCELLED", "calm task update SPEC-1 --blocked-by SPEC-2,SPEC-3"],
        ["waits for SPEC-5, which was deleted", "calm task update SPEC-1 --blocked-by SPEC-2,SPEC-3"]
      ]
    )
  })

  it("lists blockers beside what the gate lacks", () => {
    const verdict = Rules.judgeMove(
      gate("feature", "CODE_REVIEW-TEST"),
      facts("feature", { reviews: [], ...blockers("SPEC") })
    )
    deepStrictEqual(
      Verdict.unmet(verdict).map(({ check: name }) => name),
      ["code reviews", "blockers"]
    )
  })

  it("passes an attestation on to the gate", () => {
    const verify = facts("feature", { phase: "VERIFY", merge: { commit: sha("m"), inBase: true } })
    assertFalse(Rules.judgeMove(gate("feature", "VERIFY-DONE"), verify).passed)
    assertTrue(Rules.judgeMove(gate("feature", "VERIFY-DONE"), verify, "seen").passed)
  })

  it.prop(
    "agrees with the gate about everything but blockers",
    {
      at: FastCheck.nat(builtIn.gates.length - 1),
      phase: FastCheck.constantFrom(...Phase.Phase.literals),
      reviewed: FastCheck.boolean()
    },
    ({ at, phase, reviewed }) => {
      const each = builtIn.gates[at] ?? gate("feature", "SPEC-DESIGN")
      const known = facts(each.type, { ...blockers(phase), ...(reviewed ? {} : { reviews: [] }) })
      const move = Rules.judgeMove(each, known)
      deepStrictEqual(
        move.outcomes.filter(({ kind }) => kind !== "blockers"),
        Rules.judgeGate(each, known).outcomes
      )
    }
  )
})
