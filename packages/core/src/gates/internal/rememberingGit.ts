/**
 * A git that asks each thing once, for the time of one question about many tasks: what they have in common is not asked
 * for each of them. What it is asked must not change meanwhile, so it only reads.
 */
import type { Sha } from "@calm/domain/Ids"
import type { Git } from "@calm/git/Git"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

type Service = Context.Tag.Service<typeof Git>

/** The same question has the same answer. */
export const remembering = <Args extends ReadonlyArray<string | number | ReadonlyArray<string> | undefined>, A, E>(
  ask: (...args: Args) => Effect.Effect<A, E>
): ((...args: Args) => Effect.Effect<A, E>) => {
  const known = new Map<string, Effect.Effect<A, E>>()
  return (...args) =>
    Effect.suspend(() => {
      const key = JSON.stringify(args)
      const before = known.get(key)
      if (before !== undefined) return before
      return Effect.flatMap(Effect.cached(ask(...args)), (once) => {
        known.set(key, once)
        return once
      })
    })
}

const branches = "refs/heads/"

/** Over a git, for questions about branches that are judged against `base`. */
export const make = (git: Service, base: Sha): Service => {
  const refs = remembering(git.refs)
  const tips = remembering((repo: string) =>
    Effect.map(refs(repo, branches), (found) => new Map(found.map(({ commit, ref }) => [ref, commit])))
  )
  const listFiles = remembering(git.listFiles)
  const paths = remembering((repo: string, commit: Sha, folder: string) =>
    Effect.map(listFiles(repo, commit, folder), (entries) => new Set(entries.map(({ path }) => path)))
  )
  const resolve = remembering(git.resolve)
  const readFile = remembering(git.readFile)
  return {
    ...git,
    aliasOf: remembering(git.aliasOf),
    broughtInBy: remembering(git.broughtInBy),
    changes: remembering(git.changes),
    commitsBetween: remembering(git.commitsBetween),
    divergence: remembering(git.divergence),
    firstParent: remembering(git.firstParent),
    head: remembering(git.head),
    inProgress: remembering(git.inProgress),
    isAncestor: remembering(git.isAncestor),
    listFiles,
    listFolder: remembering(git.listFolder),
    mergeBase: remembering(git.mergeBase),
    // One listing of a folder of the base tells of the documents of all tasks, most of which are not there.
    readFile: (repo, commit, path) => {
      const folder = path.slice(0, Math.max(0, path.indexOf("/")))
      if (commit !== base || folder === "") return readFile(repo, commit, path)
      return Effect.flatMap(paths(repo, commit, folder), (there) =>
        there.has(path) ? readFile(repo, commit, path) : Effect.succeedNone
      )
    },
    refs,
    // One listing tells of all branches.
    resolve: (repo, revision) =>
      revision.startsWith(branches)
        ? Effect.map(tips(repo), (found) => Option.fromNullable(found.get(revision)))
        : resolve(repo, revision),
    status: remembering(git.status),
    upstream: remembering(git.upstream),
    worktrees: remembering(git.worktrees)
  }
}
