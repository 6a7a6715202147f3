/** Where the work on a task is done, and the command that leads there. Pure. */
import { commandLine } from "./CommandLine.ts"
import type { Sha } from "./Ids.ts"

/** What there is of a task's worktree, as its row, its folder and its branch show. */
export type Place =
  /** Its folder is there. */
  | { readonly state: "there" }
  /** Its folder is there, and its branch is gone. `commit` is where HEAD is; `null` where HEAD named the branch. */
  | { readonly state: "branchless"; readonly path: string; readonly branch: string; readonly commit: Sha | null }
  /** It was taken away and can be had back. */
  | { readonly state: "trashed" }
  /** Somebody moved it by hand, from its place to another folder of worktrees. */
  | { readonly state: "moved"; readonly path: string; readonly to: string }
  /** It was never made, or its folder is gone. */
  | { readonly state: "none" }

/** Makes the branch of a worktree again, where HEAD is or last was. */
export const branchAgain = ({ branch, commit, path }: Omit<Extract<Place, { state: "branchless" }>, "state">): string =>
  commit === null
    ? // The branch was deleted under it: where it was is in the log of HEAD alone.
      `git -C ${commandLine(path)} update-ref refs/heads/${branch} "$(tail -n 1 "$(git -C ${commandLine(path)} rev-parse --git-path logs/HEAD)" | cut -d ' ' -f 2)"`
    : commandLine("git", "-C", path, "switch", "-c", branch)

/** The command that leads to the task's worktree: one that can be run, whatever became of it. */
export const wayTo = (task: string, place: Place): string => {
  switch (place.state) {
    case "there":
      return `calm worktree path ${task}`
    case "branchless":
      return branchAgain(place)
    case "moved":
      return commandLine("mv", place.to, place.path)
    case "trashed":
      return `calm worktree restore ${task}`
    case "none":
      return `calm worktree create ${task}`
  }
}

/** Why there is no branch to judge. */
export const noBranch = (place: Place): string =>
  place.state === "branchless" ? `the branch ${place.branch} is gone` : "there is no branch yet"
