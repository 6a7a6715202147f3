/** Sequences on which model and services once disagreed, or that chance seldom brings about. */
import type { Step } from "./commands.ts"

const feature = { project: 0, task: "SPEC-1" } as const
const other = { project: 0, task: "SPEC-2" } as const

const begun: ReadonlyArray<Step> = [
  { ...feature, does: "create", type: "feature", blockedBy: [] },
  { ...feature, does: "create worktree" },
  { ...feature, does: "commit", file: "code", variant: 0 }
]

const reviewed: ReadonlyArray<Step> = [
  { ...feature, does: "review", type: "code", verdict: "approved", by: "ann" },
  { ...feature, does: "review", type: "code", verdict: "approved", by: "bob" }
]

/** A feature that can be merged. */
const mergeable: ReadonlyArray<Step> = [
  ...begun,
  { ...feature, does: "commit", file: "changelog", variant: 0 },
  { ...feature, does: "override", to: "INTEGRATE", as: "ann" },
  { ...feature, does: "check", gate: null, fresh: false },
  ...reviewed
]

const merge: Step = { ...feature, does: "merge", force: false, as: "ann" }

export const found: Readonly<Record<string, ReadonlyArray<Step>>> = {
  "a worktree brought back after its merge, removed again and made again": [
    ...mergeable,
    merge,
    { ...feature, does: "restore worktree" },
    { ...feature, does: "remove worktree" },
    { ...feature, does: "create worktree" }
  ],
  "a check that could not be made, then other code checked, then the first code again": [
    ...begun,
    { ...feature, does: "override", to: "IMPLEMENT", as: "ann" },
    { ...feature, does: "let come out", script: "tests", outcome: "unavailable" },
    { ...feature, does: "check", gate: null, fresh: false },
    { ...feature, does: "commit", file: "code", variant: 1 },
    { ...feature, does: "let come out", script: "tests", outcome: "passed" },
    { ...feature, does: "check", gate: null, fresh: false },
    { ...feature, does: "commit", file: "code", variant: 0 }
  ],
  "an objection in the name of a worker that nobody has started": [
    ...begun,
    { ...feature, does: "commit", file: "spec", variant: 0 },
    { ...feature, does: "review", type: "spec", verdict: "changes_requested", by: 9 },
    { ...feature, does: "review", type: "spec", verdict: "approved", by: 9 }
  ],
  "a result that could not be had again": [
    ...begun,
    { ...feature, does: "override", to: "IMPLEMENT", as: "ann" },
    { ...feature, does: "check", gate: null, fresh: false },
    { ...feature, does: "let come out", script: "tests", outcome: "unavailable" },
    { ...feature, does: "check", gate: null, fresh: true }
  ],
  "fresh results wanted before a merge, where nothing can be run": [
    ...mergeable,
    { ...feature, does: "set merge_lock", value: 1, as: "ann" },
    { ...feature, does: "leave a file" },
    { ...feature, does: "check", gate: null, fresh: true },
    { ...feature, does: "check", gate: null, fresh: false },
    { ...feature, does: "remove worktree" },
    { ...feature, does: "check", gate: null, fresh: true }
  ],
  "a task taken back to before its merge, and moved on by hand": [
    ...mergeable,
    merge,
    { ...feature, does: "transition", to: "INTEGRATE", result: null, details: false, reason: true },
    { ...feature, does: "transition", to: "VERIFY", result: null, details: false, reason: false },
    { ...other, does: "create", type: "feature", blockedBy: [] },
    { ...feature, does: "wait for", blockedBy: ["SPEC-2"] },
    { ...feature, does: "transition", to: "VERIFY", result: null, details: false, reason: false },
    { ...feature, does: "restore worktree" },
    { ...feature, does: "wait for", blockedBy: [] },
    merge
  ],
  "a task that waits, and has uncommitted work, before its merge": [
    ...mergeable,
    { ...other, does: "create", type: "feature", blockedBy: [] },
    { ...feature, does: "wait for", blockedBy: ["SPEC-2"] },
    { ...feature, does: "leave a file" }
  ],
  "a branch merged by hand, its merge taken back, and merged again": [
    ...mergeable,
    { ...feature, does: "merge by hand" },
    merge,
    { ...feature, does: "rewind the base" },
    { ...feature, does: "transition", to: "DONE", result: "pass", details: true, reason: false },
    { ...feature, does: "restore worktree" },
    { ...feature, does: "override", to: "INTEGRATE", as: "ann" },
    merge,
    { ...feature, does: "transition", to: "DONE", result: "pass", details: true, reason: false }
  ]
}
