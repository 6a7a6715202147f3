/** A three-way merge of text by lines, as diff3 does it. */

/** Cells of the table of common subsequences beyond which the differing middle counts as replaced whole. */
const largestTable = 16_000_000

const linesOf = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.split(/(?<=\n)/))

/** For each line of `base` the line of `side` that it stays, or -1: a longest common subsequence. */
const matches = (base: ReadonlyArray<string>, side: ReadonlyArray<string>): Int32Array => {
  const found = new Int32Array(base.length).fill(-1)
  let start = 0
  while (start < base.length && start < side.length && base[start] === side[start]) {
    found[start] = start
    start++
  }
  let baseEnd = base.length
  let sideEnd = side.length
  while (baseEnd > start && sideEnd > start && base[baseEnd - 1] === side[sideEnd - 1]) {
    baseEnd--
    sideEnd--
    found[baseEnd] = sideEnd
  }
  const rows = baseEnd - start
  const columns = sideEnd - start
  if (rows === 0 || columns === 0 || rows * columns > largestTable) return found
  const width = columns + 1
  const longest = new Uint32Array((rows + 1) * width)
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      longest[row * width + column] =
        base[start + row] === side[start + column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  let row = 0
  let column = 0
  while (row < rows && column < columns) {
    if (base[start + row] === side[start + column]) {
      found[start + row] = start + column
      row++
      column++
    } else if (at(row + 1, column) >= at(row, column + 1)) row++
    else column++
  }
  return found
}

const same = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index])

const closed = (lines: ReadonlyArray<string>): string => {
  const text = lines.join("")
  return text === "" || text.endsWith("\n") ? text : `${text}\n`
}

/** Merges two successors of a text; where both changed the same place, both stand in the result between markers. */
export const mergeLines = (texts: {
  readonly base: string
  readonly ours: string
  readonly theirs: string
  /** What the markers call the two sides. */
  readonly names: readonly [ours: string, theirs: string]
}): { readonly text: string; readonly conflict: boolean } => {
  const base = linesOf(texts.base)
  const ours = linesOf(texts.ours)
  const theirs = linesOf(texts.theirs)
  const inOurs = matches(base, ours)
  const inTheirs = matches(base, theirs)
  const merged: Array<string> = []
  let conflict = false
  let b = 0
  let o = 0
  let t = 0
  while (b < base.length || o < ours.length || t < theirs.length) {
    if (b < base.length && inOurs[b] === o && inTheirs[b] === t) {
      merged.push(base[b] ?? "")
      b++
      o++
      t++
      continue
    }
    let next = b
    while (next < base.length && (inOurs[next] === -1 || inTheirs[next] === -1)) next++
    const before = base.slice(b, next)
    const left = ours.slice(o, next < base.length ? inOurs[next] : ours.length)
    const right = theirs.slice(t, next < base.length ? inTheirs[next] : theirs.length)
    if (same(left, before) || same(left, right)) merged.push(...right)
    else if (same(right, before)) merged.push(...left)
    else {
      conflict = true
      const [ourName, theirName] = texts.names
      merged.push(`<<<<<<< ${ourName}\n${closed(left)}=======\n${closed(right)}>>>>>>> ${theirName}\n`)
    }
    b = next
    o += left.length
    t += right.length
  }
  return { text: merged.join(""), conflict }
}
