import table from "@calm/gates/table.json" with { type: "json" }
import type { Check, GateTable, ScriptCheck } from "@calm/domain/Gate"
import * as Gate from "@calm/domain/Gate"
import * as Phase from "@calm/domain/Phase"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { builtIn, gate } from "./support/facts.ts"

const strict = { onExcessProperty: "error" } as const
const decodeTable = (value: unknown) => Schema.decodeUnknownEither(Gate.GateTable)(value, strict)
const decodeChanges = (value: unknown) => Schema.decodeUnknownEither(Gate.GateChanges)(value, strict)
const changes = (gates: ReadonlyArray<unknown>): Gate.GateChanges =>
  Either.getOrThrow(decodeChanges({ version: 1, gates }))

/** The whole sense of a check in one line. */
const line = (check: Check): string => {
  switch (check.kind) {
    case "script":
      return [check.script ?? check.command?.join(" "), check.full ? "full" : [], check.noSkips ? "none skipped" : []]
        .flat()
        .join(" ")
    case "reviews":
      return `${check.count} ${check.review} reviews`
    case "approval":
      return `approval of ${check.judges}`
    case "document":
      return [check.document, check.sections.map((section) => section.title.toLowerCase()).join(" + ")].join(" ").trim()
    case "code-changed":
      return check.orApproval ? "code changed or approval" : "code changed"
    default:
      return check.kind
  }
}

/** What must hold, gate by gate, as users are told. */
const promised: Readonly<Record<Phase.TaskType, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  feature: {
    "SPEC-DESIGN": ["2 spec reviews", "approval of spec"],
    "DESIGN-IMPLEMENT": ["proposal", "2 proposal reviews", "approval of proposal"],
    "IMPLEMENT-CODE_REVIEW": ["tests", "linter", "types", "todos", "code changed or approval"],
    "CODE_REVIEW-TEST": ["2 code reviews"],
    "TEST-INTEGRATE": ["tests full"],
    "INTEGRATE-VERIFY": ["changelog", "merged"],
    "VERIFY-DONE": ["merge-in-base", "attested"]
  },
  bug: {
    "REPORTED-INVESTIGATED": ["bug-report reproduction + root cause + fix plan"],
    "INVESTIGATED-FIXED": ["tests", "linter", "types", "test-changed", "code changed"],
    "FIXED-REVIEWED": ["2 bugfix reviews"],
    "REVIEWED-TESTED": ["tests full none skipped"],
    "TESTED-MERGED": ["changelog", "merged"],
    "MERGED-DONE": ["merge-in-base", "attested"]
  }
}

describe("the built-in gate table", () => {
  it("decodes without a key that is not known", () => {
    deepStrictEqual(Either.getOrThrow(decodeTable(table)), builtIn)
  })

  for (const type of Phase.TaskType.literals)
    it(`asks of a ${type} what users are told, no more and no less`, () => {
      deepStrictEqual(
        Object.fromEntries(
          builtIn.gates.filter((each) => each.type === type).map((each) => [Gate.nameOf(each), each.checks.map(line)])
        ),
        promised[type]
      )
    })

  it("has one gate for each forward move, in the order of the moves", () => {
    for (const type of Phase.TaskType.literals)
      for (const phase of Phase.chain(type)) strictEqual(Gate.from(builtIn, type, phase)?.to, Phase.next(type, phase))
  })

  it("leads to the merge by every gate up to the one that merges", () => {
    deepStrictEqual(Gate.upToMerge(builtIn, "feature").map(Gate.nameOf), [
      "SPEC-DESIGN",
      "DESIGN-IMPLEMENT",
      "IMPLEMENT-CODE_REVIEW",
      "CODE_REVIEW-TEST",
      "TEST-INTEGRATE",
      "INTEGRATE-VERIFY"
    ])
    strictEqual(Gate.upToMerge(builtIn, "bug").at(-1)?.to, "MERGED")
  })
})

describe("GateTable", () => {
  it("refuses a table with a gate missing, a gate twice, or another version", () => {
    assertTrue(Either.isLeft(decodeTable({ ...table, gates: table.gates.slice(1) })))
    assertTrue(Either.isLeft(decodeTable({ ...table, gates: [...table.gates, ...table.gates.slice(0, 1)] })))
    assertTrue(Either.isLeft(decodeTable({ ...table, version: 2 })))
  })

  it("names the gate that is missing", () => {
    const message = Either.match(decodeTable({ ...table, gates: table.gates.slice(1) }), {
      onLeft: (error) => error.message,
      onRight: () => ""
    })
    assertTrue(message.includes("feature SPEC"))
  })

  for (const [type, from, to] of [
    ["feature", "SPEC", "IMPLEMENT"],
    ["feature", "DESIGN", "SPEC"],
    ["feature", "SPEC", "SPEC"],
    ["feature", "SPEC", "CANCELLED"],
    ["feature", "DONE", "CANCELLED"],
    ["bug", "SPEC", "DESIGN"],
    ["bug", "REPORTED", "SPEC"]
  ] as const)
    it(`refuses ${from}-${to} for a ${type}, which is no step forward`, () => {
      assertTrue(Either.isLeft(Schema.decodeUnknownEither(Gate.Gate)({ type, from, to, checks: [] })))
      assertTrue(Either.isLeft(decodeChanges({ version: 1, gates: [{ type, from, to, checks: [] }] })))
    })
})

