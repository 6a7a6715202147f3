/** What there is to lose in a place: looked at before and after a command, and compared. */
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { filesOf, git, refsOf, stateOf, unsound } from "../support/checkout.ts"
import type { Place } from "./ready.ts"

/** The id that git gives to these bytes as a blob. */
const idOf = (text: string): string => {
  const bytes = Buffer.from(text, "latin1")
  return Crypto.createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
}
/** A file as `filesOf` tells of it; of a link git stores the target. */
const blobOf = (text: string): string => idOf(text.startsWith("-> ") ? text.slice(3) : text)
/** It holds nothing that could be lost. */
const empty = idOf("")

const parts = (text: string): ReadonlyArray<string> => text.split("\0").filter((part) => part !== "")

/** Who may do what with each file: what `filesOf` leaves out. */
const modesOf = (folder: string, files: Readonly<Record<string, string>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.keys(files).map((name) => {
      const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name.replace(/\/$/, ""), "latin1")])
      return [name, Fs.lstatSync(path).mode]
    })
  )

export interface Checkout {
  readonly files: Readonly<Record<string, string>>
  readonly modes: Readonly<Record<string, number>>
  readonly head: string | null
  readonly index: string | null
  readonly status: ReadonlyArray<string>
}

/** A checkout, which git itself may refuse to read: then what it says is compared. */
export const checkoutOf = (folder: string): Checkout => {
  const files = filesOf(folder)
  const seen = { files, modes: modesOf(folder, files) }
  try {
    const { head, index, status } = stateOf(folder)
    // The folder of worktrees is calm's; how far the branch is from what is remembered of a remote is told by the refs.
    const notOurs = /^. \.worktrees\/|^# branch\.ab /
    return { ...seen, head, index, status: parts(status).filter((each) => !notOurs.test(each)) }
  } catch (error) {
    return { ...seen, head: null, index: null, status: [String(error)] }
  }
}
const attempt = <A>(look: () => A, fallback: A): A => {
  try {
    return look()
  } catch {
    return fallback
  }
}

/** Blobs of the uncommitted in a checkout: what is staged, and every file that git does not ignore. */
const uncommittedIn = (tree: string, files: Readonly<Record<string, string>>): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const record of parts(git(tree, "ls-files", "--stage", "-z"))) {
    const [, mode, id, name] = /^(\d+) ([0-9a-f]+) \d\t([^]*)$/.exec(record) ?? []
    // A submodule is no blob.
    if (id !== undefined && mode !== "160000") found.set(id, `staged ${name}`)
  }
  const seen = ["--cached", "--others"].flatMap((kind) =>
    parts(git(tree, "ls-files", "-z", kind, "--exclude-standard"))
  )
  for (const name of seen) {
    const text = files[name]
    if (text !== undefined && text !== "neither file nor folder") found.set(blobOf(text), name)
  }
  found.delete(empty)
  return found
}

/**
 * What git stores in place of a file that ends lines with CR and LF, where settings tell it to store LF alone; by the blob
 * of its bytes. Without such a setting that is the blob itself.
 */
const storedIn = (tree: string, files: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(files)
      .filter(([, text]) => text.includes("\r\n"))
      .map(([name, text]) => [blobOf(text), git(tree, "-c", "core.safecrlf=false", "hash-object", "--", name)])
  )

/** Blobs of all that lies below a folder, with their names; without git's link in a worktree, which calm may mend. */
const below = (folder: string): ReadonlyArray<readonly [id: string, name: string]> =>
  Fs.existsSync(folder) && Fs.statSync(folder).isDirectory()
    ? Object.entries(filesOf(folder, true))
        .filter(([name]) => !/(?:^|\/)\.git$/.test(name))
        .map(([name, text]) => [blobOf(text), name] as const)
    : []

/** Everything that any ref, or HEAD of any worktree, leads to. */
const reachable = (repo: string): ReadonlySet<string> =>
  new Set(
    attempt(
      () =>
        git(
          repo,
          "rev-list",
          "--objects",
          "--no-object-names",
          "--ignore-missing",
          "--missing=allow-any",
          "--all"
        ).split("\n"),
      []
    )
  )

/** Blobs of everything that is kept: in worktrees, in the trash, elsewhere, under refs. */
const keptIn = ({ elsewhere, repo }: Place, now: Seen): ReadonlySet<string> =>
  new Set([
    // The index holds what is staged as long as the worktree is there.
    ...now.uncommitted.keys(),
    ...[Path.join(repo, ".worktrees"), Path.join(repo, ".git/calm/trash"), elsewhere].flatMap(below).map(([id]) => id),
    ...reachable(repo),
    empty
  ])

/** A place at one moment. */
export const look = (place: Place) => {
  const { repo, tree } = place
  const there = Fs.existsSync(tree) && Fs.statSync(tree).isDirectory()
  const worktree = there ? checkoutOf(tree) : null
  return {
    main: checkoutOf(repo),
    tree: worktree,
    refs: attempt(() => refsOf(repo), {}),
    rescued: attempt(() => git(repo, "for-each-ref", "--format=%(refname)", "refs/calm/rescue/"), ""),
    uncommitted: attempt(() => uncommittedIn(tree, worktree?.files ?? {}), new Map<string, string>()),
    stored: attempt(() => storedIn(tree, worktree?.files ?? {}), new Map<string, string>()),
    contents: new Map([tree, place.elsewhere].flatMap(below)),
    sound: unsound(repo)
  }
}
export type Seen = ReturnType<typeof look>

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The names under which two records differ. */
export const differing = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>
): ReadonlyArray<string> =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(before[key], after[key]))

const shown = (text: string | undefined): string =>
  text === undefined ? "not there" : JSON.stringify(text.slice(0, 60))

/** What of a checkout is not as it was. */
export const changed = (what: string, before: Checkout | null, after: Checkout | null): ReadonlyArray<string> => {
  if (before === null || after === null)
    return before === after ? [] : [`${what} is ${after === null ? "gone" : "new"}`]
  return [
    ...differing(before.files, after.files).map(
      (name) =>
        `${what}: the file ${JSON.stringify(name)} was ${shown(before.files[name])} and is ${shown(after.files[name])}`
    ),
    ...differing(before.modes, after.modes).map(
      (name) => `${what}: the mode of ${JSON.stringify(name)} is not as it was`
    ),
    ...(["head", "index", "status"] as const)
      .filter((key) => !same(before[key], after[key]))
      .map(
        (key) => `${what}: ${key} is not as it was: ${JSON.stringify(after[key])} for ${JSON.stringify(before[key])}`
      )
  ]
}

/** What cannot be found anywhere any more, whatever the command said; and what git's own check finds since. */
export const lost = (place: Place, before: Seen, after: Seen): ReadonlyArray<string> => {
  const kept = keptIn(place, after)
  return [
    ...[...before.contents, ...before.uncommitted]
      .filter(([id]) => !kept.has(id))
      .map(([, name]) => `lost: ${JSON.stringify(name)}`),
    ...(after.sound === before.sound ? [] : [`git fsck: ${after.sound}`])
  ]
}

/** What of the uncommitted no ref holds. */
export const unrescued = (place: Place, before: Seen): ReadonlyArray<string> => {
  const held = reachable(place.repo)
  return [...before.uncommitted]
    .filter(([id]) => !held.has(id) && !held.has(before.stored.get(id) ?? id))
    .map(([, name]) => `no ref holds ${JSON.stringify(name)}`)
}
