import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { json, run } from "./fixtures/run.ts"

const data = (argv: ReadonlyArray<string>) => Effect.map(json(argv), (document) => document.data)

const created = {
  id: "SPEC-1",
  title: "x",
  type: null,
  blockedBy: null,
  limit: null,
  all: false,
  project: null
}

describe("values arrive as they were typed", () => {
  const texts = {
    "line breaks": "first\nsecond\r\nthird",
    quotes: `it's "quoted" \`so\``,
    "what a shell would run": "$(rm -rf /) ; & | $HOME",
    emoji: "👩‍👩‍👧 🇩🇪 e\u0301",
    "10,000 characters": "é".repeat(10_000),
    "an equals sign": "a=b=c",
    "spaces around": "  x  ",
    "a lone dash": "-",
    nothing: ""
  }
  for (const [what, text] of Object.entries(texts)) {
    it.effect(`${what}, as an argument`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", text]), { ...created, title: text })
      })
    )
    it.effect(`${what}, as an option's value in both forms`, () =>
      Effect.gen(function* () {
        const expected = { ...created, blockedBy: text }
        assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", "x", "--blocked-by", text]), expected)
        assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", "x", `--blocked-by=${text}`]), expected)
      })
    )
  }

  it.effect("a value that begins with a dash, after an equals sign", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", "x", "--blocked-by=--all"]), {
        ...created,
        blockedBy: "--all"
      })
    })
  )

  it.effect("after -- every word is an argument, even --json and --help", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["task", "create", "--", "SPEC-1", "--help"]), { ...created, title: "--help" })
      const outcome = yield* run(["task", "create", "SPEC-1", "--", "--json"])
      assert.strictEqual(outcome.stdout, "created SPEC-1 --json\n")
    })
  )

  it.effect("a flag does not swallow the word 'false' after it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["task", "create", "--all", "SPEC-1", "false"]), {
        ...created,
        title: "false",
        all: true
      })
    })
  )

  it.effect("a value that is the name of a command stays a value", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["--project", "task", "task", "create", "SPEC-1", "task"]), {
        ...created,
        title: "task",
        project: "task"
      })
    })
  )

  it.effect("a negative number is a value, not an option", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["task", "add", "-3", "--by", "-.5"]), { value: -3, by: -0.5 })
    })
  )

  it.effect("values are decoded by their schema", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", "x", "--limit", "7", "--type", "bug"]), {
        ...created,
        limit: 7,
        type: "bug"
      })
    })
  )

  it.effect("options of all commands may stand anywhere", () =>
    Effect.gen(function* () {
      const expected = { ...created, project: "p" }
      assert.deepStrictEqual(yield* data(["--project", "p", "task", "create", "SPEC-1", "x"]), expected)
      assert.deepStrictEqual(yield* data(["task", "--project=p", "create", "SPEC-1", "x"]), expected)
      assert.deepStrictEqual(yield* data(["task", "create", "SPEC-1", "--project", "p", "x"]), expected)
    })
  )
})