describe("a check", () => {
  const decode = (check: object) =>
    decodeChanges({
      version: 1,
      gates: [{ type: "bug", from: "FIXED", to: "REVIEWED", checks: [{ name: "a", ...check }] }]
    })

  for (const script of [
    "tests",
    "linter",
    "types",
    "todos",
    ".calm/a.mjs",
    ".calm/checks/licences.sh",
    ".calm/a-b/_c.d.py"
  ])
    it(`may run ${script}`, () => assertTrue(Either.isRight(decode({ kind: "script", script }))))

  for (const script of [
    "",
    "test",
    "Tests",
    "tests ",
    "tests\n",
    "lint",
    "a.mjs",
    "gates/tests.mjs",
    "/bin/sh",
    "../a.mjs",
    ".calm/",
    ".calm/checks/",
    ".calm/../a.mjs",
    ".calm/a/../../b",
    ".calm/.hidden",
    ".calm//a",
    ".calm/a b",
    ".calm/a\\b",
    ".calm/$(id)",
    ".calm/a\n"
  ])
    it(`may not run ${JSON.stringify(script)}`, () => assertTrue(Either.isLeft(decode({ kind: "script", script }))))

  for (const [what, check] of [
    ["of an unknown kind", { kind: "vibes" }],
    ["of no kind", {}],
    ["with neither script nor command", { kind: "script" }],
    ["with both script and command", { kind: "script", script: "tests", command: ["make"] }],
    ["with an empty command", { kind: "script", command: [] }],
    ["with a command for a shell", { kind: "script", command: "make && rm" }],
    ["with a misspelt key", { kind: "script", script: "tests", noskips: true }],
    ["with no name", { kind: "merged", name: "" }],
    ["with a name that is too long", { kind: "merged", name: "a".repeat(61) }],
    ["of an unknown review", { kind: "reviews", review: "vibes" }],
    ["of no reviews at all", { kind: "reviews", review: "code", count: 0 }],
    ["of more reviews than there are people", { kind: "reviews", review: "code", count: 21 }],
    ["of an unknown document", { kind: "document", document: "novel" }],
    ["of a section without headings", { kind: "document", document: "spec", sections: [{ title: "a", headings: [] }] }],
    ["of an approval of nothing", { kind: "approval" }]
  ] as const)
    it(`${what} is refused`, () => assertTrue(Either.isLeft(decode(check))))

  it("asks for two reviews, and for no more than its kind, unless it says so", () => {
    const gates = changes([
      {
        type: "bug",
        from: "FIXED",
        to: "REVIEWED",
        checks: [
          { kind: "reviews", name: "a", review: "code" },
          { kind: "script", name: "b", script: "tests" },
          { kind: "code-changed", name: "c" },
          { kind: "document", name: "d", document: "spec" }
        ]
      }
    ]).gates
    deepStrictEqual(gates[0]?.checks.map(line), ["2 code reviews", "tests", "code changed", "spec"])
    strictEqual(gates[0]?.mode, "extend")
  })
})

