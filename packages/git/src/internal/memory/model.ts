/**
 * The state of the model, and where in the file system it is found.
 *
 * Objects, refs, HEADs and indexes are kept here; what other code may look for is in the file system as git would have
 * it: `.git` folders and files, `worktrees/<name>` with `gitdir` and `commondir`, `HEAD`, `locked`. A marker file in each
 * git folder leads from there to the state, so folders may be moved, copied and removed behind the model's back.
 */
import type { Sha } from "@calm/domain/Ids"
import * as PlatformError from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Upstream } from "../../Git.ts"
import { GitFailed } from "../../Git.ts"
import type { Commit, Files } from "./objects.ts"
import { noFiles, Objects } from "./objects.ts"

/** Git's own refusal, before it is known which operation it ended. */
export class Fatal extends Data.TaggedError("Fatal")<{ readonly detail: string }> {}

type Unnamed = Fatal | PlatformError.PlatformError

const isUnnamed = (error: unknown): error is Unnamed => error instanceof Fatal || PlatformError.isPlatformError(error)

const isNamed = <E>(error: E): error is Exclude<E, Unnamed> => !isUnnamed(error)

/** Names the operation in whatever went wrong during it. */
export const during =
  (operation: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, Unnamed> | GitFailed, R> =>
    Effect.mapError(self, (error) => {
      if (isNamed(error)) return error
      const detail = error instanceof Fatal ? error.detail : isUnnamed(error) ? error.message : ""
      return new GitFailed({ operation, exitCode: 128, detail: `fatal: ${detail}` })
    })

export type Head = { readonly branch: string } | { readonly commit: Sha }

/** The state of one checkout. */
export interface Checkout {
  readonly id: string
  /** Its git folder, where it was seen last. */
  home: string
  head: Head
  index: Files
  /** Paths that carry the assume-unchanged bit. */
  hidden: ReadonlySet<string>
  /** While it is in the trash: the commit that its HEAD had. */
  trashedAt: Sha | undefined
}

/** What is known about a branch's other side. */
export interface Remote {
  readonly upstream: Upstream
  /** Where the branch is on the remote; undefined when it is not there. */
  readonly tip: Sha | undefined
  /** Why fetching fails; undefined when it works. */
  readonly failure: string | undefined
}

/** The state of one repository. */
export interface Repository {
  readonly id: string
  /** Its git folder, where it was seen last. */
  home: string
  readonly refs: Map<string, Sha>
  readonly remotes: Map<string, Remote>
  remoteDefault: string | undefined
  readonly main: Checkout
}

export interface Model {
  readonly fs: FileSystem.FileSystem
  readonly objects: Objects
  readonly repositories: Map<string, Repository>
  readonly checkouts: Map<string, Checkout>
  /** One change at a time, as git's lock files see to it. */
  readonly lock: Effect.Semaphore
  version: string | undefined
  userName: string | undefined
  userEmail: string | undefined
  states: number
}

export const makeModel = (fs: FileSystem.FileSystem): Model => ({
  fs,
  objects: new Objects(),
  repositories: new Map(),
  checkouts: new Map(),
  lock: Effect.unsafeMakeSemaphore(1),
  version: "2.39.5",
  userName: "Memory User",
  userEmail: "memory@example.org",
  states: 0
})

/** The file in a git folder that leads to its state. */
const marker = "memory-git"

/** A place in a repository. */
export interface Place {
  readonly repository: Repository
  readonly checkout: Checkout
  /** The checkout's folder. */
  readonly root: string
  /** The checkout's own git folder. */
  readonly admin: string
  /** The repository's git folder. */
  readonly common: string
}

export const parentOf = (path: string): string => {
  const cut = path.lastIndexOf("/")
  return cut <= 0 ? "/" : path.slice(0, cut)
}

/** `path` as seen from a folder, without `.` and `..`. */
export const joined = (folder: string, path: string): string => {
  const parts: Array<string> = []
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return `/${parts.join("/")}`
}

export const branchOf = (checkout: Checkout): string | undefined =>
  "branch" in checkout.head ? checkout.head.branch : undefined

export const commitOf = (repository: Repository, checkout: Checkout): Sha | undefined =>
  "branch" in checkout.head ? repository.refs.get(checkout.head.branch) : checkout.head.commit

const readLine = (model: Model, path: string) => Effect.map(model.fs.readFileString(path), (text) => text.trim())

/** Writes a git folder's marker, and its HEAD for those who read it themselves. */
const record = Effect.fnUntraced(function* (model: Model, checkout: Checkout) {
  yield* model.fs.writeFileString(`${checkout.home}/${marker}`, `${checkout.id}\n`)
  yield* recordHead(model, checkout)
})

export const recordHead = (model: Model, checkout: Checkout) =>
  model.fs.writeFileString(
    `${checkout.home}/HEAD`,
    "branch" in checkout.head ? `ref: ${checkout.head.branch}\n` : `${checkout.head.commit}\n`
  )

/** New state for a git folder that is there. */
export const newCheckout = Effect.fnUntraced(function* (model: Model, home: string, head: Head, index: Files) {
  const id = `state-${++model.states}`
  const checkout: Checkout = { id, home, head, index, hidden: new Set(), trashedAt: undefined }
  model.checkouts.set(id, checkout)
  yield* record(model, checkout)
  return checkout
})

export const newRepository = Effect.fnUntraced(function* (model: Model, home: string, branch: string) {
  const main = yield* newCheckout(model, home, { branch: `refs/heads/${branch}` }, noFiles)
  model.repositories.set(main.id, {
    id: main.id,
    home,
    refs: new Map(),
    remotes: new Map(),
    remoteDefault: undefined,
    main
  })
})

/** The state that a git folder's marker names; a copied folder gets a copy of it. */
export const stateAt = Effect.fnUntraced(function* (model: Model, home: string) {
  const id = yield* readLine(model, `${home}/${marker}`)
  const found = model.checkouts.get(id)
  if (found === undefined) return yield* new Fatal({ detail: `not a git repository: ${home}` })
  if (found.home === home) return found
  const original = `${found.home}/${marker}`
  if (!(yield* isThere(model, original)) || (yield* readLine(model, original)) !== id) {
    found.home = home
    return found
  }
  const copy = yield* newCheckout(model, home, found.head, found.index)
  copy.hidden = found.hidden
  const repository = model.repositories.get(id)
  if (repository !== undefined) {
    model.repositories.set(copy.id, {
      ...repository,
      id: copy.id,
      home,
      refs: new Map(repository.refs),
      remotes: new Map(repository.remotes),
      main: copy
    })
  }
  return copy
})

/** Is anything at a path? Below a file there is nothing. */
export const isThere = (model: Model, path: string) =>
  Effect.catchIf(
    model.fs.exists(path),
    (error) => error._tag === "SystemError" && error.reason === "BadResource",
    () => Effect.succeed(false)
  )

/** Is a folder a git folder of this model? */
export const hasState = (model: Model, home: string) => isThere(model, `${home}/${marker}`)

const repositoryAt = Effect.fnUntraced(function* (model: Model, common: string) {
  const main = yield* stateAt(model, common)
  const repository = model.repositories.get(main.id)
  if (repository === undefined) return yield* new Fatal({ detail: `not a git repository: ${common}` })
  repository.home = common
  return repository
})

/** The checkout and the repository of a folder. A folder inside a checkout is not taken for that checkout. */
export const locate = Effect.fnUntraced(function* (model: Model, folder: string) {
  const root = joined("/", folder)
  if (!(yield* isThere(model, root))) {
    return yield* new Fatal({ detail: `cannot change to '${root}': No such file or directory` })
  }
  const dot = joined(root, ".git")
  if (yield* isThere(model, dot)) {
    const info = yield* model.fs.stat(dot)
    if (info.type === "File") return yield* locateLinked(model, root)
    if (yield* hasState(model, dot)) {
      const repository = yield* repositoryAt(model, dot)
      return { repository, checkout: repository.main, root, admin: dot, common: dot } satisfies Place
    }
  }
  if ((yield* hasState(model, root)) && root.endsWith("/.git")) {
    const repository = yield* repositoryAt(model, root)
    return { repository, checkout: repository.main, root: parentOf(root), admin: root, common: root } satisfies Place
  }
  return yield* new Fatal({ detail: "not a git repository" })
})

const locateLinked = Effect.fnUntraced(function* (model: Model, root: string) {
  const line = yield* readLine(model, `${root}/.git`)
  const admin = joined(root, line.replace(/^gitdir: */, ""))
  if (!(yield* hasState(model, admin))) return yield* new Fatal({ detail: `not a git repository: ${admin}` })
  const common = joined(admin, yield* readLine(model, `${admin}/commondir`))
  const repository = yield* repositoryAt(model, common)
  const checkout = yield* stateAt(model, admin)
  return { repository, checkout, root, admin, common } satisfies Place
})

/** A commit that must be there. */
export const commitAt = (model: Model, commit: Sha): Effect.Effect<Commit, Fatal> => {
  const found = model.objects.commits.get(commit)
  return found === undefined ? Effect.fail(new Fatal({ detail: `bad object ${commit}` })) : Effect.succeed(found)
}

/** Who commits where git knows no user. */
const fallbackName = "calm"

/** Stores a commit made now by the user. */
export const storeCommit = (model: Model, commit: Omit<Commit, "time">): Effect.Effect<Sha> =>
  Effect.clockWith((clock) =>
    Effect.sync(() => {
      const name = model.userName ?? fallbackName
      const author = { name, email: `${name.toLowerCase().replace(/[^a-z0-9]+/g, ".")}@localhost` }
      return model.objects.commit({ ...commit, time: Math.floor(clock.unsafeCurrentTimeMillis() / 1000) }, author)
    })
  )
