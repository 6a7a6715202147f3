/** Which tasks wait for which. Pure. */

/** The way round from a task back to itself, if there is one. */
export const findCycle = (
  waits: ReadonlyMap<string, ReadonlyArray<string>>,
  start: string
): ReadonlyArray<string> | undefined => {
  const seen = new Set<string>()
  const stack: Array<ReadonlyArray<string>> = [[start]]
  for (let path = stack.pop(); path !== undefined; path = stack.pop())
    for (const next of waits.get(path.at(-1) ?? start) ?? []) {
      if (next === start) return [...path, start]
      if (!seen.has(next)) {
        seen.add(next)
        stack.push([...path, next])
      }
    }
  return undefined
}
