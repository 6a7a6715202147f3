/** What is uncommitted in a checkout, told in full whatever the configuration says. */
import * as Traced from "@calm/domain/Traced"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StatusEntry } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { Runner } from "./command.ts"
import { misunderstood, wholeRecords } from "./decode.ts"
import { lookingAt } from "./errors.ts"
import { failedOn, isMissing, kindAt, locate } from "./gitDirectory.ts"
import { readIndex } from "./indexFile.ts"
import { meet } from "./meeting.ts"
import { byText, text } from "./text.ts"
import { makeWithin } from "./within.ts"

/** Git warns of a folder that it may not look into, and answers as if there were nothing in it. */
const unopened = /^warning: could not open directory '([^]*?)': .+$/gm

/** `1 <XY> <sub> <mH> <mI> <mW> <hH> <hI> <path>` */
const ordinary = /^1 ([.A-Z])([.A-Z]) \S{4}(?: \d{6}){3}(?: [0-9a-f]{40,64}){2} ([^]+)$/

/** `u <XY> <sub> <m1> <m2> <m3> <mW> <h1> <h2> <h3> <path>` */
const conflicted = /^u \S\S \S{4}(?: \d{6}){4}(?: [0-9a-f]{40,64}){3} ([^]+)$/

/** One record of `git status --porcelain=v2 -z --no-renames`; none for one that we do not know. */
const parseRecord = (record: string): Option.Option<ReadonlyArray<StatusEntry>> => {
  switch (record.slice(0, 2)) {
    case "1 ":
      return Option.map(Option.fromNullable(ordinary.exec(record)), ([, index, file, path = ""]) => {
        const entries: Array<StatusEntry> = []
        if (index !== ".") entries.push({ path, state: "staged" })
        if (file !== ".") entries.push({ path, state: "unstaged" })
        return entries
      })
    case "u ":
      return Option.map(Option.fromNullable(conflicted.exec(record)), ([, path = ""]) => [{ path, state: "unmerged" }])
    case "? ":
      return record.length === 2 ? Option.none() : Option.some([{ path: record.slice(2), state: "untracked" }])
    // headers; and ignored files, which are no change
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
  // its header is how an answer that says "clean" differs from no answer
  "--branch",
  "--untracked-files=all",
  "--no-renames",
  "--ignore-submodules=none",
  "--no-ahead-behind"
]

/** What is told of a checkout. */
export interface Told {
  readonly entries: ReadonlyArray<StatusEntry>
  /** What git ignores, where that was asked for. A whole ignored folder is one path with a slash at its end. */
  readonly ignored: ReadonlyArray<string>
}

export const makeStatus = ({ run }: Runner, fs: FileSystem.FileSystem, askAll: AskAll) => {
  const pathsToLookAt = makeWithin(fs, askAll)

  /** The records of a status, its header among them. */
  const told = Effect.fnUntraced(function* (operation: string, checkout: string, ...more: ReadonlyArray<string>) {
    const args = [...statusArgs, ...more]
    const { stderr, stdout } = yield* run({ operation, kind: "read", cwd: checkout, args })
    const said = yield* wholeRecords(operation, stdout)
    if (said[0]?.startsWith("# branch.oid ") !== true) return yield* misunderstood(operation, said[0] ?? "")
    return { said, closed: Array.from(text(stderr).matchAll(unopened), ([, folder = ""]) => folder) }
  })

  const visible = Effect.fnUntraced(function* (operation: string, checkout: string, ...more: ReadonlyArray<string>) {
    const { closed, said } = yield* told(operation, checkout, ...more)
    const entries = closed.map((path): StatusEntry => ({ path, state: "unreadable" }))
    for (const record of said) {
      const parsed = parseRecord(record)
      if (Option.isNone(parsed)) return yield* misunderstood(operation, record)
      entries.push(...parsed.value)
    }
    const ignored = said.filter((record) => record.startsWith("! ")).map((record) => record.slice(2))
    return { entries, ignored }
  })

  /** Is there no file of which git may not tell whether it changed? Git itself would list all of them. */
  const allShown = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const place = yield* Effect.option(locate(fs, operation, checkout))
    if (Option.isNone(place)) return false
    return yield* fs.readFile(`${place.value.own}/index`).pipe(
      Effect.map((index) => Option.exists(readIndex(index, new Set()), ({ marked }) => !marked)),
      Effect.catchIf(isMissing, () => Effect.succeed(true)),
      Effect.orElseSucceed(() => false)
    )
  })

  /** Every file of a checkout: to an index without entries all are new, the ignored ones too. */
  const allFiles = Effect.fnUntraced(function* (operation: string, checkout: string) {
    const args = ["ls-files", "--others", "-z", "--full-name"]
    const env = { GIT_INDEX_FILE: `${(yield* locate(fs, operation, checkout)).own}/calm-no-index` }
    return yield* wholeRecords(operation, (yield* run({ operation, kind: "read", cwd: checkout, args, env })).stdout)
  })

  /** `h path` is assume-unchanged, `S path` skip-worktree, `s path` both; the latter is normal for a file that is not there. */
  const hidden = Effect.fnUntraced(function* (operation: string, checkout: string) {
    if (yield* allShown(operation, checkout)) return []
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: checkout,
      args: ["ls-files", "-v", "-z", "--full-name"]
    })
    const said = yield* wholeRecords(operation, stdout)
    const strange = said.find((record) => !/^[A-Za-z?] ./.test(record))
    if (strange !== undefined) return yield* misunderstood(operation, strange)
    const marked = said.filter((record) => /^[a-zS] /.test(record))
    // A name that is no text cannot be looked for: git tells whether there is a file of that name.
    const untold = marked.some((record) => /^[sS] [^]*\\x[0-9a-f]{2}/.test(record))
    const seen = new Set(untold ? yield* allFiles(operation, checkout) : [])
    const there = yield* Effect.filter(
      marked,
      (record) =>
        /^[sS]/.test(record) && !seen.has(record.slice(2))
          ? Effect.map(kindAt(fs, `${checkout}/${record.slice(2)}`), (kind) => kind !== "nothing")
          : Effect.succeed(true),
      { concurrency: 16 }
    ).pipe(Effect.mapError(failedOn(operation)))
    return there.map((record): StatusEntry => ({ path: record.slice(2), state: "hidden" }))
  })

  const read = Effect.fnUntraced(function* (operation: string, checkout: string, ...more: ReadonlyArray<string>) {
    const [{ entries, ignored }, unseen] = yield* Effect.all(
      [visible(operation, checkout, ...more), hidden(operation, checkout)],
      { concurrency: 2 }
    )
    const all = [...entries, ...unseen].toSorted((a, b) => byText(a.path, b.path) || byText(a.state, b.state))
    return { entries: all, ignored } satisfies Told
  })

  /** The same of what meets these paths alone. */
  const readWithin = Effect.fnUntraced(function* (
    operation: string,
    checkout: string,
    paths: ReadonlyArray<string>,
    ...more: ReadonlyArray<string>
  ) {
    const places = yield* pathsToLookAt(operation, checkout, paths)
    const found = yield* read(
      operation,
      checkout,
      ...more,
      ...Option.match(places, { onNone: () => [], onSome: (some) => ["--", ...some] })
    )
    const isMet = (path: string) => paths.some((other) => meet(path, other))
    return {
      entries: found.entries.filter(({ path }) => isMet(path)),
      ignored: found.ignored.filter(isMet)
    } satisfies Told
  })

  const status = Traced.fn("Git.status")((checkout: string, within?: ReadonlyArray<string>) => {
    const operation = "read the status of a checkout"
    const found = within === undefined ? read(operation, checkout) : readWithin(operation, checkout, within)
    return lookingAt(
      Effect.map(found, ({ entries }) => entries),
      checkout
    )
  })

  /** All that differs from HEAD, and what git ignores; with `within`, of what meets these paths alone. */
  const everything = (operation: string, checkout: string, within?: ReadonlyArray<string>) =>
    within === undefined
      ? read(operation, checkout, "--ignored=matching")
      : readWithin(operation, checkout, within, "--ignored=matching")

  return { status, everything }
}
