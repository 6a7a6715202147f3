/** Three-way merge of trees. Renames are not followed: one is a deletion and an addition. */
import type { Entry, Files, Objects } from "./objects.ts"
import { sameEntry } from "./objects.ts"
import { mergeLines } from "./lines.ts"

interface Sides {
  readonly base: Entry | undefined
  readonly ours: Entry | undefined
  readonly theirs: Entry | undefined
}

type Names = readonly [ours: string, theirs: string]

interface Outcome {
  readonly entry: Entry | undefined
  readonly conflict: boolean
}

const isText = (mode: string): boolean => mode === "100644" || mode === "100755"

/** Both sides changed one file, differently. */
const mergeFile = (objects: Objects, sides: Sides, names: Names): Outcome => {
  const { base, ours, theirs } = sides
  if (ours === undefined || theirs === undefined) return { entry: ours ?? theirs, conflict: true }
  if (!isText(ours.mode) || !isText(theirs.mode)) return { entry: ours, conflict: true }
  const modesAgree = ours.mode === theirs.mode || ours.mode === base?.mode || theirs.mode === base?.mode
  const mode = ours.mode === base?.mode ? theirs.mode : ours.mode
  if (ours.object === theirs.object || theirs.object === base?.object) {
    return { entry: { mode, object: ours.object }, conflict: !modesAgree }
  }
  if (ours.object === base?.object) return { entry: { mode, object: theirs.object }, conflict: !modesAgree }
  const read = (entry: Entry | undefined): Buffer =>
    Buffer.from((entry === undefined ? undefined : objects.content(entry.object)) ?? new Uint8Array(0))
  const contents = [read(base !== undefined && isText(base.mode) ? base : undefined), read(ours), read(theirs)] as const
  if (contents.some((bytes) => bytes.includes(0))) return { entry: { mode, object: ours.object }, conflict: true }
  // latin1 keeps every byte, whatever the encoding.
  const [before, left, right] = contents
  const merged = mergeLines({
    base: before.toString("latin1"),
    ours: left.toString("latin1"),
    theirs: right.toString("latin1"),
    names
  })
  const object = objects.blob(new Uint8Array(Buffer.from(merged.text, "latin1")))
  return { entry: { mode, object }, conflict: merged.conflict || !modesAgree }
}

const mergePath = (objects: Objects, sides: Sides, names: Names): Outcome => {
  if (sameEntry(sides.ours, sides.theirs) || sameEntry(sides.theirs, sides.base)) {
    return { entry: sides.ours, conflict: false }
  }
  if (sameEntry(sides.ours, sides.base)) return { entry: sides.theirs, conflict: false }
  return mergeFile(objects, sides, names)
}

/** Merges two trees with a common ancestor; a path in conflict holds both sides between markers, or the one there is. */
export const mergeFiles = (
  objects: Objects,
  trees: { readonly base: Files; readonly ours: Files; readonly theirs: Files },
  names: Names
): { readonly files: Files; readonly conflicts: ReadonlyArray<string> } => {
  const merged = new Map<string, Entry>()
  const conflicts = new Set<string>()
  for (const path of new Set([...trees.base.keys(), ...trees.ours.keys(), ...trees.theirs.keys()])) {
    const sides = { base: trees.base.get(path), ours: trees.ours.get(path), theirs: trees.theirs.get(path) }
    const { conflict, entry } = mergePath(objects, sides, names)
    if (entry !== undefined) merged.set(path, entry)
    if (conflict) conflicts.add(path)
  }
  // One side made a folder of what is a file on the other: the file steps aside.
  const folders = new Set<string>()
  for (const path of merged.keys()) {
    for (let cut = path.indexOf("/"); cut !== -1; cut = path.indexOf("/", cut + 1)) folders.add(path.slice(0, cut))
  }
  for (const path of folders) {
    const entry = merged.get(path)
    if (entry === undefined) continue
    merged.delete(path)
    merged.set(`${path}~${trees.ours.has(path) ? names[0] : names[1]}`, entry)
    conflicts.add(path)
  }
  return { files: merged, conflicts: [...conflicts].sort() }
}
