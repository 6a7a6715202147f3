import * as Session from "@calm/domain/Session"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"

describe("the summary of a hand-over", () => {
  it("is its first line that says something, without the marks of Markdown", () => {
    const texts = {
      "# Monday\n\nHalf-way.": "Monday",
      "\r\n\n  ## Two **words** ##  \n": "Two **words",
      "---\n\n- [ ] one thing": "[ ] one thing",
      "> quoted\tby  somebody": "quoted by somebody",
      "***\n1. first": "1. first",
      "日本語の引き継ぎ\nmore": "日本語の引き継ぎ",
      "!!!\n🙂": ""
    }
    for (const [text, summary] of Object.entries(texts)) strictEqual(Session.summaryOf(text), summary)
  })

  it("is cut between characters, so that none of them breaks", () => {
    const summary = Session.summaryOf(`a${"🙂".repeat(300)}`)
    strictEqual(Array.from(summary).length, 120)
    strictEqual(Array.from(summary).slice(1, -1).join(""), "🙂".repeat(118))
    strictEqual(summary.endsWith("…"), true)
  })
})

describe("a hand-over", () => {
  it("says something, is text, and is at most as long as can be read", () => {
    const most = Session.maxHandoff
    deepStrictEqual(
      ["", "\n \t", "a\u0000", "\ud800x", "x\udc00", "x".repeat(most + 1), "é".repeat(most / 2 + 1)].map(
        Session.handoffFault
      ),
      ["empty", "empty", "not text", "not text", "not text", "too large", "too large"]
    )
    for (const text of ["x", "👩‍👩‍👧", "x".repeat(most), "é".repeat(most / 2)])
      strictEqual(Session.handoffFault(text), undefined)
  })
})

describe("the beginning of a session's id", () => {
  it("is read in any case, and is nothing else", () => {
    strictEqual(Session.idPrefix(" s-0MX "), "S-0mx")
    strictEqual(Session.idPrefix("S-"), "S-")
    for (const text of ["", "0mx", "S", "S-%", "S-é", "S-0mx S-0my", `S-${"0".repeat(33)}`])
      strictEqual(Session.idPrefix(text), undefined)
  })
})
