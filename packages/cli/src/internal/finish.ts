/** The end of the process: the output leaves completely, then the exit code follows. */
import type { Outcome } from "../Output.ts"

/**
 * Prints an outcome, then ends the process. Ending it first would cut a pipe at 64 KiB; not ending it at all would
 * leave it to whatever still holds the event loop.
 */
export const finish = (outcome: Outcome): void => {
  // `calm list | head -1` closes the pipe early: the reader's right and no failure of ours. The callbacks come anyway.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  process.stdout.write(outcome.stdout, () => {
    process.stderr.write(outcome.stderr, () => {
      process.exit(outcome.exitCode)
    })
  })
}
