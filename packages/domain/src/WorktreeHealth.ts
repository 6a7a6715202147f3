/** What can be wrong with a task's worktree, and what mends it. Pure. */
import * as Schema from "effect/Schema"
import { commandLine } from "./CommandLine.ts"
import { Sha, TaskId, Time } from "./Ids.ts"
import * as Phase from "./Phase.ts"
import { branchAgain } from "./Place.ts"
import { Worktree } from "./Worktree.ts"

/** What a worktree looks like. `null` where it could not be told, or where there is nothing to tell of. */
export const Condition = Schema.Struct({
  taskId: TaskId,
  path: Worktree.fields.path,
  branch: Worktree.fields.branch,
  createdAt: Time,
  /** `null`: there is no such task, it was deleted. */
  phase: Schema.NullOr(Phase.Phase),
  /** Its folder is there. */
  present: Schema.Boolean,
  /** Do its folder, wherever it is, and git's record of it name each other? `null` without a folder. */
  link: Schema.NullOr(Schema.Literal("intact", "broken", "lost")),
  /** Where somebody moved it. */
  movedTo: Schema.NullOr(Schema.String),
  /** What keeps it from being taken away. */
  kept: Schema.NullOr(Schema.Literal("locked", "active worker", "outside", "called from inside")),
  branchThere: Schema.Boolean,
  /** What HEAD is on: a branch's short name; `null` when it is detached, or not known. */
  head: Schema.NullOr(Schema.String),
  commit: Schema.NullOr(Sha),
  /** A merge, rebase or the like that git is in the middle of. */
  inProgress: Schema.NullOr(Schema.String),
  /** Files that are changed and not committed, untracked ones left out. */
  uncommitted: Schema.NullOr(Schema.Int),
  untracked: Schema.NullOr(Schema.Int),
  /** Commits that the base has not, and that the branch has not. */
  ahead: Schema.NullOr(Schema.Int),
  behind: Schema.NullOr(Schema.Int),
  lastCommitAt: Schema.NullOr(Time),
  /** Why git could not look at it; `null` when it could. */
  trouble: Schema.NullOr(Schema.String)
}).annotations({ identifier: "WorktreeCondition" })
export type Condition = typeof Condition.Type

/**
 * - `remove`: it goes to the trash, everything uncommitted saved under a ref; its branch stays;
 * - `forget`: its folder is gone already: git's record goes to the trash, and the task has no worktree any more;
 * - `link`: its folder and git's record are made to name each other again.
 */
export const Action = Schema.Literal("remove", "forget", "link")
export type Action = typeof Action.Type

/** Something wrong with a worktree. */
export const Finding = Schema.Struct({
  severity: Schema.Literal("error", "warning"),
  code: Schema.Literal(
    "unreadable",
    "no_task",
    "folder_missing",
    "moved",
    "link_broken",
    "link_lost",
    "branch_missing",
    "head_detached",
    "head_elsewhere",
    "in_progress",
    "finished",
    "finished_uncommitted",
    "idle"
  ),
  summary: Schema.String,
  hint: Schema.String
}).annotations({ identifier: "WorktreeFinding" })
export type Finding = typeof Finding.Type

/** Days without a commit after which a worktree is idle. */
export const idleDays = 7

const day = 24 * 60 * 60 * 1000

