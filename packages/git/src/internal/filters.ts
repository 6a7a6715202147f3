/**
 * Programs that git hands the content of a file to before it writes it (`filter=<name>` in the attributes), as LFS has.
 *
 * One that fails, or is not there, stops git in the middle of a checkout; so it is tried before anything is touched.
 */
import * as Effect from "effect/Effect"
import type { Change } from "../Git.ts"
import type { Runner } from "./command.ts"
import { misunderstood, wholeRecords } from "./decode.ts"

const isFile = (mode: string): boolean => mode.startsWith("100")

export const makeFilters = ({ run }: Pick<Runner, "run">) => {
  /** Those of these changes whose file goes through a filter. */
  const filtered = Effect.fnUntraced(function* (operation: string, checkout: string, changes: ReadonlyArray<Change>) {
    if (changes.length === 0) return []
    const args = ["check-attr", "-z", "--stdin", "filter"]
    const stdin = changes.map(({ path }) => `${path}\0`).join("")
    const said = yield* wholeRecords(
      operation,
      (yield* run({ operation, kind: "read", cwd: checkout, args, stdin })).stdout
    )
    // a path, the attribute's name and its value for each, in this order
    if (said.length !== 3 * changes.length) return yield* misunderstood(operation, said.slice(0, 3).join(" "))
    return changes.filter((_, index) => !["unspecified", "unset"].includes(said[3 * index + 2] ?? ""))
  })

  /** Fails where a filter would fail on what these changes write. */
  const tryOut = Effect.fnUntraced(function* (operation: string, checkout: string, changes: ReadonlyArray<Change>) {
    const written = changes.filter(({ newMode }) => isFile(newMode))
    if (written.length === 0) return
    const args = ["cat-file", "--batch", "--filters", "-z"]
    const stdin = written.map(({ newObject, path }) => `${newObject} ${path}\0`).join("")
    yield* run({ operation, kind: "checkout", cwd: checkout, args, stdin }).pipe(
      // the answer is too long to be kept, and git has ended well
      Effect.catchIf(
        (error) => error._tag === "GitFailed" && error.exitCode === 0,
        () => Effect.void
      )
    )
  })

  return { filtered, tryOut }
}
