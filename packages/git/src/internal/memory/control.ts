/** What tests may do to the model that the port has no word for. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { GitFailed } from "../../Git.ts"
import * as Checkouts from "./checkouts.ts"
import { during, Fatal, type Head, locate, type Model } from "./model.ts"

/** A branch's other side, on a remote that exists only here. */
export interface RemoteBranch {
  /** Default `origin`. */
  readonly remote?: string | undefined
  /** Its name on the remote; default the branch's own. */
  readonly remoteRef?: string | undefined
  /** Where it is on the remote: what a fetch brings. None: it is not there, and fetching it fails. */
  readonly tip: Option.Option<Sha>
  /** Where the last fetch saw it; none: never fetched. */
  readonly known?: Option.Option<Sha> | undefined
}

export class MemoryGitControl extends Context.Tag("@calm/git/MemoryGit/MemoryGitControl")<
  MemoryGitControl,
  {
    /** The version that git has; none: there is no git. */
    readonly setVersion: (version: Option.Option<string>) => Effect.Effect<void>
    /** The user's name in git's configuration. */
    readonly setUserName: (name: Option.Option<string>) => Effect.Effect<void>
    /** The user's address in git's configuration. */
    readonly setUserEmail: (email: Option.Option<string>) => Effect.Effect<void>
    /** Gives a branch (full ref) an upstream, or moves it. */
    readonly setUpstream: (repo: string, branch: string, remote: RemoteBranch) => Effect.Effect<void, GitFailed>
    /** Lets fetching a branch's upstream fail with a message, or work again. */
    readonly failFetch: (repo: string, branch: string, message: Option.Option<string>) => Effect.Effect<void, GitFailed>
    /** The branch (full ref) that the remote calls its default. */
    readonly setRemoteDefaultBranch: (repo: string, branch: Option.Option<string>) => Effect.Effect<void, GitFailed>
    /** `git worktree lock`. */
    readonly lockWorktree: (path: string) => Effect.Effect<void, GitFailed>
    /** `git worktree unlock`. */
    readonly unlockWorktree: (path: string) => Effect.Effect<void, GitFailed>
    /** Puts a checkout into the middle of a merge, rebase, cherry-pick, revert or bisect, or out of it. */
    readonly setInProgress: (checkout: string, operation: Option.Option<string>) => Effect.Effect<void, GitFailed>
    /** `git add` of files or folders; one that is gone is removed from the index. */
    readonly stage: (checkout: string, paths: ReadonlyArray<string>) => Effect.Effect<void, GitFailed>
    /** `git update-index --assume-unchanged` of exactly these paths. */
    readonly hide: (checkout: string, paths: ReadonlyArray<string>) => Effect.Effect<void, GitFailed>
    /** `git switch` to a branch (full ref) or, detached, to a commit; fails where that would overwrite something. */
    readonly switchTo: (checkout: string, head: Head) => Effect.Effect<void, GitFailed>
  }
>() {}

/** The tracking ref of a branch of a remote. */
const trackingRef = (remote: string, remoteRef: string): string =>
  `refs/remotes/${remote}/${remoteRef.replace(/^refs\/heads\//, "")}`

export const makeControl = (model: Model): Context.Tag.Service<typeof MemoryGitControl> => ({
  setVersion: (version) =>
    Effect.sync(() => {
      model.version = Option.getOrUndefined(version)
    }),
  setUserName: (name) =>
    Effect.sync(() => {
      model.userName = Option.getOrUndefined(name)
    }),
  setUserEmail: (email) =>
    Effect.sync(() => {
      model.userEmail = Option.getOrUndefined(email)
    }),
  setUpstream: Traced.fn("MemoryGitControl.setUpstream")(function* (repo, branch, options) {
    const { repository } = yield* locate(model, repo)
    const remote = options.remote ?? "origin"
    const remoteRef = options.remoteRef ?? branch
    const upstream = { remote, remoteRef, trackingRef: trackingRef(remote, remoteRef) }
    repository.remotes.set(branch, { upstream, tip: Option.getOrUndefined(options.tip), failure: undefined })
    if (options.known === undefined) return
    if (Option.isSome(options.known)) repository.refs.set(upstream.trackingRef, options.known.value)
    else repository.refs.delete(upstream.trackingRef)
  }, during("set an upstream")),
  failFetch: Traced.fn("MemoryGitControl.failFetch")(function* (repo, branch, message) {
    const { repository } = yield* locate(model, repo)
    const remote = repository.remotes.get(branch)
    if (remote === undefined) return yield* new Fatal({ detail: `${branch} has no upstream` })
    repository.remotes.set(branch, { ...remote, failure: Option.getOrUndefined(message) })
  }, during("set up a failing fetch")),
  setRemoteDefaultBranch: Traced.fn("MemoryGitControl.setRemoteDefaultBranch")(function* (repo, branch) {
    const { repository } = yield* locate(model, repo)
    repository.remoteDefault = Option.getOrUndefined(branch)
  }, during("set the default branch of a remote")),
  lockWorktree: Traced.fn("MemoryGitControl.lockWorktree")(function* (path) {
    const { admin } = yield* locate(model, path)
    yield* model.fs.writeFileString(`${admin}/locked`, "")
  }, during("lock a worktree")),
  unlockWorktree: Traced.fn("MemoryGitControl.unlockWorktree")(function* (path) {
    const { admin } = yield* locate(model, path)
    yield* model.fs.remove(`${admin}/locked`, { force: true })
  }, during("unlock a worktree")),
  setInProgress: Traced.fn("MemoryGitControl.setInProgress")(function* (checkout, operation) {
    const place = yield* locate(model, checkout)
    yield* Checkouts.setInProgress(model, place, Option.getOrUndefined(operation))
  }, during("set the operation in progress")),
  stage: Traced.fn("MemoryGitControl.stage")(function* (checkout, paths) {
    const place = yield* locate(model, checkout)
    yield* model.lock.withPermits(1)(Checkouts.stage(model, place, paths))
  }, during("stage files")),
  hide: Traced.fn("MemoryGitControl.hide")(function* (checkout, paths) {
    const place = yield* locate(model, checkout)
    place.checkout.hidden = new Set(paths)
  }, during("hide files from the status")),
  switchTo: Traced.fn("MemoryGitControl.switchTo")(function* (checkout, head) {
    const place = yield* locate(model, checkout)
    yield* model.lock.withPermits(1)(Checkouts.switchTo(model, place, head))
  }, during("switch a checkout"))
})
