/**
 * Where git keeps its records of a checkout, found without a process.
 *
 * A main checkout has a folder `.git`; a worktree has a file `.git` that names its own folder
 * (`<common>/worktrees/<name>`), where `commondir` names the repository's common one.
 */
import * as Traced from "@calm/domain/Traced"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { GitFailed } from "./errors.ts"

export interface GitDirectory {
  /** HEAD, index and state of this very checkout. */
  readonly own: string
  /** Objects and refs, shared by all worktrees. */
  readonly common: string
}

/** What failed, and where, without the platform's names for its parts. */
const saidOf = (error: PlatformError): string => {
  const words = /^[A-Z]+: ([^,]+)/.exec(error.description ?? "")?.[1]
  if (words === undefined || error._tag !== "SystemError") return error.message
  return typeof error.pathOrDescriptor === "string" ? `${error.pathOrDescriptor}: ${words}` : words
}

/** A file system error in the words of a git operation. */
export const failedOn =
  (operation: string) =>
  (error: PlatformError): GitFailed =>
    new GitFailed({ operation, exitCode: null, detail: saidOf(error) })

/** Resolves a path that git wrote against the folder it is relative to. */
export const resolvePath = (folder: string, path: string): string => {
  const parts: Array<string> = []
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return `/${parts.join("/")}`
}

export const isMissing = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** A small file's text without its line end; none when there is no such file. */
export const readLine = (
  fs: FileSystem.FileSystem,
  path: string
): Effect.Effect<Option.Option<string>, PlatformError> =>
  fs.readFileString(path).pipe(
    Effect.map((content) => Option.some(content.replace(/\r?\n$/, ""))),
    Effect.catchIf(isMissing, () => Effect.succeed(Option.none<string>()))
  )

/** What stands at a path, links not followed. */
export const kindAt = (
  fs: FileSystem.FileSystem,
  path: string
): Effect.Effect<"nothing" | "folder" | "other", PlatformError> =>
  fs.stat(path).pipe(
    Effect.map((info) => (info.type === "Directory" ? ("folder" as const) : ("other" as const))),
    // stat follows links: one that leads nowhere is still in the way
    Effect.catchIf(isMissing, () =>
      fs.readLink(path).pipe(
        Effect.as("other" as const),
        Effect.catchIf(
          (error) => error._tag === "SystemError",
          () => Effect.succeed("nothing" as const)
        )
      )
    )
  )

/** The folder that a worktree's `.git` file names; none where there is no such file. */
export const linkedFrom = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, checkout: string) {
  if ((yield* kindAt(fs, `${checkout}/.git`)) !== "other") return Option.none<string>()
  return Option.flatMap(yield* readLine(fs, `${checkout}/.git`), (content) =>
    content.startsWith("gitdir: ") ? Option.some(resolvePath(checkout, content.slice(8))) : Option.none()
  )
})

const commonOf = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, own: string) {
  const common = yield* readLine(fs, `${own}/commondir`)
  return Option.match(common, { onNone: () => own, onSome: (path) => resolvePath(own, path) })
})

/** Finds git's folders for the root of a checkout, or of a bare repository. */
export const locate = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, operation: string, checkout: string) {
  const found = yield* Effect.gen(function* () {
    const inside = `${checkout}/.git`
    switch (yield* kindAt(fs, inside)) {
      case "folder":
        return Option.some<GitDirectory>({ own: inside, common: yield* commonOf(fs, inside) })
      case "other": {
        const own = yield* linkedFrom(fs, checkout)
        if (Option.isNone(own) || (yield* kindAt(fs, own.value)) !== "folder") return Option.none<GitDirectory>()
        return Option.some<GitDirectory>({ own: own.value, common: yield* commonOf(fs, own.value) })
      }
      case "nothing": {
        const bare = (yield* fs.exists(`${checkout}/HEAD`)) && (yield* fs.exists(`${checkout}/objects`))
        return bare ? Option.some<GitDirectory>({ own: checkout, common: checkout }) : Option.none<GitDirectory>()
      }
    }
  }).pipe(Effect.mapError(failedOn(operation)))
  if (Option.isNone(found)) {
    return yield* new GitFailed({ operation, exitCode: null, detail: `${checkout} is not a git repository` })
  }
  return found.value
})

/** What git is in the middle of, by the file that it keeps meanwhile; the first that is there. */
const progress = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "series of mails"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  // between two commits of several, where the one before was committed by hand
  ["sequencer/todo", "cherry-pick or revert of several commits"],
  ["BISECT_LOG", "bisect"]
] as const

export const makeProgress = (fs: FileSystem.FileSystem) =>
  Traced.fn("Git.inProgress")(function* (checkout: string) {
    const operation = "tell what is in progress in a checkout"
    const { own } = yield* locate(fs, operation, checkout)
    for (const [file, name] of progress) {
      if (yield* fs.exists(`${own}/${file}`).pipe(Effect.mapError(failedOn(operation))))
        return Option.some<string>(name)
    }
    return Option.none<string>()
  })
