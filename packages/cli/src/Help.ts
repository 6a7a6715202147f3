/** The help pages: one screen each, without a code for terminals unless on one. */
import { common, type OptionWord, rootOnly } from "./Globals.ts"
import type { Leaf } from "./Leaf.ts"
import * as Style from "./Style.ts"
import type { Entry, Group } from "./Tree.ts"

/** A heading with its lines below; nothing when there are no lines. */
export const section = (style: Style.Style, title: string, lines: string): ReadonlyArray<string> =>
  lines === "" ? [] : [`${Style.bold(style, title)}\n${lines}`]

/** Sections with an empty line between them. */
export const page = (...sections: ReadonlyArray<ReadonlyArray<string>>): string => sections.flat().join("\n\n")

/** A text within the width, none where there is none. */
export const paragraph = (style: Style.Style, text: string | undefined): ReadonlyArray<string> =>
  text === undefined ? [] : [Style.wrap(text, Math.min(style.width, 100)).join("\n")]

const usage = (style: Style.Style, path: ReadonlyArray<string>, rest: string): ReadonlyArray<string> => [
  `${Style.bold(style, "Usage:")} ${["calm", ...path].join(" ")}${rest}`
]

const optionTerm = (option: OptionWord): string =>
  option.name === "help"
    ? "-h, --help"
    : `--${option.name}${option.placeholder === undefined ? "" : ` <${option.placeholder}>`}`

const optionList = (style: Style.Style, options: ReadonlyArray<OptionWord & Partial<Choices>>): string =>
  Style.definitions(
    options.map((option) => [optionTerm(option), described(option)]),
    style
  )

const argumentList = (style: Style.Style, { args }: Leaf): string =>
  Style.definitions(
    args.map((argument) => [`<${argument.name}>`, described(argument)]),
    style
  )

interface Choices {
  readonly choices: ReadonlyArray<string>
}

/** The description, with the words to choose from unless the placeholder names them already. */
const described = (
  parameter: Partial<Choices> & { readonly description: string; readonly placeholder?: string | undefined }
) => {
  const choices = parameter.choices ?? []
  return choices.length === 0 || parameter.placeholder === choices.join("|")
    ? parameter.description
    : `${parameter.description}: ${choices.join(", ")}`
}

const exampleList = (style: Style.Style, examples: ReadonlyArray<string>): ReadonlyArray<string> =>
  section(style, examples.length === 1 ? "Example" : "Examples", examples.map((example) => `  ${example}`).join("\n"))

/** Where to read on, in one line: a page of help has little room. */
const topicList = (style: Style.Style, { topics }: Group): ReadonlyArray<string> => {
  const names = Object.keys(topics)
  return names.length === 0 ? [] : [`${Style.bold(style, "Explained by calm help <topic>:")} ${names.join(", ")}`]
}

/** What a group, or calm itself, offers. Loads no command. */
export const group = (path: ReadonlyArray<string>, node: Group, style: Style.Style): string =>
  page(
    paragraph(style, node.summary).map((summary) => Style.bold(style, summary)),
    paragraph(style, node.description),
    usage(style, path, node.self === undefined ? " <command> [options]" : " [<command>] [options]"),
    section(
      style,
      "Commands",
      Style.definitions(
        Object.entries(node.commands).map(([name, below]) => [name, below.summary]),
        style
      )
    ),
    section(style, "Options", optionList(style, path.length === 0 ? [...common, ...rootOnly] : common)),
    topicList(style, node),
    exampleList(style, node.examples)
  )

/** How one command is called. */
export const leaf = (path: ReadonlyArray<string>, node: Entry, command: Leaf, style: Style.Style): string => {
  const words = command.args.map(({ name, repeated, required }) => {
    const word = repeated ? `<${name}>...` : `<${name}>`
    return required ? ` ${word}` : ` [${word}]`
  })
  const needed = command.options.filter((option) => option.required).map((option) => ` ${optionTerm(option)}`)
  return page(
    [Style.bold(style, node.summary)],
    paragraph(style, command.description),
    usage(style, path, `${words.join("")}${needed.join("")} [options]`),
    section(style, "Arguments", argumentList(style, command)),
    section(style, "Options", optionList(style, command.options)),
    section(style, "Options of every command", optionList(style, common)),
    exampleList(style, command.examples)
  )
}

/** A group that does something by itself, too (`calm status`): its own options belong on the page. */
export const groupWithSelf = (path: ReadonlyArray<string>, node: Group, self: Leaf, style: Style.Style): string =>
  page(
    [group(path, { ...node, examples: [] }, style)],
    section(style, "Arguments without a command", argumentList(style, self)),
    section(style, "Options without a command", optionList(style, self.options)),
    exampleList(style, self.examples)
  )
