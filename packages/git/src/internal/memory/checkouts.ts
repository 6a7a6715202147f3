/** Status, index, commits and fast-forwards of one checkout. */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { FastForwardRefused, type StatusEntry, type Uncommitted } from "../../Git.ts"
import { isAncestor } from "./history.ts"
import {
  branchOf,
  type Checkout,
  commitAt,
  commitOf,
  Fatal,
  type Head,
  isThere,
  type Model,
  type Place,
  recordHead,
  type Repository,
  storeCommit
} from "./model.ts"
import { differing, type Entry, type Files, sameEntry } from "./objects.ts"
import { bring, filesBelow, lookAt, scan, type Work } from "./workdir.ts"

const headFiles = (model: Model, place: Place): Files =>
  model.objects.filesAt(commitOf(place.repository, place.checkout))

/** What differs from HEAD, by path. */
export const status = Effect.fnUntraced(function* (model: Model, place: Place) {
  const { hidden, index } = place.checkout
  const work = yield* scan(model, place)
  const entries: Array<StatusEntry> = []
  for (const path of differing(headFiles(model, place), index)) entries.push({ path, state: "staged" })
  for (const [path, entry] of index) {
    if (hidden.has(path)) entries.push({ path, state: "hidden" })
    else if (!sameEntry(entry, work.files.get(path))) entries.push({ path, state: "unstaged" })
  }
  for (const path of work.files.keys()) if (!index.has(path)) entries.push({ path, state: "untracked" })
  for (const path of work.nested) entries.push({ path, state: "untracked" })
  const key = (entry: StatusEntry): string => `${entry.path}\u0000${entry.state}`
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : 1))
})

/** Files by name that git keeps in a checkout's git folder while it is in the middle of something. */
const signs: ReadonlyArray<readonly [file: string, operation: string]> = [
  ["MERGE_HEAD", "merge"],
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"]
]

/** The operation that a checkout is in the middle of. */
export const inProgress = Effect.fnUntraced(function* (model: Model, place: Place) {
  for (const [file, operation] of signs) {
    if (yield* isThere(model, `${place.admin}/${file}`)) return operation
  }
  return undefined
})

/** Puts a checkout into the middle of an operation, or out of all. */
export const setInProgress = Effect.fnUntraced(function* (model: Model, place: Place, operation: string | undefined) {
  for (const [file] of signs) yield* model.fs.remove(`${place.admin}/${file}`, { recursive: true, force: true })
  const sign = signs.find(([, name]) => name === operation)
  if (sign !== undefined) yield* model.fs.writeFileString(`${place.admin}/${sign[0]}`, "")
})

/** The index with the state that these files or folders have in the checkout. */
export const stage = Effect.fnUntraced(function* (model: Model, place: Place, paths: ReadonlyArray<string>) {
  const work = yield* scan(model, place)
  const covers = (path: string): boolean => paths.some((given) => path === given || path.startsWith(`${given}/`))
  const index = new Map<string, Entry>()
  for (const [path, entry] of place.checkout.index) if (!covers(path)) index.set(path, entry)
  for (const [path, entry] of work.files) if (covers(path)) index.set(path, entry)
  place.checkout.index = index
})

/** The index that `git add --all` would leave. */
const everything = (place: Place, work: Work): Files => {
  const { hidden, index } = place.checkout
  if (hidden.size === 0) return work.files
  const files = new Map(work.files)
  for (const path of hidden) {
    const entry = index.get(path)
    if (entry !== undefined) files.set(path, entry)
  }
  return files
}

/** Moves HEAD: its branch when it is on one. */
const advance = (place: Place, commit: Sha): void => {
  const branch = branchOf(place.checkout)
  if (branch === undefined) place.checkout.head = { commit }
  else place.repository.refs.set(branch, commit)
}

/** Commits all or what is staged; undefined when that is what HEAD has. */
export const commit = Effect.fnUntraced(function* (
  model: Model,
  place: Place,
  message: string,
  include: "all" | "staged"
) {
  const { checkout } = place
  const tip = commitOf(place.repository, checkout)
  const files = include === "all" ? everything(place, yield* scan(model, place)) : checkout.index
  if (differing(headFiles(model, place), files).length === 0) {
    if (include === "all") checkout.index = files
    return undefined
  }
  const tree = model.objects.tree(files)
  const made = yield* storeCommit(model, { tree, parents: tip === undefined ? [] : [tip], message })
  checkout.index = files
  advance(place, made)
  if (branchOf(checkout) === undefined) yield* recordHead(model, checkout)
  return made
})

/** What is uncommitted as trees; undefined when nothing is. Moves nothing. */
export const uncommitted = Effect.fnUntraced(function* (model: Model, place: Place) {
  const { index } = place.checkout
  const commit = commitOf(place.repository, place.checkout)
  const committed = headFiles(model, place)
  const work = yield* scan(model, place)
  const isStaged = differing(committed, index).length > 0
  if (!isStaged && differing(index, work.files).length === 0) return undefined
  const found: Uncommitted = {
    entries: yield* status(model, place),
    head: commit === undefined ? Option.none() : Option.some({ commit, tree: model.objects.tree(committed) }),
    isStaged,
    staged: model.objects.tree(index),
    files: model.objects.tree(work.files)
  }
  return found
})

