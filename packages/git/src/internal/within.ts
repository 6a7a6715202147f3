/**
 * Where git has to look for changes that meet some paths, so that it need not look at every file of a large checkout.
 *
 * Git looks at a path and at all below it. What stands in place of a folder on the way to one is named in its stead; where
 * that cannot be told for certain, all of the checkout is looked at.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AskAll } from "./asking.ts"
import type { GitError } from "./errors.ts"
import { kindAt, locate } from "./gitDirectory.ts"
import { readIndex } from "./indexFile.ts"
import { foldersOf } from "./meeting.ts"

/** Git compares each path with each file. */
const mostPaths = 200

/** A name that is no text is shown with its bytes, and git does not know it by that. */
const isShown = (path: string): boolean => /\\x[0-9a-f]{2}/.test(path)

export const makeWithin = (fs: FileSystem.FileSystem, askAll: AskAll) => {
  /** What stands in a folder's place: a folder to look into, something else, or what git may see in its own way. */
  const standing = Effect.fnUntraced(function* (at: string) {
    if (yield* Effect.isSuccess(fs.readLink(at))) return "other" as const
    const kind = yield* kindAt(fs, at)
    return kind === "folder" && (yield* kindAt(fs, `${at}/.git`)) !== "nothing" ? ("repository" as const) : kind
  })

  /** The paths to look at, and the folders on the way to them; none where one of those is a repository of its own. */
  const looked = Effect.fnUntraced(function* (checkout: string, paths: ReadonlyArray<string>) {
    const places = new Set<string>()
    const ways = new Set<string>()
    const known = new Map<string, Effect.Effect.Success<ReturnType<typeof standing>>>()
    for (const path of paths) {
      let place = path
      for (const folder of foldersOf(path)) {
        const kind = known.get(folder) ?? (yield* standing(`${checkout}/${folder}`))
        known.set(folder, kind)
        if (kind === "repository") return Option.none()
        if (kind === "other") {
          place = folder
          break
        }
        ways.add(folder)
      }
      places.add(place)
    }
    return Option.some({ places: [...places], ways })
  })

  const isFolderInIndex = (own: string, ways: ReadonlySet<string>): Effect.Effect<boolean, PlatformError> =>
    Effect.map(fs.readFile(`${own}/index`), (index) => Option.exists(readIndex(index, ways), ({ named }) => !named))

  const isFolderInHead = (operation: string, checkout: string, ways: ReadonlySet<string>) =>
    Effect.map(
      askAll(
        operation,
        checkout,
        [...ways].map((folder) => ({ want: "info", name: `HEAD:${folder}` }))
      ),
      (found) => found.every(Option.match({ onNone: () => true, onSome: ({ type }) => type === "tree" }))
    )

  /** The paths for git to look at; none where it has to look at all. */
  return Effect.fnUntraced(function* (
    operation: string,
    checkout: string,
    paths: ReadonlyArray<string>
  ): Effect.fn.Return<Option.Option<ReadonlyArray<string>>, GitError> {
    if (paths.length === 0 || paths.length > mostPaths || paths.some(isShown)) return Option.none()
    const { own } = yield* locate(fs, operation, checkout)
    const found = yield* Effect.gen(function* () {
      const all = yield* looked(checkout, paths)
      return Option.isSome(all) && (yield* isFolderInIndex(own, all.value.ways)) ? all : Option.none()
    }).pipe(
      Effect.orElseSucceed(() => Option.none<{ readonly places: ReadonlyArray<string>; readonly ways: Set<string> }>())
    )
    // A file there that is gone from index and disk is a change, too.
    return Option.isSome(found) && (yield* isFolderInHead(operation, checkout, found.value.ways))
      ? Option.some(found.value.places)
      : Option.none()
  })
}
