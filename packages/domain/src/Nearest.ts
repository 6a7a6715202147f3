/** Which valid word did somebody mean? */

/**
 * The least number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other
 * (Damerau–Levenshtein, optimal string alignment).
 */
export const distance = (from: string, to: string): number => {
  const a = Array.from(from)
  const b = Array.from(to)
  let beforeLast: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, char] of a.entries()) {
    const row = [i + 1]
    for (const [j, other] of b.entries()) {
      const replaced = (last[j] ?? 0) + (char === other ? 0 : 1)
      const removed = (last[j + 1] ?? 0) + 1
      const added = (row[j] ?? 0) + 1
      const swapped =
        i > 0 && j > 0 && char === b[j - 1] && a[i - 1] === other ? (beforeLast[j - 1] ?? 0) + 1 : Infinity
      row.push(Math.min(replaced, removed, added, swapped))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** Words longer than this are not mistyped commands; comparing them would only cost time. */
const longest = 40

/**
 * The candidate closest to the word, or `null` when none is close: at most half of the longer one differs, at least
 * one edit is allowed. A candidate that the word begins counts as close, of one letter if it begins no other; the same
 * first letter decides a draw.
 */
export const nearest = (word: string, candidates: Iterable<string>): string | null => {
  if (word.length > longest) return null
  const typed = word.toLowerCase()
  const bare = typed.replace(/^-+/, "")
  const all = Array.from(candidates, (candidate) => ({ candidate, stem: candidate.replace(/^-+/, "").toLowerCase() }))
  const begins = bare.length >= 2 || (bare !== "" && all.filter(({ stem }) => stem.startsWith(bare)).length === 1)
  let best: string | null = null
  let bestScore = Infinity
  for (const { candidate, stem } of all) {
    const begun = begins && stem.startsWith(bare)
    const edits = distance(bare, stem)
    const allowed = Math.max(1, Math.floor(Math.max(bare.length, stem.length) / 2))
    // Of two that are equally close, people rather mistype what follows the first letter.
    const score = (begun ? Math.min(edits, 1) : edits) + (stem[0] === bare[0] ? 0 : 0.5)
    // One-letter words are at distance 1 of each other; that says nothing.
    if ((begun || (edits <= allowed && stem.length > 1)) && score < bestScore) {
      best = candidate
      bestScore = score
    }
  }
  return best
}
