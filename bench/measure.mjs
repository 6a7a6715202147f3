/** Measuring: programs in turn, so that whatever else the machine does falls on all of them alike. */
import { spawnSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { folder } from "./place.mjs"

export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const ended = ({ args, cwd, program }, { error, signal, status, stderr }) => {
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ${args.join(" ")} in ${cwd}: ${error?.message ?? signal ?? status}\n${stderr}`)
}

/** Milliseconds that a program takes from its start to its end. */
export const time = ({ args, cwd, env, program }) => {
  const start = process.hrtime.bigint()
  const result = spawnSync(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 })
  const took = Number(process.hrtime.bigint() - start) / 1e6
  ended({ args, cwd, env, program }, result)
  return took
}

/**
 * Milliseconds of each of several programs, measured in turn (A, B, A, B, …) after one run of each that does not count.
 * A program is `{ program, args, cwd, env }`, or a function of the number of the round that makes one.
 */
export const inTurn = (times, programs) => {
  const names = Object.keys(programs)
  const found = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= times; round++)
    for (const name of names) {
      const one = programs[name]
      const took = time(typeof one === "function" ? one(round) : one)
      if (round > 0) found[name].push(took)
    }
  return Object.fromEntries(names.map((name) => [name, median(found[name])]))
}

const counter = join(import.meta.dirname, "memory.cjs")

/** The most memory that a Node program had, in MB: said by itself at its end, in runs that are not timed. */
const memory = ({ args, cwd, env, program }) => {
  const base = folder()
  const file = join(base, "rss")
  const result = spawnSync(program, ["-r", counter, ...args], {
    cwd,
    env: { ...env, BENCH_MEMORY: file },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28
  })
  ended({ args, cwd, env, program }, result)
  const kilobytes = Number(readFileSync(file, "utf8"))
  rmSync(base, { recursive: true })
  return kilobytes / 1024
}

/** The same for memory. */
export const memoryInTurn = (times, programs) => {
  const names = Object.keys(programs)
  const rounds = Array.from({ length: times }, () => names.map((name) => memory(programs[name])))
  return Object.fromEntries(names.map((name, index) => [name, median(rounds.map((round) => round[index]))]))
}
