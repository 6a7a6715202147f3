/** Ignore files: names, paths, `*`, `?`, `[...]`, `**`, a trailing slash for folders, `!` to take back. */

interface Rule {
  readonly pattern: RegExp
  readonly negated: boolean
  readonly foldersOnly: boolean
  /** It is held against the path from the ignore file's folder, else against the name alone. */
  readonly anchored: boolean
}

/** The rules of one ignore file. */
export interface RuleSet {
  /** The folder it stands in: `""` or `a/b/`. */
  readonly base: string
  readonly rules: ReadonlyArray<Rule>
}

const toRegExp = (glob: string): RegExp => {
  let source = ""
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i)
    if (char === "*") {
      if (glob.startsWith("**/", i)) {
        source += "(?:.*/)?"
        i += 2
      } else if (glob.startsWith("**", i)) {
        source += ".*"
        i += 1
      } else source += "[^/]*"
    } else if (char === "?") source += "[^/]"
    else if (char === "[" && glob.indexOf("]", i + 2) > 0) {
      const end = glob.indexOf("]", i + 2)
      source += `[${glob
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")}]`
      i = end
    } else {
      const literal = char === "\\" && i + 1 < glob.length ? glob.charAt(++i) : char
      source += literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
    }
  }
  return new RegExp(`^${source}$`, "s")
}

const parsed = new Map<string, ReadonlyArray<Rule>>()

const parse = (text: string): ReadonlyArray<Rule> => {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const rules: Array<Rule> = []
  for (const line of text.split(/\r?\n/)) {
    let glob = line.replace(/(?<!\\)[ \t]+$/, "")
    if (glob === "" || glob.startsWith("#")) continue
    const negated = glob.startsWith("!")
    if (negated) glob = glob.slice(1)
    const foldersOnly = glob.endsWith("/")
    if (foldersOnly) glob = glob.slice(0, -1)
    const anchored = glob.includes("/")
    if (glob.startsWith("/")) glob = glob.slice(1)
    rules.push({ pattern: toRegExp(glob), negated, foldersOnly, anchored })
  }
  parsed.set(text, rules)
  return rules
}

/** Reads an ignore file that stands in a folder (`""` or `a/b/`). */
export const ruleSet = (base: string, text: string): RuleSet => ({ base, rules: parse(text) })

/** Do these rules ignore a path? The last set is the innermost and has the first word; in a set the last rule has. */
export const isIgnored = (sets: ReadonlyArray<RuleSet>, path: string, folder: boolean): boolean => {
  const name = path.slice(path.lastIndexOf("/") + 1)
  for (let s = sets.length - 1; s >= 0; s--) {
    const set = sets[s]
    if (set === undefined) continue
    for (let r = set.rules.length - 1; r >= 0; r--) {
      const rule = set.rules[r]
      if (rule === undefined || (rule.foldersOnly && !folder)) continue
      if (rule.pattern.test(rule.anchored ? path.slice(set.base.length) : name)) return !rule.negated
    }
  }
  return false
}
