/** What is known about a task at one moment: all that the rule engine looks at. */
import type * as Document from "./Document.ts"
import type { Approval, Evidence } from "./Evidence.ts"
import type { Digest, Sha, TaskId } from "./Ids.ts"
import type { Phase, TaskType } from "./Phase.ts"
import type { Place } from "./Place.ts"
import type { ProjectConfig } from "./ProjectConfig.ts"
import type { Review } from "./Review.ts"

/** The code on the task's branch. */
export interface Code {
  /** The branch's head. */
  readonly commit: Sha
  /** The tip of the base branch. */
  readonly base: Sha
  readonly mergeBase: Sha
  /** The tree without the documentation folders. */
  readonly codeDigest: Digest
  /**
   * The change against the merge base, documents left out; for a change of documents alone, those documents but the
   * task's own changelog. `null` when nothing is changed at all.
   */
  readonly changeDigest: Digest | null
  /** Every changed path. */
  readonly paths: ReadonlyArray<string>
  /** Changed paths that are no documents; a change of mode alone is none. */
  readonly codePaths: ReadonlyArray<string>
  /** Those of them that are tests and still exist. */
  readonly testPaths: ReadonlyArray<string>
}

/** A committed document: at the head of the branch, else at the base's tip. */
export interface WrittenDocument {
  readonly path: string
  /** The commit it was read at. */
  readonly commit: Sha
  readonly digest: Digest
  readonly text: string
}

/** The recorded merge of the task. */
export interface RecordedMerge {
  readonly commit: Sha
  /** Is it an ancestor of the base's tip? */
  readonly inBase: boolean
}

/** Another task that this one waits for. */
export interface Blocker {
  readonly id: TaskId
  /** `null` when the blocker was deleted. */
  readonly phase: Phase | null
}

export interface Facts {
  readonly id: TaskId
  readonly type: TaskType
  readonly phase: Phase
  readonly config: ProjectConfig
  /** `null` when the task has no branch. */
  readonly code: Code | null
  readonly tree: TreeState
  /** Where the work is done: hints lead there. */
  readonly place: Place
  readonly documents: Readonly<Partial<Record<Document.DocumentKind, WrittenDocument>>>
  /** Results of the task's checks, oldest first. */
  readonly evidence: ReadonlyArray<Evidence>
  /** The digest of each run's definition as it is now, by the run's key. */
  readonly definitions: ReadonlyMap<string, Digest>
  readonly reviews: ReadonlyArray<Review>
  readonly approvals: ReadonlyArray<Approval>
  /** Workers who implemented the task. */
  readonly implementers: ReadonlyArray<string>
  readonly merge: RecordedMerge | null
  readonly blockers: ReadonlyArray<Blocker>
}

/** What only a merge has to know besides. */
export interface MergeFacts {
  /** The counter `merge_lock`. */
  readonly mergeLock: number
  /** `--force`: the merge lock does not hold this one back. */
  readonly force: boolean
  readonly mainCheckout: string
  /** The task's worktree; `null` without one. */
  readonly worktree: string | null
  /** Short name of the base branch. */
  readonly base: string
  /** The command was called from inside the worktree. */
  readonly insideWorktree: boolean
  /** Workers active on the task, the caller left out. */
  readonly activeWorkers: ReadonlyArray<string>
  /** Paths in conflict with the base. */
  readonly conflicts: ReadonlyArray<string>
  /** How the base branch stands to its upstream. */
  readonly upstream:
    | { readonly state: "none" | "even" | "ahead" }
    | { readonly state: "behind" | "diverged"; readonly ref: string; readonly remote: string; readonly behind: number }
    | { readonly state: "unreachable"; readonly detail: string }
  /** Where the base is checked out: what stands in the way of moving it. */
  readonly checkout: {
    readonly path: string
    /** Paths that the merge changes and that are dirty or in the way there. */
    readonly inTheWay: ReadonlyArray<string>
    /** An operation that git is in the middle of there. */
    readonly inProgress: string | null
    /** Git takes it for no checkout at all, because of `core.bare`. */
    readonly bare?: boolean | undefined
  } | null
}

/** The state of the task's worktree, as far as a check may run in it. */
export type TreeState =
  | { readonly state: "clean" }
  | { readonly state: "dirty"; readonly paths: ReadonlyArray<string> }
  /** There is none at its place; and what is uncommitted where somebody moved it, or has its branch checked out. */
  | { readonly state: "missing"; readonly left?: { readonly path: string; readonly paths: ReadonlyArray<string> } }
  /** Its HEAD is not the task's branch. */
  | { readonly state: "elsewhere"; readonly head: string }
  /** Nobody looked: what is judged does not depend on it. */
  | { readonly state: "unseen" }
