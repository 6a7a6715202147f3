/**
 * Taking back a fast-forward that was cut off.
 *
 * Git writes the files of a checkout one by one, then its index, then the ref. Where the disk is full or git is killed
 * meanwhile, files of both commits stand there, and the new ones are in the way of every later try. So it is noted what
 * is about to be written, once it is known that nothing of anybody else's is in its place. Git's own copy of a file brings
 * it back; where a filter made it, which may be gone by then, a copy of the file itself does.
 */
import * as Traced from "@calm/domain/Traced"
import { Sha } from "@calm/domain/Ids"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Change, Head } from "../Git.ts"
import type { Runner } from "./command.ts"
import { wholeRecords } from "./decode.ts"
import { folderOf, sync } from "./durable.ts"
import { type GitError, GitFailed } from "./errors.ts"
import { failedOn, kindAt, locate, readLine } from "./gitDirectory.ts"

const operation = "take back a fast-forward that was cut off"
const failed = failedOn(operation)

/** The commit that the checkout is at, and the one that is being written. */
const decodeNote = Schema.decodeUnknownOption(Schema.Tuple(Sha, Sha))

/** What unwinding asks of the other parts of the layer. */
interface Parts {
  readonly head: (checkout: string) => Effect.Effect<Head, GitError>
  readonly changes: (repo: string, from: Sha, to: Sha) => Effect.Effect<ReadonlyArray<Change>, GitError>
}

const nothing = new Uint8Array()

