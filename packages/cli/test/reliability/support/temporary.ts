/** Where temporary files go while something is tried. */
import * as Effect from "effect/Effect"

/**
 * Those of this process, and of all that it starts, are in that folder until the scope ends. Before the first database is
 * opened: SQLite asks where they belong only once.
 */
export const temporaryFilesIn = (folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env["TMPDIR"]
      process.env["TMPDIR"] = folder
      return before
    }),
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env["TMPDIR"]
        else process.env["TMPDIR"] = before
      })
  )
