import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as CheckScreen from "../src/CheckScreen.ts"
import * as Progress from "../src/Progress.ts"
import * as Screen from "../src/Screen.ts"
import * as Style from "../src/Style.ts"
import * as Wording from "../src/Wording.ts"

const style: Style.Style = { terminal: true, color: false, width: 60 }

/** What a terminal shows after it was sent this: the lines, the one where the cursor stands last. */
const shownBy = (text: string): ReadonlyArray<string> => {
  const lines = [""]
  let row = 0
  let column = 0
  for (const [part, count, erase] of text.matchAll(/\u001b\[(\d*)A|\u001b\[([KJ])|\r|\n|[^\u001b\r\n]+/g)) {
    const line = lines[row] ?? ""
    if (count !== undefined) {
      row -= Number(count)
      assert.isAtLeast(row, 0, "the cursor left the top")
    } else if (erase !== undefined) {
      lines[row] = line.slice(0, column)
      if (erase === "J") lines.splice(row + 1)
    } else if (part === "\n") {
      row += 1
      column = 0
      if (lines.length === row) lines.push("")
    } else if (part === "\r") column = 0
    else {
      lines[row] = line.padEnd(column).slice(0, column) + part + line.slice(column + part.length)
      column += part.length
    }
  }
  return lines.slice(0, row + 1)
}

const terminal = () => {
  const sent: Array<string> = []
  let columns = style.width
  const shown = () => shownBy(sent.join(""))
  const screen = Screen.make(
    style,
    (text) => void sent.push(text),
    () => columns
  )
  /** What a terminal does whose window is made narrower: it breaks the lines that stand there. */
  const narrow = (width: number) => {
    const broken = shown().flatMap((line) => line.match(new RegExp(`.{1,${width}}`, "g")) ?? [""])
    sent.splice(0, sent.length, broken.join("\n"))
    columns = width
  }
  return { sent, screen, shown, narrow }
}

describe("lines that are written over", () => {
  it("stand below what stays, change in place, and leave nothing behind", () => {
    const { screen, shown } = terminal()
    screen.write("before\n")
    screen.show(["one", "two"])
    screen.show(["ONE", "two", "three"])
    assert.deepStrictEqual(shown(), ["before", "ONE", "two", "three", ""])
    screen.write("note: something\n")
    assert.deepStrictEqual(shown(), ["before", "note: something", "ONE", "two", "three", ""])
    screen.show(["last"])
    assert.deepStrictEqual(shown(), ["before", "note: something", "last", ""])
    screen.show([])
    assert.deepStrictEqual(shown(), ["before", "note: something", ""])
  })

  it("leave nothing behind where something was typed meanwhile: Ctrl-C is echoed at the cursor", () => {
    const { screen, sent, shown } = terminal()
    screen.show(["one", "two"])
    sent.push("^C")
    screen.show([])
    assert.deepStrictEqual(shown(), [""])
  })

  it("leave nothing behind where the window was made narrower: what stood there takes more rows by then", () => {
    const { narrow, screen, shown } = terminal()
    screen.write("before\n")
    screen.show(["x".repeat(50), "", "y".repeat(20)])
    narrow(20)
    screen.write("a note\n")
    assert.deepStrictEqual(shown().slice(0, 3), ["before", "a note", "x".repeat(50)])
    narrow(10)
    screen.show(["one", "two"])
    assert.deepStrictEqual(shown(), ["before", "a note", "one", "two", ""])
    assert.strictEqual(screen.style().width, 10)
  })

  it("cannot be commanded by what they tell, and the cursor is never hidden", () => {
    const { screen, sent } = terminal()
    screen.show(["a\u001b[2J\u001b[?25lb"])
    assert.deepStrictEqual(sent, ["\ra\\x1b[2J\\x1b[?25lb\u001b[K\n"])
  })
})

/** Runs something that takes so long, and gives what was on the terminal at its last moment and after it. */
const during = (takes: string, ends: Effect.Effect<void, string>, layer = Progress.layer) =>
  Effect.gen(function* () {
    const { sent, screen, shown } = terminal()
    const progress = yield* Effect.provide(Progress.Progress, layer(style, false, screen))
    const done = yield* Deferred.make<void, string>()
    const fiber = yield* Effect.fork(progress.during("Merging SPEC-001 …")(Deferred.await(done)))
    yield* TestClock.adjust(takes as "1 second")
    const meanwhile = shown()
    yield* Deferred.complete(done, ends)
    yield* Fiber.await(fiber)
    return { meanwhile, after: shown(), sent: sent.join("") }
  })

describe("work that takes long", () => {
  it.effect("is told after 300 ms with how long it has taken, and leaves nothing", () =>
    Effect.gen(function* () {
      const { after, meanwhile } = yield* during("83 seconds", Effect.void)
      assert.deepStrictEqual(meanwhile, ["⠋ Merging SPEC-001 … 1 min 23 s", ""])
      assert.deepStrictEqual(after, [""])
    })
  )

  it.effect("is told within the width that the window has by then", () =>
    Effect.gen(function* () {
      const { narrow, screen, shown } = terminal()
      const progress = yield* Effect.provide(Progress.Progress, Progress.layer(style, false, screen))
      const fiber = yield* Effect.fork(progress.during("Installing the dependencies of SPEC-001 …")(Effect.never))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(shown(), ["⠋ Installing the dependencies of SPEC-001 … 1 s", ""])
      narrow(20)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(shown(), ["⠋ Installing the d…", ""])
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("is not told of when it is over sooner", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* during("299 millis", Effect.void)).sent, "")
    })
  )

  it.effect("leaves nothing when it fails or is interrupted either", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* during("2 seconds", Effect.fail("no"))).after, [""])
      assert.deepStrictEqual((yield* during("2 seconds", Effect.interrupt)).after, [""])
    })
  )

  it.effect(
    "is one line on a terminal that cannot be written over, and nothing off a terminal or where quiet is asked for",
    () =>
      Effect.gen(function* () {
        const on = (style: Style.Style, quiet: boolean) =>
          Effect.map(
            during("2 seconds", Effect.void, (_, __, screen) => Progress.layer(style, quiet, screen)),
            ({ sent }) => sent
          )
        assert.strictEqual(yield* on({ ...style, redraws: false }, false), "Merging SPEC-001 …\n")
        assert.strictEqual(yield* on(Style.plain, false), "")
        assert.strictEqual(yield* on(style, true), "")
      })
  )
})

