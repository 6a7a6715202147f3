/** The object database of the model: blobs, trees and commits under the names that git would give them. */
import { Sha } from "@calm/domain/Ids"
import type { TreeEntry } from "../../Git.ts"
import { createHash } from "node:crypto"

/** One file of a tree or an index. */
export interface Entry {
  readonly mode: string
  readonly object: Sha
}

/** All files of a tree by their full path. Never changed once made: its tree's name is remembered by identity. */
export type Files = ReadonlyMap<string, Entry>

export interface Commit {
  readonly tree: Sha
  readonly parents: ReadonlyArray<Sha>
  readonly message: string
  /** Seconds since 1970. */
  readonly time: number
}

interface Person {
  readonly name: string
  readonly email: string
}

interface Row {
  readonly mode: string
  readonly name: string
  readonly object: Sha
}

export const noFiles: Files = new Map()

/** The object of an absent side of a change. */
export const absent = "0".repeat(40)

export const sameEntry = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.mode === b.mode && a.object === b.object)

/** Paths on which two trees or indexes differ, sorted. */
export const differing = (a: Files, b: Files): ReadonlyArray<string> => {
  if (a === b) return []
  const paths: Array<string> = []
  for (const [path, entry] of a) if (!sameEntry(entry, b.get(path))) paths.push(path)
  for (const path of b.keys()) if (!a.has(path)) paths.push(path)
  return paths.sort()
}

// Our own hash is one by construction: checking its pattern would cost more than making it.
const shaOf = (kind: string, content: Uint8Array): Sha =>
  Sha.make(createHash("sha1").update(`${kind} ${content.length}\u0000`).update(content).digest("hex"), {
    disableValidation: true
  })

const isTree = (row: { readonly mode: string }): boolean => row.mode === "40000"

const kindOf = (mode: string): TreeEntry["kind"] => (mode === "40000" ? "tree" : mode === "160000" ? "commit" : "blob")

/** As `git ls-tree` prints a mode; in the object itself a tree's has no leading zero. */
const shownMode = (mode: string): string => mode.padStart(6, "0")

export class Objects {
  readonly commits = new Map<Sha, Commit>()
  private readonly blobs = new Map<Sha, Uint8Array>()
  private readonly trees = new Map<Sha, ReadonlyArray<Row>>()
  private readonly filesOf = new Map<Sha, Files>()
  private readonly nameOf = new WeakMap<Files, Sha>()
  /** A file's bytes keep their identity while nobody writes it, so most blobs are hashed once. */
  private readonly blobOf = new WeakMap<Uint8Array, Sha>()

  constructor() {
    this.tree(noFiles)
  }

  /** Stores a file's bytes. */
  blob(content: Uint8Array): Sha {
    const known = this.blobOf.get(content)
    if (known !== undefined) return known
    const object = shaOf("blob", content)
    this.blobOf.set(content, object)
    if (!this.blobs.has(object)) this.blobs.set(object, content)
    return object
  }

  content(blob: Sha): Uint8Array | undefined {
    return this.blobs.get(blob)
  }

  hasTree(object: Sha): boolean {
    return this.trees.has(object)
  }

  /** Stores the tree of all these files, with its folders. */
  tree(files: Files): Sha {
    const known = this.nameOf.get(files)
    if (known !== undefined) return known
    interface Nested {
      readonly rows: Array<Row>
      readonly folders: Map<string, Nested>
    }
    const empty = (): Nested => ({ rows: [], folders: new Map() })
    const root = empty()
    for (const [path, entry] of files) {
      const parts = path.split("/")
      const name = parts.pop() ?? path
      let folder = root
      for (const part of parts) {
        let inner = folder.folders.get(part)
        if (inner === undefined) {
          inner = empty()
          folder.folders.set(part, inner)
        }
        folder = inner
      }
      folder.rows.push({ mode: entry.mode, name, object: entry.object })
    }
    const store = (folder: Nested): Sha => {
      for (const [name, inner] of folder.folders) folder.rows.push({ mode: "40000", name, object: store(inner) })
      return this.storeTree(folder.rows)
    }
    const object = store(root)
    this.nameOf.set(files, object)
    if (!this.filesOf.has(object)) this.filesOf.set(object, files)
    return object
  }

  private storeTree(rows: Array<Row>): Sha {
    // Git sorts a folder as if its name ended in a slash.
    const key = (row: Row): string => (isTree(row) ? `${row.name}/` : row.name)
    rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
    const bytes = Buffer.concat(
      rows.flatMap((row) => [Buffer.from(`${row.mode} ${row.name}\u0000`), Buffer.from(row.object, "hex")])
    )
    const object = shaOf("tree", bytes)
    this.trees.set(object, rows)
    return object
  }

  /** All files of a stored tree. */
  files(tree: Sha): Files {
    const known = this.filesOf.get(tree)
    if (known !== undefined) return known
    const files = new Map<string, Entry>()
    const add = (object: Sha, prefix: string): void => {
      for (const row of this.trees.get(object) ?? []) {
        if (isTree(row)) add(row.object, `${prefix}${row.name}/`)
        else files.set(prefix + row.name, { mode: row.mode, object: row.object })
      }
    }
    add(tree, "")
    this.filesOf.set(tree, files)
    this.nameOf.set(files, tree)
    return files
  }

  /** The files of a commit; none of one that is not there, as for a branch without commits. */
  filesAt(commit: Sha | undefined): Files {
    const stored = commit === undefined ? undefined : this.commits.get(commit)
    return stored === undefined ? noFiles : this.files(stored.tree)
  }

  /** Direct entries of a folder of a tree, by path; empty when it has no such folder. */
  folder(tree: Sha, folder: string): ReadonlyArray<TreeEntry> {
    const parts = folder.split("/").filter((part) => part !== "")
    let rows = this.trees.get(tree) ?? []
    for (const part of parts) {
      const row = rows.find((candidate) => candidate.name === part)
      if (row === undefined || !isTree(row)) return []
      rows = this.trees.get(row.object) ?? []
    }
    return rows
      .map((row) => ({
        mode: shownMode(row.mode),
        kind: kindOf(row.mode),
        object: row.object,
        path: [...parts, row.name].join("/")
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** Stores a commit. Its message ends with a line end, as git's commands leave it. */
  commit(commit: Commit, author: Person): Sha {
    const message = commit.message.endsWith("\n") ? commit.message : `${commit.message}\n`
    const signature = `${author.name} <${author.email}> ${commit.time} +0000`
    const text = [
      `tree ${commit.tree}`,
      ...commit.parents.map((parent) => `parent ${parent}`),
      `author ${signature}`,
      `committer ${signature}`,
      "",
      message
    ].join("\n")
    const object = shaOf("commit", Buffer.from(text))
    this.commits.set(object, { ...commit, message })
    return object
  }
}