/** A commit of everything uncommitted; undefined when there is nothing. Moves nothing. */
export const snapshot = Effect.fnUntraced(function* (model: Model, place: Place, message: string) {
  const found = yield* uncommitted(model, place)
  if (found === undefined) return undefined
  const parents = Option.match(found.head, { onNone: () => [], onSome: ({ commit }) => [commit] })
  if (!found.isStaged) return yield* storeCommit(model, { tree: found.files, parents, message })
  const subject = message.split("\n")[0] ?? ""
  const indexed = yield* storeCommit(model, { tree: found.staged, parents, message: `index of: ${subject}` })
  return yield* storeCommit(model, { tree: found.files, parents: [...parents, indexed], message })
})

/** A commit of what is staged, also where the folder is gone; undefined when nothing is. Moves nothing. */
export const snapshotIndex = Effect.fnUntraced(function* (
  model: Model,
  repository: Repository,
  checkout: Checkout,
  message: string
) {
  const commit = commitOf(repository, checkout)
  if (differing(model.objects.filesAt(commit), checkout.index).length === 0) return undefined
  const parents = commit === undefined ? [] : [commit]
  return yield* storeCommit(model, { tree: model.objects.tree(checkout.index), parents, message })
})

/** Paths of a checkout that would be lost or hidden by bringing `changed` from `before` to `after`. */
const inTheWay = Effect.fnUntraced(function* (
  model: Model,
  place: Place,
  before: Files,
  after: Files,
  changed: ReadonlyArray<string>
) {
  const { index } = place.checkout
  const removed = new Set(changed.filter((path) => !after.has(path)))
  const blocked = new Set<string>()
  for (const path of changed) {
    const old = before.get(path)
    if (!sameEntry(index.get(path), old)) blocked.add(path)
    for (let cut = path.indexOf("/"); cut !== -1; cut = path.indexOf("/", cut + 1)) {
      const above = path.slice(0, cut)
      if (after.has(path) && !removed.has(above) && (yield* lookAt(model, place.root, above)).kind === "file") {
        blocked.add(above)
      }
    }
    const found = yield* lookAt(model, place.root, path)
    if (old !== undefined) {
      // A file that was deleted holds nothing to lose: git writes it again.
      const clean = found.kind === "nothing" || (found.kind === "file" && sameEntry(found.entry, old))
      if (!clean) blocked.add(path)
    } else if (found.kind === "file") blocked.add(path)
    else if (found.kind === "folder") {
      for (const inner of yield* filesBelow(model, place.root, path)) if (!removed.has(inner)) blocked.add(inner)
    }
  }
  return [...blocked].sort()
})

/** Brings files and index of these paths to what they are in a tree. */
const take = Effect.fnUntraced(function* (model: Model, place: Place, after: Files, changed: ReadonlyArray<string>) {
  yield* bring(model, place.root, after, changed)
  const index = new Map(place.checkout.index)
  for (const path of changed) {
    const entry = after.get(path)
    if (entry === undefined) index.delete(path)
    else index.set(path, entry)
  }
  // Mostly that is the tree itself, whose name is known.
  place.checkout.index = differing(index, after).length === 0 ? after : index
})

/** Moves the branch that a checkout is on forward, with index and files; or refuses and changes nothing. */
export const fastForward = Effect.fnUntraced(function* (
  model: Model,
  place: Place,
  asked: { readonly path: string; readonly branch: string | undefined },
  to: Sha
) {
  const { checkout, repository } = place
  const refuse = (detail: string, paths: ReadonlyArray<string> = []) =>
    new FastForwardRefused({ checkout: asked.path, paths, detail })
  yield* commitAt(model, to)
  const operation = yield* inProgress(model, place)
  if (operation !== undefined) return yield* refuse(`a ${operation} is in progress there`)
  const branch = branchOf(checkout)
  if (branch === undefined) return yield* refuse("no branch is checked out there")
  if (asked.branch !== undefined && asked.branch !== branch) return yield* refuse(`it is on ${branch}`)
  const tip = repository.refs.get(branch)
  if (tip === undefined) return yield* refuse("its branch has no commit yet")
  if (!isAncestor(model.objects.commits, tip, to)) return yield* refuse("it is not a fast-forward")
  const before = model.objects.filesAt(tip)
  const after = model.objects.filesAt(to)
  // What is staged as it is to be need not be written.
  const changed = differing(before, after).filter((path) => !sameEntry(checkout.index.get(path), after.get(path)))
  const blocked = yield* inTheWay(model, place, before, after, changed)
  if (blocked.length > 0) return yield* refuse("local changes would be overwritten", blocked)
  yield* take(model, place, after, changed)
  repository.refs.set(branch, to)
})

/** Checks out a branch or a commit as a person would: files that do not differ between the two stay as they are. */
export const switchTo = Effect.fnUntraced(function* (model: Model, place: Place, target: Head) {
  const commit = "branch" in target ? place.repository.refs.get(target.branch) : target.commit
  if (commit === undefined) return yield* new Fatal({ detail: "invalid reference" })
  yield* commitAt(model, commit)
  const before = headFiles(model, place)
  const after = model.objects.filesAt(commit)
  const changed = differing(before, after)
  const blocked = yield* inTheWay(model, place, before, after, changed)
  if (blocked.length > 0) {
    return yield* new Fatal({ detail: `your local changes would be overwritten by checkout: ${blocked.join(", ")}` })
  }
  yield* take(model, place, after, changed)
  place.checkout.head = target
  yield* recordHead(model, place.checkout)
})
