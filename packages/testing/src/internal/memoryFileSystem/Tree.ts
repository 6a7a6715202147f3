/** The nodes of a file system in memory, and the walk along a path. */
import type * as Error from "@effect/platform/Error"

interface Common {
  readonly ino: number
  readonly birth: number
  mode: number
  modified: number
}

export interface Folder extends Common {
  readonly kind: "Directory"
  readonly entries: Map<string, Node>
}

export interface Document extends Common {
  readonly kind: "File"
  /** Replaced as a whole, never written into: readers hold on to it. */
  data: Uint8Array
}

export interface Link extends Common {
  readonly kind: "SymbolicLink"
  readonly target: string
}

export type Node = Folder | Document | Link

/** Why an operation is refused, in the words of the platform's errors. */
export class Fault {
  constructor(
    readonly reason: Error.SystemErrorReason | "BadArgument",
    readonly description: string
  ) {}
}

export const notFound = new Fault("NotFound", "No such file or directory")
export const exists = new Fault("AlreadyExists", "File exists")
export const notFolder = new Fault("BadResource", "Not a directory")
export const isFolder = new Fault("BadResource", "Is a directory")
export const denied = new Fault("PermissionDenied", "Permission denied")
export const notEmpty = new Fault("Unknown", "Directory not empty")
export const invalid = new Fault("Unknown", "Invalid argument")
const loop = new Fault("BadResource", "Too many levels of symbolic links")
const relative = new Fault("BadArgument", "a path must be absolute here: there is no working folder in memory")
const nul = new Fault("BadArgument", "a path must not contain the NUL character")

let nodes = 0
/** A number of its own for each node, as on a disk. */
const nextIno = (): number => ++nodes

export const makeFolder = (now: number, mode = 0o755): Folder => ({
  kind: "Directory",
  ino: nextIno(),
  birth: now,
  modified: now,
  mode,
  entries: new Map()
})

export const makeDocument = (now: number, data: Uint8Array, mode = 0o644): Document => ({
  kind: "File",
  ino: nextIno(),
  birth: now,
  modified: now,
  mode,
  data
})

export const makeLink = (now: number, target: string): Link => ({
  kind: "SymbolicLink",
  ino: nextIno(),
  birth: now,
  modified: now,
  mode: 0o777,
  target
})

/** Where a path leads: the folder that holds it, its name there, and what is there, if anything. */
export interface Place<N extends Node | undefined = Node | undefined> {
  readonly parent: Folder
  readonly name: string
  readonly node: N
  /** Without symbolic links, `.` and `..`. */
  readonly path: string
}

/** Walks a path from the root. `follow`: go on when its last part is a symbolic link. */
export const walk = (root: Folder, path: string, follow: boolean): Place | Fault => {
  if (path === "") return notFound
  if (path.includes("\u0000")) return nul
  if (!path.startsWith("/")) return relative
  return walkPlain(root, path, follow) ?? walkAny(root, path, follow)
}

/** Most paths have neither links nor dots in them; undefined for the others. */
const walkPlain = (root: Folder, path: string, follow: boolean): Place | Fault | undefined => {
  let here = root
  for (let start = 1; ;) {
    const end = path.indexOf("/", start)
    const name = end === -1 ? path.slice(start) : path.slice(start, end)
    if (name === "" || name === "." || name === "..") return undefined
    const node = here.entries.get(name)
    if (end === -1) {
      return node?.kind === "SymbolicLink" && follow ? undefined : { parent: here, name, node, path }
    }
    if (node?.kind !== "Directory") return undefined
    here = node
    start = end + 1
  }
}

const walkAny = (root: Folder, path: string, follow: boolean): Place | Fault => {
  const ahead = path.split("/").reverse()
  const trail: Array<{ readonly folder: Folder; readonly name: string }> = []
  let here = root
  let links = 0
  const at = (name: string): string => {
    let text = ""
    for (const step of trail) text += `/${step.name}`
    return `${text}/${name}`
  }
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === "" || part === ".") continue
    if (part === "..") {
      here = trail.pop()?.folder ?? root
      continue
    }
    const node = here.entries.get(part)
    const last = ahead.every((next) => next === "")
    if (node === undefined) return last ? { parent: here, name: part, node, path: at(part) } : notFound
    if (node.kind === "SymbolicLink" && (follow || !last)) {
      if (++links > 40) return loop
      ahead.push(...node.target.split("/").reverse())
      if (node.target.startsWith("/")) {
        here = root
        trail.length = 0
      }
      continue
    }
    if (last) return { parent: here, name: part, node, path: at(part) }
    if (node.kind !== "Directory") return notFolder
    trail.push({ folder: here, name: part })
    here = node
  }
  const step = trail.pop()
  return step === undefined
    ? { parent: root, name: "", node: root, path: "/" }
    : { parent: step.folder, name: step.name, node: here, path: at(step.name) }
}