const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`

/** What hangs together with the folder: without one, nothing else is asked. */
const folderFindings = (condition: Condition, mainCheckout: string): ReadonlyArray<Finding> => {
  const { link, movedTo, path, phase, present, taskId } = condition
  if (movedTo !== null)
    return [
      {
        severity: "error",
        code: "moved",
        summary: `it was moved to ${movedTo}, where calm does not look for it`,
        hint:
          link === "intact"
            ? commandLine("git", "-C", mainCheckout, "worktree", "move", movedTo, path)
            : commandLine("mv", movedTo, path)
      }
    ]
  if (!present)
    return [
      {
        severity: "error",
        code: "folder_missing",
        summary: "its folder is gone",
        hint:
          phase === null
            ? "calm worktree health --fix"
            : commandLine("calm", "worktree", Phase.isFinished(phase) ? "remove" : "create", taskId)
      }
    ]
  if (link === "broken")
    return [
      {
        severity: "error",
        code: "link_broken",
        summary: "it or the repository was moved, and git does not find it any more",
        hint: commandLine("git", "-C", mainCheckout, "worktree", "repair", path)
      }
    ]
  if (link === "lost")
    return [
      {
        severity: "error",
        code: "link_lost",
        summary: "git has no record of it: what is uncommitted in it cannot be saved by calm",
        hint: commandLine("ls", "-la", path)
      }
    ]
  return []
}

const headFindings = (condition: Condition): ReadonlyArray<Finding> => {
  const { branch, branchThere, commit, head, inProgress, path } = condition
  if (inProgress !== null)
    return [
      {
        severity: "warning",
        code: "in_progress",
        summary: `git is in the middle of a ${inProgress} there`,
        hint: commandLine("git", "-C", path, "status")
      }
    ]
  if (!branchThere)
    return [
      {
        severity: "error",
        code: "branch_missing",
        summary: `its branch ${branch} is gone`,
        hint: branchAgain({ branch, commit, path })
      }
    ]
  if (head === branch) return []
  const hint = commandLine("git", "-C", path, "switch", branch)
  return head === null
    ? [{ severity: "warning", code: "head_detached", summary: "HEAD is on no branch", hint }]
    : [{ severity: "warning", code: "head_elsewhere", summary: `HEAD is on ${head} instead of ${branch}`, hint }]
}

const taskFindings = (condition: Condition, now: number): ReadonlyArray<Finding> => {
  const { createdAt, lastCommitAt, path, phase, present, taskId } = condition
  const uncommitted = (condition.uncommitted ?? 0) + (condition.untracked ?? 0)
  const remove = commandLine("calm", "worktree", "remove", taskId)
  if (phase === null)
    return [
      {
        severity: "error",
        code: "no_task",
        summary: "its task was deleted",
        hint: commandLine("calm", "task", "restore", taskId)
      }
    ]
  if (phase === "DONE" && present)
    return [
      { severity: "warning", code: "finished", summary: "its task is DONE", hint: remove },
      ...(uncommitted === 0
        ? []
        : [
            {
              severity: "warning",
              code: "finished_uncommitted",
              summary: `${files(uncommitted)} in it ${uncommitted === 1 ? "is" : "are"} not committed, and its task is DONE`,
              hint: commandLine("git", "-C", path, "status")
            } as const
          ])
    ]
  // A worktree that was made of an old commit is not idle on its first day.
  const since = Math.max(Date.parse(createdAt), lastCommitAt === null ? 0 : Date.parse(lastCommitAt))
  const days = Math.floor((now - since) / day)
  return !Phase.isFinished(phase) && present && lastCommitAt !== null && days >= idleDays
    ? [
        {
          severity: "warning",
          code: "idle",
          summary: `no commit for ${days} days`,
          hint: commandLine("calm", "explain", taskId)
        }
      ]
    : []
}

/** Everything that is wrong with a worktree, the worst first. `now` in milliseconds since 1970. */
export const judge = (condition: Condition, mainCheckout: string, now: number): ReadonlyArray<Finding> => {
  const { trouble } = condition
  const folder = folderFindings(condition, mainCheckout)
  const found = [
    ...folder,
    ...(trouble === null
      ? []
      : [
          {
            severity: "error",
            code: "unreadable",
            summary: `it could not be looked at: ${trouble}`,
            hint: commandLine("git", "-C", condition.path, "status")
          } as const
        ]),
    ...(folder.length > 0 || trouble !== null ? [] : headFindings(condition)),
    ...taskFindings(condition, now)
  ]
  return found.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"))
}

/** What is wrong with a worktree as far as its task and its folder show, for whoever asks no program. */
export const glance = (
  known: Pick<
    Condition,
    "taskId" | "path" | "branch" | "createdAt" | "phase" | "present" | "link" | "trouble" | "branchThere"
  >,
  mainCheckout: string
): ReadonlyArray<Finding> =>
  judge(
    {
      ...known,
      movedTo: null,
      kept: null,
      head: known.branch,
      commit: null,
      inProgress: null,
      uncommitted: null,
      untracked: null,
      ahead: null,
      behind: null,
      lastCommitAt: null
    },
    mainCheckout,
    0
  )

/** What mends a worktree without losing anything; `null` where that is for a person to decide. */
export const remedy = (findings: ReadonlyArray<Finding>): Action | null => {
  const has = (...codes: ReadonlyArray<Finding["code"]>) => findings.some(({ code }) => codes.includes(code))
  if (has("link_broken")) return "link"
  if (has("moved", "link_lost", "unreadable")) return null
  if (has("folder_missing")) return "forget"
  return has("no_task", "finished") ? "remove" : null
}

const deeds: Readonly<Record<Action, string>> = {
  remove: "take the worktree away into the trash, with what is uncommitted saved under a ref; its branch stays",
  forget: "forget the worktree whose folder is gone; its branch stays",
  link: "link the worktree and git's record of it again"
}

const reasons: Readonly<Record<NonNullable<Condition["kept"]>, string>> = {
  locked: "it is locked in git",
  "active worker": "a worker is active on its task",
  outside: "it lies outside of .worktrees",
  "called from inside": "the command was called from inside of it"
}

/** What an action does, in words; or why it is not done. */
export const describe = (action: Action, kept: Condition["kept"]): string =>
  kept === null ? deeds[action] : `left alone: ${reasons[kept]}`

/** Could it not be looked at? */
export const isUnclear = ({ code }: Finding): boolean => code === "unreadable"
