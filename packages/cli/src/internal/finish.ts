/** The end of the process: the output leaves completely, then the exit code follows. */
import type { Outcome } from "../Output.ts"
import { stderr, stdout } from "./sinks.ts"

/**
 * Prints an outcome, then ends the process. Ending it first would cut a pipe at 64 KiB; not ending it at all would
 * leave it to whatever still holds the event loop.
 */
export const finish = (outcome: Outcome): void => {
  stdout.write(outcome.stdout, () => {
    stderr.write(outcome.stderr, () => {
      process.exit(outcome.exitCode)
    })
  })
}
