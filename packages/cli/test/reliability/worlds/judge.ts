/** What each command promises, and what of that does not hold. */
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { Command } from "./engine.ts"
import { changed, type Checkout, checkoutOf, differing, lost, type Seen, unrescued } from "./look.ts"
import type { Place } from "./ready.ts"

/** One attempt: what was there before the command and what is there after it. */
export interface Attempt {
  readonly command: Command
  /** It did what was asked; an answer to a question counts, whatever it is. */
  readonly succeeded: boolean
  readonly place: Place
  /** Short name of the branch that is merged into. */
  readonly base: string
  readonly before: Seen
  readonly after: Seen
}

type Judge = (attempt: Attempt) => ReadonlyArray<string>

const own = "refs/heads/SPEC-001"

const refs = ({ after, before }: Attempt, ...free: ReadonlyArray<string>): ReadonlyArray<string> =>
  differing(before.refs, after.refs)
    .filter((name) => !free.includes(name))
    .map((name) => `${name} was ${before.refs[name]} and is ${after.refs[name]}`)

const main: Judge = ({ after, before }) => changed("main checkout", before.main, after.main)
const tree: Judge = ({ after, before }) => changed("worktree", before.tree, after.tree)
const untouched: Judge = (attempt) => [...main(attempt), ...tree(attempt), ...refs(attempt)]

/** Nothing at all is done by who only asks. */
const asked: Judge = (attempt) => [
  ...untouched(attempt),
  ...(attempt.before.rescued === attempt.after.rescued ? [] : ["a rescue ref is new"])
]

const gone: Judge = ({ after }) => (after.tree === null ? [] : ["the worktree is still there"])
const rescued: Judge = ({ before, place }) => unrescued(place, before)

/** A worktree at the tip of the base, clean, and nothing else. */
const created: Judge = (attempt) => {
  const { after, base, before, place } = attempt
  const ref = "refs/heads/SPEC-002"
  const made = checkoutOf(Path.join(place.repo, ".worktrees/SPEC-002"))
  const dirty = made.status.filter((line) => !line.startsWith("# ") && !line.startsWith("! "))
  return [
    ...main(attempt),
    ...tree(attempt),
    ...refs(attempt, ref),
    ...(after.refs[ref] === before.refs[`refs/heads/${base}`] ? [] : [`${ref} is not at the tip of ${base}`]),
    ...(made.head === `ref: ${ref}\n` ? [] : [`the new worktree is at ${made.head}`]),
    ...(dirty.length === 0 ? [] : [`the new worktree is not clean: ${dirty.join(", ")}`])
  ]
}

/** The files stand as they are, each uncommitted byte is under a ref, and the branch moved at most by the staged. */
const saved: Judge = (attempt) => {
  const { after, before, place } = attempt
  const from = before.refs[own]
  const to = after.refs[own]
  const follows = from === to || git(place.repo, "rev-parse", `${own}^@`) === from
  const files =
    before.tree === null || after.tree === null
      ? tree(attempt)
      : changed("worktree", { ...before.tree, status: [] }, { ...after.tree, status: [] })
  return [
    ...main(attempt),
    ...files,
    ...refs(attempt, own),
    ...(follows ? [] : [`${own} went from ${from} to ${to}`]),
    ...rescued(attempt)
  ]
}

const raw = (repo: string, from: string, to: string): string =>
  git(repo, "diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", from, to)

/** One commit on the base with exactly the branch's change; of the main checkout only what that changes is touched. */
const merged: Judge = (attempt) => {
  const { after, base, before, place } = attempt
  const { repo } = place
  const target = `refs/heads/${base}`
  const [from = "", head = "", to = ""] = [before.refs[target], before.refs[own], after.refs[target]]
  const change = raw(repo, git(repo, "merge-base", from, head), head)
  const paths = new Set(change.split("\0").filter((_, at) => at % 2 === 1))
  const rest = <A>(record: Readonly<Record<string, A>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !paths.has(name.replace(/\/$/, ""))))
  const others = (index: string | null) =>
    index
      ?.split("\0")
      .filter((line) => !paths.has(line.slice(line.indexOf("\t") + 1)))
      .join("\0") ?? null
  const uncommitted = (status: ReadonlyArray<string>) => status.filter((line) => !line.startsWith("# "))
  const part = (seen: Checkout): Checkout => ({
    head: seen.head,
    files: rest(seen.files),
    modes: rest(seen.modes),
    index: others(seen.index),
    status: uncommitted(seen.status)
  })
  const checkedOut = before.main.head === `ref: ${target}\n`
  return [
    ...(git(repo, "rev-list", "--parents", "-1", to) === [to, from, head].join(" ")
      ? []
      : [`${target} is at ${to}, which is no merge of ${from} and ${head}`]),
    ...(raw(repo, from, to) === change ? [] : ["the merge is not exactly what the branch changed"]),
    ...refs(attempt, target, own),
    ...(after.refs[own] === undefined ? [] : [`${own} is still there`]),
    ...gone(attempt),
    ...(checkedOut ? changed("main checkout", part(before.main), part(after.main)) : main(attempt))
  ]
}

/** What is taken away is under a ref. */
const mendedBy: Judge = (attempt) => [
  ...main(attempt),
  ...refs(attempt),
  ...(attempt.after.tree === null ? rescued(attempt) : [])
]

const judges: Readonly<Record<Command, Judge>> = {
  health: asked,
  status: asked,
  doctor: asked,
  mended: asked,
  create: created,
  again: (attempt) => [...main(attempt), ...refs(attempt, own)],
  save: saved,
  merge: merged,
  remove: (attempt) => [...main(attempt), ...refs(attempt), ...gone(attempt), ...rescued(attempt)],
  restore: (attempt) => [...main(attempt), ...refs(attempt, own)],
  fix: mendedBy,
  mend: mendedBy
}

/** Everything that is wrong or lost. A fetch moves what is remembered of the remote: that is no branch of ours. */
export const faultsOf = (attempt: Attempt): ReadonlyArray<string> => [
  ...(attempt.succeeded ? judges[attempt.command] : untouched)(attempt).filter(
    (text) => attempt.command !== "merge" || !text.startsWith("refs/remotes/")
  ),
  ...lost(attempt.place, attempt.before, attempt.after)
]
