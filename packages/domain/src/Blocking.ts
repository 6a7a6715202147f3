/** Which tasks wait for which. Pure. */
import { commandLine } from "./CommandLine.ts"
import type { Blocker } from "./Facts.ts"

/** A task that was cancelled or deleted will not be done: who waits for it waits for ever. */
export const isDead = ({ phase }: Pick<Blocker, "phase">): boolean => phase === null || phase === "CANCELLED"

/** The command by which a task no longer waits for dead ones, and goes on waiting for all others. */
export const letGo = (task: string, blockers: ReadonlyArray<Blocker>): string => {
  const left = blockers.filter((blocker) => !isDead(blocker)).map(({ id }) => id)
  return left.length === 0
    ? `calm task update ${task} --blocked-by ""`
    : commandLine("calm", "task", "update", task, "--blocked-by", left.join(","))
}

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
