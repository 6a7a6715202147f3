/** The files of a checkout: what is there, and putting a tree's files there. */
import type { Sha } from "@calm/domain/Ids"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { isIgnored, ruleSet, type RuleSet } from "./ignore.ts"
import { isPeekable, Peek } from "./peek.ts"
import { isThere, type Model, parentOf, type Place } from "./model.ts"
import type { Entry, Files, Objects } from "./objects.ts"

const linkMode = "120000"

/** What is at a path itself, without following a link there. */
export type Found =
  | { readonly kind: "nothing" }
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly entry: Entry }

const nothing: Found = { kind: "nothing" }
const folder: Found = { kind: "folder" }

const linkTo = (model: Model, target: string): Found => ({
  kind: "file",
  entry: { mode: linkMode, object: model.objects.blob(new TextEncoder().encode(target)) }
})

const fileOf = (model: Model, mode: number, data: Uint8Array): Found => ({
  kind: "file",
  entry: { mode: (mode & 0o111) === 0 ? "100644" : "100755", object: model.objects.blob(data) }
})

const linkAt = (model: Model, path: string) => Effect.map(model.fs.readLink(path), (target) => linkTo(model, target))

/** What is at a path that is free of links but for its last part. */
const look = (model: Model, path: string): Effect.Effect<Found, PlatformError> => {
  const peeked = isPeekable(model.fs) ? model.fs[Peek](path) : undefined
  if (peeked === undefined) return lookSlowly(model, path)
  switch (peeked.kind) {
    case "Directory":
      return Effect.succeed(folder)
    case "SymbolicLink":
      return Effect.succeed(linkTo(model, peeked.target))
    case "File":
      return Effect.succeed(fileOf(model, peeked.mode, peeked.data))
  }
}

const lookSlowly = Effect.fnUntraced(function* (model: Model, path: string) {
  if (!(yield* isThere(model, path))) {
    // Nothing, or a link that leads nowhere.
    const name = path.slice(path.lastIndexOf("/") + 1)
    return (yield* model.fs.readDirectory(parentOf(path))).includes(name) ? yield* linkAt(model, path) : nothing
  }
  if ((yield* model.fs.realPath(path)) !== path) return yield* linkAt(model, path)
  const info = yield* model.fs.stat(path)
  return info.type === "Directory" ? folder : fileOf(model, info.mode, yield* model.fs.readFile(path))
})

/** What is at a path of a checkout; behind a link or a file there is nothing. */
export const lookAt = Effect.fnUntraced(function* (model: Model, root: string, path: string) {
  const real = yield* model.fs.realPath(root)
  const parts = path.split("/")
  let at = real
  let found: Found = folder
  for (const part of parts) {
    if (found.kind !== "folder") return nothing
    at = `${at}/${part}`
    found = yield* look(model, at)
  }
  return found
})

/** What is at a path anywhere; links before its last part are followed. */
export const lookHere = Effect.fnUntraced(function* (model: Model, path: string) {
  const parent = parentOf(path)
  if (!(yield* isThere(model, parent)) || (yield* model.fs.stat(parent)).type !== "Directory") return nothing
  const real = yield* model.fs.realPath(parent)
  return yield* look(model, `${real === "/" ? "" : real}/${path.slice(path.lastIndexOf("/") + 1)}`)
})

/** What a checkout holds: its tracked files and those that git would add. */
export interface Work {
  readonly files: Files
  /** Folders of other checkouts inside this one, with a slash behind them. */
  readonly nested: ReadonlyArray<string>
}

const trackedFolders = (index: Files): ReadonlySet<string> => {
  const folders = new Set<string>()
  for (const path of index.keys()) {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      const above = path.slice(0, cut)
      if (folders.has(above)) break
      folders.add(above)
    }
  }
  return folders
}

