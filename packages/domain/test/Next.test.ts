import { step } from "@calm/domain/Next"
import { lacking, met, verdict } from "@calm/domain/Verdict"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"

const command = "calm task transition SPEC-1 TEST"
const what = { check: "tests", kind: "script" }
const blockers = { check: "blockers", kind: "blockers" }

const after = (...outcomes: Parameters<typeof verdict>[1]) =>
  step("SPEC-1", { command, verdict: verdict("A-B", outcomes) })

describe("the next step", () => {
  it("is the move where every condition is met", () => {
    deepStrictEqual(after(met(what, "passed")), { command, lacks: null, waits: false })
    deepStrictEqual(step("SPEC-1", { command, verdict: null }), { command, lacks: null, waits: false })
  })

  it("is what would meet the first condition that is not met; without a command for that, a look at all of them", () => {
    const second = lacking(what, "later", "calm later")
    deepStrictEqual(after(met(what, "passed"), lacking(what, "not checked yet", "calm gate check SPEC-1"), second), {
      command: "calm gate check SPEC-1",
      lacks: "not checked yet",
      waits: false
    })
    deepStrictEqual(after(lacking(what, "unknown", null), second), {
      command: "calm explain SPEC-1",
      lacks: "unknown",
      waits: false
    })
  })

  it("is to wait only where nothing else is left to do", () => {
    const waiting = lacking(blockers, "waits for SPEC-2", "calm explain SPEC-2")
    deepStrictEqual(after(met(what, "passed"), waiting)?.waits, true)
    const other = lacking(what, "not checked yet", "calm gate check SPEC-1")
    const step = { command: "calm gate check SPEC-1", lacks: "not checked yet", waits: false }
    deepStrictEqual(after(other, waiting), step)
    deepStrictEqual(after(waiting, other), step)
  })

  it("is none where nothing lies ahead", () => {
    deepStrictEqual(step("SPEC-1", undefined), null)
  })
})
