/**
 * The steps of a process: each of its changes to a file, to git or to the database, counted as it is about to happen.
 *
 * `STEP_AT=<n>` kills the process with SIGKILL instead of its nth step, so that no finalizer runs and nothing is flushed.
 * What stands between two steps is the same to the disk wherever in between the process ends; the last step is its exit.
 */
import * as Fs from "node:fs"

const at = Number(process.env["STEP_AT"] ?? 0)
const file = process.env["STEP_LOG"]
const names: Array<string> = []

const note = (): void => {
  if (file !== undefined) Fs.writeFileSync(file, names.join("\n"))
}

/** A change is about to happen. `halfway` does a part of it, for the process that is killed here in the middle of it. */
export const step = (name: string, halfway?: () => void): void => {
  names.push(name.replaceAll("\n", " "))
  if (names.length !== at) return
  note()
  halfway?.()
  process.kill(process.pid, "SIGKILL")
}

process.on("exit", () => {
  step("exit")
  note()
})
