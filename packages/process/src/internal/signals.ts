/** Signals to a process and to a process group. */
import { readdirSync } from "node:fs"
import * as ProcStat from "./procStat.ts"

export type Answer = "sent" | "gone" | "refused"

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined)

const send = (pid: number, signal: NodeJS.Signals | 0): Answer => {
  try {
    process.kill(pid, signal)
    return "sent"
  } catch (error) {
    if (codeOf(error) === "ESRCH") return "gone"
    if (codeOf(error) === "EPERM") return "refused"
    throw error
  }
}

/** Is there a process with that pid? A process of another user answers `refused`. */
export const probe = (pid: number): Answer => send(pid, 0)

/** Sends a signal to every process of a group. */
export const toGroup = (leader: number, signal: NodeJS.Signals): Answer => send(-leader, signal)

const groupMembers = (leader: number): ReadonlyArray<ProcStat.ProcStat> =>
  readdirSync("/proc").flatMap((name) => {
    const stat = /^\d+$/.test(name) ? ProcStat.read(Number(name)) : null
    return stat !== null && stat.group === leader ? [stat] : []
  })

/**
 * Does a process of the group still run? One that has ended still answers to signals until it is reaped, which in a
 * container without an init may be never; so where the system tells, its state is looked at.
 */
export const groupRuns = (leader: number): boolean => {
  if (send(-leader, 0) !== "sent") return false
  return ProcStat.read("self") === null || groupMembers(leader).some((member) => !ProcStat.hasEnded(member))
}
