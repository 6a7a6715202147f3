/**
 * Refs from the repository's files, as far as those tell: HEAD, and names that stand for another ref, which have no other
 * place there. Where git keeps refs in another way, only git can tell.
 */
import type { Sha } from "@calm/domain/Ids"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isRef, shaOption } from "./decode.ts"
import { type GitDirectory, readLine } from "./gitDirectory.ts"

/** What a ref's own file says: which ref it stands for, or which object; `nothing`: it has no file of its own. */
export type RefFile =
  | { readonly _tag: "symbolic"; readonly ref: string }
  | { readonly _tag: "object"; readonly object: Sha }
  | { readonly _tag: "nothing" }

/** Are refs kept in the other way, which only git reads? */
export const isElsewhere = (fs: FileSystem.FileSystem, common: string): Effect.Effect<boolean, PlatformError> =>
  fs.exists(`${common}/reftable`)

/** Reads the file of a ref; none where only git can tell, be it that the file cannot be read. */
export const readRefFile = Effect.fnUntraced(
  function* (fs: FileSystem.FileSystem, { common }: GitDirectory, folder: string, ref: string) {
    if (/(?:^|\/)\.\.?(?:\/|$)/.test(ref)) return Option.none<RefFile>()
    const file = `${folder}/${ref}`
    // A link was the first way of standing for another ref.
    if (yield* Effect.isSuccess(fs.readLink(file))) return Option.none<RefFile>()
    const said = yield* readLine(fs, file)
    // Where refs are kept in the other way, there is no file of any but HEAD, and what that names is no ref.
    if (Option.isNone(said))
      return (yield* isElsewhere(fs, common)) ? Option.none<RefFile>() : Option.some<RefFile>({ _tag: "nothing" })
    const name = /^ref: *(\S+)$/.exec(said.value)?.[1]
    if (name !== undefined)
      return isRef(name) ? Option.some<RefFile>({ _tag: "symbolic", ref: name }) : Option.none<RefFile>()
    return Option.map(shaOption(said.value), (object): RefFile => ({ _tag: "object", object }))
  },
  Effect.orElseSucceed(() => Option.none<RefFile>())
)

/** HEAD of a checkout, from files: its branch, or the commit that it is detached at. */
export const readHead = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, place: GitDirectory) {
  const head = yield* readRefFile(fs, place, place.own, "HEAD")
  if (Option.isNone(head) || head.value._tag === "nothing") return Option.none<HeadFile>()
  if (head.value._tag === "object")
    return Option.some<HeadFile>({ branch: Option.none(), commit: Option.some(head.value.object) })
  // Other refs can be a checkout's own, and a branch can be another name for one: git follows those.
  const { ref } = head.value
  if (!ref.startsWith("refs/heads/")) return Option.none<HeadFile>()
  const branch = yield* readRefFile(fs, place, place.common, ref)
  if (Option.isNone(branch) || branch.value._tag === "symbolic") return Option.none<HeadFile>()
  const commit = branch.value._tag === "object" ? Option.some(branch.value.object) : Option.none<Sha>()
  return Option.some<HeadFile>({ branch: Option.some(ref), commit })
})

/** The branch and the commit of a HEAD; the commit of a branch is none where the branch has no file of its own. */
export interface HeadFile {
  readonly branch: Option.Option<string>
  readonly commit: Option.Option<Sha>
}
