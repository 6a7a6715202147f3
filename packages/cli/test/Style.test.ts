import { assert, describe, it } from "@effect/vitest"
import * as Style from "../src/Style.ts"
import { terminal } from "./fixtures/run.ts"

describe("a style", () => {
  it("has colour on a terminal only, and not where NO_COLOR or a dumb terminal forbids it", () => {
    const tty = { isTTY: true, columns: 100 }
    assert.deepStrictEqual(Style.make(tty, {}), {
      terminal: true,
      color: true,
      width: 100,
      redraws: true
    })
    assert.isTrue(Style.make(tty, { NO_COLOR: "" }).color)
    assert.isFalse(Style.make(tty, { NO_COLOR: "1" }).color)
    const dumb = Style.make(tty, { TERM: "dumb" })
    assert.deepInclude(dumb, { color: false, redraws: false })
    assert.deepStrictEqual(Style.make({ columns: 100 }, {}), Style.plain)
    assert.strictEqual(Style.make({ isTTY: true, columns: 0 }, {}).width, 80)
  })

  it("has no colour where the user wants none", () => {
    assert.isFalse(Style.make({ isTTY: true, columns: 100 }, {}, "never").color)
  })
})

describe("a word in quotes", () => {
  it("is cut to what fits a message, however much of it is escaped or taken together", () => {
    assert.strictEqual(Style.quoted("a".repeat(80)), `'${"a".repeat(80)}'`)
    assert.strictEqual(Style.quoted("a".repeat(81)), `'${"a".repeat(79)}…'`)
    assert.strictEqual(Style.quoted("\u001b".repeat(100_000)), `'${String.raw`\x1b`.repeat(20).slice(0, 79)}…'`)
    assert.strictEqual(Style.quoted("\r\n".repeat(100_000)), `'${"⏎".repeat(79)}…'`)
  })
})

describe("a table", () => {
  const rows = [
    ["SPEC-1", { text: "DONE", paint: Style.green }, "a title\nof two lines"],
    ["SPEC-22", "TEST", `${"long ".repeat(30)}end`]
  ]

  it("in a pipe is one line per row with tabs, nothing cut, no codes, no header", () => {
    assert.strictEqual(
      Style.table(Style.plain, ["id", "phase", "title"], rows),
      `SPEC-1\tDONE\ta title⏎of two lines\nSPEC-22\tTEST\t${"long ".repeat(30)}end`
    )
  })

  it("on a terminal is aligned and fits its width, codes not counted", () => {
    const lines = Style.table(terminal, ["id", "phase", "title"], rows).split("\n")
    const bare = lines.map((line) => line.replace(/\u001b\[\d+m/g, ""))
    assert.deepStrictEqual(bare.slice(0, 2), ["id       phase  title", "SPEC-1   DONE   a title⏎of two lines"])
    assert.strictEqual(bare[2]?.length, 60)
    assert.isTrue(bare[2]?.endsWith("…"))
    assert.include(lines[1], "\u001b[32mDONE ")
  })

  it("cuts its first column last: an id that is cut cannot be typed again", () => {
    const row = ["W-0mwplsuaqfqet", "SPEC-001", "spec-reviewer", "session_ended", "no permission to run the linter"]
    const cut = (width: number) =>
      Style.table({ ...terminal, color: false, width }, ["id", "task", "role", "status", "reason"], [row]).split(
        "\n"
      )[1]
    assert.strictEqual(cut(60), "W-0mwplsuaqfqet  SPEC-001  spec-re…  session…  no permissio…")
    assert.strictEqual(cut(40), "W-0mwpl…  SPEC-001  spec-re…  session…  no perm…")
  })

  it("wraps its last column where that is to be told whole, at spaces and inside of endless words", () => {
    const long = [["SPEC-1", `from=SPEC to=DESIGN commit=1234567 ${"x".repeat(60)}`]]
    assert.deepStrictEqual(
      Style.table({ ...terminal, color: false, width: 40 }, ["id", "details"], long, true).split("\n"),
      [
        "id      details",
        "SPEC-1  from=SPEC to=DESIGN",
        "        commit=1234567",
        `        ${"x".repeat(32)}`,
        `        ${"x".repeat(28)}`
      ]
    )
    const crowded = [["a".repeat(100), "details"]]
    for (const line of Style.table({ ...terminal, color: false }, ["id", "d"], crowded, true).split("\n")) {
      assert.isAtMost(line.length, terminal.width)
    }
  })

  it("counts the columns of wide characters", () => {
    const [, first = "", second = ""] = Style.table(
      terminal,
      ["a", "b"],
      [
        ["日本語", "x"],
        ["👩‍👩‍👧e\u0301", "x"]
      ]
    ).split("\n")
    assert.strictEqual(Style.widthOf(first.slice(0, first.indexOf("x"))), 8)
    assert.strictEqual(Style.widthOf(second.slice(0, second.indexOf("x"))), 8)
  })

  it("of no rows is no line in a pipe", () => {
    assert.strictEqual(Style.table(Style.plain, ["a"], []), "")
  })
})

describe("a user's text", () => {
  it("cannot command the terminal", () => {
    const hostile = "\u001b]0;title\u0007\u001b[2J\u009b1m\r\u202eevil\u0000"
    const shown = "\\x1b]0;title\\x07\\x1b[2J\\x9b1m\\x0d\\u202eevil\\x00"
    assert.strictEqual(Style.line(hostile), shown)
    assert.strictEqual(Style.guard(terminal, hostile), shown)
  })

  it("stays on one line where a line is wanted, and keeps its lines elsewhere", () => {
    assert.strictEqual(Style.line("a\nb\r\nc\td"), "a⏎b⏎c d")
    assert.strictEqual(Style.guard(Style.plain, "a\nb\r\nc\td"), "a\nb\nc\td")
  })

  it("is cut between characters, not within", () => {
    assert.strictEqual(Style.truncate("日本語", 5), "日本…")
    assert.strictEqual(Style.truncate("日本語", 4), "日…")
    assert.strictEqual(Style.truncate("abc", 3), "abc")
  })
})