export const makeUnwind = ({ run }: Pick<Runner, "run">, fs: FileSystem.FileSystem, parts: Parts) => {
  const noteOf = (own: string): string => `${own}/calm-fast-forward`

  /** Where copies of files are kept meanwhile, each named by the place of its change among all. */
  const keepOf = (own: string): string => `${own}/calm-fast-forward-kept`

  /** It is written whole, or taken back; copies that no note belongs to are of no use. */
  const end = (own: string): Effect.Effect<void, PlatformError> =>
    fs
      .remove(noteOf(own), { force: true })
      .pipe(Effect.zipRight(fs.remove(keepOf(own), { recursive: true, force: true })))

  /** Notes what is about to be written; whoever notes it has looked that nothing is in the way. */
  const begin = Effect.fnUntraced(function* (options: {
    readonly checkout: string
    readonly own: string
    readonly from: Sha
    readonly to: Sha
    readonly changes: ReadonlyArray<Change>
    /** Those whose files git alone may not be able to bring back. */
    readonly filtered: ReadonlyArray<Change>
  }) {
    const { changes, checkout, filtered, from, own, to } = options
    yield* end(own)
    if (filtered.length > 0) yield* fs.makeDirectory(keepOf(own))
    for (const change of filtered) {
      // a link is the same in git, and what is not checked out is not taken away
      if (!change.oldMode.startsWith("100") || (yield* kindAt(fs, `${checkout}/${change.path}`)) === "nothing") continue
      const copy = `${keepOf(own)}/${changes.indexOf(change)}`
      yield* fs.copyFile(`${checkout}/${change.path}`, copy)
      yield* sync([copy])
    }
    // Last: a note says that all copies are there.
    yield* fs.writeFileString(`${noteOf(own)}.new`, `${from} ${to}\n`)
    yield* fs.rename(`${noteOf(own)}.new`, noteOf(own))
  })

  /** What stands at a path, a link as its target; none where it is a folder or cannot be read. */
  const standing = (at: string): Effect.Effect<Option.Option<Uint8Array>> =>
    fs.readLink(at).pipe(
      Effect.map((target) => new TextEncoder().encode(target)),
      Effect.catchAll(() =>
        Effect.flatMap(kindAt(fs, at), (kind) => (kind === "nothing" ? Effect.succeed(nothing) : fs.readFile(at)))
      ),
      Effect.option
    )

  /** Does git's writing stand at a path, whole or cut off? It takes the old file away and writes the new one. */
  const isGits = Effect.fnUntraced(function* (checkout: string, to: Sha, { path, status }: Change) {
    const found = yield* standing(`${checkout}/${path}`)
    if (Option.isNone(found)) return false
    if (status === "D" || found.value.length === 0) return found.value.length === 0
    const args = ["cat-file", "--filters", `${to}:${path}`]
    return yield* run({ operation, kind: "read", cwd: checkout, args }).pipe(
      Effect.map(({ stdout }) => Buffer.compare(found.value, stdout.subarray(0, found.value.length)) === 0),
      // a submodule has no content here, and git writes none
      Effect.catchTag("GitFailed", () => Effect.succeed(false))
    )
  })

  /** Removes a file, and the folders that it leaves empty. */
  const removeNew = Effect.fnUntraced(function* (checkout: string, path: string) {
    yield* fs.remove(`${checkout}/${path}`, { force: true })
    for (let at = folderOf(`${checkout}/${path}`); at !== checkout; at = folderOf(at)) {
      if ((yield* kindAt(fs, at)) === "nothing") continue
      if ((yield* fs.readDirectory(at)).length > 0) return
      yield* fs.remove(at, { recursive: true })
    }
  })

  /** Puts a copy in a file's place. Git's folder may lie on another disk. */
  const putBack = Effect.fnUntraced(function* (copy: string, at: string) {
    yield* fs.makeDirectory(folderOf(at), { recursive: true })
    yield* fs
      .rename(copy, at)
      .pipe(Effect.catchAll(() => Effect.zipRight(fs.remove(at, { force: true }), fs.copyFile(copy, at))))
  })

  const takeBack = Effect.fnUntraced(function* (checkout: string, own: string, from: Sha, to: Sha) {
    // Before anything is touched: the git that was left alone may still be writing.
    const lock = `${own}/index.lock`
    if ((yield* kindAt(fs, lock).pipe(Effect.mapError(failed))) !== "nothing")
      return yield* new GitFailed({
        operation,
        exitCode: null,
        detail: `another git is at work there; if none is, one that was killed has left ${lock}`
      })
    const changes = yield* parts.changes(checkout, from, to)
    const copies = new Set(
      (yield* kindAt(fs, keepOf(own)).pipe(Effect.mapError(failed))) === "nothing"
        ? []
        : yield* fs.readDirectory(keepOf(own)).pipe(Effect.mapError(failed))
    )
    const args = ["diff-index", "--cached", "--name-only", "-z", from, "--"]
    const staged = new Set(
      yield* wholeRecords(operation, (yield* run({ operation, kind: "read", cwd: checkout, args })).stdout)
    )
    const isStaged = ({ path }: Change): boolean => staged.has(path)
    const written = (some: ReadonlyArray<Change>) => Effect.filter(some, (change) => isGits(checkout, to, change))
    const restore = (how: ReadonlyArray<string>, some: ReadonlyArray<Change>) =>
      some.length === 0
        ? Effect.void
        : run({
            operation,
            kind: "checkout",
            cwd: checkout,
            args: ["restore", `--source=${from}`, ...how, "--pathspec-from-file=-", "--pathspec-file-nul"],
            stdin: some.map(({ path }) => `${path}\0`).join("")
          })
    // The new ones first: one may lie in place of an old folder, or be in a folder in place of an old file.
    const fresh = yield* written(changes.filter(({ status }) => status === "A"))
    yield* Effect.forEach(fresh, ({ path }) => removeNew(checkout, path), { discard: true }).pipe(
      Effect.mapError(failed)
    )
    yield* restore(["--staged"], fresh.filter(isStaged))
    const copyOf = (change: Change): string => `${changes.indexOf(change)}`
    const old = yield* written(changes.filter(({ status }) => status !== "A"))
    const kept = old.filter((change) => copies.has(copyOf(change)))
    yield* restore(
      ["--staged", "--worktree"],
      old.filter((change) => !copies.has(copyOf(change)))
    )
    yield* Effect.forEach(kept, (change) => putBack(`${keepOf(own)}/${copyOf(change)}`, `${checkout}/${change.path}`), {
      discard: true
    }).pipe(Effect.mapError(failed))
    yield* restore(["--staged"], kept.filter(isStaged))
  })

  const unwind = Traced.fn("Git.unwind")(function* (checkout: string) {
    // The checkout itself may have been taken away since.
    if ((yield* kindAt(fs, `${checkout}/.git`).pipe(Effect.mapError(failed))) === "nothing") return
    const { own } = yield* locate(fs, operation, checkout)
    const text = yield* readLine(fs, noteOf(own)).pipe(Effect.mapError(failed))
    if (Option.isNone(text)) return yield* end(own).pipe(Effect.mapError(failed))
    const note = decodeNote(text.value.split(" "))
    const { commit } = yield* parts.head(checkout)
    // Where HEAD has moved, it was written whole, or somebody has made up their mind about it.
    if (Option.isSome(note) && Option.contains(commit, note.value[0])) yield* takeBack(checkout, own, ...note.value)
    yield* end(own).pipe(Effect.mapError(failed))
  })

  return { begin, end, unwind }
}
