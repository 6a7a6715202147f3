/** Holds what the processes were answered against what is there afterwards: everything that was lost, doubled or left. */
import { subject } from "@calm/domain/Merge"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { damaged, git, unsound } from "../support/checkout.ts"
import type { Place } from "../support/command.ts"
import type { Ledger } from "./ledger.ts"
import { unexplained, unmanaged, unmerged } from "./explained.ts"
import { counter, deeds, fileOf } from "./mix.ts"
import type { Answer } from "./work.ts"

/** How often each text is there. */
const tally = (texts: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** What two lists do not have in common, as many times as one has it and the other not. */
const differences = (what: string, expected: ReadonlyArray<string>, found: ReadonlyArray<string>): Array<string> => {
  const [wanted, there] = [tally(expected), tally(found)]
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap((text) => {
    const [answered, stored] = [wanted.get(text) ?? 0, there.get(text) ?? 0]
    return answered === stored ? [] : [`${what} ${text}: ${answered} by the answers, ${stored} found`]
  })
}

/** The numbers 1, 2, 3, … are there, each once and in order. */
const dense = (what: string, rows: ReadonlyArray<{ readonly seq: number }>): Array<string> =>
  rows.flatMap(({ seq }, index) => (seq === index + 1 ? [] : [`${what} ${index + 1} has the number ${seq}`]))

/** The task that a key names. */
const taskOf = (deed: string, key: string): string => (deed === "increment a counter" ? "" : (key.split(" ")[0] ?? ""))

const events = (done: ReadonlyArray<Answer>, before: Ledger, after: Ledger): Array<string> => {
  const expected = done.flatMap(
    ({ deed, key }) => deeds[deed]?.events.map((kind) => `${kind} ${taskOf(deed, key)}`) ?? []
  )
  const found = after.events.slice(before.events.length).map(({ kind, task }) => `${kind} ${task ?? ""}`)
  return [...dense("event", after.events), ...differences("event", expected, found)]
}

/** The moves of each task are a way: each begins where the one before it ended, and the last one where the task is. */
const ways = (after: Ledger): Array<string> =>
  after.tasks.flatMap(({ id, phase }) => {
    const moves = after.moves.filter(({ task }) => task === id)
    const torn = moves.flatMap(({ from }, index) => {
      const last = moves[index - 1]?.to
      return last === undefined || last === from ? [] : [`${id} left ${from} after it had come to ${last}`]
    })
    const end = moves.at(-1)?.to ?? "SPEC"
    return end === phase ? torn : [...torn, `${id} is ${phase} after it had come to ${end}`]
  })

const merges = ({ repo }: Place, done: ReadonlyArray<Answer>, before: Ledger, after: Ledger): Array<string> => {
  const answered = done.filter(({ deed }) => deed === "merge")
  const history = git(repo, "log", "--first-parent", "--reverse", "--format=%H %P %s", `${before.base}..main`)
    .split("\n")
    .filter((line) => line !== "")
  const recorded = after.merges.map(({ commit, head, task }, index) => {
    const parent = after.merges[index - 1]?.commit ?? before.base
    return `${commit} ${parent} ${head} ${subject(task, `About ${task}`)}`
  })
  const lost = answered.flatMap(({ key }) => {
    const [there, wanted] = [git(repo, "ls-tree", "--name-only", "main", fileOf(key)), fileOf(key)]
    return there === wanted && Fs.existsSync(Path.join(repo, wanted)) ? [] : [`the work of ${key} is not on main`]
  })
  return [
    ...differences(
      "merge",
      answered.map(({ key, said }) => `${key} ${said}`),
      after.merges.map(({ commit, task }) => `${task} ${commit}`)
    ),
    ...(history.join("\n") === recorded.join("\n")
      ? []
      : [`main went\n${history.join("\n")}\nand not\n${recorded.join("\n")}`]),
    ...["merges_since_e2e", "merges_since_docs"].flatMap((name) => {
      const value = after.counters.find((each) => each.name === name)?.value
      return value === answered.length ? [] : [`${name} is ${value} after ${answered.length} merges`]
    }),
    ...lost
  ]
}

/** Rows, folders and git's own list of worktrees are one. */
const worktrees = ({ repo }: Place, after: Ledger): Array<string> => {
  const folder = Path.join(repo, ".worktrees")
  const rows = after.worktrees.map(({ name }) => name)
  const folders = Fs.readdirSync(folder).filter((name) => name !== ".gitignore")
  const listed = git(repo, "worktree", "list", "--porcelain")
    .split("\n")
    .filter((line) => line.startsWith(`worktree ${folder}/`))
    .map((line) => line.slice(`worktree ${folder}/`.length))
  const trash = Path.join(repo, ".git/calm/trash")
  const kept = Fs.existsSync(trash) ? Fs.readdirSync(trash).map((name) => Path.join(trash, name)) : []
  return [
    ...differences("worktree in its folder:", rows, folders),
    ...differences("worktree known to git:", rows, listed),
    ...differences(
      "folder in the trash:",
      after.trash.map(({ name }) => name),
      kept
    )
  ]
}

const backups = (done: ReadonlyArray<Answer>, { home }: Place, after: Ledger): Array<string> => {
  const named = done.filter(({ deed }) => deed === "make a backup").map(({ key }) => `${key}.db`)
  const rotations = done.filter(({ deed }) => deed === "make an automatic backup").map(({ said }) => said.split(" "))
  const made = rotations.flatMap(([name]) => (name === undefined ? [] : [`${name}.db`]))
  const removed = new Set(rotations.flatMap(([, ...names]) => names.map((name) => `${name}.db`)))
  const gone = new Set(made.filter((name) => !after.backups.includes(name)))
  return [
    ...differences(
      "backup",
      named,
      after.backups.filter((name) => !name.startsWith("auto-"))
    ),
    ...[...gone].filter((name) => !removed.has(name)).map((name) => `nobody removed the automatic backup ${name}`),
    ...after.backups.flatMap((name) => {
      const found = damaged(Path.join(home, "backups", name))
      return found === "" ? [] : [`the backup ${name} is damaged: ${found}`]
    })
  ]
}

/** Everything that is wrong after the work of all processes. */
export const losses = (
  place: Place,
  answers: ReadonlyArray<Answer>,
  before: Ledger,
  after: Ledger
): ReadonlyArray<string> => {
  const done = answers.filter(({ outcome }) => outcome === "done")
  const counted = done.filter(({ deed }) => deed === "increment a counter")
  const reviews = done.filter(({ deed }) => deed === "record a review")
  const created = done.filter(({ deed }) => deed === "create a task").map(({ key }) => key)
  const value = after.counters.find(({ name }) => name === counter)?.value
  const dirt = git(place.repo, "status", "--porcelain", "--untracked-files=all")
  return [
    ...unexplained(answers),
    ...unmanaged(answers),
    ...unmerged(
      answers,
      before.tasks.map(({ id }) => id).filter((id) => id.startsWith("MERGE-")),
      after.merges.map(({ task }) => task)
    ),
    ...(value === counted.length ? [] : [`${counter} is ${value} after ${counted.length} increments`]),
    ...differences(
      "increment to",
      counted.map((_, index) => `${index + 1}`),
      counted.map(({ said }) => said)
    ),
    ...differences(
      "task",
      created,
      after.tasks.map(({ id }) => id).filter((id) => id.startsWith("NEW-"))
    ),
    ...dense("review", after.reviews),
    ...(after.reviews.length - before.reviews.length === reviews.length
      ? []
      : [`${reviews.length} reviews were recorded, ${after.reviews.length - before.reviews.length} are there`]),
    ...events(done, before, after),
    ...ways(after),
    ...merges(place, done, before, after),
    ...worktrees(place, after),
    ...backups(done, place, after),
    ...after.locks.map(({ name }) => `the lock ${name} was left`),
    ...after.operations.map(({ name }) => `the operation ${name} was left open`),
    ...(dirt === "" ? [] : [`main is not clean: ${dirt}`]),
    ...[unsound(place.repo), damaged(Path.join(place.home, "metadata.db"))].filter((found) => found !== "")
  ]
}
