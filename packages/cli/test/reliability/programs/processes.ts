/** Processes that tests started, looked at from outside. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"

/** Has a process ended? One that nobody has asked how has ended, too. */
const hasEnded = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return /\) [ZX] /.test(Fs.readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

/** Waits until something is so; `false` when it has not become so in a minute. */
export const seen = (is: () => boolean): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    for (let left = 6000; left > 0; left--) {
      if (is()) return true
      yield* Effect.sleep("10 millis")
    }
    return false
  })

/** Waits until a process has ended. */
export const gone = (pid: number): Effect.Effect<boolean> => seen(() => hasEnded(pid))

/** Kills a process, if it is still there. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}