/** As `walk`, for something that must be there. */
export const find = (root: Folder, path: string, follow: boolean): Place<Node> | Fault => {
  const place = walk(root, path, follow)
  if (place instanceof Fault) return place
  return place.node === undefined ? notFound : { ...place, node: place.node }
}

const ownerMay = (node: Node, bit: number): boolean => (node.mode & bit) !== 0
export const mayRead = (node: Node): boolean => ownerMay(node, 0o400)
export const mayWrite = (node: Node): boolean => ownerMay(node, 0o200)

/** Puts a node under a name, in place of what was there. */
export const put = (folder: Folder, name: string, node: Node, now: number): Fault | undefined => {
  if (!mayWrite(folder)) return denied
  folder.entries.set(name, node)
  folder.modified = now
}

/** Takes a name out of its folder. */
export const drop = (folder: Folder, name: string, now: number): Fault | undefined => {
  if (!mayWrite(folder)) return denied
  folder.entries.delete(name)
  folder.modified = now
}

/** Makes a folder; `recursive`: with all its parents, and content where it is there already. */
export const makeFolderAt = (
  root: Folder,
  path: string,
  recursive: boolean,
  mode: number,
  now: number
): Fault | undefined => {
  const place = walk(root, path, true)
  if (place instanceof Fault) {
    if (!recursive || place !== notFound || path === "") return place
    const parent = makeFolderAt(root, parentOf(path), true, mode, now)
    return parent instanceof Fault ? parent : makeFolderAt(root, path, true, mode, now)
  }
  if (place.node === undefined) return put(place.parent, place.name, makeFolder(now, mode), now)
  return recursive && place.node.kind === "Directory" ? undefined : exists
}

/** The folder of a path. */
export const parentOf = (path: string): string => {
  const trimmed = path.replace(/\/+$/, "")
  const cut = trimmed.lastIndexOf("/")
  return cut <= 0 ? "/" : trimmed.slice(0, cut)
}

const absolute = (folder: string, target: string): string => (target.startsWith("/") ? target : `${folder}/${target}`)

/** A copy of a node at a path with all below it; symbolic links stay links, to what they led to before. */
const clone = (node: Node, path: string, now: number, keepTime: boolean): Node => {
  const modified = keepTime ? node.modified : now
  const fresh = { ino: nextIno(), birth: now, modified, mode: node.mode }
  switch (node.kind) {
    case "File":
      return { kind: "File", data: node.data, ...fresh }
    case "SymbolicLink":
      return { kind: "SymbolicLink", target: absolute(parentOf(path), node.target), ...fresh }
    case "Directory": {
      const entries = new Map<string, Node>()
      for (const [name, child] of node.entries) entries.set(name, clone(child, `${path}/${name}`, now, keepTime))
      return { kind: "Directory", entries, ...fresh }
    }
  }
}

/** Is `node` the folder itself or somewhere below it? */
export const within = (folder: Node, node: Node): boolean => {
  if (folder === node) return true
  if (folder.kind !== "Directory") return false
  for (const child of folder.entries.values()) if (within(child, node)) return true
  return false
}

/** Paths of everything below a folder, relative to it; links are not followed. */
export const list = (folder: Folder, recursive: boolean): Array<string> => {
  const paths: Array<string> = []
  const add = (from: Folder, prefix: string): void => {
    for (const [name, node] of from.entries) {
      paths.push(prefix + name)
      if (recursive && node.kind === "Directory") add(node, `${prefix}${name}/`)
    }
  }
  add(folder, "")
  return paths.sort()
}

/** Copies what is at a place over what is at another; without `overwrite` files that are there stay as they are. */
export const copyInto = (
  source: Place<Node>,
  place: Place,
  options: { readonly overwrite: boolean; readonly keepTime: boolean },
  now: number
): Fault | undefined => {
  const copy = (): Fault | undefined =>
    put(place.parent, place.name, clone(source.node, source.path, now, options.keepTime), now)
  const target = place.node
  if (target === undefined) return copy()
  if (source.node.kind === "Directory") {
    if (target.kind !== "Directory") return notFolder
    if (within(source.node, target)) return invalid
    for (const [name, node] of source.node.entries) {
      const from = { parent: source.node, name, node, path: `${source.path}/${name}` }
      const to = { parent: target, name, node: target.entries.get(name), path: `${place.path}/${name}` }
      const fault = copyInto(from, to, options, now)
      if (fault !== undefined) return fault
    }
    return
  }
  if (target.kind === "Directory") return isFolder
  return options.overwrite ? copy() : undefined
}
