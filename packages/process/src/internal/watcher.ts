/**
 * Ends a process group should this process be killed so that it can end nothing itself (SIGKILL, out of memory).
 *
 * A shell, in a session of its own, reads from a pipe whose other end only this process holds: the pipe ends when this
 * process does, however it does. It is told the group by its leader and the leader's start time, so that another process
 * that has got the leader's pid by then is left alone.
 */
import { spawn } from "node:child_process"
import * as ProcStat from "./procStat.ts"

// The start time is the 20th field after the program's name, which stands in parentheses. Where the leader has ended
// before its group, or the system tells no start times, the group's id alone has to do.
const script = `
read -r leader since || exit
read -r _
read -r stat <"/proc/$leader/stat"
set -- \${stat##*) }
case "\${20-}" in "" | "$since") kill -s KILL -- "-$leader" ;; esac
`

export interface Watcher {
  /** This group is to end with this process. */
  readonly watch: (leader: number) => void
  /** The group has ended, or never begun. */
  readonly dismiss: () => void
}

export const start = (): Watcher => {
  const shell = spawn("/bin/sh", ["-c", script], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })
  // Without a shell nothing is watched, which is no reason not to run.
  shell.on("error", () => shell.stdin.destroy())
  shell.stdin.on("error", () => shell.stdin.destroy())
  return {
    watch: (leader) => void shell.stdin.write(`${leader} ${ProcStat.read(leader)?.startTime ?? ""}\n`),
    dismiss: () => void shell.kill("SIGKILL")
  }
}
