/** Worktrees: listing and adding. */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { GitExists, type WorktreeEntry } from "../../Git.ts"
import {
  branchOf,
  type Checkout,
  commitAt,
  commitOf,
  Fatal,
  hasState,
  isThere,
  type Head,
  joined,
  type Model,
  newCheckout,
  parentOf,
  type Repository,
  stateAt
} from "./model.ts"
import type { Files } from "./objects.ts"
import { bring, lookHere } from "./workdir.ts"

/** A worktree as its git folder tells. */
interface Linked {
  readonly admin: string
  readonly path: string
  readonly checkout: Checkout
}

/** All worktrees but the main checkout, by path. */
export const linked = Effect.fnUntraced(function* (model: Model, repository: Repository) {
  const folder = `${repository.home}/worktrees`
  const found: Array<Linked> = []
  if (!(yield* isThere(model, folder))) return found
  for (const name of yield* model.fs.readDirectory(folder)) {
    const admin = `${folder}/${name}`
    if (!(yield* hasState(model, admin)) || !(yield* isThere(model, `${admin}/gitdir`))) continue
    const dot = joined(admin, (yield* model.fs.readFileString(`${admin}/gitdir`)).trim())
    found.push({ admin, path: parentOf(dot), checkout: yield* stateAt(model, admin) })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
})

export const list = Effect.fnUntraced(function* (model: Model, repository: Repository) {
  const entry = (path: string, checkout: Checkout, locked: boolean, prunable: boolean): WorktreeEntry => ({
    path,
    commit: Option.fromNullable(commitOf(repository, checkout)),
    branch: Option.fromNullable(branchOf(checkout)),
    bare: false,
    locked,
    prunable
  })
  const entries = [entry(parentOf(repository.home), repository.main, false, false)]
  for (const { admin, checkout, path } of yield* linked(model, repository)) {
    const locked = yield* isThere(model, `${admin}/locked`)
    entries.push(entry(path, checkout, locked, !(yield* isThere(model, `${path}/.git`))))
  }
  return entries
})

/** The folder in which a branch is checked out. */
export const checkedOutIn = Effect.fnUntraced(function* (model: Model, repository: Repository, branch: string) {
  if (branchOf(repository.main) === branch) return parentOf(repository.home)
  return (yield* linked(model, repository)).find((other) => branchOf(other.checkout) === branch)?.path
})

/** A name for a worktree's git folder that is free. */
export const freeAdmin = Effect.fnUntraced(function* (model: Model, repository: Repository, path: string) {
  const folder = `${repository.home}/worktrees`
  yield* model.fs.makeDirectory(folder, { recursive: true })
  const name = path.slice(path.lastIndexOf("/") + 1)
  let admin = `${folder}/${name}`
  for (let n = 1; yield* isThere(model, admin); n++) admin = `${folder}/${name}${n}`
  return admin
})

/** Ties a checkout's folder and its git folder to each other. */
export const tie = Effect.fnUntraced(function* (model: Model, path: string, admin: string) {
  yield* model.fs.writeFileString(`${admin}/gitdir`, `${path}/.git\n`)
  yield* model.fs.writeFileString(`${path}/.git`, `gitdir: ${admin}\n`)
})

/** Makes a worktree's git folder, on a branch or a commit. */
export const makeAdmin = Effect.fnUntraced(function* (model: Model, admin: string, head: Head, files: Files) {
  yield* model.fs.makeDirectory(admin, { recursive: true })
  yield* model.fs.writeFileString(`${admin}/commondir`, "../..\n")
  return yield* newCheckout(model, admin, head, files)
})

export const add = Effect.fnUntraced(function* (
  model: Model,
  repository: Repository,
  options: { readonly path: string; readonly branch: string; readonly start: Option.Option<Sha> }
) {
  const path = joined("/", options.path)
  const branch = `refs/heads/${options.branch}`
  if ((yield* lookHere(model, path)).kind !== "nothing") return yield* new GitExists({ what: "path", name: path })
  if ((yield* linked(model, repository)).some((other) => other.path === path)) {
    return yield* new GitExists({ what: "worktree", name: path })
  }
  const tip = repository.refs.get(branch)
  if (Option.isSome(options.start)) {
    if (tip !== undefined) return yield* new GitExists({ what: "branch", name: options.branch })
    yield* commitAt(model, options.start.value)
  } else {
    if (tip === undefined) return yield* new Fatal({ detail: `invalid reference: ${options.branch}` })
    const elsewhere = yield* checkedOutIn(model, repository, branch)
    if (elsewhere !== undefined) return yield* new GitExists({ what: "worktree", name: elsewhere })
  }
  const commit = Option.getOrElse(options.start, () => tip)
  const files = model.objects.filesAt(commit)
  yield* model.fs.makeDirectory(path, { recursive: true })
  const admin = yield* freeAdmin(model, repository, path)
  if (commit !== undefined) repository.refs.set(branch, commit)
  yield* makeAdmin(model, admin, { branch }, files)
  // As git does: what is not filled yet is locked.
  yield* model.fs.writeFileString(`${admin}/locked`, "initializing\n")
  yield* tie(model, path, admin)
  yield* bring(model, path, files, [...files.keys()])
  yield* model.fs.remove(`${admin}/locked`)
})
