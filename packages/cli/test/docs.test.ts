import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { callsIn, codeIn, faultOf, fencedIn } from "./fixtures/commandLines.ts"

const root = new URL("../../../", import.meta.url)
const pages = ["README.md", ...Fs.readdirSync(new URL("docs/", root)).map((file) => `docs/${file}`)].filter((path) =>
  path.endsWith(".md")
)

describe("the command lines in the pages for people", () => {
  for (const page of pages) {
    it.effect(`can be run as ${page} writes them`, () =>
      Effect.gen(function* () {
        const calls = fencedIn(Fs.readFileSync(new URL(page, root), "utf8")).flatMap(callsIn)
        const faults = yield* Effect.forEach(calls, faultOf)
        assert.strictEqual(faults.filter((fault) => fault !== undefined).join("\n"), "")
      })
    )
  }

  it("lead only to pages and files that are there", () => {
    const dangling = pages.flatMap((page) =>
      [...Fs.readFileSync(new URL(page, root), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target = ""]) => new URL(target, new URL(page, root)))
        .filter((target) => !Fs.existsSync(target))
        .map((target) => `${page}: ${target.pathname}`)
    )
    assert.deepStrictEqual(dangling, [])
  })
})

describe("the reader of command lines that these tests rest on", () => {
  const page = [
    "Run `calm explain\n<task>` first.",
    "",
    "    calm task show <task>   # who and when",
    "",
    "```sh",
    "cd \"$(calm worktree path SPEC-001)\" && FOO=1 calm log --since '2 h' | head >out 2>&1; calm status",
    "calm session save <<'END'",
    "calm is not called here",
    "END",
    "```",
    "",
    "```console",
    "$ calm init",
    "calm says something",
    "```",
    "",
    "```json",
    "calm nothing",
    "```"
  ].join("\n")

  it("finds each call with its words, and nothing that is only said", () => {
    assert.deepStrictEqual(codeIn(page).flatMap(callsIn), [
      ["worktree", "path", "SPEC-001"],
      ["log", "--since", "2 h"],
      ["status"],
      ["session", "save"],
      ["init"],
      ["task", "show", "SPEC-001"],
      ["explain", "SPEC-001"]
    ])
  })

  it.effect("tells a command that is not there, a wrong option, a wrong value and an unknown placeholder", () =>
    Effect.gen(function* () {
      const lines = [
        "calm tusk list",
        "calm task list --phrase spec",
        "calm task list --phase nowhere",
        "calm task show",
        "calm task show <thing>",
        "calm task show SPEC-001"
      ]
      const faults = yield* Effect.forEach(lines.flatMap(callsIn), faultOf)
      assert.deepStrictEqual(
        faults.map((fault) => fault !== undefined),
        [true, true, true, true, true, false]
      )
    })
  )
})
