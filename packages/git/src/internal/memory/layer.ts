/** The Git port over the model. */
import * as Traced from "@calm/domain/Traced"
import type { Sha } from "@calm/domain/Ids"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type Change, Git, GitMissing } from "../../Git.ts"
import { meet } from "../meeting.ts"
import * as Checkouts from "./checkouts.ts"
import { makeControl, MemoryGitControl } from "./control.ts"
import * as History from "./history.ts"
import * as Links from "./links.ts"
import { mergeFiles } from "./merge.ts"
import {
  branchOf,
  commitAt,
  commitOf,
  during,
  Fatal,
  hasState,
  joined,
  locate,
  makeModel,
  type Model,
  newRepository,
  storeCommit
} from "./model.ts"
import { absent, differing, type Entry } from "./objects.ts"
import * as Revisions from "./revisions.ts"
import * as Trash from "./trash.ts"
import * as Worktrees from "./worktrees.ts"

const oldestVersion = [2, 38] as const

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])
}

const noEntry: Entry | undefined = undefined
const noMode = "000000"

const kindOfMode = (mode: string): string => mode.slice(0, 3)

const change = (path: string, from: Entry | undefined, to: Entry | undefined): Change => ({
  status:
    from === noEntry || to === noEntry
      ? from === noEntry
        ? "A"
        : "D"
      : kindOfMode(from.mode) === kindOfMode(to.mode)
        ? "M"
        : "T",
  path,
  oldMode: from?.mode ?? noMode,
  newMode: to?.mode ?? noMode,
  oldObject: from?.object ?? absent,
  newObject: to?.object ?? absent
})

const subjectOf = (message: string): string =>
  message
    .trimStart()
    .split(/\n\s*\n/)[0]
    ?.trim()
    .replaceAll("\n", " ") ?? ""

