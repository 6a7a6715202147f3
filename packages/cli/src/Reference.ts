/** The page of all commands, `docs/commands.md`, made from the commands themselves (`node scripts/docs.mjs`). */
import * as Traced from "@calm/domain/Traced"
import { type Category, exitCodes } from "@calm/domain/Problem"
import * as Effect from "effect/Effect"
import { common, type OptionWord, rootOnly } from "./Globals.ts"
import type { Leaf } from "./Leaf.ts"
import { meanings } from "./topics/exit-codes.ts"
import { topics } from "./topics.ts"
import type { Entry, Group, Node } from "./Tree.ts"
import * as Usage from "./Usage.ts"

/** A text in a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const table = (
  head: readonly [string, string],
  rows: ReadonlyArray<readonly [string, string]>
): ReadonlyArray<string> =>
  rows.length === 0
    ? []
    : [
        `| ${head[0]} | ${head[1]} |`,
        "|---|---|",
        ...rows.map(([term, text]) => `| \`${cell(term)}\` | ${cell(text)} |`),
        ""
      ]

const fence = (language: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`\`\`\`${language}`, ...lines, "```", ""]

/** A description, with the words to choose from where it does not say them itself. */
const described = (description: string, choices: ReadonlyArray<string>): string =>
  choices.length === 0 ? description : `${description}: ${choices.map((choice) => `\`${choice}\``).join(", ")}`

const optionTerm = ({ name, placeholder }: OptionWord): string =>
  placeholder === undefined ? `--${name}` : `--${name} <${placeholder}>`

const usage = (path: ReadonlyArray<string>, { args, options }: Leaf): string =>
  [
    "calm",
    ...path,
    ...args.map(({ name, repeated, required }) => {
      const word = repeated ? `<${name}>...` : `<${name}>`
      return required ? word : `[${word}]`
    }),
    ...options.map((option) => (option.required ? optionTerm(option) : `[${optionTerm(option)}]`))
  ].join(" ")

const command = Effect.fnUntraced(function* (path: ReadonlyArray<string>, entry: Entry, depth: string) {
  const leaf = yield* Usage.load(entry)
  return [
    `${depth} calm ${path.join(" ")}`,
    "",
    `${entry.summary}.${leaf.description === undefined ? "" : ` ${leaf.description}`}`,
    "",
    ...fence("text", [usage(path, leaf)]),
    ...table(
      ["argument", "what it is"],
      leaf.args.map(({ choices, description, name }) => [name, described(description, choices)])
    ),
    ...table(
      ["option", "what it does"],
      leaf.options.map((option) => [optionTerm(option), described(option.description, option.choices)])
    ),
    ...(leaf.question
      ? ["A question: the answer is printed also when it is no, and the exit code then tells why.", ""]
      : []),
    ...fence("sh", leaf.examples)
  ]
})

const below: (node: Node, path: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>> = Effect.fnUntraced(
  function* (node, path) {
    // A group stands one heading above its commands; a command that is in no group stands as high as a group.
    if (node._tag === "Entry") return yield* command(path, node, path.length === 1 ? "##" : "###")
    const own = node.self === undefined ? [] : yield* command(path, node.self, "##")
    const head = [
      `## calm ${path.join(" ")}`,
      "",
      `${node.summary}.${node.description ? ` ${node.description}` : ""}`,
      ""
    ]
    const commands = yield* Effect.forEach(Object.entries(node.commands), ([name, each]) =>
      below(each, [...path, name])
    )
    return [...(own.length === 0 ? head : own), ...commands.flat()]
  }
)

/** The page, in Markdown. */
export const page = Traced.fn("Reference.page")(function* (root: Group) {
  const commands = yield* Effect.forEach(Object.entries(root.commands), ([name, node]) => below(node, [name]))
  const lines = [
    "# Commands",
    "",
    "<!-- Made by `node scripts/docs.mjs` from the commands; edit those. -->",
    "",
    "What `calm <command> --help` says, on one page. `calm schema <command>` prints the JSON Schema of an answer.",
    `\`calm help <topic>\` explains ${Object.keys(topics).join(", ")}.`,
    "",
    "## Options of every command",
    "",
    ...table(
      ["option", "what it does"],
      [...common, ...rootOnly].map((option) => [optionTerm(option), option.description])
    ),
    "## Exit codes",
    "",
    "0 is done, and yes to a question. With several reasons the code is the first present of 7, 6, 5, 8.",
    "",
    "| exit code | category | meaning |",
    "|---|---|---|",
    ...(Object.keys(exitCodes) as ReadonlyArray<Category>).map(
      (category) => `| ${exitCodes[category]} | \`${category}\` | ${meanings[category]} |`
    ),
    "",
    ...commands.flat()
  ]
  return `${lines.join("\n").trimEnd()}\n`
})
