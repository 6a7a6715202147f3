/** The base branch of a project: which one it is, and whether it is there. */
import type { Sha } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** What git has of a base branch. */
export type Found =
  | { readonly state: "there"; readonly tip: Sha }
  /** Only the remote has it. */
  | { readonly state: "remote" }
  /** It is checked out and has no commit yet. */
  | { readonly state: "unborn" }
  /** It was renamed or deleted. */
  | { readonly state: "gone" }

/** Looks for a base branch by its short name. */
export const find = Effect.fnUntraced(function* (checkout: string, branch: string) {
  const git = yield* Git
  const tip = yield* git.resolve(checkout, `refs/heads/${branch}`)
  if (Option.isSome(tip)) return { state: "there", tip: tip.value } satisfies Found
  const remote = yield* git.resolve(checkout, `refs/remotes/origin/${branch}`)
  if (Option.isSome(remote)) return { state: "remote" } satisfies Found
  // HEAD that names a branch which does not exist has no commit.
  const head = yield* git.head(checkout)
  return Option.contains(head.branch, `refs/heads/${branch}`)
    ? ({ state: "unborn" } satisfies Found)
    : ({ state: "gone" } satisfies Found)
})

/**
 * The branch that a repository's work goes to: what the remote calls its default, `main`, `master`, or what is checked
 * out. Never the one that is known to be gone.
 */
export const choose = Effect.fnUntraced(function* (checkout: string, gone: string | null) {
  const git = yield* Git
  const short = (ref: string) => ref.replace(/^refs\/heads\//, "")
  const remote = Option.map(yield* git.remoteDefaultBranch(checkout), short)
  if (Option.isSome(remote) && remote.value !== gone) return remote.value
  for (const name of ["main", "master"])
    if (Option.isSome(yield* git.resolve(checkout, `refs/heads/${name}`))) return name
  const head = yield* git.head(checkout)
  return Option.match(head.branch, { onNone: () => "main", onSome: short })
})
