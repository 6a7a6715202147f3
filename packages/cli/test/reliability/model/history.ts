/** The model's git: commits that hold whole files, and who descends from whom. Every file has one line. */

/** Files by path. */
export type Files = Readonly<Record<string, string>>

export interface Commit {
  readonly files: Files
  /** Itself, and all that it descends from. */
  readonly ancestors: ReadonlySet<Commit>
}

export const commit = (files: Files, ...parents: ReadonlyArray<Commit>): Commit => {
  const ancestors = new Set(parents.flatMap((parent) => [...parent.ancestors]))
  const made = { files, ancestors }
  ancestors.add(made)
  return made
}

/** Does a commit contain another one? */
export const holds = (commit: Commit, other: Commit): boolean => commit.ancestors.has(other)

/** The best common ancestor. All commits descend from the first one, and there is never more than one best. */
export const mergeBase = (a: Commit, b: Commit): Commit =>
  [...a.ancestors]
    .filter((other) => b.ancestors.has(other))
    .reduce((best, other) => (other.ancestors.size > best.ancestors.size ? other : best))

/** A path with what it was before and what it is now; `null` where it is not there. */
export type Change = readonly [path: string, before: string | null, after: string | null]

/** What differs between two commits, by path. */
export const changes = (from: Commit, to: Commit): ReadonlyArray<Change> =>
  [...new Set([...Object.keys(from.files), ...Object.keys(to.files)])].sort().flatMap((path) => {
    const [before, after] = [from.files[path] ?? null, to.files[path] ?? null]
    return before === after ? [] : [[path, before, after] as const]
  })

/** Both sides' changes together, and the paths that both have changed differently. */
export const merge = (
  ours: Commit,
  theirs: Commit
): { readonly files: Files; readonly conflicts: ReadonlyArray<string> } => {
  const base = mergeBase(ours, theirs)
  const own = new Set(changes(base, ours).map(([path]) => path))
  const others = changes(base, theirs)
  const conflicts = others.filter(([path, , after]) => own.has(path) && ours.files[path] !== after)
  return {
    files: Object.fromEntries(
      [...Object.entries(ours.files), ...others.map(([path, , after]) => [path, after] as const)].filter(
        (entry): entry is [string, string] => entry[1] !== null
      )
    ),
    conflicts: conflicts.map(([path]) => path)
  }
}

/** Does a path lie in a folder of documents? */
export const isDocument = (path: string): boolean => /^(?:planning_docs|bug_reports|changelog\.d)\//.test(path)

/** The tree without the documents. */
export const codeOf = ({ files }: Commit): string =>
  JSON.stringify(
    Object.entries(files)
      .filter(([path]) => !isDocument(path))
      .sort()
  )
