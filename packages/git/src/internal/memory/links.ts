/** Whether a worktree's folder and its git folder name each other, and making them do so. */
import * as Effect from "effect/Effect"
import { Fatal, hasState, isThere, joined, type Model, type Repository } from "./model.ts"
import { linked, tie } from "./worktrees.ts"

/** The git folder that a worktree's `.git` names; undefined where there is no such file. */
const named = Effect.fnUntraced(function* (model: Model, path: string) {
  const dot = `${path}/.git`
  if (!(yield* isThere(model, dot)) || (yield* model.fs.stat(dot)).type !== "File") return undefined
  return joined(path, (yield* model.fs.readFileString(dot)).trim().replace(/^gitdir: */, ""))
})

/** The git folder that belongs to a worktree's folder. */
const recordOf = Effect.fnUntraced(function* (model: Model, repository: Repository, path: string) {
  const link = yield* named(model, path)
  const all = yield* linked(model, repository)
  const registered = all.find((other) => other.path === path)
  if (link === undefined) {
    const bare = registered !== undefined && (yield* isThere(model, path)) && !(yield* isThere(model, `${path}/.git`))
    return bare ? { admin: registered.admin, intact: false } : undefined
  }
  if (registered !== undefined) return { admin: registered.admin, intact: registered.admin === link }
  const name = link.slice(link.lastIndexOf("/") + 1)
  const moved = all.find((other) => other.admin === `${repository.home}/worktrees/${name}`)
  if (moved === undefined || (yield* isThere(model, moved.path)) || !(yield* hasState(model, moved.admin))) {
    return undefined
  }
  return { admin: moved.admin, intact: false }
})

export const link = Effect.fnUntraced(function* (model: Model, repository: Repository, path: string) {
  const found = yield* recordOf(model, repository, joined("/", path))
  return found === undefined ? ("lost" as const) : found.intact ? ("intact" as const) : ("broken" as const)
})

export const relink = Effect.fnUntraced(function* (model: Model, repository: Repository, path: string) {
  const place = joined("/", path)
  const found = yield* recordOf(model, repository, place)
  if (found === undefined) return yield* new Fatal({ detail: "git has no record of it" })
  if (!found.intact) yield* tie(model, place, found.admin)
})
