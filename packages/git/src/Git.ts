/**
 * Git, typed. The only place in calm that runs git.
 *
 * Every method takes the root folder of the checkout (or repository) it acts in, as an absolute path; a folder inside a
 * checkout is not taken for it. Refs are full names
 * (`refs/heads/main`) unless said otherwise; commits are full object names; paths are relative to the repository's root,
 * with `/`, exactly as git has them. Bytes of a path that are not UTF-8 are shown as `\xNN`.
 */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import type { Environment } from "@calm/process/Environment"
import type { ProcessRunner } from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import { makeAskAll } from "./internal/asking.ts"
import { makeRunner } from "./internal/command.ts"
import { makeCommits } from "./internal/commits.ts"
import { makeSyncObjects } from "./internal/durable.ts"
import type { FastForwardRefused, GitError, GitExists, RefMoved } from "./internal/errors.ts"
import { makeBranchSeen } from "./internal/branchFile.ts"
import { makeProgress } from "./internal/gitDirectory.ts"
import { makeHistory } from "./internal/history.ts"
import { makeLinks } from "./internal/links.ts"
import { makeMerging } from "./internal/merging.ts"
import { makeRefs } from "./internal/refs.ts"
import { makeSnapshot } from "./internal/snapshot.ts"
import { makeStatus } from "./internal/status.ts"
import { makeTrash } from "./internal/trash.ts"
import { makeTrees } from "./internal/trees.ts"
import { makeUntrash } from "./internal/untrash.ts"
import { makeWorktrees } from "./internal/worktrees.ts"

export { FastForwardRefused, GitExists, GitFailed, GitMissing, GitTimedOut, RefMoved } from "./internal/errors.ts"
export type { GitError } from "./internal/errors.ts"

/** One entry of a tree. */
export interface TreeEntry {
  readonly mode: string
  readonly kind: "blob" | "tree" | "commit"
  readonly object: Sha
  /** Full path from the repository's root. */
  readonly path: string
}

/** One changed path between two trees, as `git diff-tree --raw` tells it (renames are a deletion and an addition). */
export interface Change {
  readonly status: "A" | "M" | "D" | "T"
  readonly path: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldObject: string
  readonly newObject: string
}

/** A path of a checkout that differs from its HEAD. */
export interface StatusEntry {
  readonly path: string
  /**
   * `hidden`: the path carries a bit (assume-unchanged, skip-worktree on a file that is there) that keeps git from
   * telling whether it changed. `unreadable`: a folder that may not be looked into, so that nobody knows what is in it.
   */
  readonly state: "staged" | "unstaged" | "untracked" | "unmerged" | "hidden" | "unreadable"
}

/** What is uncommitted in a checkout, as trees. */
export interface Uncommitted {
  /** What differs from HEAD; not empty. */
  readonly entries: ReadonlyArray<StatusEntry>
  /** HEAD's commit and its tree; none before the first commit. */
  readonly head: Option.Option<{ readonly commit: Sha; readonly tree: Sha }>
  /** Does the index differ from HEAD? */
  readonly isStaged: boolean
  /** The tree of the index; a path in conflict is as our side has it. */
  readonly staged: Sha
  /** The tree of the files, untracked ones too; not what is ignored, nor untracked repositories inside of it. */
  readonly files: Sha
}

/** Where HEAD of a checkout points. */
export interface Head {
  readonly commit: Option.Option<Sha>
  /** The branch's full ref name; none when detached. */
  readonly branch: Option.Option<string>
}

/** One worktree of the repository, the main checkout included. */
export interface WorktreeEntry {
  readonly path: string
  readonly commit: Option.Option<Sha>
  readonly branch: Option.Option<string>
  readonly bare: boolean
  readonly locked: boolean
  /** Its folder is gone. */
  readonly prunable: boolean
}

/** How a worktree's folder and git's record of it stand to each other. */
export type WorktreeLink = "intact" | "broken" | "lost"

/** A merge computed in the object database. */
export interface MergedTree {
  readonly tree: Sha
  /** Paths in conflict, sorted; empty for a clean merge. */
  readonly conflicts: ReadonlyArray<string>
}

