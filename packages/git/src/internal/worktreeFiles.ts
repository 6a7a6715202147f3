/**
 * The worktrees of a repository from its files: HEAD, and in `worktrees/<name>` of each other one HEAD, `gitdir` and
 * `locked`. Only where all of it is as git writes it by itself; of anything else git has to be asked.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { WorktreeEntry } from "../Git.ts"
import type { AskAll } from "./asking.ts"
import type { GitError } from "./errors.ts"
import { type GitDirectory, kindAt, readLine } from "./gitDirectory.ts"
import { readHead } from "./refFiles.ts"
import { byText } from "./text.ts"

/** Does the repository's configuration say that it has files, and nothing else that could say otherwise? */
const saysItHasFiles = (config: string): boolean =>
  /^\[core\]\n(?:[^[\n][^\n]*\n)*?\tbare = false$/m.test(config) &&
  config.match(/bare/gi)?.length === 1 &&
  !/^\s*\[include|worktreeconfig/im.test(config)

/** A worktree whose commit may have to be looked up still. */
interface Found {
  readonly path: string
  readonly branch: Option.Option<string>
  readonly commit: WorktreeEntry["commit"]
  readonly locked: boolean
  readonly prunable: boolean
}

export const makeWorktreeFiles = (fs: FileSystem.FileSystem, askAll: AskAll) => {
  const isThere = (path: string): Effect.Effect<boolean, PlatformError> =>
    Effect.map(kindAt(fs, path), (kind) => kind !== "nothing")

  const main = Effect.fnUntraced(function* (place: GitDirectory) {
    const folder = yield* fs.realPath(place.common)
    const config = yield* readLine(fs, `${place.common}/config`)
    if (!folder.endsWith("/.git") || !Option.exists(config, saysItHasFiles)) return Option.none<Found>()
    return Option.map(yield* readHead(fs, { ...place, own: place.common }), (head): Found => ({
      ...head,
      path: folder.slice(0, -"/.git".length),
      locked: false,
      prunable: false
    }))
  })

  const other = Effect.fnUntraced(function* (place: GitDirectory, name: string) {
    const own = `${place.common}/worktrees/${name}`
    const gitdir = Option.getOrElse(yield* readLine(fs, `${own}/gitdir`), () => "")
    // Git can be asked to write it from where the record stands; and a name that is no text cannot be read like this.
    if (!/^\/[^\ufffd]+\/\.git$/.test(gitdir)) return Option.none<Found>()
    const path = gitdir.slice(0, -"/.git".length)
    const locked = yield* isThere(`${own}/locked`)
    // Git does not call a locked worktree prunable even if it is gone.
    const prunable = !(yield* locked ? fs.exists(path) : isThere(gitdir))
    return Option.map(yield* readHead(fs, { ...place, own }), (head): Found => ({ ...head, path, locked, prunable }))
  })

  const found = Effect.fnUntraced(
    function* (place: GitDirectory) {
      const folder = `${place.common}/worktrees`
      const names = (yield* isThere(folder)) ? yield* fs.readDirectory(folder) : []
      const [first, ...others] = yield* Effect.all([main(place), ...names.map((name) => other(place, name))], {
        concurrency: 16
      })
      return Option.map(Option.all({ first: first ?? Option.none<Found>(), others: Option.all(others) }), (all) => [
        all.first,
        ...all.others.toSorted((a, b) => byText(a.path, b.path))
      ])
    },
    // What cannot be read, or goes away meanwhile, is git's to tell of.
    Effect.orElseSucceed(() => Option.none<ReadonlyArray<Found>>())
  )

  /** All worktrees, the main checkout first; none where only git can tell. */
  return Effect.fnUntraced(function* (
    operation: string,
    repo: string,
    place: GitDirectory
  ): Effect.fn.Return<Option.Option<ReadonlyArray<WorktreeEntry>>, GitError> {
    const all = yield* found(place)
    if (Option.isNone(all)) return Option.none()
    const packed = all.value.flatMap(({ branch, commit }) => (Option.isNone(commit) ? Option.toArray(branch) : []))
    const answers = yield* askAll(
      operation,
      repo,
      packed.map((name) => ({ want: "info", name }))
    )
    // A branch without a commit, or one whose commit is not there.
    if (answers.some(Option.isNone)) return Option.none()
    const commitOf = (branch: Option.Option<string>) =>
      Option.flatMap(branch, (name) =>
        Option.map(answers[packed.indexOf(name)] ?? Option.none(), ({ object }) => object)
      )
    return Option.some(
      all.value.map((entry) => ({
        ...entry,
        commit: Option.orElse(entry.commit, () => commitOf(entry.branch)),
        bare: false
      }))
    )
  })
}
