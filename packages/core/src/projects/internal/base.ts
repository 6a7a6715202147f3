/** The base branch of a project: which one it is, and whether it is there. */
import type { Sha } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** What git has of a base branch. */
export type Found =
  | { readonly state: "there"; readonly tip: Sha }
  /** It is another name for a branch (a symbolic ref): a checkout is on that, and git would move it under the checkout. */
  | { readonly state: "alias"; readonly of: string }
  /** Only the remote has it. */
  | { readonly state: "remote" }
  /** It is checked out and has no commit yet. */
  | { readonly state: "unborn" }
  /** It was renamed or deleted. */
  | { readonly state: "gone" }

const short = (ref: string): string => ref.replace(/^refs\/heads\//, "")

/** Looks for a base branch by its short name. */
export const find = Effect.fnUntraced(function* (checkout: string, branch: string) {
  const git = yield* Git
  const tip = yield* git.resolve(checkout, `refs/heads/${branch}`)
  if (Option.isSome(tip)) {
    const of = yield* git.aliasOf(checkout, `refs/heads/${branch}`)
    return Option.isNone(of)
      ? ({ state: "there", tip: tip.value } satisfies Found)
      : ({ state: "alias", of: short(of.value) } satisfies Found)
  }
  const remote = yield* git.resolve(checkout, `refs/remotes/origin/${branch}`)
  if (Option.isSome(remote)) return { state: "remote" } satisfies Found
  // HEAD that names a branch which does not exist has no commit.
  const head = yield* git.head(checkout)
  return Option.contains(head.branch, `refs/heads/${branch}`)
    ? ({ state: "unborn" } satisfies Found)
    : ({ state: "gone" } satisfies Found)
})

/** The branch behind another name; `null` where that names no branch, but a remote's or a tag. */
export const behind = ({ of }: { readonly of: string }): string | null => (of.startsWith("refs/") ? null : of)

/** What the remote calls its default, `main`, `master`, or what is checked out. */
const named = Effect.fnUntraced(function* (checkout: string, gone: string | null) {
  const git = yield* Git
  const remote = Option.map(yield* git.remoteDefaultBranch(checkout), short)
  if (Option.isSome(remote) && remote.value !== gone) return remote.value
  for (const name of ["main", "master"])
    if (Option.isSome(yield* git.resolve(checkout, `refs/heads/${name}`))) return name
  const head = yield* git.head(checkout)
  return Option.match(head.branch, { onNone: () => "main", onSome: short })
})

/**
 * The branch that a repository's work goes to: the first of those that one would look for, and not another name for it.
 * Never the one that is known to be gone.
 */
export const choose = Effect.fnUntraced(function* (checkout: string, gone: string | null) {
  const name = yield* named(checkout, gone)
  const found = yield* find(checkout, name)
  return (found.state === "alias" ? behind(found) : null) ?? name
})