/** A commit in one line. */
export interface CommitLine {
  readonly commit: Sha
  readonly subject: string
}

/** The remote branch that a local branch follows. */
export interface Upstream {
  readonly remote: string
  /** Its name on the remote: `refs/heads/main`. */
  readonly remoteRef: string
  /** Its last known position here: `refs/remotes/origin/main`. */
  readonly trackingRef: string
}

/** How two commits stand to each other. */
export interface Divergence {
  readonly ahead: number
  readonly behind: number
}

/** A worktree that was moved away whole: its files, and git's own record of it (index, HEAD, logs). */
export interface Trashed {
  /** The folder that holds both: `tree/` and `admin/`. */
  readonly folder: string
}

type Eff<A, E = never> = Effect.Effect<A, GitError | E>

/** Git, as calm uses it. Provide another implementation to put one of your own in its place. */
export class Git extends Context.Tag("@calm/git/Git")<
  Git,
  {
    /** Git's version, such as `2.39.5`; fails with GitMissing below 2.38. */
    readonly version: Eff<string>
    /** The commit a ref or revision names; none when there is no such. The revision may come from a person. */
    readonly resolve: (repo: string, revision: string) => Eff<Option.Option<Sha>>
    /** HEAD of a checkout. */
    readonly head: (checkout: string) => Eff<Head>
    /** The branch the remote calls its default (`refs/heads/<name>` of `refs/remotes/origin/HEAD`); none without. */
    readonly remoteDefaultBranch: (repo: string) => Eff<Option.Option<string>>
    /** The branch (full ref) that a branch is only another name for, a symbolic ref; none where it is one itself. */
    readonly aliasOf: (repo: string, branch: string) => Eff<Option.Option<string>>
    /** `user.name` as git would use it for a commit; none when it has none. */
    readonly userName: (checkout: string) => Eff<Option.Option<string>>
    /** `user.email` as git would use it for a commit; none when it has none. */
    readonly userEmail: (checkout: string) => Eff<Option.Option<string>>
    /** When a commit was made, in milliseconds since 1970; git knows whole seconds. */
    readonly committedAt: (repo: string, commit: Sha) => Eff<number>
    /** The best common ancestor; none for unrelated histories. */
    readonly mergeBase: (repo: string, a: Sha, b: Sha) => Eff<Option.Option<Sha>>
    /** Is `ancestor` reachable from `descendant` (or the same)? */
    readonly isAncestor: (repo: string, ancestor: Sha, descendant: Sha) => Eff<boolean>
    /** Commits reachable from `to` and not from `from`, newest first, at most `limit`. */
    readonly commitsBetween: (repo: string, from: Sha, to: Sha, limit: number) => Eff<ReadonlyArray<CommitLine>>
    /**
     * The commit on `tip`'s first-parent chain, oldest, that contains `commit`: the one that brought it in. None when
     * `tip` does not contain it.
     */
    readonly broughtInBy: (repo: string, commit: Sha, tip: Sha) => Eff<Option.Option<Sha>>
    /** The first parent of a commit; none for a root commit. */
    readonly firstParent: (repo: string, commit: Sha) => Eff<Option.Option<Sha>>
    /** Direct entries of one folder of a commit's tree (`""` for the root); empty when there is no such folder. */
    readonly listFolder: (repo: string, commit: Sha, folder: string) => Eff<ReadonlyArray<TreeEntry>>
    /** All files of a commit's tree below a folder (`""` for all), by path. */
    readonly listFiles: (repo: string, commit: Sha, folder: string) => Eff<ReadonlyArray<TreeEntry>>
    /** What changed from one commit's tree to another's, sorted by path. */
    readonly changes: (repo: string, from: Sha, to: Sha) => Eff<ReadonlyArray<Change>>
    /** A file of a commit: its blob and its bytes; none when there is no such file. */
    readonly readFile: (
      repo: string,
      commit: Sha,
      path: string
    ) => Eff<Option.Option<{ readonly blob: Sha; readonly content: Uint8Array }>>
    /**
     * Every path of a checkout that differs from HEAD: ignored files are left out, whatever the configuration says. With
     * `within`, those alone that are one of these paths, lie in one, or stand in place of a folder on the way to one;
     * of a large checkout that takes far less.
     */
    readonly status: (checkout: string, within?: ReadonlyArray<string>) => Eff<ReadonlyArray<StatusEntry>>
    /** An operation that git is in the middle of there: merge, rebase, cherry-pick, revert, bisect. */
    readonly inProgress: (checkout: string) => Eff<Option.Option<string>>
    /** The folder that git takes for a checkout's files; none where it is set to have none (`core.bare`). */
    readonly topLevel: (checkout: string) => Eff<Option.Option<string>>
    /** All worktrees of the repository, the main checkout first. */
    readonly worktrees: (repo: string) => Eff<ReadonlyArray<WorktreeEntry>>
    /** Adds a worktree on a branch: an existing one (`start` none) or a new one at `start`. Runs no hooks. */
    readonly addWorktree: (options: {
      readonly repo: string
      readonly path: string
      /** Short name. */
      readonly branch: string
      readonly start: Option.Option<Sha>
    }) => Eff<void, GitExists>
    /**
     * Moves a worktree out of the way whole, into a folder that does not exist yet, on the same file system; git no
     * longer knows it. Idempotent: completes a move that was cut off. Works on a half-made worktree too.
     */
    readonly trashWorktree: (options: {
      readonly repo: string
      readonly path: string
      readonly folder: string
    }) => Eff<Trashed>
    /**
     * Brings a trashed worktree back to `path` as it was. Where its branch no longer is at the commit that its HEAD had,
     * or is checked out elsewhere, HEAD is detached at that commit. Idempotent.
     */
    readonly untrashWorktree: (options: {
      readonly repo: string
      readonly folder: string
      readonly path: string
      /** What HEAD is to be: the branch (full ref), or detached at the commit. */
      readonly head: { readonly branch: string } | { readonly commit: Sha }
    }) => Eff<void, GitExists>
    /**
     * Do the worktree in a folder and git's record of it name each other? `broken`: they did before one of them, or the
     * whole repository, was moved by hand. `lost`: the folder is no worktree, or git has no record of it. Runs no program.
     */
    readonly worktreeLink: (repo: string, path: string) => Eff<WorktreeLink>
    /** Makes the two name each other again, and touches no other worktree. Idempotent; fails where the link is lost. */
    readonly relinkWorktree: (options: { readonly repo: string; readonly path: string }) => Eff<void>
    /**
     * Writes what is uncommitted in a checkout as trees, for commits to be made of them; none when nothing is. Changes
     * neither index nor files nor refs.
     */
    readonly uncommitted: (checkout: string) => Eff<Option.Option<Uncommitted>>
    /**
     * A commit that holds everything uncommitted of a checkout (staged, unstaged, untracked; not what is ignored, nor
     * untracked repositories inside of it): parents are
     * HEAD and, where something is staged, a commit of the index. None when nothing is uncommitted. Changes neither
     * index nor files nor refs.
     */
    readonly snapshot: (checkout: string, message: string) => Eff<Option.Option<Sha>>
    /**
     * A commit of what is staged in a worktree whose folder is gone, from git's record of it; its parent is the
     * worktree's HEAD. None when nothing is staged. Fails where git has no record. Changes neither index nor refs.
     */
    readonly snapshotIndex: (options: {
      readonly repo: string
      readonly path: string
      readonly message: string
    }) => Eff<Option.Option<Sha>>
    /** Commits files of a checkout: everything (`"all"`), or what is staged. Runs no hooks. None when nothing to commit. */
    readonly commit: (options: {
      readonly checkout: string
      readonly message: string
      readonly include: "all" | "staged"
    }) => Eff<Option.Option<Sha>>
    /** Merges `ours` and `theirs` in the object database, with the attributes of the checkout. Changes no ref and no file. */
    readonly mergeTree: (options: {
      readonly checkout: string
      readonly ours: Sha
      readonly theirs: Sha
    }) => Eff<MergedTree>
    /** Makes a commit object; moves no ref. */
    readonly commitTree: (options: {
      readonly repo: string
      readonly tree: Sha
      readonly parents: ReadonlyArray<Sha>
      readonly message: string
    }) => Eff<Sha>
    /** Sets a ref if it still is at `from` (none: if it does not exist); `to` none deletes it. One compare-and-swap. */
    readonly updateRef: (options: {
      readonly repo: string
      readonly ref: string
      readonly from: Option.Option<Sha>
      readonly to: Option.Option<Sha>
      /** For the reflog. */
      readonly reason: string
    }) => Eff<void, RefMoved>
    /**
     * Fast-forwards the branch that a checkout is on: index, files and ref. Refuses, changing nothing, when a path it
     * would write is dirty, untracked or ignored there, or when `to` does not contain HEAD. Runs no hooks.
     */
    readonly fastForward: (options: {
      readonly checkout: string
      readonly to: Sha
      /** The branch (full ref) that it has to be on; any without. */
      readonly branch?: string | undefined
    }) => Eff<void, FastForwardRefused>
    /**
     * Takes back what a fast-forward of a checkout that was cut off (a full disk, a kill) has written there. Does nothing
     * where none was. What people have changed since stays.
     */
    readonly unwind: (checkout: string) => Eff<void>
    /** The refs below a prefix such as `refs/calm/rescue/`. */
    readonly refs: (repo: string, prefix: string) => Eff<ReadonlyArray<{ readonly ref: string; readonly commit: Sha }>>
    /** Is there a branch of this short name? None where only git itself can tell. Reads files and runs no program. */
    readonly branchSeen: (repo: string, branch: string) => Eff<Option.Option<boolean>>
    /** The upstream of a local branch (full ref), which has to be there; none when it has none. */
    readonly upstream: (repo: string, branch: string) => Eff<Option.Option<Upstream>>
    /** Fetches one branch of a remote; never asks for a password. */
    readonly fetch: (repo: string, upstream: Upstream) => Eff<void>
    /** How many commits `a` has that `b` has not, and the other way round. */
    readonly divergence: (repo: string, a: Sha, b: Sha) => Eff<Divergence>
    /** A file's or folder's state of being ignored is not asked; this makes a repository: `git init` on a branch. */
    readonly init: (folder: string, branch: string) => Eff<void>
  }
