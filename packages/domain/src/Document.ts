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

/** Does a path lie in one of these folders? What only has the name of one is no document: it may be a file or a link. */
export const isDocument = (path: string, folders: ReadonlyArray<string>): boolean =>
  folders.some((folder) => path.startsWith(`${folder}/`))

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

interface Line {
  readonly text: string
  /** 1 to 6 for a heading, else 0. */
  readonly level: number
}

/** A line without its comments; `open` tells whether a comment reaches into it, or beyond it. */
const withoutComments = (line: string, open: boolean): { readonly text: string; readonly open: boolean } => {
  let text = ""
  for (let at = 0; ;) {
    if (open) {
      const end = line.indexOf("-->", at)
      if (end < 0) return { text, open }
      at = end + 3
      open = false
    }
    const start = line.indexOf("<!--", at)
    if (start < 0) return { text: text + line.slice(at), open }
    const before = line.slice(at, start)
    // Between backticks it is code, and opens nothing.
    const closing = (before.match(/`+/g)?.length ?? 0) % 2 === 1 ? line.indexOf("`", start) : -1
    text += closing < 0 ? before : line.slice(at, closing + 1)
    open = closing < 0
    at = closing < 0 ? start + 2 : closing + 1
  }
}

/** The lines that can say something, without comments and the marks of code fences. Takes time in proportion to the text. */
const linesOf = (markdown: string): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  let fence: string | undefined
  let comment = false
  for (const line of markdown.split(/\r\n|\r|\n/)) {
    const [, mark, info = ""] = (comment ? null : /^ {0,3}(`{3,}|~{3,})([^]*)$/.exec(line)) ?? []
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true && info.trim() === "") fence = undefined
      else lines.push({ text: line, level: 0 })
    } else if (mark !== undefined && !(mark.startsWith("`") && info.includes("`"))) fence = mark
    else {
      const { open, text } = withoutComments(line, comment)
      comment = open
      lines.push({ text, level: /^ {0,3}(#{1,6})(?:\s|$)/.exec(text)?.[1]?.length ?? 0 })
    }
  }
  return lines
}

/** Stands for something that is not written yet: `<steps>`, `[steps]`, `{steps}`, but no `<https://...>`. */
const blank = /<(?!https?:)[^<>]*>|\[[^[\]]*\]|\{[^{}]*\}/gi

const marks = new Set(">*_`~|:.,;!?…-+#()[]")

const withoutMarks = (text: string): string => {
  const isMark = (char: string | undefined) => char !== undefined && (marks.has(char) || /\s/.test(char))
  let start = 0
  let end = text.length
  while (start < end && isMark(text[start])) start++
  while (end > start && isMark(text[end - 1])) end--
  return text.slice(start, end)
}

const placeholder =
  /^(?:todo|tbd|tba|fixme|xxx|n\/?a|none|unknown|to be (?:done|determined|decided|written|filled(?: in)?)|fill (?:this |me )?in|placeholder|lorem ipsum.*|\d{1,3})?$/i

/** Do these lines say something, beyond headings, marks, blanks and placeholders? */
const saysSomething = (lines: ReadonlyArray<Line>): boolean =>
  lines.some(({ level, text }) => {
    if (level > 0) return false
    const item = withoutMarks(text.replace(blank, "")).replace(/^\d{1,3}[.)](?=\s|$)/, "")
    return !placeholder.test(withoutMarks(item))
  })

/**
 * What a document lacks: one line a fault, none for a document that counts. A section reaches to the next heading of its
 * own level or above, so its sub-sections count as its content; comments and placeholders do not.
 */
export const faults = (markdown: string, sections: ReadonlyArray<Section>): ReadonlyArray<string> => {
  const lines = linesOf(markdown)
  if (sections.length === 0) return saysSomething(lines) ? [] : ["it is empty"]
  const headings = lines.flatMap(({ level, text }, line) =>
    level > 0 ? [{ level, text: text.toLowerCase(), line }] : []
  )
  // The one heading above all others is the title: its words are the task's, and all that follows stands below it.
  const [title, ...others] = headings
  const titled = title?.level === 1 && others.length > 0 && others.every(({ level }) => level > 1)
  return sections.flatMap((section) => {
    const wanted = section.headings.map((heading) => heading.toLowerCase())
    const found = (titled ? others : headings).filter(({ text }) => wanted.some((words) => text.includes(words)))
    if (found.length === 0) return [`it has no section "${section.title}"`]
    const filled = found.some((heading) => {
      const end = headings.find((other) => other.line > heading.line && other.level <= heading.level)
      return saysSomething(lines.slice(heading.line + 1, end?.line))
    })
    return filled ? [] : [`its section "${section.title}" is not filled in`]
  })
}
