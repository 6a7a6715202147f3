/** Where the time of a worktree and of a merge goes: to calm itself, and to each program that it starts. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { readied } from "./git.mjs"
import { median } from "./measure.mjs"
import { folder, project, run } from "./place.mjs"

const watcher = join(import.meta.dirname, "programs.cjs")

/** `git worktree add` of a whole command line: no settings, no paths, no options. */
const nameOf = ([program, ...args]) => {
  if (program !== "git") return program
  const first = args.findIndex((word, at) => !word.startsWith("-") && args[at - 1] !== "-c" && args[at - 1] !== "-C")
  return ["git", args[first], ...(args[first] === "worktree" ? [args[first + 1]] : [])].join(" ")
}

/** It answers from the beginning to the end, so that its time is calm's, too. */
const stays = ({ name }) => name === "git cat-file"

/** The milliseconds in which one of these is there. */
const covered = (spans) => {
  let end = 0
  let sum = 0
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return sum
}

/** One run of calm: all its milliseconds by what they went to. */
const watched = (place, file, words) => {
  run(process.execPath, ["-r", watcher, place.program, ...words], {
    cwd: place.repo,
    env: { ...place.env, BENCH_PROGRAMS: file }
  })
  const { ended, programs } = JSON.parse(readFileSync(file, "utf8"))
  const named = programs.map(({ args, ...span }) => ({ ...span, name: nameOf(args) }))
  const times = new Map()
  const first = Math.min(...named.map(({ from }) => from))
  const waited = covered(named.filter((one) => !stays(one)))
  times.set("in all", ended)
  times.set("calm, until it starts the first program", first)
  times.set("calm after that, while none of them runs", ended - first - waited)
  times.set("while one or more of the programs run", waited)
  const counts = new Map()
  for (const one of named.filter((each) => !stays(each))) {
    const count = (counts.get(one.name) ?? 0) + 1
    counts.set(one.name, count)
    times.set(`${one.name}${count === 1 ? "" : `, ${count}`}`, one.to - one.from)
  }
  return times
}

/** Each figure has a name of its own, by which it is compared with one that was kept. */
const rowsOf = (command, runs) =>
  Array.from(runs[0].keys(), (what) => ({
    figure: `${command}: ${what}`,
    floor: null,
    measured: median(runs.map((times) => times.get(what))),
    goal: null,
    unit: "ms"
  }))

/** In a small repository. Programs that run side by side are there for longer than each would be alone. */
export const split = (installed, { rounds }) => {
  const place = { ...project(installed), program: installed.program }
  const file = join(folder(), "programs.json")
  const creates = []
  const merges = []
  for (let round = 0; round <= rounds; round++) {
    const task = `SPEC-${String(round).padStart(3, "0")}`
    const create = ["worktree", "create", task, "--no-setup"]
    const merge = ["worktree", "merge", task]
    place.calm("task", "create", task, "A task to merge")
    // The first round is for the code cache, which is only noted down where nothing is loaded before calm.
    if (round === 0) place.calm(...create)
    else creates.push(watched(place, file, create))
    readied(place, task, join(place.repo, ".worktrees", task))
    if (round === 0) place.calm(...merge)
    else merges.push(watched(place, file, merge))
  }
  return [...rowsOf("worktree create", creates), ...rowsOf("worktree merge", merges)]
}
