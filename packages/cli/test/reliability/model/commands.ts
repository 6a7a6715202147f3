/** What can be done in a sequence: commands of calm, and what people do around it. Plain data; each in one line of words. */
import type { Phase, TaskType } from "@calm/domain/Phase"
import type { ReviewType } from "@calm/domain/Review"
import type { Outcome, Script } from "./world.ts"

/** A file that somebody commits for a task. The third variant of a document says nothing. */
export type FileKind = "code" | "test" | "spec" | "proposal" | "report" | "changelog"
export type Variant = 0 | 1 | 2

/** In whose name: a person, or the worker that was started as so many-eth in the project (the first is 0). */
export type Who = string | number

/** The name of who acts; workers are called after their number. */
export const nameOf = (who: Who): string => (typeof who === "number" ? `worker ${who}` : who)

/** In which project, and on which task. */
interface Place {
  readonly project: 0 | 1
  readonly task: string
}

/** A command of calm. */
export type Command = Place &
  (
    | { readonly does: "create"; readonly type: TaskType; readonly blockedBy: ReadonlyArray<string> }
    | { readonly does: "wait for"; readonly blockedBy: ReadonlyArray<string> }
    | { readonly does: "cancel" | "delete" | "restore" }
    | { readonly does: "override"; readonly to: Phase; readonly as: Who }
    | {
        readonly does: "transition"
        readonly to: Phase
        readonly result: "pass" | "fail" | null
        readonly details: boolean
        readonly reason: boolean
      }
    | { readonly does: "check"; readonly gate: string | null; readonly fresh: boolean }
    | { readonly does: "approve"; readonly gate: string; readonly as: Who }
    | {
        readonly does: "review"
        readonly type: ReviewType
        readonly verdict: "approved" | "changes_requested"
        readonly by: Who
      }
    | { readonly does: "clear"; readonly type: ReviewType | null; readonly as: Who }
    | { readonly does: "start worker"; readonly role: string }
    | { readonly does: "end worker"; readonly worker: number; readonly how: "completed" | "failed" }
    | { readonly does: "create worktree" | "remove worktree" | "restore worktree" }
    | { readonly does: "merge"; readonly force: boolean; readonly as: Who }
    | { readonly does: "set merge_lock"; readonly value: 0 | 1; readonly as: Who }
  )

/** What people and their tools do without calm. */
export type Act = Place &
  (
    | { readonly does: "commit" | "commit to the base"; readonly file: FileKind; readonly variant: Variant }
    | { readonly does: "leave a file" | "take the file away" }
    | { readonly does: "merge the base in" | "merge by hand" | "rewind the base" }
    | { readonly does: "let come out"; readonly script: Script; readonly outcome: Outcome }
  )

export type Step = Command | Act

const acts: ReadonlySet<Step["does"]> = new Set([
  "commit",
  "commit to the base",
  "leave a file",
  "take the file away",
  "merge the base in",
  "merge by hand",
  "rewind the base",
  "let come out"
] satisfies ReadonlyArray<Act["does"]>)

export const isAct = (step: Step): step is Act => acts.has(step.does)

export const titleOf = (task: string): string => `The task ${task}`

/** The path of a file, and what it says. */
export const fileOf = (task: string, file: FileKind, variant: Variant): readonly [path: string, text: string] => {
  const words = ["one way", "another way", "<!-- nothing yet -->"][variant] ?? ""
  switch (file) {
    case "code":
      return [`src/${task}.js`, `export const way = "${variant}"\n`]
    case "test":
      return [`test/${task}.test.js`, `import "../src/${task}.js" // ${variant}\n`]
    case "spec":
    case "proposal":
      return [`planning_docs/${task}/${file}.md`, `${words}\n`]
    case "changelog":
      return [`changelog.d/${task}.md`, `${words}\n`]
    case "report":
      return [`bug_reports/${task}.md`, `## Reproduction\n\nyes\n\n## Root cause\n\nyes\n\n## Fix plan\n\n${words}\n`]
  }
}

/** The file that somebody leaves in a worktree. */
export const leftOver = "left-over.txt"

/** A step in one line. */
export const line = ({ does, project, task, ...more }: Step): string => {
  const words = Object.entries(more).map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : value}`)
  return `${project === 0 ? "first" : "second"} ${task}: ${[does, ...words].join(" ")}`
}
