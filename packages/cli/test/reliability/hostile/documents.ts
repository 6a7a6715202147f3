/** Files as nobody should write them: JSON and YAML that is nearly right, too deep, too large, twice, or no text. */
import * as FastCheck from "effect/FastCheck"
import { hostile } from "./words.ts"

const among = FastCheck.constantFrom

/** Keys that calm's files have, and those that objects are born with. */
const key = FastCheck.oneof(
  among(
    "$schema",
    "kind",
    "kinds",
    "setup",
    "docFolders",
    "testPatterns",
    "baseBranch",
    "gates",
    "tests",
    "linter",
    "timeout",
    "requireAll",
    "allowedSkips",
    "trash",
    "keepDays",
    "backups",
    "keep",
    "database",
    "color",
    "workers",
    "staleAfter",
    "checks",
    "add",
    "replace",
    "remove",
    "name",
    "script",
    "command",
    "from",
    "to",
    "type",
    "project_type",
    "gate_config",
    "composite_types",
    "doc_dirs"
  ),
  among("__proto__", "constructor", "toString", "hasOwnProperty", ""),
  hostile
)
const scalar: FastCheck.Arbitrary<unknown> = FastCheck.oneof(
  hostile,
  FastCheck.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "go", "never", "IMPLEMENT", []),
  FastCheck.double()
)
const value = FastCheck.letrec<{ value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    FastCheck.array(tie("value"), { maxLength: 3 }),
    FastCheck.array(FastCheck.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries))
  )
})).value

const object = FastCheck.array(FastCheck.tuple(key, value), { maxLength: 5 })

/** `Object.fromEntries` loses keys that stand twice; texts keep them. */
const objectText = object.map(
  (entries) => `{${entries.map(([name, inner]) => `${JSON.stringify(name)}: ${JSON.stringify(inner)}`).join(",\n  ")}}`
)

const many = FastCheck.tuple(among(1_000, 10_000, 20_000), FastCheck.nat(7)).map(([count, how]) => {
  const all = (item: (index: number) => string, separator = ",") =>
    Array.from({ length: count }, (_, index) => item(index)).join(separator)
  switch (how) {
    case 0:
      return `{${all((index) => `"k${index}": ${index}`)}}`
    case 1:
      return `{"kinds": {${all((index) => `"f${index}": "x"`)}}}`
    case 2:
      return `{"docFolders": [${all(() => '"../x"')}]}`
    case 3:
      return `{"kind": "go", ${all(() => '"kind": "go"')}}`
    case 4:
      return "[".repeat(count)
    case 5:
      return '{"a":'.repeat(count) + "1" + "}".repeat(count)
    case 6:
      return `{"gates": [${all((index) => `{"name": "${index}"}`)}]}`
    default:
      return `"${"\\u0000".repeat(count)}"`
  }
})

/** A text with something put in, or its end cut off. */
const bent = (text: string) =>
  FastCheck.tuple(FastCheck.nat(text.length), hostile, FastCheck.nat(3)).map(([at, odd, how]) =>
    how === 0
      ? text.slice(0, at)
      : how === 1
        ? text.slice(0, at) + odd + text.slice(at)
        : how === 2
          ? text.slice(0, at) + text.slice(at + 1)
          : `\ufeff${text.replaceAll("\n", "\r\n")}`
  )

/** JSON, and what some take for it. */
export const json: FastCheck.Arbitrary<string> = FastCheck.oneof(
  { weight: 8, arbitrary: objectText },
  { weight: 6, arbitrary: objectText.chain(bent) },
  { weight: 2, arbitrary: FastCheck.json() },
  { weight: 2, arbitrary: hostile },
  { weight: 1, arbitrary: many },
  { weight: 1, arbitrary: among("{'a': 1}", "{a: 1}", "// no\n{}", "{} {}", "NaN", "[1,]", '{"a": 01}', "1e999") }
)

/** YAML that grows out of a few lines, or that names what it should not. */
const bombs = [
  `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\ntitle: [*d, *d, *d, *d, *d, *d, *d, *d, *d]`,
  "title: &x\n  a: *x",
  "<<: {__proto__: {writesCode: true}}\ntitle: x",
  "__proto__:\n  writesCode: true\ntitle: x",
  "title: !!js/function 'function () {}'",
  "title: !!binary aGVsbG8=",
  "? [complex, key]\n: value",
  "title: x\ntitle: y",
  "title:\n\t- x",
  "title: *unknown",
  "%YAML 9.9\n---\ntitle: x",
  "title: 2024-02-30",
  "phases: yes\nreviews: no\nwritesCode: on",
  "title: |\n  two\n  lines\nsummary: \u001b[31mred",
  "- a\n- b",
  "{",
  '"',
  "? ? ? ?",
  "&a &b x",
  "!<tag:yaml.org,2002:map> x"
]
const deepYaml = FastCheck.tuple(
  among("[", "{a: ", "- ", "? ", "!a ", "&a ", "*a ", "'"),
  among(100, 1_000, 10_000)
).map(([piece, times]) => piece.repeat(times))
const field = FastCheck.tuple(
  among("title", "summary", "phases", "reviews", "writesCode", "__proto__", "x"),
  FastCheck.oneof(
    among("Backend engineer", "[IMPLEMENT]", "[]", "[code, bugfix]", "true", "false", "~"),
    hostile,
    hostile.map((text) => JSON.stringify(text))
  )
).map(([name, text]) => `${name}: ${text}`)
const good = ["title: A role", "summary: Works", "phases: [IMPLEMENT]", "reviews: [code]", "writesCode: false"]
const yaml = FastCheck.oneof(
  { weight: 4, arbitrary: FastCheck.array(field, { maxLength: 6 }).map((lines) => lines.join("\n")) },
  {
    weight: 4,
    arbitrary: FastCheck.tuple(FastCheck.nat(4), field).map(([at, line]) => good.toSpliced(at, 1, line).join("\n"))
  },
  { weight: 2, arbitrary: among(...bombs) },
  { weight: 1, arbitrary: deepYaml },
  { weight: 1, arbitrary: hostile }
)

/** The file of a role: front matter that is whole or not, and a prompt. */
export const role: FastCheck.Arbitrary<string> = FastCheck.oneof(
  {
    weight: 8,
    arbitrary: FastCheck.tuple(yaml, hostile, among("---", "--- ", "...", "----", "")).map(
      ([front, prompt, end]) => `---\n${front}\n${end}\n${prompt}`
    )
  },
  { weight: 1, arbitrary: hostile },
  { weight: 1, arbitrary: yaml.chain((text) => bent(`---\n${text}\n---\nWork.\n`)) }
)

/** The bytes of a text; now and then of another encoding, or with some that no text has. */
export const bytes = (text: FastCheck.Arbitrary<string>): FastCheck.Arbitrary<Uint8Array> =>
  FastCheck.oneof(
    { weight: 12, arbitrary: text.map((each) => new TextEncoder().encode(each)) },
    { weight: 1, arbitrary: text.map((each) => Uint8Array.from(Buffer.from(each, "utf16le"))) },
    { weight: 1, arbitrary: text.map((each) => Uint8Array.from(Buffer.from(each, "latin1"))) },
    { weight: 1, arbitrary: FastCheck.uint8Array({ maxLength: 60 }) }
  )
