/** What a revision names, and setting refs. */
import { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { RefMoved } from "../../Git.ts"
import type { Model, Place, Repository } from "./model.ts"
import { commitAt, commitOf, Fatal } from "./model.ts"

const decodeSha = Schema.decodeUnknownOption(Sha)

/** Where git looks for a name, in this order. */
const places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]

const named = (model: Model, place: Place, name: string): Sha | undefined => {
  if (name === "HEAD" || name === "@") return commitOf(place.repository, place.checkout)
  for (const prefix of places) {
    const found = place.repository.refs.get(prefix + name)
    if (found !== undefined) return found
  }
  const full = Option.getOrUndefined(decodeSha(name))
  if (full !== undefined) return full
  if (!/^[0-9a-f]{4,39}$/.test(name)) return undefined
  const starting = [...model.objects.commits.keys()].filter((commit) => commit.startsWith(name))
  return starting.length === 1 ? starting[0] : undefined
}

/** The commit of a name with any number of `~n`, `^n` and `^{commit}` behind it. */
export const resolve = (model: Model, place: Place, revision: string): Sha | undefined => {
  const { groups } = /^(?<name>[^~^:\s-][^~^:\s]*)(?<steps>(?:~\d*|\^\{(?:commit)?\}|\^\d*)*)$/.exec(revision) ?? {}
  const name = groups?.["name"]
  if (name === undefined) return undefined
  let commit = named(model, place, name)
  for (const step of (groups?.["steps"] ?? "").match(/~\d*|\^\{(?:commit)?\}|\^\d*/g) ?? []) {
    if (step.startsWith("^{")) continue
    const count = step.length === 1 ? 1 : Number(step.slice(1))
    const parents = (): ReadonlyArray<Sha> =>
      commit === undefined ? [] : (model.objects.commits.get(commit)?.parents ?? [])
    if (step.startsWith("^")) {
      if (count > 0) commit = parents()[count - 1]
    } else for (let i = 0; i < count && commit !== undefined; i++) commit = parents()[0]
  }
  return commit !== undefined && model.objects.commits.has(commit) ? commit : undefined
}

/** Why a text cannot be a ref's full name. */
const refFault = (ref: string): string | undefined =>
  !ref.startsWith("refs/") || /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|\.(?:\/|$)|\/$/.test(ref)
    ? `refusing to update ref with bad name '${ref}'`
    : undefined

/** Sets a ref if it is where it is expected. */
export const updateRef = Effect.fnUntraced(function* (
  model: Model,
  repository: Repository,
  change: { readonly ref: string; readonly from: Option.Option<Sha>; readonly to: Option.Option<Sha> }
) {
  const { ref } = change
  const fault = refFault(ref)
  if (fault !== undefined) return yield* new Fatal({ detail: fault })
  if (Option.isSome(change.to)) yield* commitAt(model, change.to.value)
  const from = Option.getOrUndefined(change.from)
  if (repository.refs.get(ref) !== from) return yield* new RefMoved({ ref, expected: from ?? null })
  if (Option.isNone(change.to)) {
    repository.refs.delete(ref)
    return
  }
  for (const other of repository.refs.keys()) {
    if (other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`)) {
      return yield* new Fatal({ detail: `cannot lock ref '${ref}': '${other}' exists; cannot create '${ref}'` })
    }
  }
  repository.refs.set(ref, change.to.value)
})
