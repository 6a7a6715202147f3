/** Trees and commits as git keeps them, decoded. */
import type { Sha } from "@calm/domain/Ids"
import * as Option from "effect/Option"
import type { TreeEntry } from "../Git.ts"
import { shaOption } from "./decode.ts"
import { text } from "./text.ts"

const NUL = 0
const SPACE = 32

/** What a mode means to git, which knows these alone: old gits wrote others. */
const modeOf = (written: string): readonly [mode: string, kind: TreeEntry["kind"]] => {
  const bits = Number.parseInt(written, 8)
  switch (bits & 0o170000) {
    case 0o100000:
      return [(bits & 0o100) === 0 ? "100644" : "100755", "blob"]
    case 0o120000:
      return ["120000", "blob"]
    case 0o040000:
      return ["040000", "tree"]
    default:
      return ["160000", "commit"]
  }
}

/** The entries of a tree, `<mode> <name>\0<object>` each; none of what is no tree. Names are below `folder`. */
export const entriesOf = (tree: Uint8Array, object: Sha, folder: string): Option.Option<ReadonlyArray<TreeEntry>> => {
  const size = object.length / 2
  const entries: Array<TreeEntry> = []
  for (let at = 0; at < tree.length;) {
    const space = tree.indexOf(SPACE, at)
    const end = tree.indexOf(NUL, space + 1)
    const to = end + 1 + size
    if (space === -1 || end === -1 || to > tree.length) return Option.none()
    const mode = text(tree.subarray(at, space))
    const name = text(tree.subarray(space + 1, end))
    const found = shaOption(Buffer.from(tree.subarray(end + 1, to)).toString("hex"))
    if (!/^[0-7]{5,6}$/.test(mode) || name === "" || name.includes("/") || Option.isNone(found)) return Option.none()
    const [known, kind] = modeOf(mode)
    entries.push({ mode: known, kind, object: found.value, path: folder === "" ? name : `${folder}/${name}` })
    at = to
  }
  return Option.some(entries)
}

/** What stands in a commit. */
export interface Commit {
  readonly tree: Sha
  readonly parents: ReadonlyArray<Sha>
  /** Seconds since 1970; none where no time can be read. */
  readonly committed: Option.Option<number>
}

/** Decodes a commit; none of what is none. */
export const commitOf = (commit: Uint8Array): Option.Option<Commit> => {
  const headers = text(commit).split("\n\n", 1)[0]?.split("\n") ?? []
  const values = (name: string) =>
    headers.filter((header) => header.startsWith(`${name} `)).map((header) => header.slice(name.length + 1))
  const tree = Option.flatMap(Option.fromNullable(values("tree")[0]), shaOption)
  const parents = Option.all(values("parent").map(shaOption))
  const committed = Option.fromNullable(/> (\d{1,12}) [+-]\d+$/.exec(values("committer")[0] ?? "")?.[1])
  return Option.map(Option.all({ tree, parents }), (found) => ({ ...found, committed: Option.map(committed, Number) }))
}