>() {}

const make = Effect.gen(function* () {
  const runner = yield* makeRunner
  const fs = yield* FileSystem.FileSystem
  const askAll = yield* makeAskAll(runner)
  const history = makeHistory(runner, fs, askAll)
  const trees = makeTrees(askAll)
  const syncObjects = makeSyncObjects()
  const refs = makeRefs(runner, fs, syncObjects)
  const { everything, status } = makeStatus(runner, fs, askAll)
  const { commit, commitObject, commitTree } = makeCommits(runner)
  const inProgress = makeProgress(fs)
  const worktrees = makeWorktrees(runner, fs, askAll, { ...history, ...refs })
  return Git.of({
    version: runner.version.pipe(Traced.span("Git.version")),
    ...history,
    ...trees,
    ...refs,
    ...worktrees,
    ...makeLinks(fs),
    branchSeen: makeBranchSeen(fs),
    ...makeMerging(runner, fs, { ...history, ...trees, everything, inProgress, syncObjects }),
    status,
    inProgress,
    commit,
    commitTree,
    ...makeSnapshot(runner, fs, { commitObject }, status),
    trashWorktree: makeTrash(runner, fs, askAll),
    untrashWorktree: makeUntrash(runner, fs, { ...history, ...worktrees }),
    init: Traced.fn("Git.init")(function* (folder, branch) {
      const args = ["init", "--quiet", "--template=", `--initial-branch=${branch}`, "--", folder]
      yield* runner.run({ operation: `make a repository in ${folder}`, kind: "write", cwd: "/", args })
    })
  })
})

/** The git that is installed on this machine. Nothing of the inherited `GIT_*` variables reaches it; it runs no hooks. */
export const layer: Layer.Layer<Git, never, Environment | FileSystem.FileSystem | ProcessRunner> = Layer.scoped(
  Git,
  make
)
