/** What Linux tells about a process in `/proc/<pid>/stat` (proc_pid_stat(5)). */
import { readFileSync } from "node:fs"

export interface ProcStat {
  /** One letter; `Z` and `X` are processes that have ended. */
  readonly state: string
  /** The process group. */
  readonly group: number
  /** Clock ticks between the system's start and this process's. */
  readonly startTime: string
}

/** The second field is the program's name in parentheses and may itself hold spaces and parentheses. */
export const parse = (stat: string): ProcStat | null => {
  const fields = stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(/\s+/)
  // The first of these is the third field of the manual page.
  const state = fields[0]
  const group = fields[2]
  const startTime = fields[19]
  return state === undefined || group === undefined || startTime === undefined
    ? null
    : { state, group: Number(group), startTime }
}

/** `null` when there is no such process, or when the system does not tell. */
export const read = (pid: number | "self"): ProcStat | null => {
  try {
    return parse(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return null
  }
}

/** It has ended and only waits for its parent to ask how. */
export const hasEnded = (stat: ProcStat): boolean => stat.state === "Z" || stat.state === "X"