const makeGit = (model: Model): Context.Tag.Service<typeof Git> => {
  const { objects } = model
  const { commits } = objects
  /** One change at a time, and each as a whole. */
  const alone = <A, E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptible(model.lock.withPermits(1)(change))

  /** The repository around a folder; these commits must be in it. */
  const asked = Effect.fnUntraced(function* (repo: string, ...needed: ReadonlyArray<Sha>) {
    const place = yield* locate(model, repo)
    for (const commit of needed) yield* commitAt(model, commit)
    return place
  })

  return {
    version: Effect.suspend(() => {
      const { version } = model
      return version === undefined || isOld(version)
        ? Effect.fail(new GitMissing({ found: version ?? null }))
        : Effect.succeed(version)
    }),
    resolve: Traced.fn("Git.resolve")(function* (repo, revision) {
      const place = yield* locate(model, repo)
      return Option.fromNullable(Revisions.resolve(model, place, revision))
    }, during("resolve a revision")),
    head: Traced.fn("Git.head")(function* (folder) {
      const { checkout, repository } = yield* locate(model, folder)
      return {
        commit: Option.fromNullable(commitOf(repository, checkout)),
        branch: Option.fromNullable(branchOf(checkout))
      }
    }, during("read HEAD")),
    remoteDefaultBranch: Traced.fn("Git.remoteDefaultBranch")(function* (repo) {
      const { repository } = yield* locate(model, repo)
      return Option.fromNullable(repository.remoteDefault)
    }, during("read the default branch of the remote")),
    // It has no symbolic refs but HEAD.
    aliasOf: Traced.fn("Git.aliasOf")(function* (repo) {
      yield* locate(model, repo)
      return Option.none<string>()
    }, during("tell whether a branch is another name")),
    userName: Traced.fn("Git.userName")(function* (checkout) {
      yield* locate(model, checkout)
      return Option.fromNullable(model.userName)
    }, during("read the user's name")),
    userEmail: Traced.fn("Git.userEmail")(function* (checkout) {
      yield* locate(model, checkout)
      return Option.fromNullable(model.userEmail)
    }, during("read the user's address")),
    committedAt: Traced.fn("Git.committedAt")(function* (repo, commit) {
      yield* locate(model, repo)
      return (yield* commitAt(model, commit)).time * 1000
    }, during("read when a commit was made")),
    mergeBase: Traced.fn("Git.mergeBase")(function* (repo, a, b) {
      yield* asked(repo, a, b)
      return Option.fromNullable(History.mergeBase(commits, a, b))
    }, during("find a merge base")),
    isAncestor: Traced.fn("Git.isAncestor")(function* (repo, ancestor, descendant) {
      yield* asked(repo, ancestor, descendant)
      return History.isAncestor(commits, ancestor, descendant)
    }, during("compare two commits")),
    commitsBetween: Traced.fn("Git.commitsBetween")(function* (repo, from, to, limit) {
      yield* asked(repo, from, to)
      return History.between(commits, from, to, limit).map((commit) => ({
        commit,
        subject: subjectOf(commits.get(commit)?.message ?? "")
      }))
    }, during("list commits")),
    broughtInBy: Traced.fn("Git.broughtInBy")(function* (repo, commit, tip) {
      yield* asked(repo, commit, tip)
      return Option.fromNullable(History.broughtInBy(commits, commit, tip))
    }, during("find where a commit was brought in")),
    firstParent: Traced.fn("Git.firstParent")(function* (repo, commit) {
      yield* asked(repo, commit)
      return Option.fromNullable(commits.get(commit)?.parents[0])
    }, during("read a commit")),
    listFolder: Traced.fn("Git.listFolder")(function* (repo, commit, folder) {
      yield* locate(model, repo)
      const { tree } = yield* commitAt(model, commit)
      return objects.folder(tree, folder)
    }, during("list a folder of a commit")),
    listFiles: Traced.fn("Git.listFiles")(function* (repo, commit, folder) {
      yield* locate(model, repo)
      const { tree } = yield* commitAt(model, commit)
      const prefix = folder === "" ? "" : `${folder.replace(/\/+$/, "")}/`
      return [...objects.files(tree)]
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, { mode, object }]) => ({
          mode,
          kind: mode === "160000" ? ("commit" as const) : ("blob" as const),
          object,
          path
        }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
    }, during("list the files of a commit")),
    changes: Traced.fn("Git.changes")(function* (repo, from, to) {
      yield* asked(repo, from, to)
      const before = objects.filesAt(from)
      const after = objects.filesAt(to)
      return differing(before, after).map((path) => change(path, before.get(path), after.get(path)))
    }, during("compare two commits")),
    readFile: Traced.fn("Git.readFile")(function* (repo, commit, path) {
      yield* asked(repo, commit)
      const entry = objects.filesAt(commit).get(path)
      const content = entry === undefined ? undefined : objects.content(entry.object)
      return entry === undefined || content === undefined ? Option.none() : Option.some({ blob: entry.object, content })
    }, during("read a file of a commit")),
    status: Traced.fn("Git.status")(function* (checkout, within) {
      const entries = yield* Checkouts.status(model, yield* locate(model, checkout))
      return within === undefined ? entries : entries.filter(({ path }) => within.some((other) => meet(path, other)))
    }, during("read the status of a checkout")),
    topLevel: Traced.fn("Git.topLevel")(function* (checkout) {
      yield* locate(model, checkout)
      return Option.some(checkout)
    }, during("tell where the files of a checkout are")),
    inProgress: Traced.fn("Git.inProgress")(function* (checkout) {
      return Option.fromNullable(yield* Checkouts.inProgress(model, yield* locate(model, checkout)))
    }, during("tell what is in progress")),
    worktrees: Traced.fn("Git.worktrees")(function* (repo) {
      const { repository } = yield* locate(model, repo)
      return yield* Worktrees.list(model, repository)
    }, during("list worktrees")),
    addWorktree: Traced.fn("Git.addWorktree")(
      function* (options) {
        const { repository } = yield* locate(model, options.repo)
        yield* Worktrees.add(model, repository, options)
      },
      alone,
      during("add a worktree")
    ),
    trashWorktree: Traced.fn("Git.trashWorktree")(
      function* (options) {
        const { repository } = yield* locate(model, options.repo)
        return yield* Trash.trash(model, repository, options)
      },
      alone,
      during("move a worktree to the trash")
    ),
    untrashWorktree: Traced.fn("Git.untrashWorktree")(
      function* (options) {
        const { repository } = yield* locate(model, options.repo)
        yield* Trash.untrash(model, repository, options)
      },
      alone,
      during("bring a worktree back")
    ),
    worktreeLink: Traced.fn("Git.worktreeLink")(function* (repo, path) {
      const { repository } = yield* locate(model, repo)
      return yield* Links.link(model, repository, path)
    }, during("tell how a worktree is linked")),
    branchSeen: Traced.fn("Git.branchSeen")(function* (repo, branch) {
      const { repository } = yield* locate(model, repo)
      return Option.some(repository.refs.has(`refs/heads/${branch}`))
    }, during("tell whether there is a branch")),
    relinkWorktree: Traced.fn("Git.relinkWorktree")(
      function* ({ path, repo }) {
        const { repository } = yield* locate(model, repo)
        yield* Links.relink(model, repository, path)
      },
      alone,
      during("link a worktree")
    ),
    uncommitted: Traced.fn("Git.uncommitted")(
      function* (checkout) {
        return Option.fromNullable(yield* Checkouts.uncommitted(model, yield* locate(model, checkout)))
      },
      alone,
      during("read what is uncommitted")
    ),
    snapshot: Traced.fn("Git.snapshot")(
      function* (checkout, message) {
        return Option.fromNullable(yield* Checkouts.snapshot(model, yield* locate(model, checkout), message))
      },
      alone,
      during("save what is uncommitted")
    ),
    snapshotIndex: Traced.fn("Git.snapshotIndex")(
      function* ({ message, path, repo }) {
        const { repository } = yield* locate(model, repo)
        const found = (yield* Worktrees.linked(model, repository)).find((other) => other.path === path)
        if (found === undefined) return yield* new Fatal({ detail: `git has no record of a worktree at ${path}` })
        return Option.fromNullable(yield* Checkouts.snapshotIndex(model, repository, found.checkout, message))
      },
      alone,
      during("save what is staged")
    ),
    commit: Traced.fn("Git.commit")(
      function* ({ checkout, include, message }) {
        const place = yield* locate(model, checkout)
        return Option.fromNullable(yield* Checkouts.commit(model, place, message, include))
      },
      alone,
      during("commit")
    ),
    mergeTree: Traced.fn("Git.mergeTree")(function* ({ checkout, ours, theirs }) {
      yield* asked(checkout, ours, theirs)
      const base = History.mergeBase(commits, ours, theirs)
      if (base === undefined) return yield* new Fatal({ detail: "refusing to merge unrelated histories" })
      const trees = { base: objects.filesAt(base), ours: objects.filesAt(ours), theirs: objects.filesAt(theirs) }
      const { conflicts, files } = mergeFiles(objects, trees, [ours, theirs])
      return { tree: objects.tree(files), conflicts }
    }, during("merge two commits")),
    commitTree: Traced.fn("Git.commitTree")(function* ({ message, parents, repo, tree }) {
      yield* asked(repo, ...parents)
      if (!objects.hasTree(tree)) return yield* new Fatal({ detail: `not a valid object name ${tree}` })
      return yield* storeCommit(model, { tree, parents, message })
    }, during("make a commit")),
    updateRef: Traced.fn("Git.updateRef")(
      function* (options) {
        const { repository } = yield* locate(model, options.repo)
        yield* Revisions.updateRef(model, repository, options)
      },
      alone,
      during("update a ref")
    ),
    fastForward: Traced.fn("Git.fastForward")(
      function* ({ branch, checkout, to }) {
        yield* Checkouts.fastForward(model, yield* locate(model, checkout), { path: checkout, branch }, to)
      },
      alone,
      during("fast-forward a checkout")
    ),
    // in memory none is ever cut off
    unwind: () => Effect.void,
    refs: Traced.fn("Git.refs")(function* (repo, prefix) {
      const { repository } = yield* locate(model, repo)
      return [...repository.refs]
        .filter(([ref]) => ref === prefix || ref.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`))
        .map(([ref, commit]) => ({ ref, commit }))
        .sort((a, b) => (a.ref < b.ref ? -1 : 1))
    }, during("list refs")),
    upstream: Traced.fn("Git.upstream")(function* (repo, branch) {
      const { repository } = yield* locate(model, repo)
      if (!repository.refs.has(branch)) return yield* new Fatal({ detail: `there is no ${branch}` })
      return Option.fromNullable(repository.remotes.get(branch)?.upstream)
    }, during("read the upstream of a branch")),
    fetch: Traced.fn("Git.fetch")(function* (repo, upstream) {
      const { repository } = yield* locate(model, repo)
      const remote = [...repository.remotes.values()].find(
        (known) => known.upstream.remote === upstream.remote && known.upstream.remoteRef === upstream.remoteRef
      )
      if (remote === undefined) {
        return yield* new Fatal({ detail: `'${upstream.remote}' does not appear to be a git repository` })
      }
      if (remote.failure !== undefined) return yield* new Fatal({ detail: remote.failure })
      if (remote.tip === undefined) {
        return yield* new Fatal({ detail: `couldn't find remote ref ${upstream.remoteRef}` })
      }
      repository.refs.set(upstream.trackingRef, remote.tip)
    }, during("fetch from the remote")),
    divergence: Traced.fn("Git.divergence")(function* (repo, a, b) {
      yield* asked(repo, a, b)
      return { ahead: History.countBeyond(commits, a, b), behind: History.countBeyond(commits, b, a) }
    }, during("compare two commits")),
    init: Traced.fn("Git.init")(
      function* (folder, branch) {
        const home = `${joined("/", folder)}/.git`
        if (yield* hasState(model, home)) return
        for (const inner of ["objects", "refs/heads"]) {
          yield* model.fs.makeDirectory(`${home}/${inner}`, { recursive: true })
        }
        yield* model.fs.writeFileString(`${home}/config`, "[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
        yield* newRepository(model, home, branch)
      },
      alone,
      during("make a repository")
    )
  }
}

const make = Effect.map(FileSystem.FileSystem, (fs) => {
  const model = makeModel(fs)
  return Context.make(Git, makeGit(model)).pipe(Context.add(MemoryGitControl, makeControl(model)))
})

/** The port and the control over one new model. */
export const layer: Layer.Layer<Git | MemoryGitControl, never, FileSystem.FileSystem> = Layer.effectContext(make)
