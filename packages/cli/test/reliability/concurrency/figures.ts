/** How long writes took. */
import type { Answer } from "./work.ts"
import { deeds } from "./mix.ts"

const at = (sorted: ReadonlyArray<number>, part: number) => sorted[Math.ceil(sorted.length * part) - 1] ?? 0

/** Of some durations: half of them, ninety-nine in a hundred, and all took at most so many milliseconds. */
const figures = (milliseconds: ReadonlyArray<number>) => {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), slowest: sorted.at(-1) ?? 0 }
}

export const words = (name: string, milliseconds: ReadonlyArray<number>): string => {
  const { p50, p99, slowest } = figures(milliseconds)
  return `${name} p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)}, slowest ${slowest.toFixed(0)} ms`
}

/** How long the writes of those took who work in one of the two ways. */
export const writes = (answers: ReadonlyArray<Answer>, by: Answer["by"]): ReadonlyArray<number> =>
  answers
    .filter((answer) => answer.by === by && deeds[answer.deed]?.writes === true)
    .map(({ milliseconds }) => milliseconds)

export const total = (milliseconds: ReadonlyArray<number>): number => milliseconds.reduce((sum, each) => sum + each, 0)