/** Reads all of a checkout but what is ignored and not tracked. */
export const scan = Effect.fnUntraced(function* (model: Model, place: Place) {
  const { checkout } = place
  const root = yield* model.fs.realPath(place.root)
  const tracked = trackedFolders(checkout.index)
  const files = new Map<string, Entry>()
  const nested: Array<string> = []
  const exclude = `${place.common}/info/exclude`
  const outer = (yield* isThere(model, exclude)) ? [ruleSet("", yield* model.fs.readFileString(exclude))] : []

  interface Visit {
    readonly prefix: string
    readonly rules: ReadonlyArray<RuleSet>
    /** A folder above is ignored: only what is tracked counts here. */
    readonly ignored: boolean
  }
  const ahead: Array<Visit> = [{ prefix: "", rules: outer, ignored: false }]
  for (let visit = ahead.pop(); visit !== undefined; visit = ahead.pop()) {
    const { prefix } = visit
    const names = yield* model.fs.readDirectory(`${root}/${prefix.slice(0, -1)}`)
    const own = names.includes(".gitignore") ? yield* look(model, `${root}/${prefix}.gitignore`) : nothing
    const rules =
      own.kind === "file" && own.entry.mode !== linkMode
        ? [...visit.rules, ruleSet(prefix, textOf(model.objects, own.entry.object))]
        : visit.rules
    for (const name of names) {
      if (name === ".git") continue
      const path = prefix + name
      const known = checkout.index.has(path)
      // Asked before the file is read: an ignored folder may be large.
      const ignoredAsFile = visit.ignored || isIgnored(rules, path, false)
      const ignoredAsFolder = visit.ignored || isIgnored(rules, path, true)
      if (ignoredAsFile && ignoredAsFolder && !known && !tracked.has(path)) continue
      const found = yield* look(model, `${root}/${path}`)
      if (found.kind === "file") {
        if (known || !ignoredAsFile) files.set(path, found.entry)
      } else if (found.kind === "folder") {
        if (ignoredAsFolder && !tracked.has(path)) continue
        if (yield* isThere(model, `${root}/${path}/.git`)) {
          if (!ignoredAsFolder) nested.push(`${path}/`)
        } else ahead.push({ prefix: `${path}/`, rules, ignored: ignoredAsFolder })
      }
    }
  }
  return { files, nested } satisfies Work
})

const textOf = (objects: Objects, blob: Sha): string => new TextDecoder().decode(objects.content(blob))

const write = Effect.fnUntraced(function* (model: Model, path: string, entry: Entry) {
  const content = model.objects.content(entry.object) ?? new Uint8Array(0)
  if (entry.mode === linkMode) return yield* model.fs.symlink(new TextDecoder().decode(content), path)
  yield* model.fs.writeFile(path, content, { mode: entry.mode === "100755" ? 0o755 : 0o644 })
})

const dropEmptyFolders = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, root: string, from: string) {
  for (let at = from; at !== root; at = parentOf(at)) {
    if ((yield* fs.readDirectory(at)).length > 0) return
    yield* fs.remove(at, { recursive: true })
  }
})

/** Brings paths of a checkout to what they are in `files`; what is there is overwritten. */
export const bring = Effect.fnUntraced(function* (
  model: Model,
  root: string,
  files: Files,
  paths: ReadonlyArray<string>
) {
  for (const path of paths) {
    const at = `${root}/${path}`
    const found = yield* lookAt(model, root, path)
    if (found.kind !== "file") continue
    yield* model.fs.remove(at)
    if (!files.has(path)) yield* dropEmptyFolders(model.fs, root, parentOf(at))
  }
  const made = new Set<string>([root])
  for (const path of paths) {
    const entry = files.get(path)
    if (entry === undefined) continue
    const at = `${root}/${path}`
    const parent = parentOf(at)
    if (!made.has(parent)) {
      yield* model.fs.makeDirectory(parent, { recursive: true })
      made.add(parent)
    }
    yield* write(model, at, entry)
  }
})

/** All files below a folder, by their paths from the checkout's root. */
export const filesBelow = Effect.fnUntraced(function* (model: Model, root: string, path: string) {
  const paths: Array<string> = []
  for (const inner of yield* model.fs.readDirectory(`${root}/${path}`, { recursive: true })) {
    const found = yield* lookAt(model, root, `${path}/${inner}`)
    if (found.kind === "file") paths.push(`${path}/${inner}`)
  }
  return paths
})
