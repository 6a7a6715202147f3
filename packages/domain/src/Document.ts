/** The documents of a task: where they lie in the repository, and when one counts as written. */
import * as Schema from "effect/Schema"

/** The kinds of document that gates ask for. */
export const DocumentKind = Schema.Literal("spec", "proposal", "bug-report", "changelog")
export type DocumentKind = typeof DocumentKind.Type

/** Where a document lies, from the repository's root. */
export const pathOf = (kind: DocumentKind, task: string): string => {
  switch (kind) {
    case "spec":
      return `planning_docs/${task}/spec.md`
    case "proposal":
      return `planning_docs/${task}/proposal.md`
    case "bug-report":
      return `bug_reports/${task}.md`
    case "changelog":
      return `changelog.d/${task}.md`
  }
}

/** The folders that hold documents and no code, unless the project's configuration names others. */
export const defaultFolders: ReadonlyArray<string> = ["planning_docs", "bug_reports", "changelog.d"]

/** Does a path lie in one of these folders? */
export const isDocument = (path: string, folders: ReadonlyArray<string>): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`))

/** A section that a document must have: its name for people, and the words its heading may contain. */
export const Section = Schema.Struct({
  title: Schema.NonEmptyString,
  headings: Schema.NonEmptyArray(Schema.NonEmptyString)
})
export type Section = typeof Section.Type

/** The starting point of a bug report: its sections hold only comments, so that none counts as filled. */
export const bugReportTemplate = (task: string, title: string): string => `# ${task}: ${title}

## Reproduction

<!-- The exact steps or command, what happened, what should have happened. -->

## Root cause

<!-- Where the fault is and why it happens, with the evidence for it. -->

## Fix plan

<!-- Which files change and how, and which test will fail before and pass after. -->
`

interface Heading {
  readonly level: number
  readonly text: string
  readonly line: number
}

const withoutComments = (markdown: string): string => markdown.replace(/<!--[\s\S]*?(?:-->|$)/g, "")

const headingsOf = (lines: ReadonlyArray<string>): ReadonlyArray<Heading> => {
  const headings: Array<Heading> = []
  let fence: string | undefined
  lines.forEach((line, index) => {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1]
    if (mark !== undefined) {
      if (fence === undefined) fence = mark
      else if (mark.startsWith(fence)) fence = undefined
      return
    }
    const match = fence === undefined ? /^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$/.exec(line) : null
    if (match?.[1] !== undefined && match[2] !== undefined)
      headings.push({ level: match[1].length, text: match[2].toLowerCase(), line: index })
  })
  return headings
}

const placeholder =
  /^[\s>*_`~|:.,;!?…\-+#()[\]]*(?:todo|tbd|tba|fixme|xxx|n\/?a|none|unknown|to be (?:done|determined|decided|written|filled(?: in)?)|fill (?:this |me )?in|placeholder|lorem ipsum.*|<[^<>]*>|\[[^[\]]*\]|\{[^{}]*\})?[\s>*_`~|:.,;!?…\-+#()[\]]*$/i

/** Do these lines say something, beyond headings and placeholders? */
const saysSomething = (lines: ReadonlyArray<string>): boolean =>
  lines.some((line) => !/^ {0,3}#{1,6}\s/.test(line) && !/^ {0,3}(?:```|~~~)/.test(line) && !placeholder.test(line))

/**
 * What a document lacks: one line a fault, none for a document that counts. A section reaches to the next heading of its
 * own level or above, so its sub-sections count as its content; comments and placeholders do not.
 */
export const faults = (markdown: string, sections: ReadonlyArray<Section>): ReadonlyArray<string> => {
  const lines = withoutComments(markdown).split(/\r\n|\r|\n/)
  if (!saysSomething(lines)) return ["it is empty"]
  const headings = headingsOf(lines)
  return sections.flatMap((section) => {
    const wanted = section.headings.map((heading) => heading.toLowerCase())
    const found = headings.filter((heading) => wanted.some((words) => heading.text.includes(words)))
    if (found.length === 0) return [`it has no section "${section.title}"`]
    const filled = found.some((heading) => {
      const end = headings.find((other) => other.line > heading.line && other.level <= heading.level)
      return saysSomething(lines.slice(heading.line + 1, end?.line))
    })
    return filled ? [] : [`its section "${section.title}" is not filled in`]
  })
}