describe("withChanges", () => {
  const licences = { kind: "script", name: "licences", script: ".calm/licences.mjs" }
  const step = { type: "feature", from: "CODE_REVIEW", to: "TEST" }
  const linesOf = (changed: GateTable, name = "CODE_REVIEW-TEST") =>
    Gate.find(changed, "feature", name)?.checks.map(line)

  it("adds a check to a gate, behind those it has", () => {
    deepStrictEqual(linesOf(Gate.withChanges(builtIn, changes([{ ...step, checks: [licences] }]))), [
      "2 code reviews",
      ".calm/licences.mjs"
    ])
  })

  it("puts a check in the place of the one of the same name", () => {
    const checks = [licences, { kind: "reviews", name: "code reviews", review: "code", count: 3 }]
    deepStrictEqual(linesOf(Gate.withChanges(builtIn, changes([{ ...step, checks }]))), [
      "3 code reviews",
      ".calm/licences.mjs"
    ])
  })

  it("replaces all checks of a gate where asked to", () => {
    deepStrictEqual(linesOf(Gate.withChanges(builtIn, changes([{ ...step, mode: "replace", checks: [licences] }]))), [
      ".calm/licences.mjs"
    ])
  })

  it("leaves all other gates as they are, the same step of the other type among them", () => {
    const changed = Gate.withChanges(builtIn, changes([{ ...step, mode: "replace", checks: [licences] }]))
    deepStrictEqual(
      changed.gates.filter((each) => Gate.nameOf(each) !== "CODE_REVIEW-TEST"),
      builtIn.gates.filter((each) => Gate.nameOf(each) !== "CODE_REVIEW-TEST")
    )
  })

  it("applies entries for the same gate one after the other", () => {
    const both = changes([
      { ...step, mode: "replace", checks: [licences] },
      { ...step, checks: [{ kind: "script", name: "audit", command: ["npm", "audit"] }] }
    ])
    deepStrictEqual(linesOf(Gate.withChanges(builtIn, both)), [".calm/licences.mjs", "npm audit"])
  })

  it("has no room for two checks of one name in a gate, of which one would be dropped in silence", () => {
    const twice = [licences, { ...licences, script: ".calm/other.mjs" }]
    assertTrue(Either.isLeft(decodeChanges({ version: 1, gates: [{ ...step, checks: twice }] })))
    assertTrue(Either.isLeft(Schema.decodeUnknownEither(Gate.Gate)({ ...step, checks: twice })))
  })

  it.prop(
    "by extending never loses the name of a check, and keeps the table complete",
    {
      at: FastCheck.nat(builtIn.gates.length - 1),
      names: FastCheck.uniqueArray(FastCheck.constantFrom("tests", "a", "b", "approval"))
    },
    ({ at, names }) => {
      const target = builtIn.gates[at]
      if (target === undefined) return
      const checks = names.map((name) => ({ kind: "script", name, script: "tests" }))
      const changed = Gate.withChanges(
        builtIn,
        changes([{ type: target.type, from: target.from, to: target.to, checks }])
      )
      assertTrue(Schema.is(Gate.GateTable)(changed))
      const now = (changed.gates[at]?.checks ?? []).map(({ name }) => name)
      for (const name of [...names, ...target.checks.map((check) => check.name)])
        strictEqual(now.filter((each) => each === name).length, 1)
    }
  )
})

describe("find", () => {
  for (const name of [
    "IMPLEMENT-CODE_REVIEW",
    "IMPLEMENT->CODE_REVIEW",
    "implement-code_review",
    " Implement->Code_Review "
  ])
    it(`understands ${JSON.stringify(name)}`, () => {
      deepStrictEqual(Gate.find(builtIn, "feature", name), gate("feature", "IMPLEMENT-CODE_REVIEW"))
    })

  for (const name of [
    "",
    "IMPLEMENT",
    "-",
    "CODE_REVIEW-IMPLEMENT",
    "IMPLEMENT-TEST",
    "IMPLEMENT--CODE_REVIEW",
    "IMPLEMENT CODE_REVIEW",
    "nonsense"
  ])
    it(`knows no gate ${JSON.stringify(name)}`, () => strictEqual(Gate.find(builtIn, "feature", name), undefined))

  it("knows no gate of the other type", () => {
    strictEqual(Gate.find(builtIn, "bug", "IMPLEMENT-CODE_REVIEW"), undefined)
    strictEqual(Gate.find(builtIn, "feature", "FIXED-REVIEWED"), undefined)
  })
})

describe("runOf", () => {
  const check = (more: Partial<ScriptCheck>): ScriptCheck => ({
    kind: "script",
    name: "a",
    full: false,
    noSkips: false,
    ...more
  })
  const tests = check({ script: "tests" })
  const fullTests = check({ script: "tests", full: true })

  it("lets full tests share the result of tests where the project has no others", () => {
    strictEqual(Gate.runOf(fullTests, {}).key, Gate.runOf(tests, {}).key)
    strictEqual(Gate.runOf(check({ script: "tests", full: true, noSkips: true }), { gates: {} }).key, "tests")
  })

  it("runs the project's full tests where it has some, and those for full tests alone", () => {
    const config = { gates: { fullTests: ["make", "e2e"] as const } }
    deepStrictEqual(Gate.runOf(fullTests, config), { key: 'command ["make","e2e"]', command: ["make", "e2e"] })
    deepStrictEqual(Gate.runOf(tests, config), { key: "tests", script: "tests" })
  })

  it("shares the result of one command between checks, and of no two commands", () => {
    const key = (...command: [string, ...Array<string>]) => Gate.runOf(check({ command }), {}).key
    strictEqual(key("a", "b"), key("a", "b"))
    assertFalse(key("a", "b") === key("a b"))
    assertFalse(key("tests") === Gate.runOf(tests, {}).key)
  })

  it("goes by what is run, not by the check's name", () => {
    strictEqual(
      Gate.runOf(check({ name: "x", script: "tests" }), {}).key,
      Gate.runOf(check({ name: "y", script: "tests" }), {}).key
    )
    assertFalse(Gate.runOf(check({ script: "linter" }), {}).key === Gate.runOf(tests, {}).key)
  })
})
