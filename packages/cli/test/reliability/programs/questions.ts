/** Every question that calm asks git in words that git prints: how to ask it, and what an answer looks like. */
import type * as Git from "@calm/git/Git"
import { Sha } from "@calm/domain/Ids"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"

type Service = Context.Tag.Service<typeof Git.Git>

/** A repository with something to say to each question. */
export interface Repository {
  readonly repo: string
  /** On the branch `work`, with staged, unstaged, untracked and hidden files. */
  readonly worktree: string
  /** In the middle of a merge with conflicts. */
  readonly conflict: string
  /** Its folder is gone; something was staged in it. */
  readonly gone: string
  readonly main: Sha
  readonly work: Sha
  readonly other: Sha
}

export interface Question {
  readonly name: string
  readonly ask: (git: Service, world: Repository) => Effect.Effect<unknown, unknown>
  /** What every answer looks like, also one to a question that was garbled. */
  readonly answer: Schema.Schema.AnyNoContext
  /** May git say nothing and be understood? */
  readonly silence?: true
}

const Count = Schema.NonNegativeInt.pipe(Schema.lessThanOrEqualTo(Number.MAX_SAFE_INTEGER))
const Ref = Schema.String.pipe(Schema.pattern(/^refs\/[^\0\n]+$/))
const File = Schema.String.pipe(Schema.pattern(/^[^\0/][^\0]*$/))
const Folder = Schema.String.pipe(Schema.pattern(/^\/[^\0]*$/))
const Text = Schema.String.pipe(Schema.pattern(/^[^\0\n]*$/))
/** A setting may be any text. */
const Words = Schema.String.pipe(Schema.pattern(/^[^\0]+$/))
const Some = <A extends Schema.Schema.AnyNoContext>(value: A) => Schema.OptionFromSelf(value)
const Entries = Schema.Array(
  Schema.Struct({
    mode: Schema.String.pipe(Schema.pattern(/^\d{6}$/)),
    kind: Schema.Literal("blob", "tree", "commit"),
    object: Sha,
    path: File
  })
)
const Status = Schema.Array(
  Schema.Struct({ path: File, state: Schema.Literal("staged", "unstaged", "untracked", "unmerged", "hidden") })
)

