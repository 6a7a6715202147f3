/**
 * Runs an effect as the process: signals, defects, the end.
 *
 * The runner of `@effect/platform-node` exits 0 when interrupted, cuts what is still in a pipe at 64 KiB, and does not
 * exit at all while something forgotten keeps the process alive.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Output from "../Output.ts"
import { finish } from "./finish.ts"
import { onSignal } from "./signals.ts"

/**
 * Runs a program to its outcome and ends the process with it. The first signal interrupts the program, so that its
 * finalizers stop what it started; the second ends the process at once.
 */
export const run = (
  program: (unfinished: (command: string) => void) => Effect.Effect<Output.Outcome>,
  mode: Output.Mode,
  argv: ReadonlyArray<string>,
  /** Told what was thrown outside of every fiber, such as in a callback of a library. */
  uncaught: (thrown: unknown) => void
): void => {
  let signalled = false
  let ended = false
  let left: string | undefined
  const end = (outcome: Output.Outcome): void => {
    if (ended) return
    ended = true
    finish(outcome)
  }
  // A fiber that waits for something in memory does not keep Node alive by itself.
  // @effect-diagnostics-next-line globalTimers:off
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Effect.runFork(
    program((command) => {
      left = command
    })
  )
  onSignal(() => {
    if (signalled) process.exit(130)
    signalled = true
    fiber.unsafeInterruptAsFork(fiber.id())
  })
  process.on("uncaughtException", (thrown) => {
    uncaught(thrown)
    end(Output.defect(mode, argv))
  })
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    end(
      Exit.isSuccess(exit) ? exit.value : signalled ? Output.interrupted(mode, argv, left) : Output.defect(mode, argv)
    )
  })
}
