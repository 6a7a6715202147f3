/** The world in which one test of the Git contract plays: a fresh folder with a repository of one commit. */
import type { Sha } from "@calm/domain/Ids"
import * as Git from "@calm/git/Git"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { it } from "@effect/vitest"
import { fail } from "@effect/vitest/utils"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

/** What the suite needs to know about the layer that it runs over. */
export interface GitContractOptions<R = never, E = never, E2 = never> {
  /** Built anew for each test. */
  readonly layer: Layer.Layer<Git.Git | FileSystem.FileSystem | R, E>
  /** An absolute, real path of a folder that exists and is the test's own; removed when the scope closes. */
  readonly folder: Effect.Effect<string, PlatformError, FileSystem.FileSystem | Scope.Scope>
  /** Puts the state that these paths have in a checkout into its index, as `git add` does; a missing file is removed from it. */
  readonly stage: (
    checkout: string,
    paths: ReadonlyArray<string>
  ) => Effect.Effect<void, E2, Git.Git | FileSystem.FileSystem | R>
}

/** The repository of a test, and the few moves that tests make in it. */
export interface World<E2 = never> {
  readonly git: Context.Tag.Service<typeof Git.Git>
  readonly fs: FileSystem.FileSystem
  /** The test's own folder. */
  readonly folder: string
  /** The main checkout, on `main`, with `README.md` and a `.gitignore` that ignores `ignored.txt` and `build/`. */
  readonly repo: string
  /** The first commit. */
  readonly root: Sha
  /** Writes files below a checkout, with the folders they need. */
  readonly write: (checkout: string, files: Readonly<Record<string, string>>) => Effect.Effect<void, PlatformError>
  readonly read: (checkout: string, path: string) => Effect.Effect<string, PlatformError>
  readonly exists: (checkout: string, path: string) => Effect.Effect<boolean, PlatformError>
  readonly remove: (checkout: string, path: string) => Effect.Effect<void, PlatformError>
  readonly stage: (checkout: string, ...paths: ReadonlyArray<string>) => Effect.Effect<void, E2>
  /** Writes files and commits everything of the checkout. */
  readonly commit: (
    checkout: string,
    files: Readonly<Record<string, string>>,
    message?: string
  ) => Effect.Effect<Sha, PlatformError | Git.GitError>
  /** A worktree `<folder>/<branch>` on a new branch. */
  readonly worktree: (branch: string, start: Sha) => Effect.Effect<string, Git.GitError | Git.GitExists>
}

/** File names that quoting, splitting or option parsing would break. */
export const oddNames: ReadonlyArray<string> = [
  "-dash.txt",
  "--force",
  ":(glob)colon",
  'quoted "name".txt',
  "back\\slash.txt",
  "emoji-🙂.txt",
  "new\nline.txt",
  "tab\there.txt",
  "with space.txt",
  "*star?.txt",
  "ünïcödé.txt"
]

/** The value that must be there. */
export const some = <A>(option: Option.Option<A>, what: string): A =>
  Option.getOrElse(option, () => {
    fail(`expected ${what}`)
    throw new Error(`expected ${what}`)
  })

const parent = (path: string): string => path.slice(0, path.lastIndexOf("/"))

/** `${status} ${path}` per entry, sorted: what tests compare. */
export const told = (entries: ReadonlyArray<Git.StatusEntry>): ReadonlyArray<string> =>
  entries.map((entry) => `${entry.state} ${entry.path}`).toSorted()

const makeWorld = Effect.fnUntraced(function* <R, E, E2>(options: GitContractOptions<R, E, E2>) {
  const git = yield* Git.Git
  const fs = yield* FileSystem.FileSystem
  const context = yield* Effect.context<Git.Git | FileSystem.FileSystem | R>()
  const folder = yield* options.folder
  const repo = `${folder}/repo`
  yield* git.init(repo, "main")

  const write: World["write"] = (checkout, files) =>
    Effect.forEach(
      Object.entries(files),
      ([path, content]) =>
        Effect.zipRight(
          fs.makeDirectory(parent(`${checkout}/${path}`), { recursive: true }),
          fs.writeFileString(`${checkout}/${path}`, content)
        ),
      { discard: true }
    )
  const commit: World["commit"] = (checkout, files, message = "A change") =>
    Effect.gen(function* () {
      yield* write(checkout, files)
      return some(
        yield* git.commit({ checkout, message, include: "all" }),
        `a commit of ${Object.keys(files).join(", ")}`
      )
    })
  const root = yield* commit(repo, { "README.md": "hello\n", ".gitignore": "ignored.txt\nbuild/\n" }, "First")
  const world: World<E2> = {
    git,
    fs,
    folder,
    repo,
    root,
    write,
    commit,
    read: (checkout, path) => fs.readFileString(`${checkout}/${path}`),
    exists: (checkout, path) => fs.exists(`${checkout}/${path}`),
    remove: (checkout, path) => fs.remove(`${checkout}/${path}`, { recursive: true }),
    stage: (checkout, ...paths) => Effect.provide(options.stage(checkout, paths), context),
    worktree: (branch, start) =>
      Effect.as(
        git.addWorktree({ repo, path: `${folder}/${branch}`, branch, start: Option.some(start) }),
        `${folder}/${branch}`
      )
  }
  return world
})

/** Registers tests that each play in a fresh world. */
export const makeTest =
  <R, E, E2>(options: GitContractOptions<R, E, E2>) =>
  <A, EB>(title: string, body: (world: World<E2>) => Effect.Effect<A, EB>): void =>
    it.live(
      title,
      () =>
        makeWorld(options).pipe(
          Effect.flatMap((world) => body(world)),
          Effect.scoped,
          Effect.provide(options.layer)
        ),
      60_000
    )

/** What `makeTest` returns, for the parts of the suite. */
export type Test<E2 = unknown> = <A, EB>(title: string, body: (world: World<E2>) => Effect.Effect<A, EB>) => void
