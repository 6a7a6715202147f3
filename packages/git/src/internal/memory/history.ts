/** Questions about the graph of commits. Every commit asked about must be in it. */
import type { Sha } from "@calm/domain/Ids"
import type { Commit } from "./objects.ts"

type Commits = ReadonlyMap<Sha, Commit>

const parentsOf = (commits: Commits, commit: Sha): ReadonlyArray<Sha> => commits.get(commit)?.parents ?? []

const timeOf = (commits: Commits, commit: Sha): number => commits.get(commit)?.time ?? 0

/** A commit and everything reachable from it. */
const reachable = (commits: Commits, from: Sha): ReadonlySet<Sha> => {
  const seen = new Set([from])
  // A set is walked in the order of insertion, also what is inserted on the way.
  for (const commit of seen) for (const parent of parentsOf(commits, commit)) seen.add(parent)
  return seen
}

export const isAncestor = (commits: Commits, ancestor: Sha, descendant: Sha): boolean =>
  ancestor === descendant || reachable(commits, descendant).has(ancestor)

/** The best common ancestor; of several equally good ones the newest. */
export const mergeBase = (commits: Commits, a: Sha, b: Sha): Sha | undefined => {
  const ofA = reachable(commits, a)
  const common = [...reachable(commits, b)].filter((commit) => ofA.has(commit))
  // What is common is closed under "parent of", so one that another common commit supersedes is the parent of one.
  const superseded = new Set(common.flatMap((commit) => parentsOf(commits, commit)))
  let best: Sha | undefined
  for (const commit of common) {
    if (superseded.has(commit)) continue
    if (best === undefined || timeOf(commits, commit) > timeOf(commits, best)) best = commit
  }
  return best
}

/** Commits reachable from `to` and not from `from`: newest first, and none before all of its children there. */
export const between = (commits: Commits, from: Sha, to: Sha, limit: number): ReadonlyArray<Sha> => {
  const hidden = reachable(commits, from)
  const children = new Map<Sha, number>()
  for (const commit of reachable(commits, to)) {
    if (hidden.has(commit)) continue
    for (const parent of parentsOf(commits, commit)) children.set(parent, (children.get(parent) ?? 0) + 1)
  }
  const found: Array<Sha> = []
  const queue: Array<Sha> = hidden.has(to) ? [] : [to]
  while (found.length < limit) {
    const next = queue.shift()
    if (next === undefined) break
    found.push(next)
    for (const parent of parentsOf(commits, next)) {
      const left = (children.get(parent) ?? 0) - 1
      children.set(parent, left)
      if (left > 0 || hidden.has(parent)) continue
      const time = timeOf(commits, parent)
      const position = queue.findIndex((other) => timeOf(commits, other) < time)
      queue.splice(position === -1 ? queue.length : position, 0, parent)
    }
  }
  return found
}

/** The oldest commit of `tip`'s first-parent chain that contains `commit`. */
export const broughtInBy = (commits: Commits, commit: Sha, tip: Sha): Sha | undefined => {
  let found: Sha | undefined
  for (
    let step: Sha | undefined = tip;
    step !== undefined && isAncestor(commits, commit, step);
    step = parentsOf(commits, step)[0]
  ) {
    found = step
  }
  return found
}

/** How many commits of `a` are not in `b`. */
export const countBeyond = (commits: Commits, a: Sha, b: Sha): number => {
  const ofB = reachable(commits, b)
  let count = 0
  for (const commit of reachable(commits, a)) if (!ofB.has(commit)) count++
  return count
}
