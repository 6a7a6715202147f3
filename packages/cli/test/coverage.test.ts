import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { root } from "../src/commands.ts"
import * as Tree from "../src/Tree.ts"

const clone = new URL("../../../", import.meta.url)
const page = Fs.readFileSync(new URL("docs/coverage.md", clone), "utf8")

/** A command line as the page writes it: the words of the command, and the options it names. */
const commandIn = (line: string) => {
  const words = line.split(" ").slice(1)
  const end = words.findIndex((word) => /^[<[-]/.test(word))
  return {
    line,
    command: words.slice(0, end < 0 ? words.length : end).join(" "),
    options: [...line.matchAll(/--([a-z-]+)/g)].map(([, name = ""]) => name)
  }
}

const named = (/^```text\n([^]*?)^```$/m.exec(page)?.[1] ?? "").trim().split("\n").map(commandIn)

const rows = [...page.matchAll(/^\| `(calm .+?)` \| .+ \| `(packages\/\S+)` (.+) \|$/gm)].map(
  ([, line = "", file = "", title = ""]) => ({ ...commandIn(line), file, title })
)

const entries = new Map(Tree.entries(root).map(({ entry, path }) => [path.join(" "), entry]))

describe("the table of what the specification named", () => {
  it("has every command and every option of the list", () => {
    assert.isAtLeast(named.length, 40)
    const missing = named.flatMap(({ command, options }) => {
      const own = rows.filter((row) => row.command === command)
      return own.length === 0
        ? [`calm ${command}`]
        : options
            .filter((name) => !own.some((row) => row.options.includes(name)))
            .map((name) => `calm ${command} --${name}`)
    })
    assert.deepStrictEqual(missing, [])
  })

  it.effect("names only commands and options that there are", () =>
    Effect.gen(function* () {
      const unknown: Array<string> = []
      for (const { command, line, options } of rows) {
        const entry = entries.get(command)
        const leaf = entry === undefined ? undefined : (yield* Effect.promise(entry.load)).leaf
        const known = leaf?.options.map(({ name }) => name) ?? []
        if (leaf === undefined || options.some((name) => !known.includes(name))) unknown.push(line)
      }
      assert.deepStrictEqual(unknown, [])
    })
  )

  it("names only tests that there are", () => {
    assert.strictEqual(rows.length, page.split("\n").filter((line) => line.startsWith("| `calm ")).length)
    const missing = rows.filter(({ file, title }) => {
      const path = new URL(file, clone)
      return (
        !Fs.existsSync(path) ||
        ![`"${title}"`, `\`${title}\``].some((text) => Fs.readFileSync(path, "utf8").includes(text))
      )
    })
    assert.deepStrictEqual(
      missing.map(({ file, title }) => `${file} ${title}`),
      []
    )
  })
})
