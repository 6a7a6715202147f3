/** What is uncommitted in a checkout, told in full whatever the configuration says. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StatusEntry } from "../Git.ts"
import type { Runner } from "./command.ts"
import { misunderstood } from "./decode.ts"
import { failedOn, kindAt } from "./gitDirectory.ts"
import { byText, records } from "./text.ts"

/** The path after this many fields. */
const after = (record: string, fields: number): string => {
  let at = 0
  for (let i = 0; i < fields; i++) at = record.indexOf(" ", at) + 1
  return record.slice(at)
}

/** One record of `git status --porcelain=v2 -z --no-renames`; none for one that we do not know. */
const parseRecord = (record: string): Option.Option<ReadonlyArray<StatusEntry>> => {
  switch (record.slice(0, 2)) {
    case "1 ": {
      const path = after(record, 8)
      const entries: Array<StatusEntry> = []
      if (record[2] !== ".") entries.push({ path, state: "staged" })
      if (record[3] !== ".") entries.push({ path, state: "unstaged" })
      return Option.some(entries)
    }
    case "u ":
      return Option.some([{ path: after(record, 10), state: "unmerged" }])
    case "? ":
      return Option.some([{ path: record.slice(2), state: "untracked" }])
    // ignored files where they were asked for, and headers that a configuration asks for
    case "! ":
    case "# ":
      return Option.some([])
    default:
      return Option.none()
  }
}

const statusArgs = [
  "-c",
  "core.untrackedCache=false",
  "status",
  "--porcelain=v2",
  "-z",
  "--untracked-files=all",
  "--no-renames",
  "--ignore-submodules=none",
  "--no-ahead-behind"
]

export const makeStatus = ({ run }: Runner, fs: FileSystem.FileSystem) => {
  const visible = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const { stdout } = yield* run({ operation, kind: "read", cwd: checkout, args: statusArgs })
    const entries: Array<StatusEntry> = []
    for (const record of records(stdout)) {
      const parsed = parseRecord(record)
      if (Option.isNone(parsed)) return yield* misunderstood(operation, record)
      entries.push(...parsed.value)
    }
    return entries
  })

  /** `h path` is assume-unchanged, `S path` skip-worktree, `s path` both; the latter is normal for a file that is not there. */
  const hidden = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: checkout,
      args: ["ls-files", "-v", "-z", "--full-name"]
    })
    const marked = records(stdout).filter((record) => /^[a-zS] /.test(record))
    const there = yield* Effect.filter(
      marked,
      (record) =>
        /^[sS]/.test(record)
          ? Effect.map(kindAt(fs, `${checkout}/${record.slice(2)}`), (kind) => kind !== "nothing")
          : Effect.succeed(true),
      { concurrency: 16 }
    ).pipe(Effect.mapError(failedOn(operation)))
    return there.map((record): StatusEntry => ({ path: record.slice(2), state: "hidden" }))
  })

  const status = Effect.fn("Git.status")(function* (checkout: string) {
    const operation = "read the status of a checkout"
    const both = yield* Effect.all([visible(operation, checkout), hidden(operation, checkout)], { concurrency: 2 })
    return both.flat().toSorted((a, b) => byText(a.path, b.path) || byText(a.state, b.state))
  })

  /** Files that git ignores there. Whole ignored folders are one path with a slash at its end. */
  const ignored = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const args = [...statusArgs, "--ignored=matching"]
    const { stdout } = yield* run({ operation, kind: "read", cwd: checkout, args })
    return records(stdout)
      .filter((record) => record.startsWith("! "))
      .map((record) => record.slice(2))
  })

  return { status, ignored }
}
