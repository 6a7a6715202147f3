/** Whether a branch is there, from the repository's files alone. */
import * as Traced from "@calm/domain/Traced"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { failedOn, kindAt, locate, readLine } from "./gitDirectory.ts"
import { isElsewhere } from "./refFiles.ts"

export const makeBranchSeen = (fs: FileSystem.FileSystem) =>
  Traced.fn("Git.branchSeen")(function* (repo: string, branch: string) {
    const operation = `tell whether there is a branch ${branch}`
    const { common } = yield* locate(fs, operation, repo)
    return yield* Effect.gen(function* () {
      const ref = `refs/heads/${branch}`
      // A file of its own first: git packs a ref before it deletes that, so one that is packed meanwhile is not missed.
      if ((yield* kindAt(fs, `${common}/${ref}`)) === "other") return Option.some(true)
      if (yield* isElsewhere(fs, common)) return Option.none<boolean>()
      const packed = Option.getOrElse(yield* readLine(fs, `${common}/packed-refs`), () => "")
      return Option.some(packed.split("\n").some((row) => row.trimEnd().endsWith(` ${ref}`)))
    }).pipe(Effect.mapError(failedOn(operation)))
  })
