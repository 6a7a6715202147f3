import * as Ids from "@calm/domain/Ids"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, strictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"

/** Why no branch can have this name: the rules of `git check-ref-format --branch`, restated. */
const refFault = (name: string): string | undefined => {
  if (name === "" || name === "@" || name === "HEAD") return "not a branch"
  if (name.startsWith("-")) return "reads as an option"
  if (name.split("/").some((part) => part === "" || part.startsWith(".") || part.endsWith(".lock"))) return "component"
  if (name.includes("..") || name.includes("@{") || name.endsWith(".")) return "sequence"
  return /[\u0000-\u0020\u007f~^:?*[\\]/.test(name) ? "character" : undefined
}

const refused: ReadonlyArray<readonly [what: string, id: string]> = [
  ["the empty id", ""],
  ["65 characters", "a".repeat(65)],
  ["a leading dash", "-a"],
  ["a leading dot", ".a"],
  ["a leading underscore", "_a"],
  ["a space", "a b"],
  ["a space at the end", "a "],
  ["a slash", "a/b"],
  ["a backslash", "a\\b"],
  ["two dots", "a..b"],
  ["a path upwards", "../a"],
  ["a dot at the end", "a."],
  [".lock at the end", "a.lock"],
  [".LOCK at the end", "a.LOCK"],
  ["HEAD", "HEAD"],
  ["head, as file systems without case see it", "head"],
  ["40 hex digits", "0123456789abcdef0123456789abcdef01234567"],
  ["40 hex digits in upper case", "0123456789ABCDEF0123456789ABCDEF01234567"],
  ["64 hex digits", "a".repeat(64)],
  ["con", "con"],
  ["CON with an extension", "CON.txt"],
  ["lpt1", "lpt1"],
  ["an emoji", "task-🎉"],
  ["a letter beyond ASCII", "täsk"],
  ["a full-width letter", "Ａ1"],
  ["a line feed at the end", "a\n"],
  ["a line feed inside", "a\nb"],
  ["NUL", "a\u0000b"],
  ["a command in $()", "$(id)"],
  ["$() after a letter", "a$(id)"],
  ["a backtick", "a`id`"],
  ["a quote", "a'b"],
  ["a semicolon", "a;b"],
  ["a tilde", "a~1"],
  ["a caret", "a^"],
  ["a colon", "a:b"],
  ["a glob", "a*"],
  ["a reflog", "a@{1}"]
]

const characters = [..."aZ09._-/\\ ~^:@{*\u0000\n$`ä", ".lock", "HEAD", "con"]
const likelyId = FastCheck.oneof(
  FastCheck.string({ unit: FastCheck.constantFrom(...characters), maxLength: 70 }),
  FastCheck.string({ unit: FastCheck.constantFrom(..."aZ09._-", ".lock"), minLength: 1, maxLength: 12 }),
  FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789abcdef"), minLength: 38, maxLength: 42 })
)

const accepts = <A, I>(schema: Schema.Schema<A, I>, value: unknown): boolean =>
  Either.isRight(Schema.decodeUnknownEither(schema)(value))

describe("TaskId", () => {
  for (const [what, id] of refused)
    it(`refuses ${what}, with a reason`, () => {
      assertTrue((Ids.taskIdFault(id) ?? "").length > 0)
      assertFalse(accepts(Ids.TaskId, id))
    })

  for (const id of [
    "SPEC-001",
    "BUG-12",
    "a",
    "1",
    "s".repeat(64),
    "fix_login.v2",
    "lock",
    "a.lock2",
    "HEADER",
    "console",
    "deadbeef"
  ])
    it(`accepts ${id}`, () => {
      strictEqual(Ids.taskIdFault(id), undefined)
      assertTrue(accepts(Ids.TaskId, id))
    })

  it.prop(
    "accepts only what git takes for a branch and what stays one name in a path",
    { id: likelyId },
    ({ id }) => {
      if (Ids.taskIdFault(id) !== undefined) return
      strictEqual(refFault(id), undefined)
      assertFalse(/[/\\]/.test(id))
      assertTrue(id !== "." && id !== "..")
    },
    { fastCheck: { numRuns: 2000 } }
  )

  it("names the id and the fault in what a user reads", () => {
    const message = Either.match(Schema.decodeUnknownEither(Ids.TaskId)("a/b"), {
      onLeft: (error) => error.message,
      onRight: () => ""
    })
    assertTrue(message.includes('"a/b"'))
    assertTrue(message.includes("characters other than"))
  })

  it("shows control characters escaped and only the beginning of a huge id", () => {
    const message = Either.match(Schema.decodeUnknownEither(Ids.TaskId)(`\u001b[2J${"x".repeat(10_000)}`), {
      onLeft: (error) => error.message,
      onRight: () => ""
    })
    assertTrue(message.includes("\\u001b[2J"))
    assertFalse(message.includes("\u001b"))
    assertTrue(message.length < 300)
  })
})

describe("names and texts", () => {
  const table: ReadonlyArray<
    readonly [name: string, accepts: (text: string) => boolean, good: ReadonlyArray<string>, bad: ReadonlyArray<string>]
  > = [
    [
      "Title",
      (text) => accepts(Ids.Title, text),
      ["a", "a".repeat(500), "Grüße 🎉", "<b> & $(id)"],
      [
        "",
        "  ",
        "a".repeat(501),
        "a\nb",
        "a\rb",
        "a\tb",
        "a\u0000b",
        "a\u001b[2Jb",
        "a\u007fb",
        "a\u009b2Jb",
        "a\u2028b"
      ]
    ],
    [
      "Note",
      (text) => accepts(Ids.Note, text),
      ["", "a\nb\tc", "a".repeat(100_000)],
      ["a".repeat(100_001), "a\u0000b"]
    ],
    [
      "Reason",
      (text) => accepts(Ids.Reason, text),
      ["because\nof this"],
      ["", " \n\t", "a\u0000b", "a".repeat(100_001)]
    ],
    [
      "PersonName",
      (text) => accepts(Ids.PersonName, text),
      ["Ann", "Ann O'Neil", "李雷", "a".repeat(200)],
      ["", " ", "a".repeat(201), "Ann\nBob", "Ann\u0000", "Ann\u001b[1m", "Ann\u009b1m", "Ann\u2029"]
    ],
    [
      "CounterName",
      (text) => accepts(Ids.CounterName, text),
      ["merge_lock", "a1"],
      ["", "1a", "A", "a-b", "a b", "a".repeat(65)]
    ],
    [
      "WorkerId",
      (text) => accepts(Ids.WorkerId, text),
      ["backend-1", "a".repeat(64)],
      ["", "-a", ".a", "a b", "a/b", "a\n", "a".repeat(65)]
    ],
    [
      "Time",
      (text) => accepts(Ids.Time, text),
      ["2026-01-01T00:00:00.000Z"],
      ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+01:00"]
    ]
  ]
  for (const [name, takes, good, bad] of table)
    it(`${name} takes what people write and refuses what breaks a line or a limit`, () => {
      for (const text of good) assertTrue(takes(text), JSON.stringify(text.slice(0, 40)))
      for (const text of bad) assertFalse(takes(text), JSON.stringify(text.slice(0, 40)))
    })
})

describe("samePerson", () => {
  for (const [a, b] of [
    ["Ann", "ann"],
    ["Ann Lee", "  ann   LEE "],
    ["Ann Lee", "Ann\u00a0Lee"],
    ["René", "Rene\u0301"],
    ["Ann", "Ａｎｎ"],
    ["ﬁona", "Fiona"]
  ] as const)
    it(`takes ${JSON.stringify(a)} and ${JSON.stringify(b)} for one person`, () => assertTrue(Ids.samePerson(a, b)))

  for (const [a, b] of [
    ["Ann", "Anna"],
    ["Ann Lee", "AnnLee"],
    ["René", "Rene"]
  ] as const)
    it(`takes ${a} and ${b} for two`, () => assertFalse(Ids.samePerson(a, b)))

  it.prop(
    "is blind to case and spacing for any name",
    {
      name: FastCheck.string({ unit: FastCheck.constantFrom(..."abc XYZ éﬁＡ") }),
      spaces: FastCheck.constantFrom("", " ", "\u3000 ")
    },
    ({ name, spaces }) => {
      assertTrue(Ids.samePerson(name, name.toUpperCase().toLowerCase()))
      assertTrue(Ids.samePerson(name, spaces + name.replaceAll(" ", "  ") + spaces))
    }
  )
})
