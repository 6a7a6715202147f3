import * as Document from "@calm/domain/Document"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import { bug, builtIn, report } from "./support/facts.ts"

const sections = builtIn.gates.flatMap((gate) =>
  gate.checks.flatMap((check) => (check.kind === "document" && check.document === "bug-report" ? check.sections : []))
)
const only: ReadonlyArray<Document.Section> = [{ title: "Root cause", headings: ["root cause"] }]

/** A report whose only asked-for section holds this. */
const holding = (content: string): ReadonlyArray<string> =>
  Document.faults(
    `# BUG-1: It breaks\n\nSeen twice.\n\n## Root cause\n\n${content}\n\n## Notes\n\nSeen on main.\n`,
    only
  )

const unfilled = ['its section "Root cause" is not filled in']

describe("Document.faults", () => {
  it("lacks nothing in a report whose every section says something", () => {
    strictEqual(sections.length, 3)
    deepStrictEqual(Document.faults(report, sections), [])
  })

  it("names each section that is not there", () => {
    deepStrictEqual(Document.faults("# BUG-1\n\nIt breaks.\n", sections), [
      'it has no section "Reproduction"',
      'it has no section "Root cause"',
      'it has no section "Fix plan"'
    ])
  })

  it("names each section that is empty", () => {
    deepStrictEqual(Document.faults(report.replace("Run it twice.", ""), sections), [
      'its section "Reproduction" is not filled in'
    ])
    deepStrictEqual(Document.faults(report.replace("Write to a folder of its own.\n", ""), sections), [
      'its section "Fix plan" is not filled in'
    ])
  })

  it("does not count the template as written, whatever the title is", () => {
    for (const title of ["It breaks", "Cannot reproduce", "Root cause of the fix plan unknown", "a # b"])
      deepStrictEqual(
        Document.faults(Document.bugReportTemplate(bug, title), sections),
        sections.map((section) => `its section "${section.title}" is not filled in`)
      )
    strictEqual(Document.faults(Document.bugReportTemplate(bug, "It breaks"), []).length, 1)
  })

  it("does not take the title for a section, nor what stands below it", () => {
    deepStrictEqual(
      Document.faults("# BUG-1: root cause unknown\n\nSeen twice.\n\n## Root cause\n\nTODO\n", only),
      unfilled
    )
    deepStrictEqual(
      Document.faults("# BUG-1: root cause unknown\n\nSeen twice.\n\n## Notes\n\nNone so far, but.\n", only),
      ['it has no section "Root cause"']
    )
  })

  for (const text of [
    "",
    "   \n\t",
    "TODO",
    "todo.",
    "**TODO**",
    "- TODO",
    "- [ ] TODO",
    "1. TODO",
    "1.\n2.",
    "> tbd",
    "TBD",
    "TBA",
    "FIXME",
    "XXX",
    "N/A",
    "n/a.",
    "NA",
    "none",
    "unknown",
    "To be determined",
    "to be filled in",
    "...",
    "…",
    "-",
    "---",
    "???",
    "<what happened>",
    "<what happened> <what should have>",
    "[describe the steps]",
    "- [steps]\n- [result]",
    "{steps}",
    "| | |\n|---|---|",
    "```\n```",
    "```sh\nTODO\n```",
    "<!-- The exact steps. -->",
    "<!-- The\n\nexact\n-->\n<!-- steps -->",
    "<!-- never closed",
    "### Steps",
    "### Steps\n\nTODO\n\n### Result\n\n...",
    "### Steps <!-- one by one -->"
  ])
    it(`takes ${JSON.stringify(text)} for not filled in`, () => deepStrictEqual(holding(text), unfilled))

  for (const text of [
    "The cache is never cleared.",
    "TODO lists are read twice.",
    "No lock is taken",
    "- a race",
    "1. a race",
    "`src/a.ts:12`",
    "[the log](https://example.com/log)",
    "![screenshot](a.png)",
    "不明な入力",
    "```ts\nread(twice)\n```",
    "a <!-- b -->",
    "<!-- a --> b",
    "### Steps\n\nRun it twice.",
    "### Steps\n\n#### First\n\nRun it.",
    "\n\n### Steps\nRun it twice.",
    "```sh\n# run it twice\n```",
    "<https://example.com/log>",
    "<!--> a race"
  ])
    it(`takes ${JSON.stringify(text)} for filled in`, () => deepStrictEqual(holding(text), []))

  it("ends a section at the next heading of its level or above, so that the next one's content is not its own", () => {
    deepStrictEqual(Document.faults("## Intro\n\na\n\n## Root cause\n\n## Notes\n\nHere.\n", only), unfilled)
    deepStrictEqual(Document.faults("## Intro\n\na\n\n### Root cause\n\n## Notes\n\nHere.\n", only), unfilled)
  })

  it("finds sections whatever their level, number, case and decoration", () => {
    for (const heading of [
      "# Root cause",
      "### ROOT CAUSE",
      "## 2. Root cause",
      "## **Root cause**",
      "## Root cause ##",
      "   ## Root cause",
      "##\tRoot cause"
    ])
      deepStrictEqual(Document.faults(`## Intro\n\na\n\n${heading}\n\nA race.\n`, only), [], heading)
  })

  it("takes neither an indented block, a mere word nor a seventh # for a heading", () => {
    for (const line of ["    ## Root cause", "Root cause", "##Root cause", "####### Root cause"])
      deepStrictEqual(
        Document.faults(`## Intro\n\na\n\n${line}\n\nA race.\n`, only),
        ['it has no section "Root cause"'],
        line
      )
  })

  for (const [what, open, close] of [
    ["backticks", "```", "```"],
    ["tildes", "~~~", "~~~"],
    ["a longer fence", "````md\n```js", "````"],
    ["a language", "```md", "```"],
    ["a fence that holds the other kind", "```\n~~~", "```"],
    ["a fence that holds one with a language", "```\n```js", "```"],
    ["a fence that never ends", "```", ""]
  ] as const)
    it(`takes no heading from a code fence (${what})`, () => {
      deepStrictEqual(Document.faults(`## Intro\n\n${open}\n## Root cause\n\nA race.\n${close}\n`, only), [
        'it has no section "Root cause"'
      ])
    })

  it("keeps the headings after a code fence", () => {
    for (const fence of ["```\n## a\n```", "~~~~\n~~~\n~~~~~", "```\n```js\n```", "```inline``` code"])
      deepStrictEqual(Document.faults(`## Intro\n\n${fence}\n\n## Root cause\n\nA race.\n`, only), [], fence)
  })

  it("keeps a section whole that shows a heading in a code fence", () => {
    deepStrictEqual(holding("```\n## Root cause\n## Notes\n```\n\nThe parser."), [])
  })

  it("takes a comment mark in code for code, which hides nothing after it", () => {
    for (const code of ["```html\n<!-- open\n```", "The mark `<!--` is not read."])
      deepStrictEqual(Document.faults(`## Intro\n\n${code}\n\n## Root cause\n\nA race.\n`, only), [], code)
  })

  it("takes no heading from a comment, even one that holds a fence", () => {
    deepStrictEqual(Document.faults("## Intro\n\na\n\n<!--\n```\n## Root cause\n\nA race.\n-->\n", only), [
      'it has no section "Root cause"'
    ])
    deepStrictEqual(Document.faults("## Intro\n\na\n\n<!--\n```\n-->\n\n## Root cause\n\nA race.\n", only), [])
  })

  it("reads lines that end as on Windows and on old Macs, and a byte order mark", () => {
    for (const end of ["\r\n", "\r"]) {
      deepStrictEqual(Document.faults(`\ufeff${report}`.replaceAll("\n", end), sections), [])
      strictEqual(
        Document.faults(Document.bugReportTemplate(bug, "It").replaceAll("\n", end), sections).length > 0,
        true
      )
    }
    strictEqual(Document.faults(report.replace("Run it twice.", "TODO").replaceAll("\n", "\r\n"), sections).length, 1)
  })

  it("asks of a document without sections only that it says something", () => {
    deepStrictEqual(Document.faults("# Proposal\n\nGreet.\n", []), [])
    deepStrictEqual(Document.faults("- Greets.", []), [])
    for (const text of ["", "\n", "# Proposal\n", "# Proposal\n\nTODO\n", "<!-- a -->", "\ufeff"])
      deepStrictEqual(Document.faults(text, []), ["it is empty"], JSON.stringify(text))
  })

  it("judges lines made to be slow at once", () => {
    const n = 50_000
    for (const line of [
      `# a${" ".repeat(n)}b`,
      `# ${"#".repeat(n)}b`,
      `#${" ".repeat(n)}`,
      `${"-".repeat(n)}b`,
      `${"[".repeat(n)}b`,
      "<!--".repeat(n),
      "`".repeat(n) + "a",
      "`<!--".repeat(n)
    ])
      Document.faults(`${line}\n\n## Root cause\n\n${line}\n`, only)
  }, 5_000)

  const markdown = FastCheck.array(
    FastCheck.oneof(
      FastCheck.constantFrom(
        "# ",
        "## Root cause",
        "```",
        "~~~",
        "<!--",
        "-->",
        "\n",
        "\r\n",
        "TODO",
        "<a>",
        "[b]",
        "- ",
        " ",
        "A race.",
        "`"
      ),
      FastCheck.string({ unit: "binary", maxLength: 5 })
    ),
    { maxLength: 30 }
  ).map((parts) => parts.join(""))

  it.prop(
    "never throws, and names each section at most once",
    { text: markdown },
    ({ text }) => {
      const faults = Document.faults(text, sections)
      strictEqual(new Set(faults).size, faults.length)
      assertTrue(faults.length <= sections.length)
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "judges a text the same whatever ends its lines",
    { text: markdown },
    ({ text }) => {
      const lines = text.replaceAll(/\r\n?/g, "\n")
      deepStrictEqual(Document.faults(lines.replaceAll("\n", "\r\n"), sections), Document.faults(lines, sections))
    },
    { fastCheck: { numRuns: 500 } }
  )
})

describe("where documents lie", () => {
  it("puts each kind where users find it", () => {
    deepStrictEqual(
      Document.DocumentKind.literals.map((kind) => Document.pathOf(kind, "X-1")),
      ["planning_docs/X-1/spec.md", "planning_docs/X-1/proposal.md", "bug_reports/X-1.md", "changelog.d/X-1.md"]
    )
  })

  it("puts every kind into a folder that is left out of the code digest", () => {
    for (const kind of Document.DocumentKind.literals)
      assertTrue(Document.isDocument(Document.pathOf(kind, "X-1"), Document.defaultFolders))
  })

  it("takes only what lies in the folder itself for a document", () => {
    for (const path of [
      "planning_docs",
      "planning_docs2/a.md",
      "src/planning_docs/a.md",
      "planning_docs.md",
      "README.md",
      ""
    ])
      assertFalse(Document.isDocument(path, Document.defaultFolders), path)
    assertTrue(Document.isDocument("docs/a/b.md", ["docs/a"]))
    assertFalse(Document.isDocument("docs/ab.md", ["docs/a"]))
  })
})