/** Gives the world and what belongs to it. */
export const make = (base: string): Repository => {
  const repo = World.repository(Path.join(base, "repo"))
  const { commit, git } = World
  commit(repo, { "a.txt": "one\n", "folder/b.txt": "b\n", "ü ✓\nline.txt": "odd name\n", "same.txt": "same\n" })
  git(repo, "clone", "--quiet", "--bare", repo, Path.join(base, "origin"))
  git(repo, "remote", "add", "origin", Path.join(base, "origin"))
  git(repo, "fetch", "--quiet")
  git(repo, "remote", "set-head", "origin", "main")
  git(repo, "branch", "--quiet", "--set-upstream-to=origin/main")
  git(repo, "branch", "other")
  git(repo, "branch", "third")
  commit(repo, { "a.txt": "two\n" })
  const add = (name: string, branch: string, ...how: ReadonlyArray<string>) => {
    git(repo, "worktree", "add", "--quiet", Path.join(base, name), ...how, branch)
    return Path.join(base, name)
  }
  const worktree = add("work", "work", "-b")
  commit(worktree, { "c.txt": "c\n", "a.txt": "work\n" })
  Fs.writeFileSync(Path.join(worktree, "a.txt"), "staged\n")
  git(worktree, "add", "a.txt")
  git(worktree, "update-index", "--assume-unchanged", "folder/b.txt")
  Fs.writeFileSync(Path.join(worktree, "folder/b.txt"), "hidden\n")
  Fs.writeFileSync(Path.join(worktree, "c.txt"), "unstaged\n")
  Fs.writeFileSync(Path.join(worktree, "new ✓.txt"), "untracked\n")
  const conflict = add("conflict", "other")
  commit(conflict, { "a.txt": "other\n" })
  try {
    git(conflict, "merge", "--quiet", "main")
  } catch {
    // That it conflicts is the point.
  }
  const gone = add("gone", "gone", "-b")
  commit(gone, { "a.txt": "gone\n" })
  try {
    git(gone, "merge", "--quiet", "other")
  } catch {
    // That it conflicts is the point.
  }
  Fs.writeFileSync(Path.join(gone, "d.txt"), "staged\n")
  git(gone, "add", "d.txt")
  Fs.rmSync(gone, { recursive: true })
  git(repo, "update-ref", "refs/calm/rescue/SPEC-001/one", "work")
  git(repo, "update-ref", "refs/calm/moved", "main")
  git(repo, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
  git(repo, "tag", "--annotate", "--message", "A tag", "v1", "main")
  const at = (name: string) => Sha.make(git(repo, "rev-parse", `refs/heads/${name}`))
  return { repo, worktree, conflict, gone, main: at("main"), work: at("work"), other: at("other") }
}

/** All of them but those that only move folders. Those that change the world come last, and none asks for what another changed. */
export const questions: ReadonlyArray<Question> = [
  { name: "version", ask: (git) => git.version, answer: Schema.String.pipe(Schema.pattern(/^\d+(?:\.\d+)+$/)) },
  { name: "resolve", ask: (git, { repo }) => git.resolve(repo, "main"), answer: Some(Sha) },
  {
    name: "head",
    ask: (git, { repo }) => git.head(repo),
    answer: Schema.Struct({ commit: Some(Sha), branch: Some(Ref) })
  },
  {
    name: "remoteDefaultBranch",
    ask: (git, { repo }) => git.remoteDefaultBranch(repo),
    answer: Some(Ref)
  },
  {
    name: "aliasOf",
    ask: (git, { repo }) => git.aliasOf(repo, "refs/heads/alias"),
    answer: Some(Ref)
  },
  { name: "userName", ask: (git, { repo }) => git.userName(repo), answer: Some(Words), silence: true },
  { name: "userEmail", ask: (git, { repo }) => git.userEmail(repo), answer: Some(Words), silence: true },
  { name: "committedAt", ask: (git, { main, repo }) => git.committedAt(repo, main), answer: Count },
  { name: "mergeBase", ask: (git, { main, repo, work }) => git.mergeBase(repo, main, work), answer: Some(Sha) },
  {
    name: "isAncestor",
    ask: (git, { main, repo, work }) => git.isAncestor(repo, main, work),
    answer: Schema.Boolean,
    silence: true
  },
  {
    name: "commitsBetween",
    ask: (git, { main, other, repo }) => git.commitsBetween(repo, other, main, 10),
    answer: Schema.Array(Schema.Struct({ commit: Sha, subject: Text })),
    silence: true
  },
  {
    name: "broughtInBy",
    ask: (git, { main, repo, work }) => git.broughtInBy(repo, main, work),
    answer: Some(Sha),
    silence: true
  },
  { name: "firstParent", ask: (git, { repo, work }) => git.firstParent(repo, work), answer: Some(Sha), silence: true },
  { name: "listFolder", ask: (git, { main, repo }) => git.listFolder(repo, main, ""), answer: Entries },
  {
    name: "listFiles",
    ask: (git, { main, repo }) => git.listFiles(repo, main, "folder"),
    answer: Entries,
    silence: true
  },
  {
    name: "changes",
    ask: (git, { main, repo, work }) => git.changes(repo, main, work),
    answer: Schema.Array(
      Schema.Struct({
        status: Schema.Literal("A", "M", "D", "T"),
        path: File,
        oldMode: Schema.String.pipe(Schema.pattern(/^\d{6}$/)),
        newMode: Schema.String.pipe(Schema.pattern(/^\d{6}$/)),
        oldObject: Sha,
        newObject: Sha
      })
    ),
    silence: true
  },
  {
    name: "readFile",
    ask: (git, { main, repo }) => git.readFile(repo, main, "a.txt"),
    answer: Some(Schema.Struct({ blob: Sha, content: Schema.Uint8ArrayFromSelf }))
  },
  {
    name: "readFile of none",
    ask: (git, { main, repo }) => git.readFile(repo, main, "none\nsuch"),
    answer: Some(Schema.Struct({ blob: Sha, content: Schema.Uint8ArrayFromSelf }))
  },
  { name: "status", ask: (git, { worktree }) => git.status(worktree), answer: Status },
  { name: "status of a conflict", ask: (git, { conflict }) => git.status(conflict), answer: Status },
  {
    name: "worktrees",
    ask: (git, { repo }) => git.worktrees(repo),
    answer: Schema.NonEmptyArray(
      Schema.Struct({
        path: Folder,
        commit: Some(Sha),
        branch: Some(Ref),
        bare: Schema.Boolean,
        locked: Schema.Boolean,
        prunable: Schema.Boolean
      })
    )
  },
  {
    name: "uncommitted",
    ask: (git, { worktree }) => git.uncommitted(worktree),
    answer: Some(
      Schema.Struct({
        entries: Status,
        head: Some(Schema.Struct({ commit: Sha, tree: Sha })),
        isStaged: Schema.Boolean,
        staged: Sha,
        files: Sha
      })
    )
  },
  { name: "snapshot", ask: (git, { worktree }) => git.snapshot(worktree, "Kept"), answer: Some(Sha) },
  { name: "snapshot of a conflict", ask: (git, { conflict }) => git.snapshot(conflict, "Kept"), answer: Some(Sha) },
  {
    name: "snapshotIndex",
    ask: (git, { gone, repo }) => git.snapshotIndex({ repo, path: gone, message: "Kept" }),
    answer: Some(Sha)
  },
  {
    name: "mergeTree",
    ask: (git, { main, repo, work }) => git.mergeTree({ checkout: repo, ours: main, theirs: work }),
    answer: Schema.Struct({ tree: Sha, conflicts: Schema.Array(File) })
  },
  {
    name: "mergeTree of a conflict",
    ask: (git, { other, repo, work }) => git.mergeTree({ checkout: repo, ours: other, theirs: work }),
    answer: Schema.Struct({ tree: Sha, conflicts: Schema.Array(File) })
  },
  {
    name: "commitTree",
    ask: (git, { main, repo, work }) =>
      Effect.flatMap(git.mergeTree({ checkout: repo, ours: main, theirs: work }), ({ tree }) =>
        git.commitTree({ repo, tree, parents: [main, work], message: "Merge" })
      ),
    answer: Sha
  },
  {
    name: "refs",
    ask: (git, { repo }) => git.refs(repo, "refs/"),
    answer: Schema.Array(Schema.Struct({ ref: Ref, commit: Sha })),
    silence: true
  },
  {
    name: "upstream",
    ask: (git, { repo }) => git.upstream(repo, "refs/heads/main"),
    answer: Some(Schema.Struct({ remote: Text, remoteRef: Ref, trackingRef: Ref }))
  },
  {
    name: "fetch",
    ask: (git, { repo }) =>
      git.fetch(repo, { remote: "origin", remoteRef: "refs/heads/main", trackingRef: "refs/remotes/origin/main" }),
    answer: Schema.Void,
    silence: true
  },
  {
    name: "divergence",
    ask: (git, { main, repo, work }) => git.divergence(repo, main, work),
    answer: Schema.Struct({ ahead: Count, behind: Count })
  },
  {
    name: "addWorktree",
    ask: (git, { repo }) => git.addWorktree({ repo, path: `${repo}-added`, branch: "third", start: Option.none() }),
    answer: Schema.Void,
    silence: true
  },
  {
    name: "commit",
    ask: (git, { worktree }) => git.commit({ checkout: worktree, message: "Work", include: "staged" }),
    answer: Some(Sha),
    silence: true
  },
  {
    name: "updateRef",
    ask: (git, { main, repo, work }) =>
      git.updateRef({ repo, ref: "refs/calm/moved", from: Option.some(main), to: Option.some(work), reason: "test" }),
    answer: Schema.Void
  },
  {
    name: "fastForward",
    ask: (git, { repo, work }) => git.fastForward({ checkout: repo, to: work }),
    answer: Schema.Void,
    silence: true
  }
]
