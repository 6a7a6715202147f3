/**
 * Moving a worktree out of the way whole, and back.
 *
 * The trash folder holds the files as `tree`, git's own folder of the worktree as `admin`, and a note of what was moved,
 * by which a move that was cut off is completed.
 */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { GitExists, type Trashed } from "../../Git.ts"
import {
  commitOf,
  Fatal,
  type Head,
  isThere,
  joined,
  type Model,
  parentOf,
  recordHead,
  type Repository,
  stateAt
} from "./model.ts"
import { bring, lookHere } from "./workdir.ts"
import { checkedOutIn, freeAdmin, linked, makeAdmin, tie } from "./worktrees.ts"

const Note = Schema.parseJson(
  Schema.Struct({
    path: Schema.String,
    /** The worktree had a git folder. */
    admin: Schema.Boolean,
    /** Its own folder was there. */
    tree: Schema.Boolean
  })
)

const noteIn = (folder: string): string => `${folder}/origin.json`

const readNote = Effect.fnUntraced(function* (model: Model, folder: string) {
  if (!(yield* isThere(model, noteIn(folder)))) return undefined
  return yield* Schema.decode(Note)(yield* model.fs.readFileString(noteIn(folder))).pipe(
    Effect.mapError(() => new Fatal({ detail: `${noteIn(folder)} is damaged` }))
  )
})

const writeNote = Effect.fnUntraced(function* (model: Model, folder: string, note: typeof Note.Type) {
  const content = yield* Schema.encode(Note)(note).pipe(
    Effect.mapError((error) => new Fatal({ detail: error.message }))
  )
  yield* model.fs.writeFileString(noteIn(folder), content)
})

const kindAt = (model: Model, path: string) => Effect.map(lookHere(model, path), (found) => found.kind)

/** Makes sure that a worktree may be moved there, and notes what is to be moved. */
const begin = Effect.fnUntraced(function* (model: Model, repository: Repository, path: string, folder: string) {
  const known = (yield* linked(model, repository)).find((other) => other.path === path)
  const kind = yield* kindAt(model, path)
  if ((yield* kindAt(model, `${path}/.git`)) === "folder") {
    return yield* new Fatal({ detail: `${path} is a repository of its own, not a worktree` })
  }
  if (kind === "file") return yield* new Fatal({ detail: `${path} is not a folder` })
  if (kind === "nothing" && known === undefined) return yield* new Fatal({ detail: `there is no worktree at ${path}` })
  if ((yield* isThere(model, folder)) && (yield* model.fs.readDirectory(folder)).length > 0) {
    return yield* new Fatal({ detail: `${folder} already exists` })
  }
  if (known !== undefined) known.checkout.trashedAt = commitOf(repository, known.checkout)
  const note = { path, admin: known !== undefined, tree: kind === "folder" }
  yield* model.fs.makeDirectory(folder, { recursive: true })
  yield* writeNote(model, folder, note)
  return note
})

/** Moves a worktree's folder to `<folder>/tree` and its git folder to `<folder>/admin`, each if it is still there. */
export const trash = Effect.fnUntraced(function* (
  model: Model,
  repository: Repository,
  options: { readonly path: string; readonly folder: string }
) {
  const path = joined("/", options.path)
  const { folder } = options
  const note = (yield* readNote(model, folder)) ?? (yield* begin(model, repository, path, folder))
  if (note.path !== path) return yield* new Fatal({ detail: `${folder} holds the worktree of ${note.path}` })
  // Where the files have gone, so has the git folder: what has that path now is another worktree.
  const moved = note.tree && (yield* isThere(model, `${folder}/tree`))
  if (note.admin && !moved && !(yield* isThere(model, `${folder}/admin`))) {
    const known = (yield* linked(model, repository)).find((other) => other.path === path)
    if (known !== undefined) yield* model.fs.rename(known.admin, `${folder}/admin`)
  }
  if (note.tree && !moved && (yield* isThere(model, path))) yield* model.fs.rename(path, `${folder}/tree`)
  return { folder } satisfies Trashed
})

/** The branch only where it is still what files and index were made on, and is free. */
const headFor = Effect.fnUntraced(function* (model: Model, repository: Repository, wanted: Head, tip: Sha | undefined) {
  if ("commit" in wanted) return wanted
  const now = repository.refs.get(wanted.branch)
  const free = (yield* checkedOutIn(model, repository, wanted.branch)) === undefined
  if (free && (tip === undefined || now === tip)) return wanted
  const commit = tip ?? now
  return commit === undefined
    ? yield* new Fatal({ detail: `${wanted.branch} is checked out elsewhere and there is no commit to be at` })
    : { commit }
})

/** Brings a trashed worktree back; a half that it did not have any more is made anew. */
export const untrash = Effect.fnUntraced(function* (
  model: Model,
  repository: Repository,
  options: { readonly folder: string; readonly path: string; readonly head: Head }
) {
  const path = joined("/", options.path)
  const { folder } = options
  const known = (yield* linked(model, repository)).some((other) => other.path === path)
  const occupied = (yield* kindAt(model, path)) !== "nothing"
  const note = yield* readNote(model, folder)
  if (note === undefined) {
    if (known && occupied) return
    if (occupied) return yield* new GitExists({ what: "path", name: path })
    return yield* new Fatal({ detail: `there is no worktree in ${folder}` })
  }
  const [tree, record] = [`${folder}/tree`, `${folder}/admin`]
  const hasTree = yield* isThere(model, tree)
  // Without its tree in the trash, what is at the path is the worktree itself: a move was cut off.
  if (occupied && (hasTree || !note.tree)) return yield* new GitExists({ what: "path", name: path })
  if (known && !occupied) return yield* new GitExists({ what: "worktree", name: path })
  const old = (yield* isThere(model, record)) ? yield* stateAt(model, record) : undefined
  const head = yield* headFor(model, repository, options.head, old?.trashedAt)
  yield* model.fs.makeDirectory(parentOf(path), { recursive: true })
  if (hasTree) yield* model.fs.rename(tree, path)
  if (!known) {
    const admin = yield* freeAdmin(model, repository, path)
    const commit = "commit" in head ? head.commit : repository.refs.get(head.branch)
    if (old !== undefined) yield* model.fs.rename(record, admin)
    const checkout = old ?? (yield* makeAdmin(model, admin, head, model.objects.filesAt(commit)))
    checkout.home = admin
    checkout.head = head
    checkout.trashedAt = undefined
    yield* recordHead(model, checkout)
    yield* model.fs.makeDirectory(path, { recursive: true })
    yield* tie(model, path, admin)
    if (!note.tree) yield* bring(model, path, checkout.index, [...checkout.index.keys()])
  }
  yield* model.fs.remove(noteIn(folder))
  if ((yield* model.fs.readDirectory(folder)).length === 0) yield* model.fs.remove(folder, { recursive: true })
})
