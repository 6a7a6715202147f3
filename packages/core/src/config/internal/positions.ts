/**
 * Where each key and value stands in a JSON text, and where the text stops being JSON.
 *
 * The grammar of RFC 8259, as strict as `JSON.parse`, which gives the values but tells no places.
 */

/** A value with its place. Offsets are in characters from the beginning. */
export interface Node {
  readonly offset: number
  /** The keys of an object, in order, those that come twice included. */
  readonly members: ReadonlyArray<Member>
  readonly items: ReadonlyArray<Node>
}

interface Member {
  readonly key: string
  readonly offset: number
  readonly value: Node
}

/** What is wrong at a place. */
export interface Fault {
  readonly offset: number
  readonly message: string
}

/** Thrown and caught in here alone. */
class Stop {
  readonly fault: Fault
  constructor(fault: Fault) {
    this.fault = fault
  }
}

/** Nobody writes deeper by hand; a text that does must not exhaust the stack. */
const deepest = 200

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const blank = /[ \t\r\n]*/y

class Reader {
  private at = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  private fail(message: string, offset = this.at): never {
    throw new Stop({ offset, message })
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  /** Takes the character if it is the next one, blanks left out. */
  private take(char: string): boolean {
    this.match(blank)
    if (this.text[this.at] !== char) return false
    this.at += 1
    return true
  }

  private expected(what: string): never {
    const char = this.text.slice(this.at)[0]
    return this.fail(
      char === undefined
        ? `it ends where ${what} should follow`
        : `${what} should stand here, not ${JSON.stringify(char)}`
    )
  }

  private word(): string {
    const found = this.match(string)
    if (found === undefined) {
      if (this.text[this.at] !== '"') return this.expected("a text in double quotes")
      return this.fail("this text is not closed on its line, or has a character that must be written with a backslash")
    }
    // oxlint-disable-next-line no-restricted-properties -- the text of a key, known to be one
    return String(JSON.parse(found))
  }

  private object(offset: number, depth: number): Node {
    const members: Array<Member> = []
    while (!this.take("}")) {
      if (members.length > 0 && !this.take(",")) this.expected('"," or "}"')
      this.match(blank)
      const start = this.at
      if (this.text[this.at] === "}") this.fail('there is a "," too many before this "}"')
      const key = this.word()
      if (!this.take(":")) this.expected('":"')
      members.push({ key, offset: start, value: this.value(depth + 1) })
    }
    return { offset, members, items: [] }
  }

  private array(offset: number, depth: number): Node {
    const items: Array<Node> = []
    while (!this.take("]")) {
      if (items.length > 0 && !this.take(",")) this.expected('"," or "]"')
      this.match(blank)
      if (this.text[this.at] === "]") this.fail('there is a "," too many before this "]"')
      items.push(this.value(depth + 1))
    }
    return { offset, members: [], items }
  }

  private value(depth: number): Node {
    this.match(blank)
    const offset = this.at
    if (depth > deepest) this.fail("this is nested too deep")
    if (this.take("{")) return this.object(offset, depth)
    if (this.take("[")) return this.array(offset, depth)
    if (this.text[this.at] === '"') this.word()
    else if (this.match(number) === undefined && this.match(/true|false|null/y) === undefined) this.expected("a value")
    return { offset, members: [], items: [] }
  }

  whole(): Node {
    const root = this.value(0)
    this.match(blank)
    if (this.at < this.text.length) this.expected("nothing more")
    return root
  }
}

/** The places of a JSON text, or the first fault in it. */
export const read = (text: string): Node | Fault => {
  try {
    return new Reader(text).whole()
  } catch (thrown) {
    if (thrown instanceof Stop) return thrown.fault
    throw thrown
  }
}

/** The members whose key was there before. */
const again = (members: ReadonlyArray<Member>): ReadonlyArray<Member> => {
  const seen = new Set<string>()
  return members.filter(({ key }) => seen.size === seen.add(key).size)
}

/** The keys that stand twice in one object, with the way to each. */
export const doubled = (
  node: Node,
  path: ReadonlyArray<string> = []
): ReadonlyArray<Member & { path: ReadonlyArray<string> }> => [
  ...again(node.members).map((member) => ({ ...member, path: [...path, member.key] })),
  ...node.members.flatMap(({ key, value }) => doubled(value, [...path, key])),
  ...node.items.flatMap((item, index) => doubled(item, [...path, String(index)]))
]

/** Where the key stands that a path leads to, or, of a path that leads nowhere, the last part that is there. */
export const offsetOf = (root: Node, path: ReadonlyArray<PropertyKey>): number => {
  let node = root
  let offset = root.offset
  for (const part of path) {
    const member = node.members.findLast(({ key }) => key === part)
    const next = member?.value ?? node.items[Number(part)]
    if (next === undefined) break
    offset = member?.offset ?? next.offset
    node = next
  }
  return offset
}

/** Line and column of an offset, both from 1. */
export const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r]/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
