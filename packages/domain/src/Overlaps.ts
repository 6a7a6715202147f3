/**
 * Where the work of two tasks meets: paths that both have changed or mean to change. Pure.
 *
 * A pattern is what `--touches` takes: `*` and `?` within a name, `**` for any folders, `{a,b}`, `[a-z]`. One that ends
 * with a plain name means all below it, too. Where two patterns could mean the same path they meet, whether or not there
 * is such a path yet.
 */

/** What a task has changed (paths) and what it means to change (patterns). */
export interface Claim {
  readonly paths: ReadonlyArray<string>
  readonly patterns: ReadonlyArray<string>
}

/** One character of a name, as a pattern has it. `*` stands for any number of them. */
type Token = "*" | ((char: string) => boolean) | { readonly char: string }

const anything = (char: string): boolean => char !== "/"

/** `[a-z]` and `[!a-z]`, from behind the bracket; `undefined` where it is never closed: then it is a plain bracket. */
const classOf = (text: string): { readonly test: (char: string) => boolean; readonly length: number } | undefined => {
  const found = /^([!^]?)(\]?[^\]]*)\]/.exec(text)
  if (found === null) return undefined
  const [whole, not = "", body = ""] = found
  const ranges = Array.from(body.matchAll(/(.)-(.)|(.)/gsu), ([, from, to, single]) => [from ?? single, to ?? single])
  const isIn = (char: string) => ranges.some(([from = "", to = ""]) => char >= from && char <= to)
  return { test: (char) => isIn(char) !== (not !== ""), length: whole.length }
}

const tokensOf = (name: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  for (let at = 0; at < name.length; at++) {
    const char = name[at] ?? ""
    const group = char === "[" ? classOf(name.slice(at + 1)) : undefined
    if (group !== undefined) {
      tokens.push(group.test)
      at += group.length
    } else if (char === "*") {
      if (tokens.at(-1) !== "*") tokens.push("*")
    } else if (char === "?") tokens.push(anything)
    else if (char === "\\" && at + 1 < name.length) tokens.push({ char: name[++at] ?? "" })
    else tokens.push({ char })
  }
  return tokens
}

/** Could one character be both? Of two sets that is not worked out: they could. */
const meet = (a: Token, b: Token): boolean => {
  if (typeof a === "object") return typeof b === "object" ? a.char === b.char : typeof b === "function" && b(a.char)
  return typeof b === "object" ? typeof a === "function" && a(b.char) : true
}

/**
 * Do two lists have a common reading, where some items stand for any number of others? Every pair of places is looked at
 * once, so that no pattern takes more than the product of the two lengths.
 */
const haveCommon = <A>(
  a: ReadonlyArray<A>,
  b: ReadonlyArray<A>,
  isMany: (item: A) => boolean,
  areCommon: (x: A, y: A) => boolean
): boolean => {
  let row: Array<boolean> = []
  for (let i = a.length; i >= 0; i--) {
    const below = row
    row = []
    for (let j = b.length; j >= 0; j--) {
      const x = a[i]
      const y = b[j]
      row[j] =
        (x === undefined && y === undefined) ||
        (x !== undefined && isMany(x) && (below[j] === true || (y !== undefined && row[j + 1] === true))) ||
        (y !== undefined && isMany(y) && (row[j + 1] === true || (x !== undefined && below[j] === true))) ||
        (x !== undefined && y !== undefined && !isMany(x) && !isMany(y) && areCommon(x, y) && below[j + 1] === true)
    }
  }
  return row[0] === true
}

const isStar = (token: Token): boolean => token === "*"

const namesMeet = (a: string, b: string): boolean => a === b || haveCommon(tokensOf(a), tokensOf(b), isStar, meet)

/** So many alternatives are spelled out; a pattern with more is taken to mean anything. */
const mostAlternatives = 500

/** A pattern with `{a,b}` spelled out, the innermost first. */
const alternatives = (pattern: string): ReadonlyArray<string> => {
  let spelled: ReadonlyArray<string> = [pattern]
  for (;;) {
    const next = spelled.flatMap((text) => {
      const found = /\{([^{}]*,[^{}]*)\}/.exec(text)
      if (found === null) return [text]
      const [whole, body = ""] = found
      return body.split(",").map((part) => text.slice(0, found.index) + part + text.slice(found.index + whole.length))
    })
    if (next.length > mostAlternatives) return ["**"]
    if (next.length === spelled.length && next.every((text, index) => text === spelled[index])) return spelled
    spelled = next
  }
}

const isPlain = (name: string): boolean => !/[*?[\\]/.test(name)

/** The names of a pattern from the root on; `**` at its end where it means a folder. */
const pathsOf = (pattern: string): ReadonlyArray<ReadonlyArray<string>> =>
  alternatives(pattern).map((text) => {
    const names = text.split("/").filter((name) => name !== "" && name !== ".")
    const last = names.at(-1)
    return last === undefined || isPlain(last) || text.endsWith("/") ? [...names, "**"] : names
  })

const isDeep = (name: string): boolean => name === "**"

/** Could a path be meant by both patterns? */
export const patternsMeet = (a: string, b: string): boolean =>
  pathsOf(a).some((one) => pathsOf(b).some((other) => haveCommon(one, other, isDeep, namesMeet)))

/** In a path no character means anything but itself. */
const literally = (path: string): string => path.replace(/[*?[\]\\{}]/g, "\\$&")

/** Does a pattern mean this path? */
export const matches = (pattern: string, path: string): boolean => {
  const names = path.split("/").map(literally)
  return pathsOf(pattern).some((one) => haveCommon(one, names, isDeep, namesMeet))
}

/** What of the other's work meets this one: its paths, and its patterns as they are written; sorted. */
export const overlap = (own: Claim, other: Claim): ReadonlyArray<string> => {
  const paths = new Set(own.paths)
  const changed = other.paths.filter(
    (path) => paths.has(path) || own.patterns.some((pattern) => matches(pattern, path))
  )
  const declared = other.patterns.filter(
    (pattern) =>
      own.paths.some((path) => matches(pattern, path)) || own.patterns.some((one) => patternsMeet(one, pattern))
  )
  return [...new Set([...changed, ...declared])].toSorted()
}
