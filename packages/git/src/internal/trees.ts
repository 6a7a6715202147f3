/** Trees and files of commits. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Change, TreeEntry } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { Named } from "./catFile.ts"
import { misunderstood } from "./decode.ts"
import { GitFailed } from "./errors.ts"
import { entriesOf } from "./objects.ts"
import { byText } from "./text.ts"

/** A folder to be read: its tree, and its path from the repository's root. */
interface Folder {
  readonly object: Sha
  readonly path: string
}

/** A folder of two trees; none in the one that has none there. */
interface Pair {
  readonly path: string
  readonly before: Option.Option<Sha>
  readonly after: Option.Option<Sha>
}

const treeOf = (entry: TreeEntry | undefined): Option.Option<Sha> =>
  entry?.kind === "tree" ? Option.some(entry.object) : Option.none()

/** What changed at a path, a folder there counting as nothing. */
const changeOf = (path: string, before: TreeEntry | undefined, after: TreeEntry | undefined): Change | undefined => {
  const from = before?.kind === "tree" ? undefined : before
  const to = after?.kind === "tree" ? undefined : after
  if (from === undefined && to === undefined) return undefined
  const nothing = { mode: "000000", object: "0".repeat((from ?? to)?.object.length ?? 0) }
  const [old, now] = [from ?? nothing, to ?? nothing]
  // The first digits of a mode tell a file, a link and a submodule apart.
  const isSameType = old.mode.slice(0, 3) === now.mode.slice(0, 3)
  return {
    status: from === undefined ? "A" : to === undefined ? "D" : isSameType ? "M" : "T",
    path,
    oldMode: old.mode,
    newMode: now.mode,
    oldObject: old.object,
    newObject: now.object
  }
}

/** What differs between two listings of one folder, and the folders in it that have to be looked into. */
const compare = (before: ReadonlyArray<TreeEntry>, after: ReadonlyArray<TreeEntry>) => {
  const changes: Array<Change> = []
  const folders: Array<Pair> = []
  const old = new Map(before.map((entry) => [entry.path, entry]))
  const now = new Map(after.map((entry) => [entry.path, entry]))
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const [from, to] = [old.get(path), now.get(path)]
    if (from?.object === to?.object && from?.mode === to?.mode) continue
    const pair = { path, before: treeOf(from), after: treeOf(to) }
    if (Option.isSome(pair.before) || Option.isSome(pair.after)) folders.push(pair)
    const change = changeOf(path, from, to)
    if (change !== undefined) changes.push(change)
  }
  return { changes, folders }
}

export const makeTrees = (askAll: AskAll) => {
  /** What a commit has at a path; none where there is nothing. A commit that is not there is a failure. */
  const at = Effect.fnUntraced(function* (operation: string, repo: string, commit: Sha, path: string) {
    const [known = Option.none(), found = Option.none()] = yield* askAll(operation, repo, [
      { want: "info", name: commit },
      { want: "contents", name: path === "" ? `${commit}^{tree}` : `${commit}:${path}` }
    ])
    return Option.exists(known, ({ type }) => type === "commit")
      ? found
      : yield* new GitFailed({ operation, exitCode: 0, detail: `there is no commit ${commit}` })
  })

  const decoded = (operation: string, { content, object }: Named, path: string) =>
    Option.match(entriesOf(content, object, path), {
      onNone: () => Effect.fail(misunderstood(operation, `tree ${object}`)),
      onSome: (entries) => Effect.succeed(entries)
    })

  /** The entries of each of these folders. */
  const read = Effect.fnUntraced(function* (operation: string, repo: string, folders: ReadonlyArray<Folder>) {
    const found = yield* askAll(
      operation,
      repo,
      folders.map(({ object }) => ({ want: "contents", name: object }))
    )
    return yield* Effect.forEach(folders, ({ object, path }, index) => {
      const tree = Option.filter(Option.flatten(Option.fromNullable(found[index])), ({ type }) => type === "tree")
      return Option.isSome(tree)
        ? decoded(operation, tree.value, path)
        : Effect.fail(new GitFailed({ operation, exitCode: 0, detail: `there is no tree ${object}` }))
    })
  })

  const listFolder = Traced.fn("Git.listFolder")(function* (repo: string, commit: Sha, folder: string) {
    const operation = "list the files of a commit"
    const path = folder.replace(/\/+$/, "")
    const found = yield* at(operation, repo, commit, path)
    if (Option.isNone(found) || found.value.type !== "tree") return []
    return (yield* decoded(operation, found.value, path)).toSorted((a, b) => byText(a.path, b.path))
  })

  const listFiles = Traced.fn("Git.listFiles")(function* (repo: string, commit: Sha, folder: string) {
    const operation = "list the files of a commit"
    const files: Array<TreeEntry> = []
    let level = yield* listFolder(repo, commit, folder)
    // All folders of a depth at once.
    while (level.length > 0) {
      const folders = level.filter(({ kind }) => kind === "tree")
      for (const entry of level) if (entry.kind !== "tree") files.push(entry)
      level = folders.length === 0 ? [] : (yield* read(operation, repo, folders)).flat()
    }
    return files.toSorted((a, b) => byText(a.path, b.path))
  })

  const changes = Traced.fn("Git.changes")(function* (repo: string, from: Sha, to: Sha) {
    const operation = "compare two trees"
    const first = compare(yield* listFolder(repo, from, ""), yield* listFolder(repo, to, ""))
    const found = [...first.changes]
    // All folders of a depth at once.
    let pairs: ReadonlyArray<Pair> = first.folders
    while (pairs.length > 0) {
      const side = (which: "before" | "after"): ReadonlyArray<Folder> =>
        pairs.flatMap((pair) => Option.toArray(Option.map(pair[which], (object) => ({ object, path: pair.path }))))
      const [old, now] = [side("before"), side("after")]
      const listings = yield* read(operation, repo, [...old, ...now])
      const wasIn = new Map(old.map(({ path }, index) => [path, listings[index] ?? []]))
      const isIn = new Map(now.map(({ path }, index) => [path, listings[old.length + index] ?? []]))
      const next = pairs.map(({ path }) => compare(wasIn.get(path) ?? [], isIn.get(path) ?? []))
      for (const each of next) for (const change of each.changes) found.push(change)
      pairs = next.flatMap(({ folders }) => folders)
    }
    return found.toSorted((a, b) => byText(a.path, b.path))
  })

  const readFile = Traced.fn("Git.readFile")(function* (repo: string, commit: Sha, path: string) {
    const found = yield* at("read a file of a commit", repo, commit, path)
    return Option.map(
      Option.filter(found, ({ type }) => type === "blob"),
      ({ content, object }) => ({ blob: object, content })
    )
  })

  return { listFolder, listFiles, changes, readFile }
}
