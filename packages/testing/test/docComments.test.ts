import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"

const packages = Path.resolve(import.meta.dirname, "../..")

const Manifest = Schema.parseJson(
  Schema.Struct({ exports: Schema.Record({ key: Schema.String, value: Schema.String }) })
)

/** The public modules of the packages that programs are built on. */
const modules = ["process", "git", "sql", "core", "testing"].flatMap((name) => {
  const folder = Path.join(packages, name)
  const { exports } = Schema.decodeSync(Manifest)(Fs.readFileSync(Path.join(folder, "package.json"), "utf8"))
  return Object.values(exports).map((source) => Path.join(folder, source))
})

/** What an editor shows beside a name: services, errors, layers; in a service its methods. */
const named = [
  /^export class \w+ extends (?:Context\.Tag|TaggedError)/,
  /^export const layer\w*\b/,
  /^ {4}readonly \w+: (?:\(|<|Effect\.|Eff<|Stream\.)/
]

const bareIn = (file: string): ReadonlyArray<string> => {
  const lines = Fs.readFileSync(file, "utf8").split("\n")
  let inTag = false
  return lines.flatMap((line, index) => {
    if (/^export class \w+ extends Context\.Tag/.test(line)) inTag = true
    else if (line.startsWith(">() {")) inTag = false
    const wants = named.some((pattern, kind) => (kind < 2 || inTag) && pattern.test(line))
    return !wants || lines[index - 1]?.trimEnd().endsWith("*/")
      ? []
      : [`${Path.relative(packages, file)}:${index + 1} ${line.trim()}`]
  })
}

describe("what programs are built on", () => {
  it("says of every service, method, error and layer what it is, since an editor shows nothing else", () => {
    assert.isAtLeast(modules.length, 40)
    assert.deepStrictEqual(modules.flatMap(bareIn), [])
  })
})
