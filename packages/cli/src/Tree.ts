/**
 * The tree of commands: groups and, at their ends, entries that load a leaf when it is needed.
 *
 * The tree holds names and summaries only. It costs nothing to import, so that the help of the root and of a group
 * loads no command.
 */
import type { Leaf } from "./Leaf.ts"
import type { Style } from "./Style.ts"

/** One command: its line in the lists, and where the rest of it is. */
export interface Entry {
  readonly _tag: "Entry"
  readonly summary: string
  readonly load: () => Promise<{ readonly leaf: Leaf }>
}

/** Commands under one word. */
export interface Group {
  readonly _tag: "Group"
  readonly summary: string
  readonly description: string | undefined
  readonly examples: ReadonlyArray<string>
  /** What the group does when no command follows it (`calm status`). */
  readonly self: Entry | undefined
  readonly commands: Readonly<Record<string, Entry | Group>>
  /** What `calm help` explains besides; only at the root. No name of a command is one of a topic. */
  readonly topics: Readonly<Record<string, Topic>>
}

export type Node = Entry | Group

/** Where the text of a page of help is that belongs to no command. */
export type Topic = () => Promise<{ readonly page: (style: Style) => string }>

/** A command whose module exports it as `leaf`. The summary is one short line without a full stop. */
export const entry = (summary: string, load: Entry["load"]): Entry => ({ _tag: "Entry", summary, load })

/** A word that commands stand under. Their order here is their order in help. */
export const group = (spec: {
  readonly summary: string
  readonly description?: string | undefined
  readonly examples?: ReadonlyArray<string> | undefined
  readonly self?: Entry | undefined
  readonly commands: Readonly<Record<string, Node>>
  readonly topics?: Readonly<Record<string, Topic>> | undefined
}): Group => ({
  _tag: "Group",
  summary: spec.summary,
  description: spec.description,
  examples: spec.examples ?? [],
  self: spec.self,
  commands: spec.commands,
  topics: spec.topics ?? {}
})

/** The node of that name directly under a group. */
export const child = (parent: Group, name: string): Node | undefined =>
  Object.hasOwn(parent.commands, name) ? parent.commands[name] : undefined

/** The words that may follow a group. */
export const names = (parent: Group): ReadonlyArray<string> => Object.keys(parent.commands)

/** The node a path of words leads to. */
export const find = (root: Group, path: ReadonlyArray<string>): Node | undefined => {
  let node: Node | undefined = root
  for (const word of path) {
    if (node?._tag !== "Group") return undefined
    node = child(node, word)
  }
  return node
}

/** The path of a command with its entry. */
export interface Located {
  readonly path: ReadonlyArray<string>
  readonly entry: Entry
}

/** Every command below a node, in the order of help; `path` is where the node stands. */
export const entries = (node: Node, path: ReadonlyArray<string> = []): ReadonlyArray<Located> =>
  node._tag === "Entry"
    ? [{ path, entry: node }]
    : [
        ...(node.self === undefined ? [] : [{ path, entry: node.self }]),
        ...Object.entries(node.commands).flatMap(([name, below]) => entries(below, [...path, name]))
      ]