describe("a gate that is being checked", () => {
  const minute = 60_000
  const told = [
    {
      _tag: "Planned",
      checks: [
        { key: "tests", name: "tests", expected: 2 * minute },
        { key: "linter", name: "linter", expected: null },
        { key: "types", name: "types", expected: 10_000 },
        { key: "todos", name: "no untracked TODOs", expected: 1000 }
      ]
    },
    { _tag: "Started", key: "tests" },
    { _tag: "Started", key: "linter" },
    { _tag: "Started", key: "types" },
    { _tag: "Line", key: "tests", line: "first" },
    {
      _tag: "Line",
      key: "tests",
      line: "ok 12 \u001b[31mgreets by a name that is so long that it does not fit\u001b[0m"
    },
    { _tag: "Ended", key: "linter", status: "failed", summary: "2 faults", duration: 3400 }
  ] as const
  const state = told.reduce((before, event) => CheckScreen.update(before, event, 0), CheckScreen.empty)
  const lines = (verbose: boolean, of: Style.Style = style) =>
    CheckScreen.lines("Checking SPEC-001 …", state, { now: 30_000, elapsed: 30_000, style: of }, verbose)

  it("has a line a check: how it stands in a sign and in words, how long it has taken and how long it should take", () => {
    assert.deepStrictEqual(lines(false), [
      "⠋ Checking SPEC-001 … 30 s",
      "  ⠋ tests               30 s of about 2 min",
      "  ✗ linter              2 faults, 3 s",
      "  ⠋ types               30 s, last time 10 s",
      "  · no untracked TODOs  waits, about 1 s"
    ])
  })

  it("shows what a check at work printed last where that is wanted, within the width and without its codes", () => {
    const [, , line = ""] = lines(true)
    assert.strictEqual(line, "    │ ok 12 \\x1b[31mgreets by a name that is so long that …")
    assert.lengthOf(lines(true), lines(false).length + 1)
  })

  it("fits any width, and says the same without colour", () => {
    for (const width of [20, 60, 80, 200]) {
      for (const line of lines(true, { ...style, width })) assert.isBelow(Style.widthOf(line), width)
    }
    const bare = lines(true, { ...style, color: true }).map((line) => line.replace(/\u001b\[\d+m/g, ""))
    assert.deepStrictEqual(bare, lines(true))
  })
})

describe("a time", () => {
  const at = (time: string) => Wording.when({ ...style, now: Date.parse("2025-03-10T12:00:00Z") }, time)

  it("is told on a terminal as how long ago it was, from a week on as the day, and never as still to come", () => {
    assert.deepStrictEqual(
      [
        "2025-03-10T12:00:05.000Z",
        "2025-03-10T11:59:01.000Z",
        "2025-03-10T11:57:00.000Z",
        "2025-03-10T11:00:01.000Z",
        "2025-03-10T10:00:00.000Z",
        "2025-03-09T12:00:00.000Z",
        "2025-03-03T12:00:01.000Z",
        "2025-03-03T12:00:00.000Z"
      ].map(at),
      ["just now", "just now", "3 min ago", "59 min ago", "2 h ago", "1 day ago", "6 days ago", "2025-03-03"]
    )
  })

  it("is exact in a pipe", () => {
    const time = "2025-03-10T11:57:00.123Z"
    assert.strictEqual(Wording.when({ ...Style.plain, now: Date.parse(time) }, time), time)
  })

  it("that something takes is told in its two largest units", () => {
    assert.deepStrictEqual([0, 400, 59_400, 60_000, 83_000, 3_600_000, 7_500_000].map(Wording.duration), [
      "0 s",
      "0 s",
      "59 s",
      "1 min",
      "1 min 23 s",
      "1 h",
      "2 h 5 min"
    ])
  })
})