describe("what is wrong with a command line is named, with the nearest valid word", () => {
  const wrong: ReadonlyArray<readonly [line: string, code: string, names: string, nearest?: string]> = [
    ["tsk list", "unknown_command", "'tsk'", "'task'"],
    ["task creat", "unknown_command", "'creat'", "'create'"],
    ["task crate x", "unknown_command", "'crate'", "'create'"],
    ["task CREATE", "unknown_command", "'CREATE'", "'create'"],
    ["cancel", "unknown_command", "'cancel'", "'task cancel'"],
    ["status helth", "unknown_command", "'helth'", "'health'"],
    ["constructor", "unknown_command", "'constructor'"],
    ["tsk --help", "unknown_command", "'tsk'", "'task'"],
    ["task", "missing_command", "create, cancel"],
    ["task create SPEC-1 x --titel y", "unknown_option", "'--titel'"],
    ["task create SPEC-1 x --blockd-by y", "unknown_option", "'--blockd-by'", "'--blocked-by'"],
    ["task create SPEC-1 x --ALL", "unknown_option", "'--ALL'", "'--all'"],
    ["task create SPEC-1 x --al", "unknown_option", "'--al'", "'--all'"],
    ["task create SPEC-1 x -x", "unknown_option", "'-x'"],
    ["task create SPEC-1 x -q", "unknown_option", "'-q'", "'--quiet'"],
    ["version", "unknown_command", "'version'", "'--version'"],
    ["task create SPEC-1 x -xvz", "unknown_option", "'-xvz'"],
    ["task create SPEC-1 x --wizard", "unknown_option", "'--wizard'"],
    ["task create SPEC-1 x --completions bash", "unknown_option", "'--completions'"],
    ["task --nope", "unknown_option", "'--nope'"],
    ["--jsn task", "unknown_option", "'--jsn'", "'--json'"],
    ["task create --version", "unknown_option", "'--version'"],
    ["status --wid", "unknown_option", "'--wid'", "'--wide'"],
    ["status --wide health", "surplus_argument", "'health'"],
    ["task create SPEC-1 x --blocked-by", "missing_option_value", "--blocked-by needs a value"],
    ["task create SPEC-1 x --blocked-by --all", "missing_option_value", "--blocked-by needs a value"],
    ["task create SPEC-1 x --project", "missing_option_value", "--project needs a value"],
    ["task create SPEC-1 x --all=yes", "unexpected_option_value", "--all takes no value"],
    ["task create SPEC-1 x --limit 1 --limit 2", "repeated_option", "--limit is given twice"],
    ["task create SPEC-1 x y", "surplus_argument", "'y'"],
    ["task create SPEC-1 x all", "surplus_argument", "'all'", "'--all'"],
    ["task create SPEC-1", "missing_argument", "<title>"],
    ["task create", "missing_argument", "<id>"],
    ["task cancel SPEC-1", "missing_option", "--reason <text>"],
    ["task create bad x", "invalid_value", "an id looks like SPEC-001"],
    ["task create SPEC-1 x --type bugg", "invalid_value", "feature, bug", "'bug'"],
    ["task create SPEC-1 x --limit many", "invalid_value", "'many' is no value for --limit"],
    ["task create SPEC-1 x --limit 1.5", "invalid_value", "'1.5' is no value for --limit"],
    ["task create SPEC-1 x --log-level loud", "invalid_value", "'loud' is no value for --log-level"],
    ["task create SPEC-1 x --project=", "invalid_value", "--project"]
  ]
  for (const [line, code, names, nearest] of wrong) {
    it.effect(`calm ${line}`, () =>
      Effect.gen(function* () {
        const { data, error, exitCode } = yield* json(line.split(" "))
        assert.strictEqual(data, undefined)
        assert.strictEqual(exitCode, 1)
        assert.strictEqual(error?.code, code)
        assert.strictEqual(error?.category, "validation")
        assert.include(error?.message, names)
        assert.notInclude(error?.message, "\n")
        if (nearest === undefined) assert.notInclude(error?.message, "did you mean")
        else assert.include(error?.message, `did you mean ${nearest}?`)
        assert.match(error?.hint ?? "", /^calm .*--help$/)
      })
    )
  }

  it.effect("the details carry the words for programs", () =>
    Effect.gen(function* () {
      const { error } = yield* json(["task", "creat"])
      assert.deepStrictEqual(error?.details, { word: "creat", nearest: "create", path: ["task"] })
    })
  )

  it.effect("a flag that is repeated means the same", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* data(["--json", "status", "--wide", "--wide"]), { wide: true })
    })
  )

  it.effect("wrong words cannot reach the terminal as codes", () =>
    Effect.gen(function* () {
      const outcome = yield* run(["task", "\u001b[2Jx\nhint: rm -rf /"])
      assert.strictEqual(
        outcome.stderr,
        "error: calm task has no command '\\x1b[2Jx⏎hint: rm -rf /'\nhint: calm task --help\n"
      )
    })
  )
})

describe("a group that is a command, too", () => {
  it.effect("runs without a command below it, with its own options", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(["status"])).stdout, "narrow\n")
      assert.strictEqual((yield* run(["status", "--wide"])).stdout, "wide\n")
      assert.strictEqual((yield* run(["status", "health"])).stdout, "healthy\n")
      assert.strictEqual((yield* run(["status", "--project", "p", "health"])).stdout, "healthy\n")
    })
  )
})

describe("an argument that begins with a dash", () => {
  it.effect("is told to stand after --, where it works", () =>
    Effect.gen(function* () {
      const { error } = yield* json(["task", "create", "SPEC-1", "-lead"])
      assert.strictEqual(
        error?.message,
        "calm task create has no option '-lead'; an argument that begins with a dash stands after --"
      )
      assert.notInclude((yield* json(["task", "create", "SPEC-1", "--lead"])).error?.message, "after --")
      const after = yield* json(["task", "create", "--", "SPEC-1", "-lead"])
      assert.deepStrictEqual(after.data, { ...created, title: "-lead" })
    })
  )
})
