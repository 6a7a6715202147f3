/** A fault in a configuration must be found in an editor at once: by file, line and key, with the key that was meant. */
import { type ConfigInvalid, decode } from "@calm/core/ConfigFile"
import { HomeConfig } from "@calm/domain/HomeConfig"
import { ProjectConfig } from "@calm/domain/ProjectConfig"
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Positions from "../src/config/internal/positions.ts"

type Which = "project" | "home"

const invalid = (which: Which, text: string) => {
  const read: Either.Either<unknown, ConfigInvalid> =
    which === "project"
      ? decode(ProjectConfig, text, ".calm/project.json", null)
      : decode(HomeConfig, text, "/home/me/.calm/config.json", null)
  return Either.match(read, {
    onLeft: (error) => error,
    onRight: (value) => assert.fail(`it was taken for ${JSON.stringify(value)}`)
  })
}

/** Line, column, key and reason of the one fault. */
const fault = (which: Which, text: string) => {
  const { faults } = invalid(which, text)
  assert.lengthOf(faults, 1)
  const [{ column, key, line, reason }] = faults
  return [line, column, key, reason]
}

describe("a fault", () => {
  it("names file, line and key, and the key that was meant", () => {
    const { hint, message } = invalid("project", '{\n  "kind": "go",\n  "gates": {\n    "timout": 60\n  }\n}\n')
    assert.strictEqual(message, '.calm/project.json:4: "gates.timout" is not known; did you mean "gates.timeout"?')
    assert.isNotNull(hint)
  })

  for (const [what, which, text, expected] of [
    ["an unknown key that is like no other", "project", '{"zzz": 1}', [1, 2, "zzz", '"zzz" is not known']],
    [
      "an unknown key of the user's own",
      "home",
      '{\n "colour": "auto"}',
      [2, 2, "colour", '"colour" is not known; did you mean "color"?']
    ],
    [
      "a value of another type",
      "project",
      '{\n\n  "gates": { "tests": "npm test" } }',
      [3, 14, "gates.tests", '"gates.tests": it is a list of texts, and not "npm test"']
    ],
    [
      "a word that is none of those to choose from",
      "home",
      '{ "color": "red" }',
      [1, 3, "color", '"color": it is auto, never, and not "red"']
    ],
    [
      "an item of a list",
      "project",
      '{ "docFolders": [\n  "docs",\n  "../x"\n] }',
      [3, 3, "docFolders.1", `"docFolders.1": a folder is a relative path inside the repository, without '..'`]
    ],
    [
      "a value of a folder of any name",
      "project",
      '{ "kinds": { "a": "cobol" } }',
      [1, 14, "kinds.a", '"kinds.a": it is javascript, python, rust, go, shell, and not "cobol"']
    ],
    [
      "something laxer in the user's own gates",
      "home",
      '{ "gates": { "requireAll": false } }',
      [
        1,
        14,
        "gates.requireAll",
        '"gates.requireAll": it can only be true: what is set for all projects makes gates stricter'
      ]
    ],
    [
      "fewer days in the trash than nothing is lost in",
      "home",
      '{ "trash": { "keepDays": 1 } }',
      [1, 14, "trash.keepDays", '"trash.keepDays": it is a number of days from 7 to 36500, and not 1']
    ],
    [
      "no backup at all",
      "home",
      '{ "backups": { "keep": 0 } }',
      [1, 16, "backups.keep", '"backups.keep": it is a whole number from 1 to 10000, and not 0']
    ],
    [
      "a time in which nobody can give a sign of life",
      "home",
      '{ "workers": { "staleAfter": "0s" } }',
      [1, 16, "workers.staleAfter", '"workers.staleAfter": it is how long, as in 30m, 2h or 1d']
    ],
    [
      "a key that stands there twice, of which one would be lost",
      "home",
      '{\r\n "color": "auto",\r\n "color": "never" }',
      [3, 2, "color", '"color" stands there twice']
    ],
    ["a list where an object should be", "project", "[]", [1, 1, null, "it is an object, and not []"]],
    [
      "a comma too many",
      "home",
      '{\n "color": "auto",\n}',
      [3, 1, null, 'this is not JSON: there is a "," too many before this "}"']
    ],
    [
      "a file that was cut off",
      "home",
      '{\n "color": "auto"',
      [2, 17, null, 'this is not JSON: it ends where "," or "}" should follow']
    ],
    ["an empty file", "home", "", [1, 1, null, "this is not JSON: it ends where a value should follow"]],
    [
      "a comment",
      "project",
      "{\n // none\n}",
      [2, 2, null, 'this is not JSON: a text in double quotes should stand here, not "/"']
    ]
  ] as const)
    it(`is found by its place: ${what}`, () => assert.deepStrictEqual(fault(which, text), [...expected]))

  it("is not told alone: all are counted, in the order of the file", () => {
    const { faults, message } = invalid("home", '{ "trash": 1,\n "workers": 2,\n "color": 3 }')
    assert.deepStrictEqual(
      faults.map(({ key, line }) => [line, key]),
      [
        [1, "trash"],
        [2, "workers"],
        [3, "color"]
      ]
    )
    assert.match(message, /^\/home\/me\/\.calm\/config\.json:1: "trash": .* \(and 2 more faults\)$/)
  })
})

describe("the reader of places", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  const agrees = (text: string): void => assert.strictEqual(!("message" in Positions.read(text)), isJson(text), text)

  it("takes exactly what JSON.parse takes", () => {
    FastCheck.assert(FastCheck.property(FastCheck.json(), (text) => agrees(text)))
    FastCheck.assert(
      FastCheck.property(FastCheck.json(), FastCheck.nat(), FastCheck.string({ maxLength: 2 }), (text, at, put) => {
        const place = at % (text.length + 1)
        agrees(text.slice(0, place) + put + text.slice(place + 1))
      })
    )
    for (const text of [
      "01",
      "-",
      "1.",
      "1e",
      ".5",
      "+1",
      "1 2",
      "tru",
      "nul",
      '"\u0001"',
      '"\\x"',
      '"\\u12"',
      "\ufeff{}",
      "[,]",
      "{,}"
    ])
      agrees(text)
  })

  it("finds every key where it stands", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()),
        FastCheck.nat(4),
        (value, blanks) => {
          const text = JSON.stringify(value, null, blanks)
          const root = Positions.read(text)
          assert.notProperty(root, "message")
          if ("message" in root) return
          for (const key of Object.keys(value)) {
            const offset = Positions.offsetOf(root, [key])
            assert.isTrue(text.startsWith(JSON.stringify(key), offset), `${key} in ${text}`)
          }
        }
      )
    )
  })

  it("stops at what is nested without end, instead of failing on it", () => {
    assert.property(Positions.read("[".repeat(100_000)), "message")
  })
})

it("whoever says nothing makes no mistake", () => {
  assert.deepStrictEqual(decode(ProjectConfig, "{}", "x", null), Either.right({}))
  assert.deepStrictEqual(decode(HomeConfig, ' { "$schema": "x" } ', "x", null), Either.right({ $schema: "x" }))
})
